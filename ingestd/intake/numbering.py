"""Holes in a recorder's own numbering: which numbers are missing between clips that are known. PURE.

A hole is a run of numbers that nothing known has, between two recordings of one kind that follow each other in
one series: the whole card where the counter runs on, a folder or a day where it starts anew there. Where a
number goes back, the counter rolled over or was reset, and nothing is missing; where more numbers are missing
than seconds passed, it was set ahead. What lies before the first known number of a series cannot be told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

from ingestd.device.api import CounterPer
from ingestd.intake.runs import FIRST_POSSIBLE_MS
from ingestd.model import Interval, Kind, Millis

STEP_BACK_MS = 60_000
"""As in `runs`: segments overlap by seconds; a time that goes back further is another run of the counter."""
SECOND_MS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbered:
    """A recording with its number, as the card told them."""

    number: int
    kind: Kind
    path: str
    at: Millis | None
    """The card's time of it (file time), in whatever zone, None where untold: good for an order."""
    started: Interval | None = None
    """When it was recorded, once that was found out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hole:
    """Numbers ``first`` to ``last`` are missing."""

    series: str
    first: int
    last: int
    before: Numbered
    after: Numbered

    @property
    def missing(self) -> str:
        """As people and findings write it."""
        return range_text(self.first, self.last)


def range_text(first: int, last: int) -> str:
    """``7``, ``3-5``."""
    return str(first) if first == last else f"{first}-{last}"


def series_of(per: CounterPer, file: Numbered) -> str | None:
    """The series that a number belongs to, None where it cannot be told."""
    if per == "card":
        return ""
    if per == "folder":
        return file.path.rpartition("/")[0]
    try:
        return (
            None if file.at is None else datetime.fromtimestamp(file.at // SECOND_MS, UTC).date().isoformat()
        )
    except (ValueError, OverflowError, OSError):
        return None


def holes(
    new: Iterable[Numbered], known: Iterable[Numbered], *, per: CounterPer, window_ms: int
) -> tuple[Hole, ...]:
    """What is missing before or between the recordings of one docking, by all that is ``known`` beside them.

    ``window_ms``: the time that the docking spans, where the files do not tell theirs.
    """
    of_series: dict[str, tuple[list[Numbered], list[Numbered]]] = {}
    for at, files in enumerate((new, known)):
        for file in files:
            series = series_of(per, file)
            if series is not None and file.kind.is_recording:
                of_series.setdefault(series, ([], []))[at].append(file)
    found: list[Hole] = []
    for series, (here, before) in sorted(of_series.items()):
        taken = {file.number for file in (*here, *before)}
        for kind in sorted({file.kind for file in here}):
            chain = _chain([f for f in here if f.kind is kind], [f for f in before if f.kind is kind])
            for one, two in pairwise(chain):
                found += [
                    Hole(series=series, first=first, last=last, before=one, after=two)
                    for first, last in _missing(one, two, taken, window_ms)
                ]
    return tuple(found)


def _chain(here: Sequence[Numbered], before: Sequence[Numbered]) -> list[Numbered]:
    """The numbers of a docking in the order in which they were counted, after the nearest one known before."""
    by_number = list({file.number: file for file in sorted(here, key=lambda file: file.number)}.values())
    chain = _unrolled(by_number)
    if not chain:
        return []
    lower = [file for file in before if file.number < chain[0].number and not _is_back(file, chain[0])]
    return [*sorted(lower, key=lambda file: file.number)[-1:], *chain]


def _unrolled(files: list[Numbered]) -> list[Numbered]:
    """Begin after the widest gap where time then steps back less often: the counter rolled over or was reset."""
    gaps = [(two.number - one.number, at) for at, (one, two) in enumerate(pairwise(files), start=1)]
    if not gaps or max(gaps)[0] == 1:
        return files
    at = max(gaps)[1]
    rolled = files[at:] + files[:at]
    return rolled if _steps_back(rolled) < _steps_back(files) else files


def _steps_back(files: Sequence[Numbered]) -> int:
    return sum(_is_back(one, two) for one, two in pairwise(files))


def _ahead_ms(one: Numbered, two: Numbered) -> int | None:
    """How much later the second one was by the card's times; None where a time is none that can be."""
    if one.at is None or two.at is None or min(one.at, two.at) < FIRST_POSSIBLE_MS:
        return None
    return two.at - one.at


def _is_back(one: Numbered, two: Numbered) -> bool:
    ahead = _ahead_ms(one, two)
    return ahead is not None and ahead < -STEP_BACK_MS


def _missing(one: Numbered, two: Numbered, taken: set[int], window_ms: int) -> Iterator[tuple[int, int]]:
    """Runs of numbers between two neighbours that nothing has."""
    ahead = _ahead_ms(one, two)
    span_ms = window_ms if ahead is None or ahead < 0 else ahead
    count = two.number - one.number - 1
    if not 0 < count <= span_ms // SECOND_MS:
        return  # they follow each other; or it went back; or nobody can record so fast: the counter was set
    yield from runs(number for number in range(one.number + 1, two.number) if number not in taken)


def runs(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Ascending numbers as runs, first and last."""
    first = last = None
    for number in numbers:
        if first is None or last is None or number != last + 1:
            if first is not None and last is not None:
                yield first, last
            first = number
        last = number
    if first is not None and last is not None:
        yield first, last
