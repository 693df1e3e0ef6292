"""Findings as lists by urgency, and one with everything that is known of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from ingestd import events
from ingestd.actions.finding_rights import Step
from ingestd.errors import NotFoundError, UsageError
from ingestd.events import Event
from ingestd.facts import Unit
from ingestd.index import finding_queries, law_queries, queries, registers
from ingestd.index.finding_queries import Place, Wanted
from ingestd.index.law_queries import Told, concerned_by
from ingestd.law.finding import Level
from ingestd.ledger import table
from ingestd.ledger.entry import Entry, parse
from ingestd.people.separation import READERS
from ingestd.telling import chain_words
from ingestd.telling.chain_words import Line
from ingestd.telling.finding_about import DOCK, LEVELS, STATES
from ingestd.telling.plain import in_one_line
from ingestd.telling.sentences import sentence
from ingestd.telling.signs import Sign
from ingestd.vault.blobs import Blobs
from ingestd.web.cards import Card, cards, recorder_of
from ingestd.web.desk import Desk
from ingestd.web.sight import Sight
from ingestd.words import Text

ROLES = (*READERS, "officer", "dock-keeper")
"""Whose matter findings are; each sees his own part (`sight`)."""
ON_A_PAGE = 30
LOOKED_AT = 400
"""Findings read for one page at most; a list that is narrower than that goes on by its link."""
HISTORY = 400
"""Entries of a subject that are read for the history of one finding, the newest."""
DOCK_LEVEL = "dock"
STATE_WORDS: Mapping[str, Text] = {
    "standing": Text("未结", "standing"),
    "open": Text("无人受理", "nobody looks into it"),
    **STATES,
    "ended": Text("已由事实消除", "ended by facts"),
}
LEVEL_SIGNS: Mapping[str, Sign] = {
    **{level.value: sign for level, sign in LEVELS.items()},
    DOCK_LEVEL: DOCK,
}
_PLACE = re.compile(r"(-?\d{1,18})\.(-?\d{1,18})\.(\d{1,18})")
_ANSWERS = (
    events.FindingOpened,
    events.FindingChanged,
    events.FindingClosed,
    events.FindingAcknowledged,
    events.FindingExplained,
    events.FindingWaived,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A page of findings, with what a list may be narrowed by."""

    cards: tuple[Card, ...]
    next: str | None
    """Where the list goes on; None: it is at its end."""
    counts: tuple[tuple[str, Sign, int], ...]
    """How many stand by level; empty for whom units limit, since others' are not theirs to know."""
    rules: tuple[str, ...]
    units: tuple[Unit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """One finding, and how it went."""

    card: Card
    history: tuple[Line, ...]
    """Oldest first."""


def listed(
    desk: Desk,
    connection: Connection,
    wanted: Wanted,
    *,
    unit: str | None = None,
    after: str | None = None,
    limit: int = ON_A_PAGE,
) -> Listed:
    """The findings that are wanted and that this person may see, the most urgent first."""
    sight = Sight(desk, connection)
    found, end = urgent(sight, connection, wanted, unit=unit, after=_place(after), limit=limit)
    counts = finding_queries.counted(connection) if sight.sees_all else {}
    tree = registers.units(connection)
    return Listed(
        cards=cards(desk, connection, found),
        next=None if end is None else ".".join(map(str, end)),
        counts=tuple(
            (key, sign, count)
            for key, sign in LEVEL_SIGNS.items()
            if (count := counts.get(None if key == DOCK_LEVEL else key, 0))
        ),
        rules=finding_queries.rules(connection),
        units=tuple(one for key, one in tree.items() if sight.units is None or key in sight.units),
    )


def urgent(
    sight: Sight,
    connection: Connection,
    wanted: Wanted,
    *,
    unit: str | None = None,
    after: Place | None = None,
    limit: int = ON_A_PAGE,
) -> tuple[list[Told], Place | None]:
    """Those that a person may see, and where the list goes on (None: at its end)."""
    units = None if unit is None else registers.below(registers.units(connection), unit)
    found: list[Told] = []
    end = after
    looked = 0
    for portion in finding_queries.portions(connection, wanted, after):
        sight.prepare(
            [told.about for _, told in portion],
            [officer for _, told in portion for officer in concerned_by(told)],
        )
        for place, told in portion:
            if len(found) == limit or looked == LOOKED_AT:
                return found, end
            end, looked = place, looked + 1
            if wanted.officer is not None and wanted.officer not in concerned_by(told):
                continue
            if (units is None or sight.is_of(told, units)) and sight.finding(told):
                found.append(told)
    return found, None


def detail(desk: Desk, connection: Connection, id_: str) -> Detail:
    """A finding by its id. Raises NotFoundError, RemoteError for whom it is not to be seen by."""
    told = seen(desk, connection, id_)
    (card,) = cards(desk, connection, [told])
    return Detail(card=card, history=tuple(_history(desk, connection, told)))


def seen(desk: Desk, connection: Connection, id_: str) -> Told:
    """A finding that this person may see. Raises NotFoundError, RemoteError with the refusal logged."""
    told = law_queries.finding(connection, id_)
    if told is None:
        raise NotFoundError(Text("没有编号为 {id} 的异常。", "there is no finding {id}.").format(id=id_[:40]))
    if not Sight(desk, connection).finding(told):
        desk.ask("look.check", about=told.about)
        raise NotFoundError(Text("没有编号为 {id} 的异常。", "there is no finding {id}.").format(id=id_[:40]))
    return told


def _place(text: str | None) -> Place | None:
    found = None if text is None else _PLACE.fullmatch(text)
    return None if found is None else (int(found[1]), int(found[2]), int(found[3]))


# --- how it went ------------------------------------------------------------------------------


def _history(desk: Desk, connection: Connection, told: Told) -> list[Line]:
    positions = queries.history(connection, told.about)[-HISTORY:]
    reasons = {step.seq: step.reason_value for step in law_queries.steps(connection, told)}
    return [
        _with_reason(_line(desk, entry, event, told), reasons.get(entry.seq), desk)
        for entry, event in _entries(desk, connection, positions)
        if _is_of(event, told)
    ]


def _entries(desk: Desk, connection: Connection, positions: Sequence[int]) -> list[tuple[Entry, Event]]:
    blobs = Blobs(desk.watch.home)
    found = map(parse, table.some(connection, positions))
    names = {*(one.type for one in _ANSWERS), events.ActionRefused.type, events.FilmingDetermined.type}
    return [(entry, entry.event(blobs)) for entry in found if entry.type in names]


def _is_of(event: Event, told: Told) -> bool:
    """Whether an event tells of this finding: its own, what was determined, what was refused about it."""
    if isinstance(event, _ANSWERS):
        return event.finding == told.finding
    if isinstance(event, events.FilmingDetermined):
        return told.level == Level.PROPOSAL
    return isinstance(event, events.ActionRefused) and event.verb.startswith("finding.")


def _line(desk: Desk, entry: Entry, event: Event, told: Told) -> Line:
    if isinstance(event, events.FindingOpened):
        return chain_words.finding_opened(entry, event, desk.zone)
    if isinstance(event, events.FindingClosed):
        return chain_words.finding_closed(entry, told.kind, event)
    text = sentence(event, actor=entry.actor, zone=desk.zone)
    return Line(at=entry.at, seq=entry.seq, text=text, type=event.type)


def _with_reason(line: Line, digest: str | None, desk: Desk) -> Line:
    reason = desk.personal(digest, "reason")
    if reason is None:
        return line
    said = in_one_line(reason)
    text = Text(f"{line.text.zh}“{said}”", f"{line.text.en} “{said}”")
    return Line(at=line.at, seq=line.seq, type=line.type, text=text)


# --- steps ----------------------------------------------------------------------------------------


def asked_of(desk: Desk, id_: str, step: Step, fields: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
    """The daemon's verb for a step, and what it is asked with. Raises UsageError, NotFoundError."""
    match step:
        case "acknowledge":
            return "finding.acknowledge", {"finding": id_}
        case "urge":
            with desk.reading() as connection:
                told = law_queries.finding(connection, id_)
            recorder = None if told is None else recorder_of(told)
            if recorder is None:
                raise UsageError(
                    Text("此异常没有可催交的记录仪。", "no recorder can be urged for this finding.")
                )
            return "urge", {"what": recorder}
        case "determine":
            needed = {"yes": True, "no": False}.get(fields.get("needed", ""))
            reason = fields.get("reason", "")
            return "finding.determine", {"finding": id_, "needed": needed, "reason": reason}
        case "explain" | "waive":
            return f"finding.{step}", {"finding": id_, "reason": fields.get("reason", "")}
