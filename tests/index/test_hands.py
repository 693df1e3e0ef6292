"""Who has what and what is wanted first, from events, in either database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Engine

from ingestd.events import (
    FindingOpened,
    RecorderAssigned,
    RecorderClear,
    RecorderUndocked,
    RecorderUrged,
    VaultVerified,
)
from ingestd.index import chains, hands, queries
from ingestd.intake.holding import Holder
from ingestd.model import Kind, Millis
from tests.event_samples import T0, secured
from tests.index.test_queries import Log, R, closed, docked, file, listed, opened

SECOND = 1000


@pytest.fixture
def log(engine: Engine) -> Iterator[Log]:
    with engine.begin() as connection:
        yield Log(connection)


def assigned(officer: str | None, mode: str = "permanent", **times: Millis) -> RecorderAssigned:
    return RecorderAssigned(recorder=R, officer=officer, mode=mode, **times)


def holder(log: Log, after_s: int) -> Holder | None:
    return hands.holders(log.connection, Millis(T0 + after_s * SECOND)).get(R)


def test_statements_keep_their_intervals(log: Log) -> None:
    """As they were said: from the event where no moment is told, open where no end is."""
    log(assigned("a"), assigned("b", "shift", since_at=Millis(T0), until_at=Millis(T0 + 99)))
    told = [(s.officer, s.said_at, s.since_at, s.until_at) for s in hands.statements(log.connection, R)]
    assert told == [("a", T0, T0, None), ("b", T0 + SECOND, T0, T0 + 99)]


def test_ad_hoc_ends_with_the_return(log: Log) -> None:
    """Not by a docking in which it still stood there (a start of the daemon); by the first after it was out."""
    log(opened(), docked(), RecorderClear(recorder=R, session="s1"), closed("clear"))
    log(assigned("a"), assigned("b", "ad-hoc"))
    log(opened("s2"), docked("s2"), RecorderClear(recorder=R, session="s2"), closed("clear", "s2"))
    assert holder(log, 10) == Holder(officer="b", mode="ad-hoc")
    log(RecorderUndocked(recorder=R, slot="1"))
    assert holder(log, 11) == Holder(officer="b", mode="ad-hoc")
    log(opened("s3"), docked("s3"))
    back_s = log.size - 1
    assert holder(log, back_s - 1) == Holder(officer="b", mode="ad-hoc")
    assert holder(log, back_s) == Holder(officer="a", mode="permanent")


def test_an_urge_ends_with_what_was_wanted(log: Log) -> None:
    """A file's when it is stored, a recorder's when it is clear or was to be kept."""
    wanted = secured(0)
    everything = RecorderUrged(recorder=R, path=None, path_b64=None)
    log(opened(), docked(), listed(file(wanted.path), file("b")))
    log(everything, RecorderUrged(recorder=R, path=wanted.path, path_b64=None), everything)
    found = hands.urged(log.connection, R)
    assert (found.everything, found.paths) == (True, frozenset({wanted.path.encode()}))
    assert len(hands.open_urges(log.connection)) == 2
    log(wanted)
    assert hands.urged(log.connection, R).paths == frozenset()
    log(RecorderClear(recorder=R, session="s1"))
    assert hands.open_urges(log.connection) == ()
    log(everything, closed("kept"))
    assert hands.open_urges(log.connection) == ()


def test_files_that_wait_by_path(log: Log) -> None:
    """As people type it, also where the name on the card is no UTF-8."""
    log(listed(file("DCIM/a.mp4"), file("夜.mp4", path_b64="0rkubXA0")))
    assert [one.recorder for one in hands.waiting_at(log.connection, "DCIM/a.mp4")] == [R]
    assert [one.path for one in hands.waiting_at(log.connection, "夜.mp4")] == ["夜.mp4"]
    assert hands.waiting_at(log.connection, "b") == ()


def test_numbers_of_a_recorder(log: Log) -> None:
    """What came from it, what names it and came by another, what was seen on it; not what names another."""
    log(
        secured(1),
        secured(2, recorder="other", claimed_recorder=R),
        secured(3, claimed_recorder="other"),
        secured(4, sequence=None),
        listed(file("w", sequence=5), file("x", kind=Kind.LOG)),
    )
    found = hands.numbers(log.connection, R, Millis(T0 - 1))
    assert sorted(one.number for one in found) == [1, 2, 5]
    assert [one.started is None for one in found if one.number == 5] == [True]
    assert hands.numbers(log.connection, R, Millis(T0 + 10 * 3_600_000))[0].number == 2


def test_holes_that_stand(log: Log) -> None:
    """Read back from their findings, one number or a range; those of others are not among them."""
    for about, missing in ((f"recorder:{R}/20261121#3", "3"), (f"recorder:{R}/#5-9", "5-9")):
        facts = (("missing", missing), ("counted_per", "card"))
        log(
            FindingOpened(
                finding=about, kind="sequence-hole", about=about, rule=None, layer=None, facts=facts
            )
        )
    other = f"recorder:{R}0/#1"
    facts = (("missing", "1"), ("counted_per", "card"))
    log(FindingOpened(finding="o", kind="sequence-hole", about=other, rule=None, layer=None, facts=facts))
    found = hands.open_holes(log.connection, R)
    assert [(one.series, one.first, one.last) for one in found] == [("20261121", 3, 3), ("", 5, 9)]


def test_how_often_a_clip_was_looked_after(log: Log) -> None:
    """By the stretches of digests that were read again since it was secured; the last reaches to the end."""

    def verified(cursor: str) -> VaultVerified:
        return VaultVerified(clips=1, bytes=1, faults=0, cursor=cursor)

    log(verified("b" * 64), verified(""))
    log(secured(0, sha256="c" * 64))
    (clip,) = queries.clip(log.connection, "c" * 64)
    assert chains.looked_after(log.connection, clip) == (0, None)
    log(verified("a" * 64), verified("c" * 64), verified(""), verified("b" * 64), verified(""))
    assert chains.looked_after(log.connection, clip) == (2, T0 + 7 * SECOND)


def test_the_chain_of_a_recorder(log: Log) -> None:
    """Its own events, its dockings', its files' findings, and clips of it that came by another."""
    below = FindingOpened(
        finding="f", kind="not-acquired", about=f"recorder:{R}/a", rule=None, layer=None, facts=()
    )
    log(assigned("a"), opened(), docked(), closed("clear"), below)
    log(secured(0, recorder="other", session="s9", claimed_recorder=R), opened("s8"), secured(1))
    assert chains.recorder_history(log.connection, R) == (0, 1, 2, 3, 4, 5)
    docking = opened().session
    part, foreign = (
        replace(below, finding=one, about=f"session:{one}/a") for one in (docking, f"{docking}0")
    )
    log(foreign, part)
    assert chains.recorder_history(log.connection, R) == (0, 1, 2, 3, 4, 5, 9)
