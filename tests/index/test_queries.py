"""What the queries answer, from events, in either database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pytest
from sqlalchemy import Connection, Engine
from sqlalchemy import event as hooks

from ingestd.events import (
    ActionProposed,
    CardListed,
    ClaimRecord,
    ClipDamaged,
    ClipFailed,
    ClipMissing,
    ClipReleased,
    ClipRepaired,
    Event,
    FindingClosed,
    FindingOpened,
    ListedFile,
    LogCreated,
    PreviewFailed,
    PreviewMade,
    RecorderAssigned,
    RecorderClear,
    RecorderDocked,
    RecorderEnrolled,
    RecorderHandedOut,
    RecorderProblem,
    RecorderPulledEarly,
    RecorderUndocked,
    ReleaseFailed,
    ReleaseStarted,
    SessionClosed,
    SessionOpened,
    VaultVerified,
)
from ingestd.index import chains, hands, papers, queries
from ingestd.index.facts import StoredBytes, Tally
from ingestd.index.projection import project
from ingestd.model import BadRange, Kind, Millis, Sha256
from tests.event_samples import T0, Entry, quarantined, secured

R = "7-104233"
SCANS = tuple(f"SCAN {name}" for name in ("clips", "subjects", "sessions", "card_files"))


class Log:
    """Projects events one after the other, a second apart."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.size = 0

    def __call__(self, *events: Event, actor: str = "daemon") -> None:
        for event in events:
            entry = Entry(seq=self.size, at=Millis(T0 + 1000 * self.size), actor=actor)
            project(self.connection, [(entry, event)])
            self.size += 1


@pytest.fixture
def log(engine: Engine) -> Iterator[Log]:
    with engine.begin() as connection:
        yield Log(connection)


def opened(session: str = "s1", slot: str = "1") -> SessionOpened:
    return SessionOpened(session=session, slot=slot, driver="folder", location="/card")


def docked(session: str = "s1", recorder: str = R, slot: str = "1", **changes: Any) -> RecorderDocked:
    plain = {
        "driver": "folder",
        "family": "novatek",
        "evidence": (),
        "claims": (ClaimRecord(what="serial", text="7", value=None, source="folder"),),
        "battery": 96,
        "clock_wall": Millis(T0 - 540_000),
        "clock_zone": "local",
    }
    return RecorderDocked(session=session, recorder=recorder, slot=slot, **{**plain, **changes})


def file(path: str, **changes: Any) -> ListedFile:
    plain = {
        "path_b64": None,
        "size": 10,
        "mtime_us": T0 * 1000,
        "kind": Kind.VIDEO,
        "sequence": None,
        "plan": "acquire",
        "why": None,
    }
    return ListedFile(path=path, **{**plain, **changes})


def listed(*files: ListedFile, session: str = "s1", recorder: str = R, complete: bool = True) -> CardListed:
    return CardListed(session=session, recorder=recorder, files=files, complete=complete)


def closed(outcome: str, session: str = "s1", recorder: str | None = R) -> SessionClosed:
    numbers = dict.fromkeys(("secured", "quarantined", "released", "left", "bytes"), 0)
    return SessionClosed(session=session, recorder=recorder, outcome=outcome, **numbers)


def started(*clips: Any, session: str = "s2") -> ReleaseStarted:
    acquisitions = tuple(clip.acquisition for clip in clips)
    return ReleaseStarted(session=session, recorder=R, acquisitions=acquisitions)


# --- what intake compares ---------------------------------------------------------------------------


def test_held_files_until_they_leave_the_recorder(log: Log) -> None:
    """Secured and quarantined files are held; released, missing and superseded ones are not."""
    kept, gone, lost, bad = secured(0), secured(1), secured(2), quarantined(3)
    better = secured(4, path=bad.path, supersedes=(bad.acquisition,))
    log(kept, gone, lost, bad, secured(5, recorder="other"))
    assert [held.acquisition for held in queries.held_files(log.connection, R)] == [
        clip.acquisition for clip in (kept, gone, lost, bad)
    ]
    log(
        ClipReleased(acquisition=gone.acquisition, session="s2", observed=False),
        ClipMissing(acquisition=lost.acquisition, session="s2", recorder=R),
        better,
    )
    held = queries.held_files(log.connection, R)
    assert [one.acquisition for one in held] == [kept.acquisition, better.acquisition]
    assert held[0].path == b"DCIM/0000.MP4"
    assert (held[0].size, held[0].mtime_us, held[0].sha256) == (kept.size, kept.mtime_us, kept.sha256)
    (old,) = queries.clip(log.connection, bad.acquisition)
    assert (old.state, old.superseded_by) == ("superseded", better.acquisition)


def test_held_files_have_their_exact_bytes(log: Log) -> None:
    """A GBK name is compared as the card gave it."""
    log(secured(0, path="录像.MP4", path_b64="wrzP8Q=="))
    assert queries.held_files(log.connection, R)[0].path == b"\xc2\xbc\xcf\xf1"


def test_release_is_pending_from_intent_to_outcome(log: Log) -> None:
    """An intent stands until the clip is gone, or known to have been left."""
    done, failed, open_ = secured(0), secured(1), secured(2)
    log(done, failed, open_, started(done, failed, open_))
    assert all(held.release_pending for held in queries.held_files(log.connection, R))
    log(
        ClipReleased(acquisition=done.acquisition, session="s2", observed=False),
        ReleaseFailed(
            session="s2", recorder=R, acquisitions=(failed.acquisition,), why="read-only", detail=""
        ),
    )
    pending = [(held.acquisition, held.release_pending) for held in queries.held_files(log.connection, R)]
    assert pending == [(failed.acquisition, False), (open_.acquisition, True)]


def test_waiting_files_from_listing_to_storing(log: Log) -> None:
    """What a listing plans to acquire waits until it is secured; what left before is gone."""
    log(opened(), docked(), listed(file("a"), file("b"), file("c", plan="left", why="litter"), file("d")))
    log(
        ClipFailed(
            acquisition="x", session="s1", recorder=R, path="b", path_b64=None, fault="pulled", detail=""
        )
    )
    log(secured(0, path="a"))
    waiting = queries.waiting_files(log.connection, R)
    assert [(one.path, one.fault, one.first_seen_at) for one in waiting] == [
        ("b", "pulled", T0 + 2000),
        ("d", None, T0 + 2000),
    ]
    log(listed(file("b"), file("e"), session="s2"))
    waiting = queries.waiting_files(log.connection, R)
    assert [(one.path, one.first_seen_at, one.gone_at) for one in waiting] == [
        ("b", T0 + 2000, None),
        ("d", T0 + 2000, T0 + 5000),
        ("e", T0 + 5000, None),
    ]
    assert queries.counts(log.connection).gone == 1
    log(listed(file("b", size=11), session="s3", complete=False))
    waiting = queries.waiting_files(log.connection, R)
    assert [(one.path, one.first_seen_at) for one in waiting if one.gone_at is None] == [
        ("b", T0 + 6000),
        ("e", T0 + 5000),
    ]


def test_a_partial_does_not_end_the_waiting(log: Log) -> None:
    """Of a file of which only the beginning is held, the rest is still awaited."""
    log(listed(file("a")), quarantined(0, path="a", partial=True))
    assert [one.path for one in queries.waiting_files(log.connection, R)] == ["a"]
    assert queries.held_files(log.connection, R)[0].partial


def test_unidentified_cards_are_not_taken_for_one(log: Log) -> None:
    """Two cards without a name share a path: storing the one's file says nothing of the other's."""
    nobody = "unidentified"
    log(listed(file("a", size=1), recorder=nobody), listed(file("a", size=2), session="s2", recorder=nobody))
    log(secured(0, recorder=nobody, path="a", size=1, mtime_us=T0 * 1000))
    (left,) = queries.waiting_files(log.connection, nobody)
    assert (left.session, left.size, left.gone_at) == ("s2", 2, None)
    assert queries.last_docking(log.connection, nobody) is None


def test_last_docking_is_the_one_before(log: Log) -> None:
    """The previous docking bounds the recorder's clock; the present one can be left out."""
    assert queries.last_docking(log.connection, R) is None
    log(opened(), docked(), listed(), closed("clear"), opened("s2"), docked("s2"), listed(session="s2"))
    before = queries.last_docking(log.connection, R, before="s2")
    assert before is not None
    assert (before.session, before.docked_at, before.clock_wall) == ("s1", T0 + 1000, T0 - 540_000)
    newest = queries.last_docking(log.connection, R)
    assert newest is not None
    assert newest.session == "s2"


def test_a_docking_that_did_not_list_the_card_bounds_nothing(log: Log) -> None:
    """A folder that could not be listed, or a docking that ended before: what is found next may be older."""
    log(opened(), docked(), listed(complete=False), closed("problem"))
    assert queries.last_docking(log.connection, R) is None
    log(opened("s2"), docked("s2"), listed(session="s2"), closed("kept", "s2"))
    log(opened("s3"), docked("s3"), listed(session="s3", complete=False), closed("problem", "s3"))
    log(opened("s4"), docked("s4"))
    found = queries.last_docking(log.connection, R)
    assert found is not None
    assert found.session == "s2"


def test_open_sessions_are_those_a_crash_interrupted(log: Log) -> None:
    """Closed ones are over, whatever their outcome."""
    log(opened(), docked(), opened("s2", "2"), closed("interrupted"))
    (left,) = queries.open_sessions(log.connection)
    assert (left.session, left.slot, left.recorder) == ("s2", "2", None)


# --- clips ------------------------------------------------------------------------------------------


def test_clip_by_every_key(log: Log) -> None:
    """An id, a digest, its beginning, a path: all that match, newest first."""
    log(secured(0), secured(1, sha256="ab" * 32), secured(2, path="DCIM/0001.MP4"))
    for key, expected in (
        (secured(1).acquisition, [1]),
        (secured(1).acquisition.upper(), [1]),
        ("ab" * 32, [1]),
        ("abababab", [1]),
        ("00000000", [2, 0]),
        ("abababac", []),
        ("abababa", []),
        ("DCIM/0001.MP4", [2, 1]),
        ("0001.MP4", []),
        ("", []),
    ):
        assert [clip.seq for clip in queries.clip(log.connection, key)] == expected, key


def test_a_clip_says_all_of_its_event(log: Log) -> None:
    """Nothing of what the log says of a clip is lost on the way."""
    ranges = (BadRange(offset=512, length=1024),)
    stored = quarantined(0, bad_ranges=ranges, flags=("clock-reset", "duplicate"), marked=True)
    log(stored)
    (clip,) = queries.clip(log.connection, stored.acquisition)
    said = {field.name: getattr(stored, field.name) for field in fields(stored)}
    assert {name: getattr(clip, name) for name in said} == said
    assert (clip.state, clip.secured_at, clip.seq) == ("quarantined", T0, 0)


def test_damage_shows_on_every_clip_of_the_bytes_until_repaired(log: Log) -> None:
    """Rotten bytes concern all acquisitions that share them; a repair ends it, until the next."""
    one, other = secured(0), secured(1, sha256=secured(0).sha256, duplicate_of=secured(0).acquisition)
    damage = ClipDamaged(sha256=one.sha256, found_by="verification", detail="chunk 3")
    repair = ClipRepaired(sha256=one.sha256, acquisition=other.acquisition)
    log(one, other)
    for events, shown in (((damage,), "damaged"), ((repair,), "secured"), ((damage,), "damaged")):
        log(*events)
        assert [clip.shown_state for clip in queries.clip(log.connection, one.sha256)] == [shown] * 2
        assert queries.counts(log.connection).damaged == (shown == "damaged")
    assert queries.stored_digests(log.connection, [one.sha256, Sha256("f" * 64)]) == {
        one.sha256: one.acquisition
    }
    assert queries.stored_digests(log.connection, []) == {}


def test_clips_by_what_they_share(log: Log) -> None:
    """Filters narrow, newest first, pages go on where the last ended."""
    log(
        secured(3), secured(1, officer="other"), secured(2, recorder="other", kind=Kind.PHOTO), quarantined(4)
    )

    def seqs(**wanted: Any) -> list[int]:
        return [clip.seq for clip in queries.clips(log.connection, **wanted)]

    assert seqs() == [3, 2, 1, 0]
    assert seqs(limit=2) == [3, 2]
    assert seqs(limit=2, before_seq=2) == [1, 0]
    assert seqs(recorder=R) == [3, 0, 1]
    assert seqs(officer="104233") == [3, 0, 2]
    assert seqs(state="quarantined") == [3]
    assert seqs(kind=Kind.PHOTO) == [2]
    assert seqs(since=T0 + 2000) == [3, 0, 2]
    assert seqs(since=T0 + 2000, until=T0 + 4000) == [0, 2]


def test_history_is_the_chain_of_a_clip(log: Log) -> None:
    """Session, storing, release, damage, finding: what concerns the clip, and nothing else."""
    clip, other = secured(0), secured(1, session="s9")
    log(opened(), docked(), listed(file("a")), clip, other, closed("clear"))
    log(started(clip, other), ClipReleased(acquisition=clip.acquisition, session="s2", observed=False))
    log(ClipReleased(acquisition=other.acquisition, session="s2", observed=False))
    log(ClipDamaged(sha256=clip.sha256, found_by="person", detail=""))
    about = f"clip:{clip.acquisition}"
    log(FindingOpened(finding="f", kind="late", about=about, rule=None, layer=None, facts=()))
    assert queries.history(log.connection, about) == (0, 1, 2, 3, 5, 6, 7, 9, 10)
    assert queries.history(log.connection, f"recorder:{R}") == (1,)
    assert queries.history(log.connection, "clip:none") == ()


def test_reverification_walks_all_bytes_once(log: Log) -> None:
    """Each content once, in the order of digests, in steps of any size."""
    log(*(secured(n) for n in range(5)), secured(9, sha256=secured(2).sha256, size=secured(2).size))
    cursor, walked = "", []
    while found := queries.next_to_verify(log.connection, cursor, 2):
        walked += found
        cursor = found[-1].sha256
    assert walked == [StoredBytes(sha256=secured(n).sha256, size=1000 + n) for n in range(5)]


def test_previews_are_owed_once_for_the_same_bytes(log: Log) -> None:
    """Only films, not duplicates, and not again after success or failure."""
    one, two = secured(0), secured(1)
    log(one, two, secured(2, kind=Kind.LOG), secured(3, sha256=one.sha256, duplicate_of=one.acquisition))
    assert [clip.seq for clip in queries.without_preview(log.connection, 9)] == [1, 0]
    made = PreviewMade(
        acquisition=one.acquisition,
        sha256=one.sha256,
        preview="previews/0.mp4",
        preview_sha256="f" * 64,
        tool="ffmpeg",
        settings="h264",
    )
    log(made, PreviewFailed(acquisition=two.acquisition, sha256=two.sha256, why="no video"))
    assert queries.without_preview(log.connection, 9) == ()
    assert [clip.preview for clip in queries.clip(log.connection, one.sha256)] == ["previews/0.mp4"] * 2


# --- what people look after -------------------------------------------------------------------------


def test_a_recorders_day(log: Log) -> None:
    """In the field, docked, draining, clear, in the field; its slot says so in the screen's words."""
    course = [
        (RecorderEnrolled(recorder=R, family="novatek", driver="folder", claims=()), "in-field", None),
        (RecorderAssigned(recorder=R, officer="104233", mode="permanent"), "in-field", None),
        (opened(), "in-field", "receiving"),
        (docked(), "docked", "receiving"),
        (listed(file("a")), "draining", "receiving"),
        (RecorderClear(recorder=R, session="s1"), "clear", "may-be-taken"),
        (closed("clear"), "clear", "may-be-taken"),
        (RecorderUndocked(recorder=R, slot="1"), "in-field", "empty"),
    ]
    for step, state, slot_state in course:
        log(step)
        recorder = queries.recorder(log.connection, R)
        assert recorder is not None
        assert recorder.state == state, step
        assert [slot.state for slot in queries.slots(log.connection)] == ([slot_state] if slot_state else [])
    assert (recorder.officer, recorder.slot, recorder.battery) == ("104233", None, 96)
    assert queries.slots(log.connection)[0].officer == "104233"
    assert queries.recorder(log.connection, "none") is None


@pytest.mark.parametrize(
    ("events", "state", "slot_state"),
    [
        ((closed("kept"),), "docked", "do-not-take"),
        ((closed("refused"),), "refused", "problem"),
        ((closed("interrupted"),), "docked", "do-not-take"),
        (
            (RecorderPulledEarly(recorder=R, session="s1", unsecured=3), closed("pulled")),
            "pulled-early",
            "empty",
        ),
        (
            (RecorderProblem(recorder=R, session="s1", problem="device-hung", detail=""), closed("problem")),
            "problem",
            "problem",
        ),
    ],
)
def test_other_endings(log: Log, events: tuple[Event, ...], state: str, slot_state: str) -> None:
    """Each outcome leaves its own word, and the next docking begins anew."""
    log(opened(), docked(), *events)
    assert [one.state for one in queries.recorders(log.connection)] == [state]
    assert [one.state for one in queries.slots(log.connection)] == [slot_state]
    log(opened("s2"), docked("s2"))
    (again,) = queries.recorders(log.connection)
    assert (again.state, again.problem, again.unsecured) == ("docked", None, None)


def test_a_late_close_leaves_the_next_session_alone(log: Log) -> None:
    """A session that was abandoned is closed after the recorder is docked elsewhere: that stays as it is."""
    log(opened(), docked(), opened("s2", "2"), docked("s2", slot="2"), closed("interrupted"))
    assert queries.recorders(log.connection)[0].state == "docked"
    assert [(slot.slot, slot.state) for slot in queries.slots(log.connection)] == [
        ("1", "do-not-take"),
        ("2", "receiving"),
    ]


def test_hand_out_needs_two_and_is_then_done(log: Log) -> None:
    """The proposal waits with the name of its first person until the event of both."""
    log(opened(), docked(), RecorderProblem(recorder=R, session="s1", problem="quarantined", detail=""))
    proposal = ActionProposed(action="p1", verb="hand-out", about=f"recorder:{R}", reason_value="d" * 64)
    log(proposal, actor="li")
    (pending,) = queries.pending_actions(log.connection)
    assert (pending.action, pending.proposed_by, pending.proposed_at) == ("p1", "li", T0 + 3000)
    log(RecorderHandedOut(recorder=R, reason_value="d" * 64, proposed_by="li", confirmed_by="wang"))
    assert queries.pending_actions(log.connection) == ()
    (recorder,) = queries.recorders(log.connection)
    assert (recorder.state, recorder.problem) == ("in-field", None)
    assert queries.slots(log.connection)[0].state == "may-be-taken"


def test_findings_stand_until_facts_end_them(log: Log) -> None:
    """Opened, closed, opened again; a recorder that is away is in that state meanwhile."""
    log(RecorderEnrolled(recorder=R, family=None, driver=None, claims=()))
    about = f"recorder:{R}"
    away = FindingOpened(
        finding="f", kind="not-returned", about=about, rule="REC-1", layer="baseline", facts=(("hours", 30),)
    )
    other = FindingOpened(finding="g", kind="claims-disagree", about=about, rule=None, layer=None, facts=())
    log(away, other)
    assert [one.kind for one in queries.open_findings(log.connection)] == ["not-returned", "claims-disagree"]
    assert queries.open_findings(log.connection)[0].facts == (("hours", 30),)
    log(FindingClosed(finding="g", about=about, why="corrected"))
    assert queries.recorders(log.connection)[0].state == "not-returned"
    log(FindingClosed(finding="f", about=about, why="docked"))
    assert queries.recorders(log.connection)[0].state == "in-field"
    assert queries.open_findings(log.connection) == ()
    log(away)
    assert queries.counts(log.connection).findings == 1


def test_deadlines_come_in_the_order_they_fall_due(log: Log) -> None:
    """By the card's own times where they are possible; logs and what is gone have no clock."""
    hour = 3_600_000_000
    log(
        listed(
            file("late", mtime_us=T0 * 1000 - 20 * hour),
            file("new", mtime_us=T0 * 1000 - hour),
            file("future", mtime_us=T0 * 1000 + 99 * hour),
            file("untold", mtime_us=None),
            file("log", kind=Kind.LOG),
        )
    )
    found = queries.next_deadlines(log.connection, 10)
    assert [one.path for one in found][:2] == ["late", "new"]
    assert {one.path for one in found} == {"late", "new", "future", "untold"}
    ends = {one.path: (one.ended.earliest, one.ended.latest) for one in found}
    assert ends["late"] == (T0 - 20 * hour // 1000, T0)
    assert ends["future"] == (T0, T0)
    assert ends["untold"] == (None, T0)
    assert [one.path for one in queries.next_deadlines(log.connection, 1)] == ["late"]


def test_counts(log: Log) -> None:
    """By state with bytes, and everything that is open."""
    log(secured(0), secured(1), quarantined(2), listed(file("w")), started(secured(0)))
    found = queries.counts(log.connection)
    assert found.clips == (
        ("quarantined", Tally(clips=1, bytes=1002)),
        ("secured", Tally(clips=2, bytes=2001)),
    )
    assert (found.waiting, found.releases, found.actions, found.damaged) == (1, 1, 0, 0)


def test_no_query_reads_all_clips(sqlite_engine: Engine) -> None:
    """Every lookup goes through an index: with a million clips a scan would take seconds."""
    statements: list[tuple[str, Any]] = []

    def note(_c: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        statements.append((statement, parameters))

    key = secured(0)
    with sqlite_engine.begin() as connection:
        hooks.listen(connection, "before_cursor_execute", note)
        queries.held_files(connection, R)
        queries.stored_digests(connection, [key.sha256])
        queries.last_docking(connection, R)
        queries.open_sessions(connection)
        for name in (key.acquisition, key.sha256, key.sha256[:8], key.path):
            queries.clip(connection, name)
        queries.clips(connection, recorder=R, since=Millis(T0))
        queries.clips(connection, officer="104233")
        queries.clips(connection, state="secured", since=Millis(T0), until=Millis(T0 + 1))
        queries.clips(connection, before_seq=9)
        queries.history(connection, f"clip:{key.acquisition}")
        queries.next_to_verify(connection, key.sha256, 9)
        papers.next_to_verify(connection, key.sha256, 9)
        papers.named(connection, key.sha256[:8])
        papers.damaged_of(connection, "r")
        queries.without_preview(connection, 9)
        queries.next_deadlines(connection, 9)
        hands.numbers(connection, R, Millis(T0))
        hands.urged(connection, R)
        hands.statements(connection, R)
        chains.recorder_history(connection, R)
        hooks.remove(connection, "before_cursor_execute", note)
        for statement, parameters in statements:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            scans = {step.detail for step in plan if step.detail.startswith(SCANS)}
            assert not scans - {"SCAN clips USING INDEX clips_preview_due"}  # holds only what is owed


def test_station_facts(log: Log) -> None:
    """None before the log begins; then its names, and where re-verification stands."""
    assert queries.station(log.connection) is None
    log(LogCreated(agency="chengguan", station="north", policy="baseline", verifier_key="v"))
    log(VaultVerified(clips=3, bytes=9, faults=0, cursor="ab"))
    station = queries.station(log.connection)
    assert station is not None
    assert (station.station, station.verify_cursor, station.verified_at) == ("north", "ab", T0 + 1000)
    assert station.started_at is None


def test_slots_stand_in_natural_order(log: Log) -> None:
    """Slot 10 comes after slot 2."""
    log(*(opened(f"s{n}", n) for n in ("10", "2", "1")))
    assert [slot.slot for slot in queries.slots(log.connection)] == ["1", "2", "10"]
