"""REC-1 at the moment of storing: was this recording stored in time, too late, or can't that be told?

The event of the verdict is committed together with the clip. What is not stored yet is the deadline sweep's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ingestd.canon import timestamp
from ingestd.events import ClipQuarantined, ClipSecured, FindingOpened
from ingestd.intake import findings
from ingestd.law.deadlines import Verdict, verdict
from ingestd.model import Millis
from ingestd.policy.catalog import Policy

KIND_OF = {Verdict.LATE: "clip-late", Verdict.CANNOT_TELL: "clip-time-unknown"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """Opens the findings of REC-1 for clips as they are stored."""

    policy: Callable[[], Policy]
    commissioned_at: Callable[[], Millis]

    def __call__(self, event: ClipSecured | ClipQuarantined) -> list[FindingOpened]:
        """The finding that this clip needs, or none."""
        if not event.kind.is_recording:
            return []
        policy = self.policy()
        rule = policy.find("REC-1")
        if rule is None:
            return []
        kind = KIND_OF.get(
            verdict(
                event.ended,
                event.stored_at,
                rule.number("hours"),
                commissioned_at=self.commissioned_at(),
            )
        )
        if kind is None:
            return []
        ended = event.ended
        # One finding a docking for what cannot be told: a recorder whose clock cannot be read has many such.
        about = event.subject if kind == "clip-late" else f"session:{event.session}"
        return [
            findings.opened(
                kind,
                about,
                ("path", event.path),
                ("ended_earliest", None if ended.earliest is None else timestamp(ended.earliest)),
                ("ended_latest", None if ended.latest is None else timestamp(ended.latest)),
                ("stored_at", timestamp(event.stored_at)),
                ("hours", rule.number("hours")),
                **policy.cite(rule.id),
            )
        ]
