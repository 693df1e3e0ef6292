"""Random playback audits: what each event does to the rows."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, update

from ingestd import canon
from ingestd.events import (
    AuditCommitted,
    AuditDrawn,
    AuditJudged,
    AuditRevealed,
    AuditSeeded,
    AuditVoided,
)
from ingestd.index.audit_tables import audit_clips, audits, judgements
from ingestd.index.position import Position


def committed(connection: Connection, entry: Position, event: AuditCommitted) -> None:
    """A draw has begun."""
    connection.execute(delete(audits).where(audits.c.audit == event.audit))
    connection.execute(
        insert(audits),
        {
            "audit": event.audit,
            "commitment": event.commitment,
            "since_at": event.since_at,
            "until_at": event.until_at,
            "unit": event.unit,
            "percent": event.percent,
            "at_least": event.at_least,
            "strata": canon.encode(list(event.strata)).decode(),
            "reveal_by_at": event.reveal_by_at,
            "rule": event.rule,
            "layer": event.layer,
            "policy_sha256": event.policy_sha256,
            "committed_by": entry.actor,
            "committed_at": entry.at,
            "committed_seq": entry.seq,
        },
    )


def _set(connection: Connection, audit: str, **values: str | int | None) -> None:
    connection.execute(update(audits).where(audits.c.audit == audit).values(**values))


def seeded(connection: Connection, entry: Position, event: AuditSeeded) -> None:
    """The station's half of the seed stands."""
    _set(connection, event.audit, seeded_at=entry.at, seeded_seq=entry.seq, size=event.size)


def revealed(connection: Connection, entry: Position, event: AuditRevealed) -> None:
    """The auditor's half."""
    _set(connection, event.audit, nonce=event.nonce, revealed_at=entry.at)


def drawn(connection: Connection, entry: Position, event: AuditDrawn) -> None:
    """What came of both."""
    _set(
        connection,
        event.audit,
        drawn_at=entry.at,
        drawn_seq=entry.seq,
        population=event.population,
        drawn=len(event.acquisitions),
    )
    connection.execute(delete(audit_clips).where(audit_clips.c.audit == event.audit))
    rows = [
        {"audit": event.audit, "acquisition": acquisition, "place": place}
        for place, acquisition in enumerate(dict.fromkeys(event.acquisitions))
    ]
    if rows:
        connection.execute(insert(audit_clips), rows)


def judged(connection: Connection, entry: Position, event: AuditJudged) -> None:
    """A person's word on one clip; all are kept."""
    connection.execute(
        insert(judgements),
        {
            "seq": entry.seq,
            "audit": event.audit,
            "acquisition": event.acquisition,
            "narrated": event.narrated,
            "whole": event.whole,
            "certificate": event.certificate,
            "informed": event.informed,
            "proper": event.proper,
            "verdict": event.verdict,
            "note_value": event.note_value,
            "judged_by": entry.actor,
            "at": entry.at,
        },
    )


def voided(connection: Connection, entry: Position, event: AuditVoided) -> None:
    """Given up."""
    _set(
        connection,
        event.audit,
        voided_at=entry.at,
        voided_by=entry.actor,
        reason_value=event.reason_value,
    )
