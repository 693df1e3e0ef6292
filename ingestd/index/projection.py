"""Turns log entries into rows: the same entries always give the same rows.

`project` is called in the transaction that appends the entries, and again for them by a rebuild or a
follower. It reads nothing but the entry and the rows that earlier entries made, and refuses nothing: what
stands in the log has happened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from sqlalchemy import Connection, Engine, delete, insert, inspect, select

from ingestd import events
from ingestd.errors import LogError
from ingestd.events import Event
from ingestd.index import (
    account_rows,
    audit_rows,
    card_rows,
    clip_rows,
    erasures,
    hand_rows,
    labels,
    law_rows,
    look_rows,
    papers,
    recorder_rows,
    register_rows,
    station_rows,
)
from ingestd.index.position import Position
from ingestd.index.register_tables import KEPT
from ingestd.index.tables import metadata, subjects
from ingestd.index.writes import Writes
from ingestd.words import Text

Handler = Callable[[Connection, Position, Any], None]

Dump = dict[str, list[tuple[Any, ...]]]


def _chain_only(connection: Connection, entry: Position, event: Event) -> None:
    """For events that stand in their subject's chain and change no state."""


HANDLERS: dict[type[Event], Handler] = {
    events.LogCreated: station_rows.log_created,
    events.LogRecovered: station_rows.log_recovered,
    events.DaemonStarted: station_rows.daemon_started,
    events.DaemonStopped: station_rows.daemon_stopped,
    events.ConfigurationChanged: station_rows.configuration_changed,
    events.PolicyChanged: station_rows.policy_changed,
    events.ClockStepped: station_rows.clock_stepped,
    events.DiskLow: station_rows.disk_low,
    events.RecorderEnrolled: recorder_rows.recorder_enrolled,
    events.RecorderAssigned: recorder_rows.recorder_assigned,
    events.RecorderDocked: recorder_rows.recorder_docked,
    events.RecorderClear: recorder_rows.recorder_clear,
    events.RecorderProblem: recorder_rows.recorder_problem,
    events.RecorderPulledEarly: recorder_rows.recorder_pulled_early,
    events.RecorderHandedOut: recorder_rows.recorder_handed_out,
    events.RecorderUndocked: recorder_rows.recorder_undocked,
    events.RecorderLost: recorder_rows.recorder_lost,
    events.RecorderUrged: hand_rows.urged,
    events.DeviceRefused: _chain_only,
    events.SessionOpened: recorder_rows.session_opened,
    events.SessionClosed: recorder_rows.session_closed,
    events.CardListed: card_rows.card_listed,
    events.ClipFailed: card_rows.clip_failed,
    events.ClipDamaged: clip_rows.clip_damaged,
    events.ClipRepaired: clip_rows.clip_repaired,
    events.ReleaseStarted: clip_rows.release_started,
    events.ReleaseFailed: clip_rows.release_failed,
    events.PreviewMade: clip_rows.preview_made,
    events.PreviewFailed: clip_rows.preview_failed,
    events.FindingClosed: station_rows.finding_closed,
    events.ActionProposed: station_rows.action_proposed,
    events.ActionRefused: _chain_only,
    events.ValueErased: erasures.value_erased,
    events.VaultVerified: station_rows.vault_verified,
    events.RegisterImported: register_rows.imported,
    events.TextRecordLabelled: labels.labelled,
    events.DocumentStored: papers.document_stored,
    events.DocumentDamaged: papers.document_damaged,
    events.DocumentRepaired: papers.document_repaired,
    events.AccountStated: account_rows.account_stated,
    events.CredentialSet: account_rows.credential_set,
    events.CredentialEnded: account_rows.credential_ended,
    events.AccountLocked: account_rows.account_locked,
    events.AccountUnlocked: account_rows.account_unlocked,
    events.LoginOpened: account_rows.login_opened,
    events.LoginConfirmed: account_rows.login_confirmed,
    events.LoginEnded: account_rows.login_ended,
    events.TokenMade: account_rows.token_made,
    events.TokenEnded: account_rows.token_ended,
    events.LookOpened: look_rows.opened,
    events.LookClosed: look_rows.closed,
    events.ClipLinked: law_rows.linked,
    events.ClipUnlinked: law_rows.unlinked,
    events.ClipQueued: law_rows.queued,
    events.LawSettled: law_rows.settled,
    events.MediaAnalysed: law_rows.analysed,
    events.ClipNoted: law_rows.noted,
    events.ClipLabelled: labels.labelled,
    events.FilmingDetermined: law_rows.determined,
    events.CaseFiled: law_rows.filed,
    events.SheetGiven: law_rows.given,
    events.FindingChanged: law_rows.changed,
    events.FindingAcknowledged: law_rows.stepped,
    events.FindingExplained: law_rows.stepped,
    events.FindingWaived: law_rows.stepped,
    events.AuditCommitted: audit_rows.committed,
    events.AuditSeeded: audit_rows.seeded,
    events.AuditRevealed: audit_rows.revealed,
    events.AuditDrawn: audit_rows.drawn,
    events.AuditJudged: audit_rows.judged,
    events.AuditVoided: audit_rows.voided,
}
"""What each event type does to the rows, retired ones too; those of `MANY` excepted."""

MANY: dict[type[Event], Callable[[Writes, Position, Any], None]] = {
    events.ClipSecured: clip_rows.clip_stored,
    events.ClipQuarantined: clip_rows.clip_stored,
    events.ClipReleased: clip_rows.clip_released,
    events.ClipMissing: clip_rows.clip_missing,
    events.FindingOpened: station_rows.finding_opened,
    **{kept.event: register_rows.stated for kept in KEPT.values()},
}
"""The same for types that come by the hundred in one transaction: they read nothing, and what they write waits."""

_INSERT_SUBJECT = insert(subjects)


def project(connection: Connection, happened: Iterable[tuple[Position, Event]]) -> None:
    """Let entries have their effect. They come in the order of the log, each once."""
    writes = Writes(connection)
    for entry, event in happened:
        if (handler := MANY.get(type(event))) is not None:
            handler(writes, entry, event)
        else:
            writes.run()
            HANDLERS[type(event)](connection, entry, event)
        writes.add(_INSERT_SUBJECT, *({"subject": subject, "seq": entry.seq} for subject in chains_of(event)))
    writes.run()


def chains_of(event: Event) -> tuple[str, ...]:
    """The subjects in whose chain an event stands: its own, and those it names that it also concerns."""
    also: tuple[str, ...] = ()
    match event:
        case (
            events.RecorderDocked()
            | events.RecorderClear()
            | events.RecorderProblem()
            | events.RecorderPulledEarly()
        ):
            also = (f"session:{event.session}",)
        case events.ReleaseStarted() | events.ReleaseFailed() | events.AuditDrawn():
            also = tuple(f"clip:{acquisition}" for acquisition in event.acquisitions)
        case events.ClipRepaired() | events.AuditJudged() if event.acquisition is not None:
            also = (f"clip:{event.acquisition}",)
        case events.ClipSecured() | events.ClipQuarantined():
            also = tuple(f"clip:{old}" for old in event.supersedes)
        case (
            events.ActStated()
            | events.TextRecordStated()
            | events.DecisionStated()
            | events.ReviewStated()
            | events.DocumentStored()
        ) if event.case is not None:
            also = (f"case:{event.case}",)
        case events.ClipLinked() | events.ClipUnlinked():
            told = (("act", event.act), ("case", event.case))
            also = tuple(f"{kind}:{id_}" for kind, id_ in told if id_ is not None)
        case events.LookClosed():
            also = tuple(f"clip:{acquisition}" for acquisition in event.items)
        case _:
            pass
    named = tuple(f"value:{digest}" for digest in events.values_of(event))
    return tuple(dict.fromkeys((event.subject, *also, *named)))


STALE = Text(
    "索引由另一版本的程序写成；证据与日志不受影响。请停止守护进程后运行 ingestd rebuild。",
    "the index was written by another version of the program; evidence and log are not touched by that. Stop "
    "the daemon and run ingestd rebuild.",
)


def create(engine: Engine) -> None:
    """Make the tables of a new database. Raises LogError where there are tables of another schema."""
    if not set(inspect(engine).get_table_names()) & set(metadata.tables):
        metadata.create_all(engine)
    require_current(engine)


def require_current(engine: Engine) -> None:
    """Raises LogError unless the database has just our tables: a new schema is a rebuild (design 5)."""
    found = inspect(engine)
    there = set(found.get_table_names())
    for name, table in metadata.tables.items():
        if name not in there or {c["name"] for c in found.get_columns(name)} != set(table.columns.keys()):
            raise LogError(STALE)


def reset(connection: Connection) -> None:
    """Empty all tables, for a replay from the first entry."""
    for table in metadata.tables.values():
        connection.execute(delete(table))


def dump(connection: Connection) -> Dump:
    """Every row of every table, in an order of its own: equal dumps are equal projections."""
    return {
        name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
        for name, table in metadata.tables.items()
    }
