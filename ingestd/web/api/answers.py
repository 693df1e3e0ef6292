"""What every operation of the API may answer with beside its result: errors, all of one shape."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Words(BaseModel):
    """A text in both languages."""

    zh: str = Field(examples=["按时"])
    en: str = Field(examples=["on time"])


class Fault(Words):
    """What went wrong. The daemon's facts stand beside the words, such as the ``rule`` that forbids a deed."""

    model_config = ConfigDict(extra="allow")

    code: str = Field(
        examples=["refused"], description="for programs; the words may change, the code does not"
    )
    zh: str = Field(examples=["只处理本单位及下级单位的事项（SEP-7）。"])
    en: str = Field(examples=["nobody sees matters outside their units (SEP-7)."])


class Failure(BaseModel):
    """Every error."""

    error: Fault


_WHEN = {
    400: "The request contradicts what is there (`usage`).",
    401: "No login, one that is over, or one that is not complete (`login`).",
    403: "A rule forbids it; the words say which (`refused`, `second-factor`).",
    404: "There is no such thing (`not-found`).",
    405: "This address takes other methods.",
    413: "More bytes than this address takes.",
    421: "The request names a host that is none of this station's.",
    422: "A part of the request is missing or is not of its form; the words name it.",
    429: "Too many requests of one login; `Retry-After` says when to go on (`wait`).",
    503: "The daemon does not answer, or too many are waiting (`daemon-gone`, `busy`).",
    507: "The vault's disk is full (`no-space`).",
}

ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"model": Failure, "description": told} for status, told in _WHEN.items()
}
"""Of every operation, by status."""
