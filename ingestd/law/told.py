"""Findings of the engine as the events that tell them. PURE."""

from __future__ import annotations

from ingestd.canon import timestamp
from ingestd.events import FindingChanged, FindingClosed, FindingOpened
from ingestd.law.base import STATION, Subject
from ingestd.law.finding import Finding, Value
from ingestd.model import Interval, Millis

ENDED = "the facts changed"
"""Why a finding of the engine is closed."""

Flat = tuple[tuple[str, str | int | None], ...]


def opened(finding: Finding) -> FindingOpened:
    """The event that opens it."""
    return FindingOpened(
        finding=finding.id,
        kind=finding.kind,
        about=finding.about,
        rule=finding.rule,
        layer=finding.layer,
        facts=flat(finding),
        policy_sha256=finding.policy_sha256,
        section=finding.section,
        level=finding.level.value,
        since=finding.since,
        due_at=finding.due_at,
        concerns=finding.concerns,
    )


def changed(finding: Finding) -> FindingChanged:
    """The event that says on what it rests now."""
    return FindingChanged(
        finding=finding.id,
        about=finding.about,
        rule=finding.rule,
        layer=finding.layer,
        section=finding.section,
        policy_sha256=finding.policy_sha256,
        level=finding.level.value,
        facts=flat(finding),
        since=finding.since,
        due_at=finding.due_at,
        concerns=finding.concerns,
    )


def closed(finding: str, about: str) -> FindingClosed:
    """The event that ends it."""
    return FindingClosed(finding=finding, about=about, why=ENDED)


def subject_of(kind: str, about: str, facts: Flat) -> Subject:
    """The subject whose verdict a told finding is."""
    sort, _, id_ = about.partition(":")
    match sort:
        case "sheet":
            return STATION
        case "text-record":
            return Subject("record", id_)
        case "recorder":  # a file on it has its path behind the id, which has no slash
            return Subject(sort, id_.partition("/")[0])
        case "act" if kind == "certificate-invalid":
            return Subject(sort, id_.removesuffix(f"/{dict(facts).get('officer')}"))
        case _:
            return Subject(sort, id_)


def flat(finding: Finding) -> Flat:
    """Its facts as an event has them: an uncertain moment as two bounds, moments as timestamps."""
    return tuple(one for name, value in finding.facts for one in _flat(name, value))


def _flat(name: str, value: Value) -> Flat:
    if isinstance(value, Interval):
        bounds = ((f"{name}_earliest", value.earliest), (f"{name}_latest", value.latest))
        return tuple((key, None if at is None else timestamp(at)) for key, at in bounds)
    if name.endswith("_at") and isinstance(value, int):
        return ((name, timestamp(Millis(value))),)
    return ((name, value),)
