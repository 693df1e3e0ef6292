"""Links, analyses, notes, determinations, what people do about findings: what each event does to the rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from sqlalchemy import Connection, Table, bindparam, delete, insert, select, update

from ingestd import canon
from ingestd.events import (
    CaseFiled,
    ClipLinked,
    ClipNoted,
    ClipQueued,
    ClipUnlinked,
    FilmingDetermined,
    FindingAcknowledged,
    FindingChanged,
    FindingExplained,
    FindingWaived,
    LawSettled,
    LinkCandidate,
    LinkReason,
    MediaAnalysed,
    SheetGiven,
)
from ingestd.index.law_tables import (
    analyses,
    case_files,
    determinations,
    finding_steps,
    link_queue,
    links,
    notes,
    sheets,
)
from ingestd.index.position import Position
from ingestd.index.tables import clips, findings, meta
from ingestd.model import Sha256

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
    """Where it belongs; what a person says no machine changes."""
    if event.by == PERSON or not _is_decided(connection, event.acquisition):
        told = {"act": event.act, "case": event.case, "score": event.score, "margin": event.margin}
        _link(connection, entry, event, reasons=_json(event.reasons), reason_value=None, **told)


def unlinked(connection: Connection, entry: Position, event: ClipUnlinked) -> None:
    """It belongs nowhere: as far as is known, or (a person) for good."""
    if event.by == PERSON:
        none = dict.fromkeys(("act", "case", "score", "margin"))
        _link(connection, entry, event, reasons="[]", reason_value=event.reason_value, **none)
    elif not _is_decided(connection, event.acquisition):
        connection.execute(delete(links).where(links.c.acquisition == event.acquisition))


def _is_decided(connection: Connection, acquisition: str) -> bool:
    row = links.c
    return connection.scalar(select(row.by).where(row.acquisition == acquisition)) == PERSON


def _link(
    connection: Connection, entry: Position, event: ClipLinked | ClipUnlinked, **told: str | int | None
) -> None:
    """Replace the link; the clip waits for nobody's choice any more."""
    key = {"acquisition": event.acquisition}
    _replace(connection, links, key, **told, by=event.by, said_by=entry.actor, at=entry.at)
    connection.execute(delete(link_queue).where(link_queue.c.acquisition == event.acquisition))


def queued(connection: Connection, entry: Position, event: ClipQueued) -> None:
    """It waits for a person's choice, unless there is nothing to choose."""
    key = {"acquisition": event.acquisition}
    if not event.candidates:
        connection.execute(delete(link_queue).where(link_queue.c.acquisition == event.acquisition))
    elif not _is_decided(connection, event.acquisition):
        told = _json(event.candidates)
        _replace(connection, link_queue, key, zh=event.zh, en=event.en, candidates=told, at=entry.at)


def _json(records: Sequence[LinkReason | LinkCandidate]) -> str:
    return canon.encode([asdict(one) for one in records]).decode()


def settled(connection: Connection, entry: Position, event: LawSettled) -> None:
    """How far linking and law have come, and by what they judged."""
    told = {
        "settled_size": str(event.size),
        "settled_at": str(entry.at),
        "settled_by": rules_text(event.version, event.policy_sha256, event.configuration_sha256),
    }
    for name, value in told.items():
        _replace(connection, meta, {"name": name}, value=value)


def rules_text(version: str, policy: Sha256, configuration: Sha256) -> str:
    """What verdicts depend on beside the facts, as one word."""
    return f"{version} {policy} {configuration}"


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
