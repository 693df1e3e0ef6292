"""Who plays in the demonstration: four invented officers, their recorders and what lies on them. PURE."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from ingestd.media.samples import SampleKind
from ingestd.model import SlotName

MINUTE_MS = 60_000
AGENCY, STATION, POLICY = "demo", "north-1", "tongling-jiaoqu"
"""The home of a demonstration is known by its agency; the policy is a real plan's, so that rules are cited."""

Fault = Literal["bad-sector", "unfinished"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One file to be made. It ended ``ended_min`` minutes before the demonstration began."""

    kind: SampleKind
    seconds: int
    ended_min: int
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
            Recording(kind="h264-mp4", seconds=20, ended_min=190),
            Recording(kind="h264-mp4", seconds=16, ended_min=150, marked=True),
            Recording(kind="jpg", seconds=1, ended_min=148),
        ),
    ),
    Part(
        slot=SlotName("2"),
        name="李敏",
        officer="104198",
        serial="KD01377",
        family="novatek",
        battery=41,
        pulled_at_percent=70,
        recordings=(
            Recording(kind="h264-mp4", seconds=14, ended_min=26 * 60 + 20),
            Recording(kind="h265-mp4", seconds=12, ended_min=95),
            Recording(kind="h264-mp4", seconds=18, ended_min=40),
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
            Recording(kind="mjpeg-avi", seconds=9, ended_min=130),
            Recording(kind="mjpeg-avi", seconds=11, ended_min=60),
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
            Recording(kind="h264-mp4", seconds=18, ended_min=120, fault="bad-sector"),
            Recording(kind="wav", seconds=20, ended_min=85),
            Recording(kind="h264-mp4", seconds=8, ended_min=30, fault="unfinished"),
        ),
    ),
)


def cast_of(day: int) -> tuple[Part, ...]:
    """The same officers; from the second day on each has another recorder."""
    return tuple(replace(part, serial=_serial(part.serial, day)) for part in CAST)


def _serial(first: str, day: int) -> str:
    """Two letters and five digits, as the families of these cards have them."""
    return f"{first[:2]}{(int(first[2:]) + 1000 * (day - 1)) % 100_000:05}"
