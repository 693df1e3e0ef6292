"""What the parameters of the API mean: one name means the same everywhere, so it is said once. PURE."""

from __future__ import annotations

from typing import Any

MEANINGS: dict[str, str] = {
    "about": "an item as entries name it: `clip:<acquisition>`, `case:<case>`, `recorder:<recorder>`, ...",
    "acquisition": "id of a clip: one file of one recorder at one docking",
    "account": "number of an account",
    "act": "id of an enforcement act",
    "after": "what the page before ended with, as it said",
    "at_ms": "milliseconds from the begin of the clip",
    "audit": "id of a draw for playback audits",
    "before": "what the page before ended with, as it said: older things than that",
    "case": "number of a case",
    "clip": "id of a clip",
    "deed": "what is done",
    "document": "id of a file of a text record",
    "finding": "id of a finding",
    "item": "an item as entries name it",
    "kind": "what kind, as the answers say it",
    "level": "how much it weighs, as the answers say it",
    "limit": "so many at most",
    "link": "whether clips are linked to an act or case",
    "login": "id of a log-in",
    "look": "id of a look, as opening it answered",
    "officer": "an officer's number",
    "party": "id of a subject",
    "person": "number of an account",
    "q": "what is looked for, as people type it",
    "record": "id of a text record",
    "recorder": "id of a recorder",
    "rule": "id of a rule, `REC-1`",
    "seq": "position of an entry in the log, from 0",
    "state": "a state, as the answers say it",
    "step": "what is done about a finding",
    "token": "id of a token, not what it shows",
    "trouble": "whether a finding stands against them",
    "unit": "id of a unit; what is below it counts too",
    "whole": "whether the bytes are read again too; without it manifest, signature and log alone",
}


EXAMPLES: dict[str, Any] = {
    "about": "clip:01a1fd3f-7fd2-7101-8e1f-2338ec2d6785",
    "account": "104288",
    "acquisition": "01a1fd3f-7fd2-7101-8e1f-2338ec2d6785",
    "act": "XW-3801",
    "at_ms": 61000,
    "audit": "c6ceb5e436224025",
    "case": "铜郊罚〔2026〕38号",
    "clip": "01a1fd3f-7fd2-7101-8e1f-2338ec2d6785",
    "document": "01a1fd60-0000-7000-8000-000000000001",
    "finding": "7f463e84bc8c7fa9",
    "item": "case:铜郊罚〔2026〕38号",
    "level": "violation",
    "limit": 25,
    "login": "01a1fd60-0000-7000-8000-000000000001",
    "look": "01a1fd60-0000-7000-8000-000000000001",
    "officer": "104233",
    "party": "DSR-3801",
    "person": "104288",
    "q": "张建国 昨天",
    "record": "JL-3801-1",
    "recorder": "KD01377",
    "rule": "REC-1",
    "seq": 1843,
    "sheet": "units",
    "state": "standing",
    "step": "acknowledge",
    "token": "01a1fd60-0000-7000-8000-000000000002",
    "unit": "34079903",
}
"""Of parameters by name, where a parameter has none of its own."""


def described(document: dict[str, Any]) -> dict[str, Any]:
    """The description with meaning and example of every parameter that does not say its own."""
    for operations in document["paths"].values():
        for operation in operations.values():
            for one in operation.get("parameters", ()):
                name = one["name"]
                one.setdefault("description", MEANINGS.get(name, ""))
                if name in EXAMPLES and "examples" not in one["schema"]:
                    one["schema"]["examples"] = [EXAMPLES[name]]
    return document
