"""Links, analyses, notes, determinations, what people do about findings: what each event does to the rows."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, Table, bindparam, delete, insert, update

from ingestd import canon
from ingestd.events import (
    CaseFiled,
    ClipLinked,
    ClipNoted,
    ClipUnlinked,
    FilmingDetermined,
    FindingAcknowledged,
    FindingChanged,
    FindingExplained,
    FindingWaived,
    MediaAnalysed,
    SheetGiven,
)
from ingestd.index.law_tables import (
    analyses,
    case_files,
    determinations,
    finding_steps,
    links,
    notes,
    sheets,
)
from ingestd.index.position import Position
from ingestd.index.tables import clips, findings

PERSON = "person"
ACKNOWLEDGED, EXPLAINED, WAIVED = "acknowledged", "explained", "waived"
ORDER = ("open", ACKNOWLEDGED, EXPLAINED, WAIVED)
"""A finding's states; one that is waived, or explained, is not taken back to an earlier one."""


_ANALYSED = (
    update(clips)
    .where(clips.c.sha256 == bindparam("digest"), clips.c.analysis_due.is_(True))
    .values(analysis_due=False)
)


def _replace(connection: Connection, table: Table, key: Mapping[str, str], **row: object) -> None:
    connection.execute(delete(table).where(*(table.c[name] == value for name, value in key.items())))
    connection.execute(insert(table), {**key, **row})


def linked(connection: Connection, entry: Position, event: ClipLinked) -> None:
    """Where it belongs."""
    _replace(
        connection,
        links,
        {"acquisition": event.acquisition},
        act=event.act,
        case=event.case,
        by=event.by,
        score=event.score,
        reasons=canon.encode(list(event.reasons)).decode(),
        reason_value=None,
        said_by=entry.actor,
        at=entry.at,
    )


def unlinked(connection: Connection, entry: Position, event: ClipUnlinked) -> None:
    """It belongs nowhere: as far as is known, or (a person) for good."""
    if event.by != PERSON:
        connection.execute(delete(links).where(links.c.acquisition == event.acquisition))
        return
    _replace(
        connection,
        links,
        {"acquisition": event.acquisition},
        act=None,
        case=None,
        by=event.by,
        score=None,
        reasons="[]",
        reason_value=event.reason_value,
        said_by=entry.actor,
        at=entry.at,
    )


def analysed(connection: Connection, entry: Position, event: MediaAnalysed) -> None:
    """What is in these bytes."""
    stretches = [{"kind": one.kind, "begin": one.begin, "end": one.end} for one in event.stretches]
    _replace(
        connection,
        analyses,
        {"sha256": event.sha256},
        acquisition=event.acquisition,
        tool=event.tool,
        version=event.version,
        settings=event.settings,
        stretches=canon.encode(stretches).decode(),
        speech_from_ms=event.speech_from_ms,
        lead_ms=event.lead_ms,
        codes=canon.encode(list(event.codes)).decode(),
        failure=event.failure,
        duration_ms=event.duration_ms,
        picture=event.picture,
        sound=event.sound,
        track_value=event.track_value,
        at=entry.at,
    )
    connection.execute(_ANALYSED, {"digest": event.sha256})


def noted(connection: Connection, entry: Position, event: ClipNoted) -> None:
    """A clip's note; a later one takes its place."""
    key = {"acquisition": event.acquisition}
    _replace(connection, notes, key, note_value=event.note_value, said_by=entry.actor, at=entry.at)


def determined(connection: Connection, entry: Position, event: FilmingDetermined) -> None:
    """Whether an act has to be filmed whole."""
    _replace(
        connection,
        determinations,
        {"act": event.act},
        needed=event.needed,
        reason_value=event.reason_value,
        said_by=entry.actor,
        at=entry.at,
    )


def filed(connection: Connection, entry: Position, event: CaseFiled) -> None:
    """When a case's file was formed."""
    key = {"case": event.case}
    _replace(connection, case_files, key, formed_at=event.formed_at, said_by=entry.actor, at=entry.at)


def given(connection: Connection, entry: Position, event: SheetGiven) -> None:
    """When a sheet was given out."""
    key = {"sheet": event.sheet, "period": event.period}
    _replace(connection, sheets, key, given_at=event.given_at, said_by=entry.actor, at=entry.at)


def changed(connection: Connection, entry: Position, event: FindingChanged) -> None:
    """On what an open finding rests now; what people have done about it stays."""
    del entry
    row = findings.c
    told = update(findings).where(row.finding == event.finding, row.closed_at.is_(None))
    connection.execute(
        told.values(
            rule=event.rule,
            layer=event.layer,
            section=event.section,
            policy_sha256=event.policy_sha256,
            level=event.level,
            facts=canon.encode([list(fact) for fact in event.facts]).decode(),
            since_earliest=event.since.earliest,
            since_latest=event.since.latest,
            since_basis=event.since.basis,
            due_at=event.due_at,
            concerns=canon.encode(list(event.concerns)).decode(),
        )
    )


_STATES = {FindingAcknowledged: ACKNOWLEDGED, FindingExplained: EXPLAINED, FindingWaived: WAIVED}


def stepped(
    connection: Connection, entry: Position, event: FindingAcknowledged | FindingExplained | FindingWaived
) -> None:
    """A person's step on a finding: kept, and its state where it goes on by it."""
    step = _STATES[type(event)]
    reason = None if isinstance(event, FindingAcknowledged) else event.reason_value
    row = {
        "seq": entry.seq,
        "finding": event.finding,
        "step": step,
        "reason_value": reason,
        "said_by": entry.actor,
        "at": entry.at,
    }
    connection.execute(insert(finding_steps), row)
    before = ORDER[: ORDER.index(step)]
    connection.execute(
        update(findings)
        .where(
            findings.c.finding == event.finding,
            findings.c.closed_at.is_(None),
            findings.c.state.in_(before),
        )
        .values(state=step)
    )
