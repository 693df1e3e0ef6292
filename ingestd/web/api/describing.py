"""What the parameters of the API mean: one name means the same everywhere, so it is said once. PURE."""

from __future__ import annotations

from typing import Any

MEANINGS: dict[str, str] = {
    "about": "an item as entries name it: `clip:<acquisition>`, `case:<case>`, `recorder:<recorder>`, ...",
    "acquisition": "id of a clip: one file of one recorder at one docking",
    "act": "id of an enforcement act",
    "after": "what the page before ended with, as it said",
    "at_ms": "milliseconds from the begin of the clip",
    "audit": "id of a draw for playback audits",
    "before": "what the page before ended with, as it said: older things than that",
    "case": "number of a case",
    "finding": "id of a finding",
    "item": "an item as entries name it",
    "kind": "what kind, as the answers say it",
    "level": "how much it weighs, as the answers say it",
    "limit": "so many at most",
    "link": "whether clips are linked to an act or case",
    "look": "id of a look, as opening it answered",
    "officer": "an officer's number",
    "party": "id of a subject",
    "person": "number of an account",
    "q": "what is looked for, as people type it",
    "rule": "id of a rule, `REC-1`",
    "seq": "position of an entry in the log, from 0",
    "state": "a state, as the answers say it",
    "step": "what is done about a finding",
    "trouble": "whether a finding stands against them",
    "unit": "id of a unit; what is below it counts too",
    "whole": "whether the bytes are read again too; without it manifest, signature and log alone",
}


def described(document: dict[str, Any]) -> dict[str, Any]:
    """The description with the meaning of every parameter that does not say its own."""
    for operations in document["paths"].values():
        for operation in operations.values():
            for one in operation.get("parameters", ()):
                one.setdefault("description", MEANINGS.get(one["name"], ""))
    return document
