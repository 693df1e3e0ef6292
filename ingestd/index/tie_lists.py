"""Units and labels of many items, and how one person is tied to them: as `ties.item` says of each, in a few queries.

For lists: a page asks of hundreds of items at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import Connection, RowMapping, or_, select

from ingestd.facts import Act, Unit
from ingestd.index import hands, registers
from ingestd.index.labels import labels_of
from ingestd.index.law_facts import portions
from ingestd.index.law_tables import links
from ingestd.index.register_tables import act_officers, acts
from ingestd.index.tables import clips
from ingestd.index.ties import item, wearers_of
from ingestd.intake.holding import Statement, span_of
from ingestd.model import Interval, RecorderId
from ingestd.people.separation import Tie

_OF_CASES = {"text-record": "record", "decision": "decision", "review": "review"}
"""Registers whose rows belong to whom their case belongs."""
_KINDS = ("clip", "act", "case", *_OF_CASES)
"""What is read together; the rest (recorders, units, officers) one by one."""
_LABELLED = ("clip", "text-record")
_CLIP = (
    clips.c.acquisition, clips.c.recorder, clips.c.officer,
    clips.c.started_earliest, clips.c.started_latest, clips.c.started_basis,
    clips.c.ended_earliest, clips.c.ended_latest, clips.c.ended_basis,
)  # fmt: skip


class Items:
    """What is known of items for judging who may do what to them, read for all that are named in a few queries."""

    def __init__(self, connection: Connection, abouts: Iterable[str] = ()) -> None:
        self._connection = connection
        self._known: dict[str, _Some] = {}
        self._below: dict[str, frozenset[str]] = {}
        self.add(abouts)

    def add(self, abouts: Iterable[str]) -> None:
        """These will be asked for; those that are not named are read one by one."""
        if new := [about for about in dict.fromkeys(abouts) if about not in self._known]:
            self._known |= dict.fromkeys(new, _Some(self._connection, new))

    def units(self, about: str) -> frozenset[str]:
        """The units that an item belongs to; empty: not known."""
        self.add([about])
        return self._known[about].units[about]

    def labels(self, about: str) -> tuple[str, ...]:
        """The classification labels of a clip or a text record (REC-17); of all else none."""
        self.add([about])
        return self._known[about].labels.get(about, ())

    @cached_property
    def tree(self) -> Mapping[str, Unit]:
        """All units by id."""
        return registers.units(self._connection)

    def is_within(self, about: str, top: str | None, *, or_unknown: bool) -> bool:
        """Whether it belongs to a unit at or below another; ``or_unknown``: what none is known of does too."""
        if top is None:
            return True
        found = self.units(about)
        return bool(found & self.below(top)) or (or_unknown and not found)

    def below(self, top: str) -> frozenset[str]:
        """A unit and all units under it."""
        if top not in self._below:
            self._below[top] = registers.below(self.tree, top)
        return self._below[top]

    def ties(self, about: str, person: str | None) -> frozenset[Tie]:
        """How a person is tied to an item."""
        if person is None:
            return frozenset()
        self.add([about])
        return self._known[about].ties(person)[about]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Worn:
    """A clip, by who may have recorded it when."""

    wearers: frozenset[str]
    span: Interval


class _Some:
    """Items that are read together."""

    def __init__(self, connection: Connection, abouts: Sequence[str]) -> None:
        self._connection = connection
        self._abouts = [
            (about, kind, id_)
            for about in abouts
            for kind, _, id_ in (about.partition(":"),)
            if kind in _KINDS
        ]
        self._others = [about for about in abouts if about.partition(":")[0] not in _KINDS]
        self._ties: dict[str, dict[str, frozenset[Tie]]] = {}

    def _ids(self, kind: str) -> list[str]:
        return [id_ for _, one, id_ in self._abouts if one == kind]

    @cached_property
    def _worn(self) -> Mapping[str, _Worn]:
        return _worn(self._connection, self._ids("clip"))

    @cached_property
    def labels(self) -> Mapping[str, tuple[str, ...]]:
        """By item, of those that anybody labelled."""
        abouts = [about for about, kind, _ in self._abouts if kind in _LABELLED]
        return {about: one.labels for about, one in labels_of(self._connection, abouts).items()}

    @cached_property
    def _acts(self) -> Mapping[str, Act]:
        return {
            key: one.row for key, one in registers.stated(self._connection, "act", self._ids("act")).items()
        }

    @cached_property
    def _cases(self) -> Mapping[str, str]:
        """The case of each item that is one, or belongs to nothing else."""
        found = {f"case:{one}": one for one in self._ids("case")}
        for kind, register in _OF_CASES.items():
            for key, one in registers.stated(self._connection, register, self._ids(kind)).items():
                if one.row.case is not None:
                    found[f"{kind}:{key}"] = one.row.case
        return found

    @cached_property
    def units(self) -> Mapping[str, frozenset[str]]:
        """By item."""
        acts_, worn = self._acts, self._worn
        cases = {*self._cases.values(), *(one.case for one in acts_.values() if one.case is not None)}
        of_case = {
            key: one.row.unit for key, one in registers.stated(self._connection, "case", cases).items()
        }
        people = {one for clip in worn.values() for one in clip.wearers}
        people |= {one for act in acts_.values() for one in act.officers}
        of_person = {
            key: one.row.unit for key, one in registers.stated(self._connection, "officer", people).items()
        }
        found: dict[str, set[str | None]] = {}
        for about, kind, id_ in self._abouts:
            if kind == "clip":
                found[about] = {of_person.get(one) for one in worn[id_].wearers} if id_ in worn else set()
            elif kind == "act":
                found[about] = {of_person.get(one) for one in acts_[id_].officers} if id_ in acts_ else set()
                found[about] |= {of_case.get(acts_[id_].case or "")} if id_ in acts_ else set()
            else:
                found[about] = {of_case.get(self._cases.get(about, ""))}
        told = {about: frozenset(one for one in some if one is not None) for about, some in found.items()}
        return told | {about: item(self._connection, about).units for about in self._others}

    def ties(self, person: str) -> Mapping[str, frozenset[Tie]]:
        """By item, those of one person."""
        if person not in self._ties:
            self._ties[person] = self._ties_of(person)
        return self._ties[person]

    def _ties_of(self, person: str) -> dict[str, frozenset[Tie]]:
        wears = {key for key, worn in self._worn.items() if person in worn.wearers}
        on = self._clips_on_act(person)
        cases = _with_officer(self._connection, set(self._cases.values()), person)
        found = dict[str, frozenset[Tie]]()
        for about, kind, id_ in self._abouts:
            if kind == "clip":
                ties = (Tie.WEARER,) if id_ in wears else ()
                found[about] = frozenset((*ties, Tie.ON_ACT) if id_ in on else ties)
            elif kind == "act":
                is_on = id_ in self._acts and person in self._acts[id_].officers
                found[about] = frozenset((Tie.ON_ACT,) if is_on else ())
            else:
                found[about] = frozenset((Tie.ON_ACT,) if self._cases.get(about) in cases else ())
        return found | {about: item(self._connection, about).ties_of(person) for about in self._others}

    def _clips_on_act(self, person: str) -> set[str]:
        """Clips of an act or case that they were on, or of somebody who was with them then."""
        worn, found = self._worn, set[str]()
        linked = _links(self._connection, worn)
        of_acts = _acts_of(self._connection, {one["act"] for one in linked.values()} - {None})
        bare = {one["case"] for one in linked.values() if one["act"] is None} - {None}
        cases = _with_officer(self._connection, bare, person)
        for key, one in linked.items():
            if one["case"] in cases if one["act"] is None else person in of_acts.get(one["act"], ()):
                found.add(key)
        then = _together(self._connection, person, [one.span for one in worn.values()])
        for key, clip in worn.items():
            if any(_meet(clip.span, act) for one in clip.wearers for act in then.get(one, ())):
                found.add(key)
        return found


def _worn(connection: Connection, ids: Iterable[str]) -> dict[str, _Worn]:
    rows = dict[str, RowMapping]()
    for some in portions(ids):
        query = select(*_CLIP).where(clips.c.acquisition.in_(some))
        rows.update((row["acquisition"], row) for row in connection.execute(query).mappings())
    said = hands.all_statements(connection, {RecorderId(row["recorder"]) for row in rows.values()})
    return {key: _worn_by(row, said.get(row["recorder"], ())) for key, row in rows.items()}


def _worn_by(row: RowMapping, said: Collection[Statement]) -> _Worn:
    started, ended = (
        Interval(earliest=row[f"{one}_earliest"], latest=row[f"{one}_latest"], basis=row[f"{one}_basis"])
        for one in ("started", "ended")
    )
    span = span_of(started, ended)
    return _Worn(wearers=wearers_of(tuple(said), row["officer"], span), span=span)


def _links(connection: Connection, ids: Iterable[str]) -> dict[str, RowMapping]:
    row, found = links.c, dict[str, RowMapping]()
    for some in portions(ids):
        query = select(row.acquisition, row.act, row.case).where(row.acquisition.in_(some))
        found.update((one["acquisition"], one) for one in connection.execute(query).mappings())
    return found


def _acts_of(connection: Connection, ids: Iterable[str]) -> dict[str, frozenset[str]]:
    known = registers.stated(connection, "act", ids)
    return {key: frozenset(one.row.officers) for key, one in known.items()}


def _with_officer(connection: Connection, cases: Iterable[str], person: str) -> frozenset[str]:
    """Cases with an act that they were on."""
    found = set[str]()
    for some in portions(cases):
        query = select(acts.c.case).join(act_officers, act_officers.c.act == acts.c.act)
        query = query.where(acts.c.case.in_(some), act_officers.c.officer == person)
        found.update(connection.scalars(query))
    return frozenset(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Then:
    """When an act was."""

    began: int | None
    ended: int | None


def _together(connection: Connection, person: str, spans: Sequence[Interval]) -> Mapping[str, list[_Then]]:
    """The acts around some spans that somebody was on, by everybody who was there."""
    if not spans:
        return {}
    row, own = acts.c, act_officers.alias()
    query = (
        select(act_officers.c.officer, row.started_at, row.ended_at)
        .join_from(own, acts, row.act == own.c.act)
        .join(act_officers, act_officers.c.act == row.act)
        .where(own.c.officer == person)
    )
    if all(one.latest is not None for one in spans):
        query = query.where(row.started_at <= max(one.latest or 0 for one in spans))
    if all(one.earliest is not None for one in spans):
        first = min(one.earliest or 0 for one in spans)
        query = query.where(or_(row.ended_at.is_(None), row.ended_at >= first))
    found: defaultdict[str, list[_Then]] = defaultdict(list)
    for officer, began, ended in connection.execute(query):
        found[officer].append(_Then(began=began, ended=ended))
    return found


def _meet(span: Interval, act: _Then) -> bool:
    """Whether an act may have gone on within a span, as `ties.item` asks: one without a begin never does."""
    if span.latest is not None and (act.began is None or act.began > span.latest):
        return False
    return span.earliest is None or act.ended is None or act.ended >= span.earliest
