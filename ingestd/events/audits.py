"""Events of random playback audits (OWN-7, for the calling up of REC-15): a draw that neither side can steer. PURE.

The order makes it so: the auditor binds a nonce and the period (`AuditCommitted`) before the root exists that the
station signs next (`AuditSeeded`); the nonce that was bound (`AuditRevealed`) and that root give the seed, the log up
to that root gives the population, and both together what is drawn (`AuditDrawn`).
"""

from __future__ import annotations

from dataclasses import dataclass

from ingestd.events.base import Event
from ingestd.model import AcquisitionId, Millis, Sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class _OfAudit(Event):
    audit: str
    """The first sixteen hex digits of its commitment."""

    @property
    def subject(self) -> str:
        return f"audit:{self.audit}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditCommitted(_OfAudit):
    """The auditor (who asked: the entry's actor) is bound to a nonce, a population and a size."""

    type = "audit.committed"
    commitment: Sha256
    """SHA-256 of the nonce."""
    since_at: Millis
    until_at: Millis
    """Recordings whose entry is of this period, its end not included: when they came in, not when they were made."""
    unit: str | None
    """Only those of officers of this unit and of the units below it; None: of the whole station."""
    percent: int
    """Of all, and of each stratum, rounded up."""
    at_least: int
    """Of all."""
    strata: tuple[str, ...]
    """Words of `law.draw.STRATA`."""
    reveal_by_at: Millis
    rule: str
    layer: str
    policy_sha256: Sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditSeeded(_OfAudit):
    """The checkpoint that covers the commitment: the station's half of the seed."""

    type = "audit.seeded"
    size: int
    """Entries of its tree: the log by which the population is known."""
    checkpoint: str
    """The signed note, whole; kept as ``checkpoints/<size>`` too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRevealed(_OfAudit):
    """The nonce that was bound: the auditor's half of the seed."""

    type = "audit.revealed"
    nonce: str
    """32 bytes as hex digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditDrawn(_OfAudit):
    """What log and nonce give; anyone can come to the same."""

    type = "audit.drawn"
    population: int
    population_sha256: Sha256
    """Of its lines, see `audits.population`."""
    acquisitions: tuple[AcquisitionId, ...]
    """In the order of their lots."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditJudged(_OfAudit):
    """What a person saw and heard in one clip that was drawn; a later word takes the place of an earlier."""

    type = "audit.judged"
    acquisition: AcquisitionId
    narrated: str
    """Begun with narration (REC-8): yes, no, or none where it has none to have. So are the next four."""
    whole: str
    """The act is on it from begin to end (REC-4, REC-5)."""
    certificate: str
    """Shown or worn (REC-29)."""
    informed: str
    """The party was told cause, basis, rights and duties (REC-29)."""
    proper: str
    """The acts that are seen are right."""
    verdict: str
    """good, flawed, failed."""
    note_value: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditVoided(_OfAudit):
    """A person gives up a draw whose nonce was not revealed: another has to be made."""

    type = "audit.voided"
    reason_value: str
