"""The log of `office`: entries of what pages open, and a last one that makes it as long as it would be."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import Any

from ingestd import events
from ingestd.clock import ClockState
from ingestd.events import Event
from ingestd.index.projection import chains_of
from ingestd.index.tables import subjects
from ingestd.ledger import table
from ingestd.ledger.entry import Circumstances, record
from ingestd.model import Millis
from tests.bench.agency import (
    FIRST_SEQ,
    OFFICERS,
    UNITS,
    act_id,
    add,
    case_of,
    cases_of,
    clips_at,
    officer_of,
    party_of,
    recorder_of,
    two_on,
    unit_of,
)
from tests.bench.index import T0
from tests.bench.million import NoBlobs
from tests.bench.office import (
    DAY_MS,
    REASON,
    SLOTS,
    acquisition_of,
    act_row,
    case_row,
    record_row,
    review_rows,
    session_of,
)

CASES = 40
RECORDERS = (3, 111, 222)
"""Whose dockings are all in it."""
ENTRIES_A_CLIP = 3
_Clip = Callable[[int, int], Event]


def shown_cases(count: int) -> Sequence[int]:
    """The cases that stand in it whole: from all times, by an odd step, so that what recurs meets some."""
    return range(0, cases_of(count), cases_of(count) // CASES | 1)


class _Log:
    def __init__(self, raw: sqlite3.Connection, first: int) -> None:
        self._raw, self._next = raw, first

    def add(self, event: Event, *, seq: int | None = None, at: int = T0) -> None:
        """An event with the chains that it stands in; by itself after all clips."""
        if seq is None:
            seq, self._next = self._next, self._next + 1
        clock = ClockState(synchronised=True, uncertainty_ms=5, monotonic_ms=1_000_000)
        around = Circumstances(at=Millis(at), clock=clock, node="bench/one", actor="daemon")
        _, data = record(event, seq, around, NoBlobs())
        self._raw.execute(f"INSERT OR IGNORE INTO {table.ENTRIES.name} VALUES (?, ?)", (seq, data))
        add(self._raw, subjects, ({"subject": subject, "seq": seq} for subject in chains_of(event)))


def write(raw: sqlite3.Connection, count: int, clip_of: _Clip) -> None:
    """All of it. ``clip_of``: the event of a clip by number and how many there are."""
    log = _Log(raw, FIRST_SEQ + count)
    raw.execute("BEGIN IMMEDIATE")
    for n in range(UNITS):
        log.add(events.UnitStated(unit=f"u{n}", name=f"第{n}中队"))
    for n in range(OFFICERS):
        log.add(events.OfficerStated(officer=officer_of(n), unit=unit_of(n)))
    log.add(events.PartyStated(party="p7", kind="person"))
    for case in shown_cases(count):
        _case(log, case, count, clip_of)
    days = range((T0 - count * 60_000) // DAY_MS, T0 // DAY_MS + 1)
    for recorder in RECORDERS:
        for day in days:
            _docking(log, recorder, day)
    log.add(events.DaemonStopped(reason="bench"), seq=FIRST_SEQ + ENTRIES_A_CLIP * count)
    raw.execute("COMMIT")


def _case(log: _Log, case: int, count: int, clip_of: _Clip) -> None:
    log.add(events.PartyStated(party=party_of(case), kind="person"))
    log.add(events.CaseStated(**case_row(case) | {"subjects": (party_of(case),)}))
    for act in (2 * case, 2 * case + 1):
        log.add(events.ActStated(**act_row(act) | {"officers": tuple(map(officer_of, two_on(act)))}))
        for number in clips_at(act, count):
            log.add(clip_of(number, count), seq=FIRST_SEQ + number)
            if (FIRST_SEQ + number) % 10 < 8:
                told: dict[str, Any] = {"acquisition": acquisition_of(number), "act": act_id(act)}
                told |= {"case": case_of(case), "reasons": (events.LinkReason(**REASON),)}
                log.add(events.ClipLinked(**told, by="machine", score=1, margin=1))
    for place in range(3):
        log.add(events.TextRecordStated(**record_row(case, place)))
    for told in review_rows(case):
        log.add(events.ReviewStated(**told))


def _docking(log: _Log, recorder: int, day: int) -> None:
    at = day * DAY_MS
    of: dict[str, Any] = {"session": session_of(recorder, at), "recorder": recorder_of(recorder)}
    place: dict[str, Any] = {"slot": str(recorder % SLOTS), "driver": "simulated"}
    docked: dict[str, Any] = {
        "family": "e12-new",
        "evidence": (),
        "claims": (),
        "battery": 80,
        "clock_wall": at,
    }
    counted: dict[str, Any] = {"secured": 4, "quarantined": 0, "released": 4, "left": 0, "bytes": 1 << 30}
    for event in (
        events.SessionOpened(session=of["session"], **place, location="1"),
        events.RecorderDocked(**of, **place, **docked, clock_zone="local"),
        events.CardListed(**of, files=(), complete=True),
        events.RecorderClear(**of),
        events.SessionClosed(**of, outcome="clear", **counted),
        events.RecorderUndocked(recorder=of["recorder"], slot=place["slot"]),
    ):
        log.add(event, at=at)
