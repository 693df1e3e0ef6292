"""REC-2 and OWN-2: which rule the findings of a recorder's custody rest on. PURE.

The dock's own events tell these findings, each with the chain of its subject behind it: nothing is left to judge
but the rule and the layer that speaks.
"""

from __future__ import annotations

from ingestd.law.rulebook import Rulebook
from ingestd.policy.model import Rule

RULES = {
    "removed-elsewhere": "REC-2",
    "gone-unsecured": "REC-2",
    "pulled-early": "REC-2",
    "sequence-hole": "REC-2",
    "other-recorder": "REC-2",
    "same-serial-twice": "REC-2",
    "lost": "REC-2",
    "release-failed": "OWN-2",
}
"""By kind of finding (`intake.findings.KINDS`)."""


def rule_of(kind: str, book: Rulebook) -> Rule | None:
    """The rule that a custody finding rests on; None where it rests on none, or that is switched off."""
    return book.find(RULES.get(kind, ""))
