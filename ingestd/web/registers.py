"""Rows of the registers as pages: a subject with all its cases (REC-12), a unit, an officer, a recorder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from sqlalchemy import Connection

from ingestd.errors import NotFoundError
from ingestd.facts import Case, Officer, Unit
from ingestd.index import case_lists, clip_lists, law_queries, queries, registers
from ingestd.index.case_lists import Wanted
from ingestd.model import RecorderId
from ingestd.people.separation import ADMINISTRATOR, READERS
from ingestd.telling import signs, terms
from ingestd.telling.finding_about import by_urgency
from ingestd.telling.plain import shown, stamp_text
from ingestd.telling.register_views import Reader, history
from ingestd.telling.signs import Sign
from ingestd.web.cards import Card, cards
from ingestd.web.cases import Line, lines
from ingestd.web.desk import Desk
from ingestd.web.figures import Own, own
from ingestd.web.reporting import Progress
from ingestd.web.sight import Sight
from ingestd.web.tiles import Tile, tiles, tiles_of
from ingestd.words import Text

CASES, CLIPS, STATEMENTS = 50, 24, 20
"""Rows of each kind that a page has."""
UNIT_OFFICERS = 60
"""Officers of a unit whose clips are looked through for the newest."""
_COUNTED = ("unit", "officer")
"""Registers whose rows have figures of their own."""
_NONE = Text("登记中没有 {k}。", "{k} is in no register.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """Another row that belongs here."""

    href: str
    name: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """Who said what of the row, and when."""

    seq: int
    at: int
    by: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterPage:
    """One row with what belongs to it."""

    kind: Text
    id: str
    title: str
    sign: Sign | None
    facts: tuple[tuple[str, str], ...]
    linked: tuple[tuple[Text, tuple[Linked, ...]], ...]
    cases: tuple[Line, ...]
    tiles: tuple[Tile, ...]
    findings: tuple[Card, ...]
    statements: tuple[Statement, ...]
    figures: Own | Progress | None
    custody: str


def seen(
    desk: Desk, connection: Connection, about: str, made: Callable[[Desk, Connection, str], RegisterPage]
) -> RegisterPage:
    """A row's page, for who may see the row. Raises RemoteError, NotFoundError."""
    desk.require_sight(connection, about)
    return made(desk, connection, about.partition(":")[2])


# --- a subject ------------------------------------------------------------------------------------


def subject_page(desk: Desk, connection: Connection, party: str) -> RegisterPage:
    """REC-12: everything about a subject, of the cases that the person may see. Raises NotFoundError, RemoteError.

    Whoever may see none of its cases may not see who it is either.
    """
    sight = Sight(desk, connection)
    keys = registers.cases_of_party(connection, party)
    sight.prepare(f"case:{case}" for case in keys)
    seen = [case for case in keys if sight.item(f"case:{case}")]
    if not seen and not sight.sees_all:
        desk.require_sight(connection, f"case:{keys[0]}" if keys else f"party:{party}")
    found = registers.stated(connection, "case", seen)
    cases = sorted((found[key].row for key in seen), key=lambda one: -(one.opened_at or 0))
    about = [f"case:{one.case}" for one in cases]
    maker = _Maker(desk, connection)
    return maker.page(
        "subject",
        party,
        Text("当事人", "subject"),
        cases=cases[:CASES],
        clips=maker.clips_of_cases(cases[:CASES]),
        about=about,
    )


# --- units, officers ------------------------------------------------------------------------------


def unit_page(desk: Desk, connection: Connection, unit: str) -> RegisterPage:
    """A unit: its place in the tree, people, cases, clips. The caller asks for sight. Raises NotFoundError."""
    tree, maker = registers.units(connection), _Maker(desk, connection)
    if unit not in tree:
        raise NotFoundError(_NONE.format(k=unit[:80]))
    people = registers.officers_of(connection, unit)
    below = [one for one in tree.values() if one.parent == unit]
    above = tree.get(tree[unit].parent or "")
    linked = (
        (Text("上级单位", "above"), tuple(_unit(one) for one in (above,) if one is not None)),
        (Text("下级单位", "below"), tuple(map(_unit, sorted(below, key=lambda one: one.unit)))),
        (Text("人员", "people"), maker.officers(people)),
    )
    numbers = [one.officer for one in people][:UNIT_OFFICERS]
    wanted = Wanted(unit=registers.below(tree, unit))
    return maker.page(
        "unit",
        unit,
        Text("单位", "unit"),
        cases=case_lists.page(connection, wanted, None, CASES),
        clips=tiles_of(desk, connection, clip_lists.of_officers(connection, numbers, CLIPS)),
        about=[f"unit:{unit}"],
        linked=linked,
    )


def _unit(one: Unit) -> Linked:
    note = one.unit if one.name else ""
    return Linked(href=f"/units/{quote(one.unit)}", name=shown(one.name or one.unit), note=note)


def officer_page(desk: Desk, connection: Connection, officer: str) -> RegisterPage:
    """An officer: facts, recorders, cases, clips. The caller asks for sight. Raises NotFoundError."""
    maker = _Maker(desk, connection)
    stated = registers.one(connection, "officer", officer)
    unit = (
        None
        if stated is None or stated.row.unit is None
        else registers.one(connection, "unit", stated.row.unit)
    )
    held = [one for one in queries.recorders(connection, desk.now) if one.officer == officer]
    recorders = tuple(
        Linked(
            href=f"/recorders/{quote(one.recorder)}",
            name=one.recorder,
            note=signs.sign(terms.RECORDERS, one.state).word.say(desk.lang),
        )
        for one in held
    )
    units = () if unit is None else (_unit(unit.row),)
    return maker.page(
        "officer",
        officer,
        Text("执法人员", "officer"),
        cases=maker.seen_cases(case_lists.page(connection, Wanted(officer=officer), None, CASES)),
        clips=tiles_of(desk, connection, clip_lists.of_officer(connection, officer, CLIPS)),
        about=[f"officer:{officer}"],
        linked=((Text("单位", "unit"), units), (Text("现用记录仪", "recorders now"), recorders)),
    )


# --- recorders ------------------------------------------------------------------------------------


def recorder_page(desk: Desk, connection: Connection, recorder: str) -> RegisterPage:
    """A recorder: where it is, who has it, clips, findings. The caller asks for sight. Raises NotFoundError."""
    found = queries.recorder(connection, RecorderId(recorder), desk.now)
    if found is None:
        raise NotFoundError(_NONE.format(k=recorder[:80]))
    maker = _Maker(desk, connection)

    def at(moment: int | None) -> str | None:
        return None if moment is None else stamp_text(moment, desk.zone)  # type: ignore[arg-type]  # of the index

    facts = (
        (Text("型式", "family"), found.family),
        (Text("登记", "known since"), at(found.enrolled_at)),
        (Text("槽位", "slot"), found.slot),
        (Text("最近接入", "docked last"), at(found.docked_at)),
        (Text("取走", "out since"), at(found.out_since_at)),
        (Text("电量", "battery"), None if found.battery is None else f"{found.battery}%"),
        (
            Text("异常", "problem"),
            None if found.problem is None else signs.PROBLEMS[found.problem].say(desk.lang),
        ),
        (Text("说明", "detail"), found.detail),
    )
    holder = found.officer or found.issued_to
    names = desk.watch.names.of(connection, [] if holder is None else [holder], "full")
    who = () if holder is None else (_officer(holder, names.get(holder)),)
    about = [f"recorder:{recorder}"]
    return RegisterPage(
        kind=Text("执法记录仪", "recorder"),
        id=recorder,
        title=shown(recorder),
        sign=signs.sign(terms.RECORDERS, found.state),
        facts=tuple((name.say(desk.lang), shown(value)) for name, value in facts if value),
        linked=((Text("使用人", "officer"), who),),
        cases=(),
        tiles=tiles_of(desk, connection, clip_lists.of_recorder(connection, recorder, CLIPS)),
        findings=maker.findings(about),
        statements=(),
        figures=own(desk, connection, "recorder", recorder),
        custody=f"recorder:{recorder}",
    )


def _officer(number: str, name: str | None) -> Linked:
    return Linked(href=f"/officers/{quote(number)}", name=name or number, note=number if name else "")


# --- any of them ----------------------------------------------------------------------------------


class _Maker:
    def __init__(self, desk: Desk, connection: Connection) -> None:
        self._desk, self._connection = desk, connection
        self._sight = Sight(desk, connection)
        self._reader = Reader(desk.watch.values, zone=desk.zone, lang=desk.lang)

    def page(
        self,
        register: str,
        key: str,
        kind: Text,
        *,
        cases: Sequence[Case],
        clips: tuple[Tile, ...],
        about: Sequence[str],
        linked: tuple[tuple[Text, tuple[Linked, ...]], ...] = (),
    ) -> RegisterPage:
        """One row of a register. Raises NotFoundError."""
        stated = registers.one(self._connection, register, key)
        if stated is None:
            raise NotFoundError(_NONE.format(k=key[:80]))
        facts = self._reader.fields(register, stated.row)
        return RegisterPage(
            kind=kind,
            id=key,
            title=self._title(stated.row) or shown(key),
            sign=None,
            facts=tuple(facts),
            linked=tuple((name, some) for name, some in linked if some),
            cases=lines(self._desk, self._connection, cases),
            tiles=clips,
            findings=self.findings(about),
            statements=self._statements(register, key),
            figures=own(self._desk, self._connection, register, key) if register in _COUNTED else None,
            custody=registers.subject_of(register, key),
        )

    def _title(self, row: object) -> str:
        """What people call it."""
        if (name := getattr(row, "name", None)) is not None:
            return shown(name)
        value = getattr(row, "party_value", None) or getattr(row, "name_value", None)
        return shown(self._reader.parts(value).get("name", ""))

    def officers(self, people: Sequence[Officer]) -> tuple[Linked, ...]:
        """Links to officers, by their names."""
        names = self._desk.watch.names.of(self._connection, [one.officer for one in people], "full")
        return tuple(_officer(one.officer, names.get(one.officer)) for one in people)

    def seen_cases(self, cases: Sequence[Case]) -> list[Case]:
        """Those of these that the person may see."""
        self._sight.prepare(f"case:{one.case}" for one in cases)
        return [one for one in cases if self._sight.item(f"case:{one.case}")]

    def clips_of_cases(self, cases: Sequence[Case]) -> tuple[Tile, ...]:
        """The newest clips of these cases."""
        found = clip_lists.of_cases(self._connection, [one.case for one in cases], CLIPS)
        return tiles(self._desk, self._connection, found)

    def findings(self, about: Sequence[str]) -> tuple[Card, ...]:
        """What stands about these items."""
        if ADMINISTRATOR in self._desk.visitor.roles or not self._desk.visitor.roles & {*READERS, "officer"}:
            return ()
        told = law_queries.standing(self._connection, about)
        return cards(self._desk, self._connection, by_urgency(told))

    def _statements(self, register: str, key: str) -> tuple[Statement, ...]:
        """What was said of it, the newest first."""
        subject, desk = registers.subject_of(register, key), self._desk
        said = [
            one for one in history(self._connection, desk.watch.home, subject) if one.register == register
        ]
        first = Text("首次登记", "first stated").say(desk.lang)
        join = Text("；", "; ").say(desk.lang)
        return tuple(
            Statement(
                seq=one.seq,
                at=one.at,
                by=one.actor,
                what=shown((first if one.before is None else join.join(self._reader.change(one)))
                           + self._reader.source(one.event)),
            )
            for one in reversed(said[-STATEMENTS:])
        )  # fmt: skip
