"""Who is tied to an item, and to which units it belongs: what conflicts and scopes are judged by.

Items are named as subjects of the log are: ``clip:<acquisition>``, ``act:``, ``case:``, ``recorder:``,
``text-record:``, ``decision:``, ``review:``, ``unit:``, ``officer:``; ``bytes:`` are whose clips have them. Whatever
else has neither ties nor units.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, or_, select, true

from ingestd.facts import Act
from ingestd.index import hands, link_queries, queries, registers
from ingestd.index.facts import Clip
from ingestd.index.items import find_clip
from ingestd.index.register_tables import act_officers, acts
from ingestd.index.tables import clips
from ingestd.intake.holding import Statement, officers_of, span_of, stretches, within
from ingestd.model import Interval, RecorderId
from ingestd.people.separation import Tie


@dataclass(frozen=True, slots=True, kw_only=True)
class Tied:
    """A person, and how an item is theirs."""

    person: str
    tie: Tie
    through: str
    """The item by which it is so: the clip itself, an act, the recorder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What is known of an item for judging who may do what to it."""

    tied: tuple[Tied, ...]
    units: frozenset[str]
    """Those that it belongs to; empty: not known."""

    def ties_of(self, person: str | None) -> frozenset[Tie]:
        """How a person is tied to it."""
        return frozenset(one.tie for one in self.tied if one.person == person)


def item(connection: Connection, subject: str) -> Item:
    """What is known of an item; nothing where there is no such item."""
    kind, _, id_ = subject.partition(":")
    find = _KINDS.get(kind)
    return Item(tied=(), units=frozenset()) if find is None else find(connection, id_)


def _clip(connection: Connection, id_: str) -> Item:
    clip = find_clip(connection, id_)
    if clip is None:
        return Item(tied=(), units=frozenset())
    wearers, span = sorted(_wearers(connection, clip)), span_of(clip.started, clip.ended)
    tied = [Tied(person=one, tie=Tie.WEARER, through=f"clip:{id_}") for one in wearers]
    tied += _on([*_linked(connection, id_), *_acts_then(connection, wearers, span)])
    return Item(tied=tuple(dict.fromkeys(tied)), units=_units_of(connection, wearers))


def _bytes(connection: Connection, sha256: str) -> Item:
    """Of every clip that has them."""
    query = select(clips.c.acquisition).where(clips.c.sha256 == sha256).order_by(clips.c.seq)
    found = [_clip(connection, one) for one in connection.scalars(query)]
    return Item(
        tied=tuple(dict.fromkeys(one for each in found for one in each.tied)),
        units=frozenset(unit for each in found for unit in each.units),
    )


def _wearers(connection: Connection, clip: Clip) -> frozenset[str]:
    said = hands.statements(connection, clip.recorder)
    return wearers_of(said, clip.officer, span_of(clip.started, clip.ended))


def wearers_of(said: Sequence[Statement], officer: str | None, span: Interval) -> frozenset[str]:
    """Everybody who may have recorded a clip: whom it names (``officer``), and who had the recorder then.

    Where it cannot be told who had it, whoever was ever said to: nobody who may be the wearer is let off.
    """
    found = tuple(within(stretches(said), span.earliest, span.latest))
    had = set(officers_of(found))
    if not all(one.holder.is_clear for one in found):
        had |= {one.officer for one in said if one.officer is not None}
    return frozenset(had) if officer is None else frozenset((*had, officer))


def _linked(connection: Connection, clip: str) -> Iterable[Act]:
    """The act that a clip is linked to, or those of its case."""
    link = link_queries.link_of(connection, clip)
    if link is None or (link.act is None and link.case is None):
        return ()
    if link.act is None:
        return registers.acts_of(connection, str(link.case))
    return [one.row for one in registers.stated(connection, "act", [link.act]).values()]


def _acts_then(connection: Connection, officers: Iterable[str], span: Interval) -> list[Act]:
    """Acts of that time on which one of them was; one that is not ended goes on, an unknown bound is open."""
    row = acts.c
    begun = true() if span.latest is None else row.started_at <= span.latest
    lasts = true() if span.earliest is None else or_(row.ended_at.is_(None), row.ended_at >= span.earliest)
    query = (
        select(row.act)
        .join(act_officers, act_officers.c.act == row.act)
        .where(act_officers.c.officer.in_(list(officers)))
        .where(begun, lasts)
        .order_by(row.act)
    )
    found = registers.stated(connection, "act", connection.scalars(query))
    return [one.row for one in found.values()]


def _act(connection: Connection, id_: str) -> Item:
    stated = registers.one(connection, "act", id_)
    if stated is None:
        return Item(tied=(), units=frozenset())
    units = _units_of(connection, stated.row.officers) | _unit_of_case(connection, stated.row.case)
    return Item(tied=tuple(_on([stated.row])), units=units)


def _unit(connection: Connection, id_: str) -> Item:
    del connection
    return Item(tied=(), units=frozenset((id_,)))


def _officer(connection: Connection, id_: str) -> Item:
    return Item(tied=(), units=_units_of(connection, [id_]))


def _case(connection: Connection, id_: str) -> Item:
    return Item(
        tied=tuple(_on(registers.acts_of(connection, id_))), units=frozenset(_unit_of_case(connection, id_))
    )


def _of_case(register: str) -> Callable[[Connection, str], Item]:
    """A record, decision or review: what it belongs to counts."""

    def find(connection: Connection, id_: str) -> Item:
        stated = registers.one(connection, register, id_)
        if stated is None or stated.row.case is None:
            return Item(tied=(), units=frozenset())
        return _case(connection, stated.row.case)

    return find


def _recorder(connection: Connection, id_: str) -> Item:
    found = queries.recorder(connection, RecorderId(id_))
    holders = set() if found is None else {found.officer, found.issued_to} - {None}
    people = sorted(str(one) for one in holders)
    tied = tuple(Tied(person=one, tie=Tie.HOLDER, through=f"recorder:{id_}") for one in people)
    return Item(tied=tied, units=_units_of(connection, people))


_KINDS: dict[str, Callable[[Connection, str], Item]] = {
    "clip": _clip,
    "bytes": _bytes,
    "act": _act,
    "case": _case,
    "recorder": _recorder,
    "unit": _unit,
    "officer": _officer,
    "text-record": _of_case("record"),
    "decision": _of_case("decision"),
    "review": _of_case("review"),
}


def _on(acts: Iterable[Act]) -> list[Tied]:
    return [
        Tied(person=one, tie=Tie.ON_ACT, through=f"act:{act.act}") for act in acts for one in act.officers
    ]


def _units_of(connection: Connection, officers: Iterable[str]) -> frozenset[str]:
    known = registers.stated(connection, "officer", officers)
    return frozenset(one.row.unit for one in known.values() if one.row.unit is not None)


def _unit_of_case(connection: Connection, case: str | None) -> frozenset[str]:
    found = None if case is None else registers.case(connection, case)
    return frozenset() if found is None or found.unit is None else frozenset((found.unit,))
