"""A verdict that a person must answer, with everything that it rests on. PURE."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from ingestd.law.kinds import KINDS
from ingestd.model import Interval, Millis, Sha256
from ingestd.words import Text

Value = str | int | Interval | None


class Level(StrEnum):
    """How much a finding weighs, by the strength of its rule and by how sure the facts are."""

    VIOLATION = "violation"
    """A rule that must be kept was not, whatever the uncertain facts are within their bounds."""
    UNCLEAR = "unclear"
    """Of such a rule it can't be told."""
    PROPOSAL = "proposal"
    """A person has to determine whether there is a duty (when_necessary)."""
    NOTICE = "notice"
    """Worth knowing and no violation (as_needed, what was not matched, a deadline that may move)."""

    @property
    def words(self) -> Text:
        """For people."""
        return _LEVELS[self]


_LEVELS = {
    Level.VIOLATION: Text("违反", "violation"),
    Level.UNCLEAR: Text("不能确定", "cannot tell"),
    Level.PROPOSAL: Text("待认定", "to be determined"),
    Level.NOTICE: Text("提示", "notice"),
}
URGENCY = {level: place for place, level in enumerate(Level)}
"""The smaller the sooner."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One finding of one rule."""

    kind: str
    about: str
    """``clip:<id>``, ``act:<id>``, ``case:<id>``, ...: with the kind it is the finding's identity."""
    rule: str
    layer: str
    section: str
    source: Text
    policy_sha256: Sha256
    level: Level
    facts: tuple[tuple[str, Value], ...]
    """What it rests on; a moment that is known within bounds keeps its bounds."""
    since: Interval
    """When it began to be so."""
    due_at: Millis | None
    """A deadline that is told with it: by then (or it was due by then)."""
    concerns: tuple[str, ...]
    """Officers who are judged by it: they may explain it, and never waive it."""
    may_waive: tuple[str, ...]
    """Roles."""

    @property
    def id(self) -> str:
        """Sixteen hex digits of SHA-256 over kind and subject (as `intake.findings.finding_id`)."""
        return finding_id(self.kind, self.about)

    @property
    def to_do(self) -> Text:
        """What a person does about it."""
        return KINDS[self.kind].to_do

    def text(self) -> Text:
        """One sentence with rule and source."""
        what = KINDS[self.kind].what
        return Text(
            f"{what.zh}（{self.rule}，{self.source.zh}）", f"{what.en} ({self.rule}, {self.source.en})"
        )


def finding_id(kind: str, about: str) -> str:
    """Sixteen hex digits of SHA-256 over kind and subject."""
    return hashlib.sha256(f"{kind}\n{about}".encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What is to be said of a subject, and the next moment at which time alone may change that."""

    findings: tuple[Finding, ...] = ()
    until: Millis | None = None


NOTHING = Judgement()


def joined(judgements: list[Judgement]) -> Judgement:
    """Several judgements of one subject as one."""
    told = [one for one in judgements if one is not NOTHING]
    if len(told) <= 1:
        return told[0] if told else NOTHING
    moments = [one.until for one in told if one.until is not None]
    return Judgement(
        findings=tuple(finding for one in told for finding in one.findings),
        until=min(moments) if moments else None,
    )
