"""What a report counts, read from the rows: registers whole, clips and findings of the period."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from sqlalchemy import Column, Connection, func, select

from ingestd.index import audits, law_facts, registers
from ingestd.index.law_queries import concerned_by, told_where
from ingestd.index.law_tables import links
from ingestd.index.register_tables import acts
from ingestd.index.tables import clips, findings, sessions
from ingestd.law.base import Base
from ingestd.law.facts import Clip, Fact
from ingestd.reports.counting import Judged
from ingestd.reports.lists import Audited
from ingestd.reports.period import Period

REGISTERS = ("unit", "officer", "case", "act", "record", "decision", "review")


def base_of(connection: Connection, period: Period) -> Base:
    """The registers, and the clips of the acts that began in the period, whenever they were made."""
    return Base(_facts_of(connection, period), utc_offset_minutes=period.utc_offset_minutes)


def _facts_of(connection: Connection, period: Period) -> Iterator[Fact]:
    for name in REGISTERS:
        yield from (stated.row for stated in registers.listed(connection, name))
    row = acts.c
    begun = select(row.act).where(row.started_at >= period.begin, row.started_at < period.end)
    yield from law_facts.determined(connection, connection.scalars(begun))
    yield from law_facts.clips_where(connection, links.c.act.in_(begun))


def clips_of(connection: Connection, period: Period) -> Iterator[Clip]:
    """The recordings that ended in the period at the latest, one at a time."""
    ended = func.coalesce(clips.c.ended_latest, clips.c.stored_at)
    return law_facts.clips_where(connection, ended >= period.begin, ended < period.end)


def findings_of(connection: Connection, period: Period) -> Iterator[Judged]:
    """Findings that were opened in the period, each with its recorder where it is about one."""
    row = findings.c
    told = list(told_where(connection, row.opened_at >= period.begin, row.opened_at < period.end))
    abouts = [one.about.partition(":") for one in told]
    recorders = {
        "clip": _recorders(
            connection, clips.c.acquisition, clips.c.recorder, [i for sort, _, i in abouts if sort == "clip"]
        ),
        "session": _recorders(
            connection,
            sessions.c.session,
            sessions.c.recorder,
            [i for sort, _, i in abouts if sort == "session"],
        ),
    }
    for one, (sort, _, id_) in zip(told, abouts, strict=True):
        is_recorder = sort == "recorder"
        yield Judged(
            kind=one.kind,
            about=one.about,
            rule=one.rule,
            layer=one.layer,
            level=one.level,
            state=one.state,
            opened_at=one.opened_at,
            is_closed=one.closed_at is not None,
            officers=tuple(sorted(concerned_by(one))),
            recorder=id_.partition("/")[0] if is_recorder else recorders.get(sort, {}).get(id_),
        )


def audits_of(connection: Connection, period: Period) -> Iterator[Audited]:
    """Playback audits of recordings that came in from a moment of the period on, oldest first."""
    for one in audits.draws(connection):
        if not period.has(one.since_at):
            continue
        drawn, words = audits.results(connection, one.audit)
        yield Audited(
            audit=one.audit,
            auditor=one.committed_by,
            since_at=one.since_at,
            until_at=one.until_at,
            unit=one.unit,
            drawn_at=one.drawn_at,
            population=one.population,
            drawn=drawn,
            judged=len(words),
            verdicts=Counter(word.verdict for word in words),
            lacking=Counter(item for word in words for item in audits.ITEMS if getattr(word, item) == "no"),
        )


def _recorders(
    connection: Connection, key: Column[str], recorder: Column[str], wanted: Iterable[str]
) -> dict[str, str]:
    found: dict[str, str] = {}
    for some in law_facts.portions(wanted):
        query = select(key, recorder).where(key.in_(some), recorder.is_not(None))
        found.update((one, of) for one, of in connection.execute(query))
    return found
