"""A time line in an answer: the recorders of a case as lanes, under the names of its values (`ingestd.web.lanes`).

Everything drawn lies in percent of the drawing's width, from its left edge; ``top`` and ``height`` are pixels.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from ingestd.web.api.links import Belonging
from ingestd.web.api.moments import Between
from ingestd.web.api.stated import ActId, CaseNumber
from ingestd.words import Text

_Acquisition = Annotated[str, Field(examples=["01a20054-cc6d-7bc2-867f-9eedce747f8f"])]
_Kind = Annotated[str, Field(examples=["video"], description="video, audio, photo")]
_Left = Annotated[float, Field(examples=[21.752], description="percent of the width, from the left edge")]
_Width = Annotated[float, Field(examples=[56.501], description="percent of the width")]
_Top = Annotated[int, Field(examples=[62], description="pixels")]


class Shot(BaseModel):
    """One clip as it lies in time."""

    acquisition: _Acquisition
    recorder: str = Field(examples=["KD01234"])
    officer: str | None = Field(examples=["张建国"], description="the name, where it is known")
    kind: _Kind
    started: Between
    ended: Between
    length_ms: int = Field(examples=[222000], description="0: a photo, or not known")
    is_marked: bool = Field(description="by its officer, as important")
    stretches: list[tuple[str, int, int]] = Field(
        examples=[[["black", 61000, 64000]]],
        description="black, frozen or silent: from when to when, milliseconds from the begin of the clip",
    )
    speech_ms: int | None = Field(
        examples=[4000], description="when somebody speaks first, from the begin of the clip"
    )


class TimePart(BaseModel):
    """A stretch of the line between two folds: hours in which nothing was recorded are left out."""

    begin: int = Field(examples=[1795292725602], description="milliseconds UTC")
    end: int = Field(examples=[1795293150375], description="milliseconds UTC")
    left: _Left
    width: _Width
    day: str = Field(examples=["11-22"], description="on the station's clock, month and day")
    ticks: list[tuple[float, str]] = Field(
        examples=[[[8.098, "04:26:00"]]],
        description="percent from the left edge, time on the station's clock",
    )


class DrawnStretch(BaseModel):
    """Something on a lane or below a bracket."""

    state: str = Field(examples=["recorded"], description="recorded, doubtful, gap; black, frozen, silent")
    left: _Left
    width: _Width


class Block(BaseModel):
    """One clip on its lane."""

    acquisition: _Acquisition
    kind: _Kind
    begin: int = Field(examples=[1795292757971], description="milliseconds UTC, in the middle of its doubt")
    length_ms: int = Field(examples=[222000])
    left: _Left
    width: _Width
    stretches: list[DrawnStretch]
    marks: list[tuple[str, float]] = Field(
        examples=[[["marked", 7.62]]], description="marked, speech: percent from the left edge"
    )
    told: Text
    is_shown: bool = Field(description="the clip that was asked for")


class Lane(BaseModel):
    """One recorder."""

    number: int = Field(examples=[1], description="from 1, the key that leads to it")
    recorder: str = Field(examples=["KD01234"])
    officer: str | None = Field(examples=["张建国"])
    top: _Top
    blocks: list[Block]


class Bracket(BaseModel):
    """The span of an act, and what of it is on film."""

    act: ActId
    left: _Left
    width: _Width
    top: _Top
    told: Text
    tone: str = Field(examples=["good"], description="of its sign")
    shape: str = Field(examples=["●"], description="of its sign")
    stretches: list[DrawnStretch]


class TimeLine(BaseModel):
    """The drawing."""

    parts: list[TimePart]
    brackets: list[Bracket]
    act_rows: int = Field(examples=[1], description="rows of brackets above the lanes")
    lanes: list[Lane]
    height: int = Field(examples=[124], description="pixels")
    more: int = Field(examples=[0], description="clips of parts that are not drawn")
    unplaced: list[str] = Field(
        examples=[[]], description="acquisitions of which nobody can say when they were recorded"
    )
    zone: str = Field(examples=["UTC+08:00"], description="of the station's clock")


class ClipLine(BaseModel):
    """A time line with what it was drawn of."""

    case: CaseNumber | None
    act: ActId | None
    link: Belonging | None = Field(description="where the clip belongs; null: to nothing so far")
    shots: list[Shot]
    line: TimeLine
