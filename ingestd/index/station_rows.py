"""The station itself, findings, pending actions: what each of their events does to the rows."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from ingestd import canon
from ingestd.events import (
    ActionProposed,
    ClockStepped,
    ConfigurationChanged,
    DaemonStarted,
    DaemonStopped,
    DiskLow,
    FindingClosed,
    FindingOpened,
    LogCreated,
    LogRecovered,
    PolicyChanged,
    VaultVerified,
)
from ingestd.index import recorder_rows
from ingestd.index.position import Position
from ingestd.index.tables import actions, findings, meta, verifications
from ingestd.index.writes import Writes
from ingestd.intake.custody import NOT_RETURNED

_FORGET_FINDING = delete(findings).where(findings.c.finding == bindparam("f"))
_INSERT_FINDING = insert(findings)


def _put(connection: Connection, **values: str | int | None) -> None:
    for name, value in values.items():
        connection.execute(delete(meta).where(meta.c.name == name))
        if value is not None:
            connection.execute(insert(meta), {"name": name, "value": str(value)})


def log_created(connection: Connection, entry: Position, event: LogCreated) -> None:
    """Whose log this is."""
    _put(
        connection,
        agency=event.agency,
        station=event.station,
        policy=event.policy,
        verifier_key=event.verifier_key,
        policy_sha256=event.policy_sha256,
        created_at=entry.at,
    )


def log_recovered(connection: Connection, entry: Position, event: LogRecovered) -> None:
    """How the last start or rebuild found the log."""
    _put(connection, recovered_at=entry.at, recovered=event.what)


def daemon_started(connection: Connection, entry: Position, event: DaemonStarted) -> None:
    """The writer is up."""
    _put(
        connection,
        started_at=entry.at,
        stopped_at=None,
        version=event.version,
        configuration_sha256=event.configuration_sha256,
    )


def daemon_stopped(connection: Connection, entry: Position, event: DaemonStopped) -> None:
    """The writer ended in order."""
    del event
    _put(connection, stopped_at=entry.at)


def configuration_changed(connection: Connection, entry: Position, event: ConfigurationChanged) -> None:
    """Another configuration is in force."""
    del entry
    _put(connection, configuration_sha256=event.configuration_sha256)


def policy_changed(connection: Connection, entry: Position, event: PolicyChanged) -> None:
    """Another policy is in force."""
    _put(
        connection,
        policy=event.policy,
        policy_sha256=event.policy_sha256,
        agency_sha256=event.agency_sha256,
        policy_at=entry.at,
    )


def clock_stepped(connection: Connection, entry: Position, event: ClockStepped) -> None:
    """The last jump of the station clock."""
    _put(connection, clock_stepped_at=entry.at, clock_step_ms=event.by_ms)


def disk_low(connection: Connection, entry: Position, event: DiskLow) -> None:
    """The last warning of the disk."""
    _put(
        connection,
        disk_low_at=entry.at,
        disk_free_bytes=event.free_bytes,
        disk_days_left=event.days_left,
        disk_threshold_days=event.threshold_days,
    )


def vault_verified(connection: Connection, entry: Position, event: VaultVerified) -> None:
    """Which digests were read again, and where re-verification goes on."""
    after = connection.scalar(select(meta.c.value).where(meta.c.name == "verify_cursor")) or ""
    row = {"seq": entry.seq, "at": entry.at, "after": after, "up_to": event.cursor, "faults": event.faults}
    connection.execute(insert(verifications), row)
    _put(connection, verified_at=entry.at, verify_cursor=event.cursor, value_cursor=event.value_cursor)


def finding_opened(writes: Writes, entry: Position, event: FindingOpened) -> None:
    """A finding stands (again)."""
    writes.add(_FORGET_FINDING, {"f": event.finding})
    writes.add(
        _INSERT_FINDING,
        {
            "finding": event.finding,
            "kind": event.kind,
            "about": event.about,
            "rule": event.rule,
            "layer": event.layer,
            "facts": canon.encode([list(fact) for fact in event.facts]).decode(),
            "policy_sha256": event.policy_sha256,
            "section": event.section,
            "level": event.level,
            "since_earliest": None if event.since is None else event.since.earliest,
            "since_latest": None if event.since is None else event.since.latest,
            "since_basis": None if event.since is None else event.since.basis,
            "due_at": event.due_at,
            "concerns": None if event.concerns is None else canon.encode(list(event.concerns)).decode(),
            "state": "open",
            "opened_at": entry.at,
            "opened_seq": entry.seq,
        },
    )
    if event.kind == NOT_RETURNED:
        recorder_rows.away(writes.now(), entry, event)


def finding_closed(connection: Connection, entry: Position, event: FindingClosed) -> None:
    """Facts ended it; a recorder that was only away is in the field again."""
    this = findings.c.finding == event.finding
    kind = connection.scalar(select(findings.c.kind).where(this, findings.c.closed_at.is_(None)))
    connection.execute(
        update(findings).where(this, findings.c.closed_at.is_(None)).values(closed_at=entry.at, why=event.why)
    )
    if kind == NOT_RETURNED:
        recorder_rows.away(connection, entry, event)


def action_proposed(connection: Connection, entry: Position, event: ActionProposed) -> None:
    """A first person asks; a second must confirm."""
    connection.execute(delete(actions).where(actions.c.action == event.action))
    connection.execute(
        insert(actions),
        {
            "action": event.action,
            "verb": event.verb,
            "about": event.about,
            "reason_value": event.reason_value,
            "proposed_by": entry.actor,
            "proposed_at": entry.at,
            "proposed_seq": entry.seq,
        },
    )
