"""Whose verdicts may change by what entries say, and by time alone: subjects, by the rows. Nothing is judged here.

What a verdict reads, `law_facts.base_of` says; this is the way back. It may name too many subjects and never too few.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, Engine, or_, select

from ingestd import events
from ingestd.events import Event
from ingestd.index import audits
from ingestd.index.database import reading
from ingestd.index.law_facts import portions
from ingestd.index.law_tables import links
from ingestd.index.register_tables import act_officers, acts, cases, decisions, reviews, text_records, units
from ingestd.index.tables import clips, recorders, sessions, subjects
from ingestd.law import months
from ingestd.law.base import STATION, Subject
from ingestd.ledger import table
from ingestd.ledger.entry import Entry, parse
from ingestd.model import Millis
from ingestd.vault.blobs import Blobs

LATE_MS = 7 * 86_400_000
"""So long after its docking was closed what was copied in part may still come in."""
_ALL = {
    "session": clips.c.session,
    "act": acts.c.act,
    "case": cases.c.case,
    "record": text_records.c.record,
    "decision": decisions.c.decision,
}
"""Subjects that a full evaluation goes through, portion by portion; clips go with their dockings."""
PORTION = 100


class Reach:
    """Collects subjects, in one state of the index."""

    def __init__(self, connection: Connection, blobs: Blobs) -> None:
        self._connection = connection
        self._blobs = blobs
        self.found: set[Subject] = set()

    def entry(self, entry: Entry) -> None:  # noqa: C901 - one case a kind of subject
        """What an entry says something of."""
        sort, _, id_ = entry.subject.partition(":")
        match sort:
            case "clip":
                self._clip(entry, id_)
            case "session":
                row = sessions.c
                query = select(row.recorder).where(row.session == id_, row.recorder.is_not(None))
                self.recorders(self._connection.scalars(query))
            case "recorder":
                self.recorders([id_])
            case "officer":
                self._units()
                query = select(act_officers.c.act).where(act_officers.c.officer == id_)
                self._add("act", self._connection.scalars(query))
            case "unit":
                self._units()
            case "act":
                self._add("act", [id_])
                query = select(text_records.c.record).where(text_records.c.act == id_)
                self._add("record", self._connection.scalars(query))
                self._of_case(entry)
            case "case":
                self._case(id_)
            case "text-record" | "decision" | "review":
                self._of_case(entry)
            case "sheet":
                self.found.add(STATION)
            case "audit":
                self.audits()
            case _:
                pass

    def _add(self, kind: str, ids: Iterable[str | None]) -> None:
        self.found.update(Subject(kind, id_) for id_ in ids if id_ is not None)

    def _units(self) -> None:
        self._add("unit", self._connection.scalars(select(units.c.unit)))

    def recorders(self, ids: Iterable[str | None]) -> None:
        """Recorders, and the units whose recorders are counted."""
        self._add("recorder", ids)
        self._units()

    def _clip(self, entry: Entry, acquisition: str) -> None:
        """Its docking's clips (a recording goes on from file to file), its act now and as the entry names it.

        Clips that share its bytes share its analysis; those that it superseded are no more.
        """
        told, row = [acquisition], clips.c
        match event := entry.event(self._blobs):
            case events.ClipLinked() | events.ClipUnlinked():
                # All that it was ever linked to: which link stood until now is the rows' to know (a person's stays).
                links_before = self._earlier(entry, events.ClipLinked.type)
                self._add("act", [event.act, *(getattr(one, "act", None) for one in links_before)])
            case events.ClipSecured() | events.ClipQuarantined():
                told += event.supersedes
                self._add("month", audits.near(entry.at))
                self.recorders([event.recorder])
            case events.MediaAnalysed():
                told += self._connection.scalars(select(row.acquisition).where(row.sha256 == event.sha256))
            case _:
                pass
        for some in portions(told):
            acted = select(links.c.act).where(links.c.acquisition.in_(some))
            self._add("act", self._connection.scalars(acted))
            docked = select(row.session).where(row.acquisition.in_(some)).distinct()
            self.dockings(list(self._connection.scalars(docked)))

    def dockings(self, ids: Iterable[str]) -> None:
        """Dockings with all their clips."""
        for some in portions(ids):
            self._add("session", some)
            query = select(clips.c.acquisition).where(clips.c.session.in_(some))
            self._add("clip", self._connection.scalars(query))

    def audits(self) -> None:
        """All draws, and the months that one may be the draw of: there are a dozen a year."""
        for one in audits.draws(self._connection):
            self._add("audit", [one.audit])
            if one.drawn_at is not None:
                self._add("month", months.between(one.since_at, one.until_at))

    def _case(self, case: str) -> None:
        self._add("case", [case])
        self._add("act", self._connection.scalars(select(acts.c.act).where(acts.c.case == case)))
        query = select(decisions.c.decision).where(decisions.c.case == case)
        self._add("decision", self._connection.scalars(query))
        random = select(cases.c.case).where(cases.c.case == case, cases.c.random_inspection.is_(True))
        if self._connection.scalar(random) is not None:
            self.found.add(STATION)

    def _of_case(self, entry: Entry) -> None:
        """An act, record, decision or review: itself, and what it names now and named before."""
        for event in (entry.event(self._blobs), self._before(entry, entry.type)):
            match event:
                case events.ActStated():  # what was heard is major (REV-2)
                    self._add("case", [event.case])
                case events.TextRecordStated():
                    self._add("record", [event.record])
                    self._add("act", [event.act])
                    query = select(acts.c.act).where(acts.c.case == event.case)
                    self._add("act", self._connection.scalars(query))
                case events.DecisionStated():
                    self._add("decision", [event.decision])
                    self._add("case", [event.case])
                case events.ReviewStated():
                    self._add("case", [event.case])
                case _:
                    pass

    def _before(self, entry: Entry, kind: str) -> Event | None:
        """The event of a type before this one in its chain: what was so until then."""
        return next(self._earlier(entry, kind), None)

    def _earlier(self, entry: Entry, kind: str) -> Iterator[Event]:
        """The events of a type before this one in its chain, the newest first."""
        row = subjects.c
        query = select(row.seq).where(row.subject == entry.subject, row.seq < entry.seq)
        for seq in self._connection.scalars(query.order_by(row.seq.desc())).all():
            earlier = parse(table.rows(self._connection, seq, seq + 1)[0])
            if earlier.type == kind:
                yield earlier.event(self._blobs)

    # --- by time ------------------------------------------------------------------------------------

    def pending(self, clips_since: Millis, cases_since: Millis) -> None:
        """What time alone may change, if a clock that still runs began since then; and what is always looked at."""
        self.found.add(STATION)
        self.audits()
        self._add("month", audits.months(self._connection))
        self.recorders(self._connection.scalars(select(recorders.c.recorder)))
        row = sessions.c
        recent = select(row.session).where(
            or_(row.closed_at.is_(None), row.closed_at >= clips_since - LATE_MS)
        )
        self.dockings(list(self._connection.scalars(recent)))
        self._add("act", self._connection.scalars(select(acts.c.act).where(acts.c.ended_at >= clips_since)))
        concluded = select(cases.c.case).where(cases.c.concluded_at >= cases_since)
        self._add("case", self._connection.scalars(concluded))
        waiting = select(reviews.c.case).where(reviews.c.opinion.is_(None))
        self._add("case", self._connection.scalars(waiting))
        one = decisions.c
        runs = or_(*(column >= cases_since for column in (one.at, one.public_at, one.revoked_at)))
        self._add("decision", self._connection.scalars(select(one.decision).where(runs)))


@dataclass(frozen=True, slots=True)
class Everything:
    """All subjects in portions, each read when its turn comes."""

    engine: Engine
    blobs: Blobs

    def __iter__(self) -> Iterator[set[Subject]]:
        with reading(self.engine) as connection:
            first = Reach(connection, self.blobs)
            first.found.add(STATION)
            first.audits()
            first.found.update(Subject("month", month) for month in audits.months(connection))
            first.recorders(connection.scalars(select(recorders.c.recorder)))
        yield first.found
        for kind, column in _ALL.items():
            yield from self._of(kind, column)

    def _of(self, kind: str, column: Column[Any]) -> Iterator[set[Subject]]:
        last = ""
        while True:
            with reading(self.engine) as connection:
                query = select(column).distinct().where(column > last).order_by(column).limit(PORTION)
                ids = list(connection.scalars(query))
                reach = Reach(connection, self.blobs)
                if kind == "session":
                    reach.dockings(ids)
            if not ids:
                return
            last = ids[-1]
            yield reach.found or {Subject(kind, id_) for id_ in ids}
