"""Findings, actions of people, and looking after what is stored. PURE."""

from __future__ import annotations

from dataclasses import dataclass

from ingestd.events.base import Event
from ingestd.model import Interval, Millis, Sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingOpened(Event):
    """Something that a person must answer. The same finding on the same subject is opened once."""

    type = "finding.opened"
    finding: str
    """Id: a digest of kind and subject."""
    kind: str
    about: str
    """Subject: ``clip:<id>``, ``recorder:<id>``, ``slot:<name>``, ``station``."""
    rule: str | None
    layer: str | None
    facts: tuple[tuple[str, str | int | None], ...]
    policy_sha256: Sha256 | None = None
    """Digest of the policy in force that the rule was read from."""
    section: str | None = None
    """Where in its document the rule stands, or ``own``."""
    level: str | None = None
    """violation, unclear, proposal, notice (`law.finding.Level`)."""
    since: Interval | None = None
    """When it began to be so."""
    due_at: Millis | None = None
    concerns: tuple[str, ...] | None = None
    """Officers who are judged by it."""

    @property
    def subject(self) -> str:
        return self.about


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingClosed(Event):
    """Facts ended the finding."""

    type = "finding.closed"
    finding: str
    about: str
    why: str

    @property
    def subject(self) -> str:
        return self.about


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionProposed(Event):
    """The first person of a two-person action."""

    type = "action.proposed"
    action: str
    """Id that `confirm` takes."""
    verb: str
    about: str
    reason_value: str | None

    @property
    def subject(self) -> str:
        return self.about


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionRefused(Event):
    """A person asked for what they may not do."""

    type = "action.refused"
    verb: str
    about: str
    why: str
    count: int
    """How often within the minute (repeated refusals are counted, not listed)."""
    rule: str | None = None
    """A rule of the policy that forbids it, with the layer that speaks; None where it is the program's own."""
    layer: str | None = None
    policy_sha256: Sha256 | None = None
    why_zh: str | None = None
    """The same as ``why`` in Chinese; absent in entries of before."""

    @property
    def subject(self) -> str:
        return self.about


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueErased(Event):
    """Two people had a personal value erased: its text leaves the vault, its digest stays in the log (design 5)."""

    type = "value.erased"
    digest: str
    reason_value: str
    proposed_by: str
    confirmed_by: str

    @property
    def subject(self) -> str:
        return f"value:{self.digest}"


@dataclass(frozen=True, slots=True, kw_only=True)
class VaultVerified(Event):
    """A stretch of the vault was read again in full and compared."""

    type = "vault.verified"
    clips: int
    bytes: int
    faults: int
    cursor: str
    """Last digest of the stretch: where the next one goes on."""
    documents: int | None = None
    """How many documents were among them, beside the clips; None where there were none."""
    values: int | None = None
    """How many personal values were read beside them; None where there were none."""
    value_cursor: str | None = None
    """Digest of the last of those: where the next stretch goes on; None: from the first again."""
