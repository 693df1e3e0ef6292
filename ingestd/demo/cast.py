"""Who plays in the demonstration: four invented officers, their recorders and what lies on them. PURE."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ingestd.media.samples import SampleKind
from ingestd.model import SlotName

MINUTE_MS = 60_000
AGENCY, STATION, POLICY = "demo", "north-1", "tongling-jiaoqu"
"""The policy is a real plan's, so that rules are cited."""

Fault = Literal["bad-sector", "unfinished"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One file to be made. It ended ``ended_min`` minutes before the recorders came back."""

    kind: SampleKind
    seconds: int
    ended_min: float
    marked: bool = False
    fault: Fault | None = None

    @property
    def extension(self) -> str:
        """As the recorder names it."""
        return self.kind.rpartition("-")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One officer with a recorder, and what happens to it."""

    slot: SlotName
    name: str
    officer: str
    serial: str
    family: str
    recordings: tuple[Recording, ...]
    battery: int
    given_out_h: int = 9
    """So many hours before it came back it was given to its officer."""
    clock_ahead_ms: int = 0
    pulled_at_percent: int | None = None
    """The officer takes it away at so many percent of its bytes, and puts it back."""


CAST: tuple[Part, ...] = (
    Part(
        slot=SlotName("1"),
        name="张建国",
        officer="104233",
        serial="KD01234",
        family="e12-new",
        battery=86,
        recordings=(
            Recording(kind="h264-mp4", seconds=240, ended_min=187.5),
            Recording(kind="h264-mp4", seconds=222, ended_min=148.3, marked=True),
            Recording(kind="jpg", seconds=1, ended_min=147.5),
        ),
    ),
    Part(
        slot=SlotName("2"),
        name="李敏",
        officer="104198",
        serial="KD01377",
        family="novatek",
        battery=41,
        given_out_h=30,
        pulled_at_percent=70,
        recordings=(
            Recording(kind="h265-mp4", seconds=120, ended_min=1581),
            Recording(kind="h264-mp4", seconds=210, ended_min=146),
            Recording(kind="h264-mp4", seconds=170, ended_min=38.8),
        ),
    ),
    Part(
        slot=SlotName("3"),
        name="王海涛",
        officer="104275",
        serial="YZ00417",
        family="ini",
        battery=73,
        clock_ahead_ms=-9 * MINUTE_MS,
        recordings=(
            Recording(kind="mjpeg-avi", seconds=210, ended_min=132.5),
            Recording(kind="mjpeg-avi", seconds=240, ended_min=124.5),
        ),
    ),
    Part(
        slot=SlotName("4"),
        name="赵燕",
        officer="104301",
        serial="KD01502",
        family="e12-old",
        battery=58,
        recordings=(
            Recording(kind="h264-mp4", seconds=150, ended_min=169, fault="bad-sector"),
            Recording(kind="wav", seconds=60, ended_min=85),
            Recording(kind="h264-mp4", seconds=30, ended_min=30, fault="unfinished"),
        ),
    ),
)
MAJOR_CASE = "铜郊罚〔2026〕38号"
"""A case of the platform whose decision is a major one and was not reviewed."""
AWAY = ("KD01590", "104320", 9)
"""A recorder that does not come back, to whom it was given, and so many hours before the others came back."""
