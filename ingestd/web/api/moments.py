"""Moments in answers that tell facts as they are kept (`ingestd.telling.as_json`): RFC 3339, in UTC."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

Moment = Annotated[
    str | int,
    Field(
        examples=["2026-11-21T22:58:16.092Z"],
        description="RFC 3339 in UTC; milliseconds since 1970 where a claimed year is beyond what that can write",
    ),
]


class Between(BaseModel):
    """A moment that is known between two bounds, both inclusive; null: no bound."""

    earliest: Moment | None
    latest: Moment | None
    basis: str = Field(examples=["name+container+file-time"], description="on what it rests")
