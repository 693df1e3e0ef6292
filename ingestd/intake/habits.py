"""In what zones and ways a recorder states times: what all files of one docking tell together. PURE.

Names, containers and file times come from one clock. Where they differ by whole quarters of an hour, they
are in different zones; which is which, their labels say (mostly), and the differences where labels do not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from ingestd.device.api import NamedTime, Zone
from ingestd.model import Kind, Millis

FileTimeHabit = Literal["fat-local", "utc", "unknown"]
"""How a mount tells file times: FAT's local time taken for UTC in steps of 2 s; UTC; not known."""

QUARTER_MS = 900_000
"""All zones of the world differ from UTC by whole quarters of an hour."""
HOUR_MS = 3_600_000
DAY_MS = 86_400_000
LARGEST_ZONE_MS = 14 * HOUR_MS
NEAR_MS = 120_000
"""Two sources of one file that differ by no more than this, but for the zone, tell of one moment."""
FINALISE_MS = 10_000
"""A recorder may write the index of a clip for so long after its end: the file's time is then later."""
NAME_STEP_MS = 999
"""Names and containers tell whole seconds, cut off."""
LENGTH_STEP_MS = 100
"""Durations as containers tell them: streams of one clip end some frames apart."""
FAT_STEP_MS = 2_000
"""FAT tells even seconds, cut off or rounded up by the firmware."""
UTC_STEP_MS = 1_000


ROLE_MS = 15_000
"""A container's time is taken for the clip's start or end only where the other is this much further off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileClaims:
    """What is claimed of one file's time, by whom; nothing of it is believed yet."""

    kind: Kind
    named: NamedTime | None = None
    mtime_us: int | None = None
    created: Millis | None = None
    """The container's creation time, milliseconds as if UTC (`media.probe`)."""
    created_zone: Zone = "utc"
    """As labelled: containers say UTC (and often mean local time), EXIF says local."""
    duration_ms: int | None = None
    sequence: int | None = None
    new: bool = True
    """Not on the card at the previous docking: so a recording did not start before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """What holds for all files of one docking."""

    local_ms: int
    file_times: FileTimeHabit
    name_zone: Zone
    """Of the names: as their family says, else as far as evidence tells."""
    clock_zone: Zone | None
    """Of the recorder's clock as read, None where it was not read."""
    created_step: int | None
    """Container minus name (whole quarters), None where no file tells."""
    created_is_end: bool | None
    file_step: int | None
    """File time minus name's end, None where no file tells."""
    created_file_step: int | None
    """Container minus file time, where no names tell."""
    not_a_clock: frozenset[int]
    """Container times that files of different times share: a constant of the firmware."""


def zone_step(difference: int) -> int | None:
    """The whole quarters of an hour in a difference, None where a rest of more than `NEAR_MS` stays."""
    step = (difference + QUARTER_MS // 2) // QUARTER_MS * QUARTER_MS
    if abs(difference - step) > NEAR_MS or abs(step) > LARGEST_ZONE_MS:
        return None
    return step


def _end_step(difference: int, local_ms: int) -> int | None:
    """As `zone_step`, but clips are often cut into whole quarters: only whole hours and the zone count."""
    step = zone_step(difference)
    return step if step is None or step % HOUR_MS == 0 or abs(step) == abs(local_ms) else None


def length_of(claims: FileClaims) -> int | None:
    """Milliseconds; a photo is a moment."""
    return 0 if claims.kind is Kind.PHOTO else claims.duration_ms


def _constants(files: Sequence[FileClaims]) -> frozenset[int]:
    seen: dict[int, tuple[int, int]] = {}
    for one in files:
        other = one.named.wall if one.named else one.mtime_us and one.mtime_us // 1000
        if one.created is None or other is None:
            continue
        low, high = seen.get(one.created, (other, other))
        seen[one.created] = (min(low, other), max(high, other))
    return frozenset(created for created, (low, high) in seen.items() if high - low > NEAR_MS)


@dataclass(slots=True)
class _Votes:
    """What single files speak for."""

    created: Counter[int] = field(default_factory=Counter)
    created_file: Counter[int] = field(default_factory=Counter)
    file: Counter[int] = field(default_factory=Counter)
    is_end: Counter[bool] = field(default_factory=Counter)
    labelled_local: int = 0
    """Names that agree with a time labelled local."""

    def count(self, one: FileClaims, made: int | None, local_ms: int) -> None:
        """One file's voice."""
        length = length_of(one)
        end = None if one.mtime_us is None else one.mtime_us // 1000
        if one.named is not None:
            if made is not None:
                into = self.created if one.created_zone != "local" else None
                step = self._of_created(into, made - one.named.wall, length, local_ms)
                self.labelled_local += into is None and step == 0
            if end is not None and length is not None:
                step = _end_step(end - one.named.wall - length, local_ms)
                if step is not None:
                    self.file[step] += 1
        elif made is not None and end is not None and length is not None:
            into = self.created_file if one.created_zone != "local" else None
            self._of_created(into, made - end + length, length, local_ms)

    def _of_created(
        self, into: Counter[int] | None, difference: int, length: int | None, local_ms: int
    ) -> int | None:
        """A container's time less the start: the zone between them, and whether it is the clip's end."""
        if abs(difference) > LARGEST_ZONE_MS + DAY_MS:
            return None
        start = zone_step(difference)
        end = _end_step(difference - length, local_ms) if length else None
        if start is not None and end is not None:
            nearer = abs(difference - start) - abs(difference - (length or 0) - end)
            if abs(nearer) > ROLE_MS:
                start, end = (None, end) if nearer > 0 else (start, None)
        step = start if start is not None else end
        if step is None or (start is not None and end is not None and start != end):
            return None
        if length and (start is None or end is None):
            self.is_end[start is None] += 1
        if into is not None:
            into[step] += 1
        return step


def _most(votes: Counter[int], local_ms: int) -> int | None:
    """What most files say; an unusual step needs two files, one may be chance."""
    for step, count in votes.most_common():
        if step in (0, local_ms, -local_ms) or count > 1:
            return step
    return None


def habits(
    files: Sequence[FileClaims], *, local_ms: int, file_times: FileTimeHabit, clock_zone: Zone | None
) -> Habits:
    """What all files of a docking together tell of the zones their times are in."""
    constants = _constants(files)
    declared: Counter[Zone] = Counter(one.named.zone for one in files if one.named is not None)
    votes = _Votes()
    for one in files:
        votes.count(one, one.created if one.created not in constants else None, local_ms)
    created_step, file_step = _most(votes.created, local_ms), _most(votes.file, local_ms)
    zone = declared.most_common(1)[0][0] if declared else "unknown"
    if zone == "unknown":
        zone = "local" if votes.labelled_local else _name_zone(created_step, file_step, local_ms, file_times)
    return Habits(
        local_ms=local_ms,
        file_times=file_times,
        name_zone=zone,
        clock_zone=clock_zone,
        created_step=created_step,
        created_is_end=votes.is_end.most_common(1)[0][0] if votes.is_end else None,
        file_step=file_step,
        created_file_step=_most(votes.created_file, local_ms),
        not_a_clock=constants,
    )


def _name_zone(created_step: int | None, file_step: int | None, local_ms: int, habit: FileTimeHabit) -> Zone:
    if local_ms == 0:
        return "utc"
    if created_step == -local_ms:
        return "local"
    if habit == "unknown" or file_step is None:
        return "unknown"
    shift = (local_ms if habit == "fat-local" else 0) - file_step
    return "local" if shift == local_ms else "utc" if shift == 0 else "unknown"
