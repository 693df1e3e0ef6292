"""Log and read model together, as intake sees them (`intake.ports.Books`)."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Engine, select

from ingestd.canon import path_bytes
from ingestd.events import ClipDamaged, ClipRepaired, Event, FindingClosed, FindingOpened
from ingestd.index import hands, queries, tables
from ingestd.index.database import reading
from ingestd.index.items import find_clip
from ingestd.intake.custody import Custody, State
from ingestd.intake.numbering import Numbered
from ingestd.intake.plan import Held
from ingestd.intake.ports import KnownRecorder, OpenHole, QuarantinedRead, Urged
from ingestd.law.rulebook import Rulebook
from ingestd.law.rules import custody
from ingestd.ledger.log import Log
from ingestd.model import (
    UNIDENTIFIED,
    AcquisitionId,
    CardPath,
    Millis,
    RecorderId,
    SessionId,
    Sha256,
    SlotName,
)

AT_ONCE = 500
"""Values in one query: below what SQLite and PostgreSQL allow."""


class StationBooks:
    """Appends to the log; answers from the projection. Safe from any thread."""

    def __init__(self, log: Log, engine: Engine, book: Callable[[], Rulebook] | None = None) -> None:
        """``book``: the rules in force, for the findings of custody to rest on; None: they name none."""
        self._log = log
        self._book = book
        self._engine = engine
        self.deciding = threading.RLock()
        """Hold it while what is appended rests on what the log said: nobody else says the same meanwhile."""

    def append(self, events: Sequence[Event], *, actor: str = "daemon") -> tuple[int, ...]:
        """Commit events in one transaction; their positions in the log.

        A finding that is open already is not opened again, one that is not open is not closed, and so with the
        damage of stored bytes and its end: callers say what is so and need not ask what was said before.
        """
        if not any(isinstance(event, FindingOpened | FindingClosed) for event in events):
            return self._log.append(events, actor=actor)
        with self.deciding:
            news = self._news(events)
            return self._log.append(news, actor=actor) if news else ()

    def _news(self, events: Sequence[Event]) -> list[Event]:
        """The events without findings and damage that change nothing."""
        told = {e.finding for e in events if isinstance(e, FindingOpened | FindingClosed)}
        is_open = self._open_among(told)
        bytes_told = {e.sha256 for e in events if isinstance(e, ClipDamaged | ClipRepaired)}
        is_bad = {sha256 for sha256 in bytes_told if self.is_damaged(sha256)}
        news = []
        for event in events:
            if isinstance(event, ClipDamaged | ClipRepaired):
                if (event.sha256 in is_bad) == isinstance(event, ClipDamaged):
                    continue
                is_bad ^= {event.sha256}
            elif isinstance(event, FindingOpened | FindingClosed):
                opens = isinstance(event, FindingOpened)
                if (event.finding in is_open) == opens:
                    continue
                is_open ^= {event.finding}
            news.append(self._cited(event) if isinstance(event, FindingOpened) else event)
        return news

    def _cited(self, event: FindingOpened) -> FindingOpened:
        """A finding of custody with the rule and the layer that speak (REC-2); any other as it is."""
        rule = None if self._book is None or event.rule else custody.rule_of(event.kind, self._book())
        if rule is None or self._book is None:
            return event
        book = self._book()
        return replace(
            event,
            rule=rule.id,
            layer=rule.layer,
            section=rule.section,
            policy_sha256=book.policy.sha256,
            level=book.level(rule).value,
        )

    def _open_among(self, told: Iterable[str]) -> set[str]:
        """Which of these findings are open, in one query a few hundred."""
        row, found, rest = tables.findings.c, set[str](), list(told)
        with reading(self._engine) as connection:
            for start in range(0, len(rest), AT_ONCE):
                some = rest[start : start + AT_ONCE]
                query = select(row.finding).where(row.finding.in_(some), row.closed_at.is_(None))
                found.update(connection.scalars(query))
        return found

    def ensure_published(self, seq: int) -> None:
        """Return once a signed checkpoint on disk covers this position."""
        self._log.ensure_published(seq)

    def is_recorded(self, acquisition: AcquisitionId) -> bool:
        """Whether this acquisition is secured or quarantined in the log."""
        query = select(tables.clips.c.seq).where(tables.clips.c.acquisition == acquisition)
        with reading(self._engine) as connection:
            return connection.execute(query).first() is not None

    def stored_by(self, digests: Sequence[Sha256]) -> Mapping[Sha256, AcquisitionId]:
        """Of these digests those whose bytes are held, each with the first acquisition that brought them."""
        with reading(self._engine) as connection:
            return queries.stored_digests(connection, digests)

    def is_damaged(self, sha256: Sha256) -> bool:
        """Whether these bytes were found damaged or gone, and not repaired since."""
        row = tables.damaged.c
        query = select(row.sha256).where(row.sha256 == sha256, row.repaired_at.is_(None))
        with reading(self._engine) as connection:
            return connection.execute(query).first() is not None

    def quarantined(self, acquisition: AcquisitionId) -> QuarantinedRead | None:
        """An acquisition that is quarantined and not superseded; None for any other."""
        with reading(self._engine) as connection:
            clip = find_clip(connection, acquisition)
        if clip is None or clip.state != "quarantined":
            return None
        return QuarantinedRead(
            sha256=clip.sha256,
            size=clip.size,
            bad_ranges=clip.bad_ranges,
            partial=clip.partial,
            fault=clip.fault,
            manifest=clip.manifest,
            flags=clip.flags,
        )

    def held_files(self, recorder: RecorderId) -> Sequence[Held]:
        """Files acquired from this recorder and not seen gone since."""
        with reading(self._engine) as connection:
            return queries.held_files(connection, recorder)

    def seen_before(self, recorder: RecorderId) -> frozenset[tuple[CardPath, int, int | None]]:
        """Path, size and time of files that an earlier listing named and that are not acquired yet."""
        with reading(self._engine) as connection:
            waiting = queries.waiting_files(connection, recorder)
        return frozenset((path_bytes(f.path, f.path_b64), f.size, f.mtime_us) for f in waiting)

    def recorder(self, recorder: RecorderId) -> KnownRecorder | None:
        """What is known of the recorder."""
        with reading(self._engine) as connection:
            known = queries.recorder(connection, recorder)
            if known is None:
                return None
            last = queries.last_docking(connection, recorder)
            said = hands.statements(connection, recorder)
            waiting = queries.waiting_files(connection, recorder)
        return KnownRecorder(
            custody=Custody(
                state=State(known.state),
                slot=known.slot,
                session=known.session,
                outcome=known.outcome,
                out_since=known.out_since_at,
            ),
            since_at=known.since_at,
            last_docked_at=None if last is None else last.docked_at,
            said=said,
            unsecured=sum(file.gone_at is None for file in waiting),
        )

    def recorder_in(self, slot: SlotName) -> RecorderId | None:
        """The recorder that stands in a slot as far as the log knows."""
        row = tables.recorders.c
        with reading(self._engine) as connection:
            found = connection.scalar(
                select(row.recorder).where(row.slot == slot).order_by(row.docked_at.desc())
            )
        return None if found is None else RecorderId(found)

    def urged(self, recorder: RecorderId) -> Urged:
        """What of a recorder is wanted first, and not secured yet."""
        with reading(self._engine) as connection:
            return hands.urged(connection, recorder)

    def numbers(self, recorder: RecorderId, since: Millis) -> Sequence[Numbered]:
        """Recordings with a number that came from a recorder, or name it, since a moment; and those seen on it."""
        with reading(self._engine) as connection:
            return hands.numbers(connection, recorder, since)

    def open_holes(self, recorder: RecorderId) -> Sequence[OpenHole]:
        """Holes in its numbering that stand."""
        with reading(self._engine) as connection:
            return hands.open_holes(connection, recorder)

    def docked_with(self, usb_id: str, usb_serial: str) -> Sequence[RecorderId]:
        """Recorders whose last docking claimed this USB id and serial."""
        row, wanted = tables.recorders.c, {("usb_id", usb_id), ("usb_serial", usb_serial)}
        query = select(row.recorder, row.claims).where(row.recorder != UNIDENTIFIED).order_by(row.recorder)
        with reading(self._engine) as connection:
            return [
                RecorderId(one.recorder)
                for one in connection.execute(query)
                if wanted <= {(claim["what"], claim["text"]) for claim in json.loads(one.claims)}
            ]

    def open_sessions(self) -> Sequence[tuple[SessionId, RecorderId | None]]:
        """Sessions without a `session.closed`."""
        with reading(self._engine) as connection:
            return [(one.session, one.recorder) for one in queries.open_sessions(connection)]
