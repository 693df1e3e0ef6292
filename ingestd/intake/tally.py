"""Findings on a recorder's numbering at the end of a docking: holes that show, holes that are filled.

A hole ends when its numbers are secured, by whichever docking, recorder or card they come; where only some of
them do, what is still missing stands on as smaller holes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ingestd import canon
from ingestd.device.api import CounterPer, EntryType, Item
from ingestd.device.identity import SERIAL, id_text
from ingestd.events import Event, FindingOpened
from ingestd.intake.findings import closed, opened
from ingestd.intake.numbering import Hole, Numbered, holes, range_text, runs, series_of
from ingestd.intake.ports import Books, OpenHole
from ingestd.model import UNIDENTIFIED, Interval, Millis, RecorderId

KIND = "sequence-hole"
HOLES_TOLD = 50
"""More holes of one docking than this say no more than the first ones."""
KNOWN_MS = 35 * 86_400_000
"""So far back numbers are compared: a counter of three digits lasts about as long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """How the recorder of a docking counts, and the time that the docking spans."""

    recorder: RecorderId
    per: CounterPer | None
    """None: the family does not say; then no hole is told."""
    docked_at: Millis
    previous_docking: Millis | None


def numbering_events(books: Books, counted: Counted, items: Iterable[Item]) -> list[Event]:
    """What a docking's files say of holes, once all that could be is secured."""
    files = [item for item in items if item.type is EntryType.FILE and item.litter is None]
    since = Millis(counted.docked_at - KNOWN_MS)
    events: list[Event] = []
    for recorder in sorted({counted.recorder, *_named(files)} - {UNIDENTIFIED}):
        known = books.numbers(recorder, since)
        events += _filled(recorder, books.open_holes(recorder), known)
        if recorder == counted.recorder and counted.per is not None:
            events += _shown(counted, counted.per, files, known)
    return events


def _named(files: Iterable[Item]) -> set[RecorderId]:
    """Recorders that files name."""
    return {
        RecorderId(id_text(claim.value)) for item in files for claim in item.claims if claim.what == SERIAL
    }


# --- holes that show ------------------------------------------------------------------------------


def _shown(
    counted: Counted, per: CounterPer, files: Sequence[Item], known: Sequence[Numbered]
) -> list[Event]:
    times = {file.path: file.started for file in known}
    here = [
        Numbered(
            number=item.sequence,
            kind=item.kind,
            path=canon.path_text(item.path),
            at=None if item.mtime_us is None else Millis(item.mtime_us // 1000),
            started=times.get(canon.path_text(item.path)),
        )
        for item in files
        if item.sequence is not None and _named([item]) <= {counted.recorder}
    ]
    window = KNOWN_MS if counted.previous_docking is None else counted.docked_at - counted.previous_docking
    found = holes(here, known, per=per, window_ms=window)
    return [_opened(counted.recorder, per, hole) for hole in found[:HOLES_TOLD]]


def _opened(recorder: RecorderId, per: CounterPer, hole: Hole) -> FindingOpened:
    before, after = hole.before.started, hole.after.started
    return opened(
        KIND,
        f"recorder:{recorder}/{hole.series}#{hole.missing}",
        ("missing", hole.missing),
        ("counted_per", per),
        ("before", hole.before.path),
        ("before_earliest", _stamp(before.earliest if before else None)),
        ("before_latest", _stamp(before.latest if before else None)),
        ("after", hole.after.path),
        ("after_earliest", _stamp(after.earliest if after else None)),
        ("after_latest", _stamp(after.latest if after else None)),
    )


def _stamp(at: Millis | None) -> str | None:
    return None if at is None else canon.timestamp(at)


# --- holes that are filled ------------------------------------------------------------------------


def _filled(recorder: RecorderId, stand: Sequence[OpenHole], known: Sequence[Numbered]) -> list[Event]:
    events: list[Event] = []
    for hole in stand:
        came = {
            file.number
            for file in known
            if hole.first <= file.number <= hole.last
            and series_of(hole.counted_per, file) in (hole.series, None)
            and _fits(file.started, hole.facts)
        }
        if not came:
            continue
        events.append(closed(KIND, hole.about, "the missing recording came in"))
        still = (number for number in range(hole.first, hole.last + 1) if number not in came)
        for first, last in runs(still):
            missing = range_text(first, last)
            about = f"recorder:{recorder}/{hole.series}#{missing}"
            facts = {**hole.facts, "missing": missing}
            events.append(opened(KIND, about, *facts.items()))
    return events


def _fits(started: Interval | None, facts: Mapping[str, str | int | None]) -> bool:
    """Whether a recording can lie where the hole is: a counter comes by the same number again."""
    if started is None:
        return True
    low, high = facts.get("before_earliest"), facts.get("after_latest")
    is_earlier = started.latest is not None and low is not None and started.latest < canon.instant(str(low))
    is_later = (
        started.earliest is not None and high is not None and started.earliest > canon.instant(str(high))
    )
    return not is_earlier and not is_later
