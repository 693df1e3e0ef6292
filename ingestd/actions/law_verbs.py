"""The verbs of the law running, as the daemon and a command that works alone run them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ingestd.actions.caller import Caller
from ingestd.actions.findings import FindingActions
from ingestd.actions.links import LinkActions
from ingestd.actions.refusals import Refusals
from ingestd.actions.statements import StatementActions
from ingestd.station import Station

Verb = Callable[[Caller, Mapping[str, Any]], dict[str, Any]]


def verbs(station: Station, refusals: Refusals) -> dict[str, Verb]:
    """What people do about findings and links, and what they state for the rules' clocks."""
    steps, said = FindingActions(station, refusals), StatementActions(station, refusals)
    links = LinkActions(station, refusals)
    return {
        "finding.acknowledge": steps.acknowledge,
        "finding.explain": steps.explain,
        "finding.waive": steps.waive,
        "finding.determine": steps.determine,
        "clip.note": said.note,
        "case.filed": said.filed,
        "sheet.given": said.given,
        "link.set": links.set,
        "link.remove": links.remove,
    }
