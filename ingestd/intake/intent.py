"""The intake record: what is known of a file before its first byte is copied. PURE.

It is durable in the acquisition's partial folder before a byte is copied, and holds all that a later start
needs to finish the acquisition without the recorder: who, where, when, and what the card claimed.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

from ingestd import canon
from ingestd.device.api import ClockReading, Item, NamedTime
from ingestd.events import ClaimRecord
from ingestd.intake.habits import FileTimeHabit
from ingestd.intake.holding import Holder, Stretch
from ingestd.model import (
    AcquisitionId,
    CardPath,
    Kind,
    Millis,
    RecorderId,
    SessionId,
    SlotName,
)

FORMAT = "ingestd-intake/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Docking:
    """What all files of one session share."""

    session: SessionId
    slot: SlotName
    driver: str
    family: str | None
    recorder: RecorderId
    docked_at: Millis
    previous_docking: Millis | None
    """At which the card was listed in full."""
    clock: ClockReading | None
    clock_asked: Millis
    """Station time just before the recorder's clock was asked."""
    clock_told: Millis
    """Station time just after its answer came."""
    utc_offset_minutes: int
    uncertainty_ms: int
    """Of the station's clock at the docking."""
    file_times: FileTimeHabit
    counter_runs_on: bool
    commissioned_at: Millis
    held: tuple[Stretch, ...] = ()
    """Who had the recorder when, by its assignment; empty where the card itself says whose it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """One file that is about to be acquired."""

    acquisition: AcquisitionId
    docking: Docking
    path: CardPath
    size: int
    mtime_us: int | None
    kind: Kind
    marked: bool
    sequence: int | None
    named: NamedTime | None
    claims: tuple[ClaimRecord, ...]
    officer: str | None
    officer_disputed: bool
    is_new: bool
    """Not on the card at the previous docking: so a recording did not start before it."""
    stays: bool
    """Identity, configuration, firmware: acquired, never deleted from the card."""
    earlier: tuple[AcquisitionId, ...]
    """Quarantined acquisitions of the same file."""


def to_bytes(intent: Intent) -> bytes:
    """Canonical JSON of an intake record."""
    docking = intent.docking
    return canon.encode(
        {
            "format": FORMAT,
            "acquisition": intent.acquisition,
            "docking": {
                "session": docking.session,
                "slot": docking.slot,
                "driver": docking.driver,
                "family": docking.family,
                "recorder": docking.recorder,
                "docked_at": docking.docked_at,
                "previous_docking": docking.previous_docking,
                "clock": _clock_facts(docking.clock),
                "clock_asked": docking.clock_asked,
                "clock_told": docking.clock_told,
                "utc_offset_minutes": docking.utc_offset_minutes,
                "uncertainty_ms": docking.uncertainty_ms,
                "file_times": docking.file_times,
                "counter_runs_on": docking.counter_runs_on,
                "commissioned_at": docking.commissioned_at,
                "held": [
                    [one.since_at, one.holder.officer, one.holder.mode, one.holder.is_clear]
                    for one in docking.held
                ],
            },
            "path": base64.b64encode(intent.path).decode(),
            "size": intent.size,
            "mtime_us": intent.mtime_us,
            "kind": intent.kind.value,
            "marked": intent.marked,
            "sequence": intent.sequence,
            "named": None if intent.named is None else [intent.named.wall, intent.named.zone],
            "claims": [[c.what, c.text, c.value, c.source] for c in intent.claims],
            "officer": intent.officer,
            "officer_disputed": intent.officer_disputed,
            "is_new": intent.is_new,
            "stays": intent.stays,
            "earlier": list(intent.earlier),
        }
    )


def _clock_facts(clock: ClockReading | None) -> list[Any] | None:
    return None if clock is None else [clock.wall, clock.zone, clock.resolution_ms]


def from_bytes(data: bytes) -> Intent:
    """The inverse of `to_bytes`. Raises canon.CanonError where the bytes are no intake record."""
    try:
        raw = canon.decode(data)
        if raw["format"] != FORMAT:
            raise canon.CanonError(f"format {raw['format']!r}")
        return Intent(
            acquisition=AcquisitionId(raw["acquisition"]),
            docking=_docking(raw["docking"]),
            path=CardPath(base64.b64decode(raw["path"], validate=True)),
            size=raw["size"],
            mtime_us=raw["mtime_us"],
            kind=Kind(raw["kind"]),
            marked=raw["marked"],
            sequence=raw["sequence"],
            named=None if raw["named"] is None else NamedTime(wall=raw["named"][0], zone=raw["named"][1]),
            claims=tuple(
                ClaimRecord(what=what, text=text, value=value, source=source)
                for what, text, value, source in raw["claims"]
            ),
            officer=raw["officer"],
            officer_disputed=raw["officer_disputed"],
            is_new=raw["is_new"],
            stays=raw["stays"],
            earlier=tuple(raw["earlier"]),
        )
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise canon.CanonError(f"no intake record: {error}") from error


def _docking(raw: dict[str, Any]) -> Docking:
    clock = raw["clock"]
    return Docking(
        session=SessionId(raw["session"]),
        slot=SlotName(raw["slot"]),
        driver=raw["driver"],
        family=raw["family"],
        recorder=RecorderId(raw["recorder"]),
        docked_at=raw["docked_at"],
        previous_docking=raw["previous_docking"],
        clock=None if clock is None else ClockReading(wall=clock[0], zone=clock[1], resolution_ms=clock[2]),
        clock_asked=raw["clock_asked"],
        clock_told=raw["clock_told"],
        utc_offset_minutes=raw["utc_offset_minutes"],
        uncertainty_ms=raw["uncertainty_ms"],
        file_times=raw["file_times"],
        counter_runs_on=raw["counter_runs_on"],
        commissioned_at=raw["commissioned_at"],
        held=tuple(
            Stretch(since_at=since, holder=Holder(officer=officer, mode=mode, is_clear=is_clear))
            for since, officer, mode, is_clear in raw.get("held", ())  # records of before have none
        ),
    )


def intent_of(
    item: Item,
    *,
    acquisition: AcquisitionId,
    docking: Docking,
    claims: tuple[ClaimRecord, ...],
    officer: str | None,
    officer_disputed: bool,
    is_new: bool,
    earlier: tuple[AcquisitionId, ...],
) -> Intent:
    """An item of a listing as it is about to be acquired."""
    return Intent(
        acquisition=acquisition,
        docking=docking,
        path=item.path,
        size=item.size,
        mtime_us=item.mtime_us,
        kind=item.kind,
        marked=item.marked,
        sequence=item.sequence,
        named=item.named,
        claims=claims,
        officer=officer,
        officer_disputed=officer_disputed,
        is_new=is_new,
        stays=item.stays is not None,
        earlier=earlier,
    )
