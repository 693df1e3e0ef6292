"""A clip in the lists of the API: what its tile on the pages says."""

from __future__ import annotations

from pydantic import BaseModel, Field

from ingestd.canon import timestamp
from ingestd.web.tiles import Tile
from ingestd.words import Text


class Clip(BaseModel):
    """A clip, as lists have it."""

    acquisition: str = Field(examples=["0197a0b2-0003-7000-8000-0123456789ab"])
    seq: int = Field(examples=[1844], description="position in the log; newer clips have a greater one")
    kind: str = Field(examples=["video"])
    path: str = Field(examples=["DCIM/Movie/20261121_141241_001.MP4"])
    officer: str | None = Field(examples=["104198"])
    unit: str | None = Field(examples=["34079903"])
    recorder: str = Field(examples=["KD01377"])
    started: Text = Field(description="when it began, with its doubt")
    started_earliest: int | None = Field(examples=[1795155140863], description="milliseconds UTC")
    started_latest: int | None = Field(examples=[1795155140863])
    length_ms: int | None = Field(examples=[120000])
    stored_at: str = Field(examples=["2026-11-21T08:36:01.241Z"])
    case: str | None = Field(examples=["铜郊罚〔2026〕36号"])
    act: str | None = Field(examples=["XW-3601"])
    place: str | None = Field(examples=["外环路"])
    verdict: Text | None = Field(description="whether it came in time (REC-1)")
    findings: list[Text] = Field(description="what is open against it")
    labels: list[Text] = Field(description="classification labels (REC-17)")


def clip_of(tile: Tile) -> Clip:
    """The same of a tile."""
    same = ("acquisition", "seq", "path", "officer", "unit", "recorder", "length_ms", "case", "act", "place")
    return Clip(
        **{name: getattr(tile, name) for name in same},
        kind=tile.kind.value,
        started=tile.when_in_full,
        started_earliest=tile.started.earliest,
        started_latest=tile.started.latest,
        stored_at=timestamp(tile.stored_at),
        verdict=None if tile.verdict is None else tile.verdict.word,
        findings=[one.word for one in tile.findings],
        labels=list(tile.labels),
    )
