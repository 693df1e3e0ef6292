"""Facts for tests of the engine: moments on one day, plain clips and acts, random ones for hypothesis."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from ingestd.facts import Act, Case, Decision, Officer, Review, TextRecord, Unit
from ingestd.law.coverage import Stretch
from ingestd.law.facts import (
    SHEETS,
    Analysis,
    CaseFile,
    Clip,
    Determination,
    Link,
    Recorder,
    Sheet,
    WaitingFile,
)
from ingestd.law.rulebook import Rulebook
from ingestd.model import Interval, Kind, Millis
from ingestd.policy import catalog

T0 = Millis(1_772_416_800_000)  # 2026-03-02T10:00:00+08:00, a Monday
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


# --- random facts ------------------------------------------------------------------------------------

_moments = st.integers(-60, 60).map(lambda hours: Millis(T0 + hours * HOUR))
_maybe = st.none() | _moments
_acts, _cases, _officers, _units = (
    st.sampled_from(names) for names in (("a1", "a2"), ("k1", "k2"), ("o1", "o2"), ("u1", "u2", "u3"))
)


@st.composite
def _clips(draw: st.DrawFn) -> Clip:
    begin = T0 + draw(st.integers(-200, 200)) * 10 * MINUTE
    width = draw(st.sampled_from((0, 0, MINUTE, HOUR)))
    length = draw(st.sampled_from((0, MINUTE, 10 * MINUTE)))
    unknown = draw(st.integers(0, 9)) == 0
    started = between(None if unknown else begin, begin + width)
    ended = between(None if unknown else begin + length, begin + width + length)
    return Clip(
        acquisition=draw(st.sampled_from(("c1", "c2", "c3", "c4"))),
        kind=draw(st.sampled_from((Kind.VIDEO, Kind.VIDEO, Kind.PHOTO, Kind.AUDIO))),
        recorder=draw(st.sampled_from(("R1", "R2"))),
        session=draw(st.sampled_from(("s1", "s2"))),
        officer=draw(st.none() | _officers),
        path="DCIM/x.mp4",
        sequence=draw(st.none() | st.integers(1, 4)),
        started=started,
        ended=ended,
        stored_at=Millis(begin + draw(st.integers(0, 40)) * HOUR),
        is_backlog=draw(st.booleans()),
        link=draw(
            st.none()
            | st.builds(Link, act=st.none() | _acts, case=st.none() | _cases, by_person=st.booleans())
        ),
        analysis=draw(
            st.none()
            | st.builds(
                Analysis,
                stretches=st.just(()) | st.just((Stretch(kind="black", begin=0, end=5 * MINUTE),)),
                speech_from_ms=st.none() | st.integers(0, 90_000),
                lead_ms=st.sampled_from((0, 15_000)),
            )
        ),
        note_at=draw(_maybe),
    )


facts = st.one_of(
    _clips(),
    st.builds(
        Recorder,
        recorder=st.sampled_from(("R1", "R2")),
        officer=st.none() | _officers,
        out_since=_maybe,
        is_lost=st.booleans(),
        waiting=st.lists(
            st.builds(
                WaitingFile,
                path=st.sampled_from(("p", "q")),
                ended=st.builds(between, _maybe, _maybe),
            ),
            max_size=2,
            unique_by=lambda file: file.path,
        ).map(tuple),
    ),
    st.builds(
        Officer,
        officer=_officers,
        unit=st.none() | _units,
        valid_from=_maybe,
        valid_until=_maybe,
        role=st.sampled_from(("officer", "auxiliary")),
        reviewer=st.booleans(),
        active=st.booleans(),
    ),
    st.builds(
        Unit,
        unit=_units,
        parent=st.none() | _units,
        key_unit=st.booleans(),
        persons=st.none() | st.integers(0, 5),
        recorders=st.none() | st.integers(0, 3),
    ),
    st.builds(
        Case,
        case=_cases,
        kind=st.sampled_from((None, "permit", "penalty")),
        concluded_at=_maybe,
        decided_at=_maybe,
        major=st.sampled_from((None, True, False)),
        random_inspection=st.booleans(),
    ),
    st.builds(
        Act,
        act=_acts,
        case=st.none() | _cases,
        kind=st.sampled_from((None, "seizure", "inspection", "service", "hearing", "unheard-of")),
        started_at=_maybe,
        ended_at=_maybe,
        officers=st.lists(_officers, max_size=2, unique=True).map(tuple),
        result=st.sampled_from((None, "left", "done")),
        premises=st.booleans(),
    ),
    st.builds(
        TextRecord,
        record=st.sampled_from(("t1", "t2")),
        case=st.none() | _cases,
        act=st.none() | _acts,
        kind=st.sampled_from((None, "现场笔录", "查封决定书")),
        signed=st.sampled_from((None, "yes", "no", "refused")),
        refusal_value=st.sampled_from((None, "ab")),
    ),
    st.builds(
        Decision,
        decision=st.sampled_from(("d1", "d2")),
        case=st.none() | _cases,
        at=_maybe,
        kind=st.sampled_from((None, "permit")),
        public_at=_maybe,
        revoked_at=_maybe,
        withdrawn_at=_maybe,
    ),
    st.builds(
        Review,
        review=st.sampled_from(("r1", "r2")),
        case=st.none() | _cases,
        round=st.integers(1, 2),
        self_checked_at=_maybe,
        opinion=st.sampled_from((None, "agree", "correct")),
        opinion_at=_maybe,
    ),
    st.builds(Determination, act=_acts, needed=st.booleans(), at=_moments),
    st.builds(CaseFile, case=_cases, formed_at=_moments),
    st.builds(
        Sheet,
        sheet=st.sampled_from(SHEETS),
        period=st.sampled_from(("2025", "2026", "2026-02", "2026-03")),
        given_at=_moments,
    ),
)
