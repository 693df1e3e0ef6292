"""Events of the log, the daemon and the machine that it runs on. PURE."""

from __future__ import annotations

from dataclasses import dataclass

from ingestd.events.base import DriverRecord, Event
from ingestd.model import Sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class LogCreated(Event):
    """The first entry of every log."""

    type = "log.created"
    agency: str
    station: str
    policy: str
    verifier_key: str
    policy_sha256: Sha256 | None = None
    """Digest of the policy in force (`ingestd.policy.merge.digest`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRecovered(Event):
    """A start found more than the checkpoint covers, or a database that had to be replayed."""

    type = "log.recovered"
    what: str
    """published, moved-aside, replayed, rebuilt, rebuilt-without-table."""
    size: int
    """Tree size from which the log goes on."""
    aside: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DaemonStarted(Event):
    """The writer is up."""

    type = "daemon.started"
    version: str
    configuration_sha256: Sha256
    drivers: tuple[DriverRecord, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DaemonStopped(Event):
    """The writer ended in order."""

    type = "daemon.stopped"
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigurationChanged(Event):
    """The configuration was read again and differs."""

    type = "configuration.changed"
    configuration_sha256: Sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyChanged(Event):
    """Another policy is in force from here on: another key, another file of the agency, another program's files."""

    type = "policy.changed"
    policy: str
    """Key."""
    policy_sha256: Sha256
    agency_sha256: Sha256 | None
    """Of the agency's own file, whose text is in ``vault/blobs``; None without one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockStepped(Event):
    """The station's wall clock jumped (negative: backwards)."""

    type = "clock.stepped"
    by_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskLow(Event):
    """Room is running out, by trend."""

    type = "disk.low"
    free_bytes: int
    days_left: int | None
    threshold_days: int
    """30, 7, 2; 0 = full."""
