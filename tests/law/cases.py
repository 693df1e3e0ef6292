"""Facts for tests of the engine: moments on one day, plain clips and acts, random ones for hypothesis."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ingestd.facts import Act, Case, Decision, Officer, Review, TextRecord, Unit
from ingestd.law.facts import (
    Analysis,
    Audit,
    CaseFile,
    Clip,
    Determination,
    Fact,
    Link,
    RecordedMonth,
    Recorder,
    Sheet,
    WaitingFile,
)
from ingestd.law.rulebook import Rulebook
from ingestd.model import Interval, Kind, Millis, Stretch
from ingestd.policy import catalog

T0 = Millis(1_772_416_800_000)  # 2026-03-02T10:00:00+08:00, a Monday
JANUARY, FEBRUARY = Millis(1_767_196_800_000), Millis(1_769_875_200_000)
MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
POLICIES = (
    "baseline",
    "changzhou-xinbei",
    "tongling-jiaoqu",
    "lingchuan-gongxin",
    "wujin-yingji",
    "midong-chengguan",
)


def rulebook(key: str = "baseline", commissioned_at: int = T0 - 400 * DAY) -> Rulebook:
    """A policy as shipped."""
    return Rulebook(catalog.load(key), commissioned_at=Millis(commissioned_at))


def exactly(at: int) -> Interval:
    """A moment without doubt."""
    return Interval(earliest=Millis(at), latest=Millis(at), basis="clock-read")


def between(low: int | None, high: int | None) -> Interval:
    """A moment within bounds."""
    return Interval(
        earliest=None if low is None else Millis(low),
        latest=None if high is None else Millis(high),
        basis="clock-read",
    )


def clip(acquisition: str = "c1", **told: Any) -> Clip:
    """A film of ten minutes from T0 that was stored an hour later."""
    begin = told.pop("begin", T0)
    minutes = told.pop("minutes", 10)
    act = told.pop("act", None)
    plain: dict[str, Any] = {
        "kind": Kind.VIDEO,
        "recorder": "R1",
        "session": "s1",
        "officer": "104233",
        "path": f"DCIM/{acquisition}.mp4",
        "sequence": None,
        "started": exactly(begin),
        "ended": exactly(begin + minutes * MINUTE),
        "stored_at": Millis(begin + minutes * MINUTE + HOUR),
        "link": None if act is None else Link(act=act, case=None, by_person=False),
    }
    return Clip(acquisition=acquisition, **(plain | told))


def act(key: str = "a1", kind: str = "seizure", minutes: int = 10, **told: Any) -> Act:
    """An act from T0."""
    plain: dict[str, Any] = {
        "case": "k1",
        "kind": kind,
        "started_at": T0,
        "ended_at": Millis(T0 + minutes * MINUTE),
        "officers": ("104233",),
    }
    return Act(act=key, **(plain | told))


def audit(key: str = "x1", **told: Any) -> Audit:
    """A draw from all recordings of January and February, of three clips."""
    plain: dict[str, Any] = {
        "since_at": JANUARY,
        "until_at": T0,
        "unit": None,
        "auditor": "o1",
        "committed_at": T0,
        "drawn": 3,
    }
    plain["reveal_by_at"] = Millis(told.get("committed_at", T0) + DAY)
    return Audit(audit=key, **(plain | told))


# --- a dense world and what may change in it ------------------------------------------------------------

_AT: tuple[Any, ...] = (None, T0 - 40 * DAY, T0 - DAY, T0, T0 + 10 * MINUTE, T0 + 30 * HOUR, T0 + 20 * DAY)
_ACTS, _CASES, _OFFICERS, _UNITS = ("a1", "a2"), ("k1", "k2"), ("o1", "o2"), ("u1", "u2", "u3")
_SPOKEN = Analysis(speech_from_ms=2_000)
_BLACK = Analysis(stretches=(Stretch(kind="black", begin=0, end=5 * MINUTE),), lead_ms=15_000)

WORLD: tuple[Fact, ...] = (
    Unit(unit="u1", key_unit=True),
    Unit(unit="u2", parent="u1", key_unit=True),
    Unit(unit="u3", parent="u2"),
    Officer(officer="o1", unit="u3", valid_until=Millis(T0 - DAY)),
    Officer(officer="o2", unit="u2"),
    Recorder(recorder="R1", officer="o1", out_since=Millis(T0 - DAY)),
    Recorder(recorder="R2", officer=None),
    Case(case="k1", kind="penalty", concluded_at=T0, decided_at=T0, major=True, random_inspection=True),
    Case(case="k2"),
    act("a1", officers=("o1",)),
    act("a2", kind="inspection", case="k2", officers=("o2",)),
    TextRecord(record="t1", case="k1", act="a1", kind="现场笔录", signed="no"),
    TextRecord(record="t2", case="k2", kind="现场检查笔录", signed="refused"),
    Decision(decision="d1", case="k1", at=Millis(T0 - 40 * DAY)),
    Decision(decision="d2", case="k2", at=T0, public_at=T0, revoked_at=T0),
    Review(review="r1", case="k1", opinion="agree", opinion_at=Millis(T0 - DAY)),
    Review(review="r2", case="k2", submitted_at=T0),
    Determination(act="a1", needed=True, at=T0),
    CaseFile(case="k1", formed_at=T0),
    Sheet(sheet="year-public", period="2025", given_at=T0),
    Sheet(sheet="inspections-public", period="2026-02", given_at=T0),
    audit("x1", committed_at=T0, drawn_at=T0),
    audit("x2", committed_at=T0 + HOUR),
    RecordedMonth(month="2026-01"),
    clip("c1", sequence=1, act="a1", officer="o1", minutes=5),
    clip("c2", sequence=2, act="a1", officer="o1", begin=T0 + 5 * MINUTE, minutes=5),
    clip("c3", sequence=3, officer="o2", begin=T0 + 10 * MINUTE, minutes=5),
    clip("c4", sequence=1, officer="o2", minutes=5, session="s2"),
)
"""At least one of each kind, so tied together that what changes in one is read by the verdicts on others."""

CHANGES: dict[type[Any], dict[str, tuple[Any, ...]]] = {
    Unit: {
        "parent": (None, *_UNITS),
        "key_unit": (True, False),
        "persons": (None, 0, 1, 5),
        "recorders": (None, 0, 3),
    },
    Officer: {
        "unit": (None, *_UNITS),
        "valid_from": _AT,
        "valid_until": _AT,
        "role": ("officer", "auxiliary"),
        "reviewer": (True, False),
        "active": (True, False),
    },
    Recorder: {
        "officer": (None, *_OFFICERS),
        "out_since": _AT,
        "is_lost": (True, False),
        "waiting": (
            (),
            (WaitingFile(path="p", ended=exactly(T0)),),
            (
                WaitingFile(path="p", ended=between(None, T0)),
                WaitingFile(path="q", ended=between(T0, T0 + DAY)),
            ),
        ),
    },
    Case: {
        "kind": (None, "permit", "penalty"),
        "concluded_at": _AT,
        "decided_at": _AT,
        "major": (None, True, False),
        "random_inspection": (True, False),
    },
    Act: {
        "case": (None, *_CASES),
        "kind": (None, "seizure", "inspection", "service", "hearing", "unheard-of"),
        "started_at": _AT,
        "ended_at": _AT,
        "officers": ((), ("o1",), ("o2",), _OFFICERS),
        "result": (None, "left", "done"),
        "premises": (True, False),
    },
    TextRecord: {
        "case": (None, *_CASES),
        "act": (None, *_ACTS),
        "kind": (None, "现场笔录", "查封决定书", "财物清单", "现场检查笔录"),
        "signed": (None, "yes", "no", "refused"),
        "refusal_value": (None, "ab"),
    },
    Decision: {
        "case": (None, *_CASES),
        "at": _AT,
        "kind": (None, "permit"),
        "public_at": _AT,
        "revoked_at": _AT,
        "withdrawn_at": _AT,
    },
    Review: {
        "case": (None, *_CASES),
        "round": (1, 2),
        "self_checked_at": _AT,
        "submitted_at": _AT,
        "due_at": _AT,
        "opinion": (None, "agree", "correct"),
        "opinion_at": _AT,
    },
    Determination: {"needed": (True, False)},
    CaseFile: {"formed_at": _AT[1:]},
    Sheet: {"given_at": _AT[1:]},
    Audit: {
        "since_at": (FEBRUARY, JANUARY),
        "unit": (None, "u1"),
        "committed_at": (T0, T0 + 2 * HOUR),
        "voided_at": (None, T0 + HOUR),
        "drawn_at": (None, T0),
        "judged": (0, 2, 3),
    },
    RecordedMonth: {"month": ("2026-01", "2026-02", "2026-03")},
    Clip: {
        "kind": (Kind.VIDEO, Kind.PHOTO, Kind.AUDIO),
        "recorder": ("R1", "R2"),
        "session": ("s1", "s2"),
        "officer": (None, *_OFFICERS),
        "sequence": (None, 1, 2, 3),
        "started": (exactly(T0), exactly(T0 + 5 * MINUTE), between(T0 - HOUR, T0 + HOUR), between(None, T0)),
        "ended": (
            exactly(T0 + 5 * MINUTE),
            exactly(T0 + 10 * MINUTE),
            between(T0 - HOUR, T0 + HOUR + 10 * MINUTE),
            between(None, T0 + 10 * MINUTE),
        ),
        "stored_at": (T0 + HOUR, T0 + 40 * HOUR),
        "is_backlog": (True, False),
        "link": (
            None,
            *(Link(act=one, case=None, by_person=False) for one in _ACTS),
            Link(act=None, case=None, by_person=True),
        ),
        "analysis": (None, _SPOKEN, _BLACK),
        "note_at": (None, T0),
    },
}


def changed(fact: Any, field: int, value: int) -> Any:
    """A fact with one of its fields as one of the ways that it may be."""
    fields = CHANGES[type(fact)]
    name = list(fields)[field % len(fields)]
    return replace(fact, **{name: fields[name][value % len(fields[name])]})
