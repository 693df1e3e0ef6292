"""Cases as lists show them: what each is, how much there is of it, what is wrong with it, newest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from sqlalchemy import Connection

from ingestd.facts import Case, Unit
from ingestd.index import case_lists, registers
from ingestd.index.case_lists import STATES, Counted, Place, Wanted
from ingestd.model import Millis
from ingestd.registers.words import CASE_KINDS
from ingestd.telling.plain import shown
from ingestd.telling.register_sentences import word
from ingestd.telling.register_views import Reader
from ingestd.telling.signs import Sign, made
from ingestd.web.desk import Desk
from ingestd.web.sight import Sight
from ingestd.words import Text

PAGE = 25
URGENT = 6
"""Cases in the row of the most urgent."""
PROGRESS: Mapping[str, Sign] = {
    "open": made("○", "blue", "办理中", "open"),
    "decided": made("◐", "default", "已决定", "decided"),
    "concluded": made("●", "default", "已终结", "concluded"),
}
"""How far a case has come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One case of a list."""

    case: str
    href: str
    title: str
    kind: Text
    unit: str | None
    unit_name: str | None
    opened_at: Millis | None
    progress: Sign
    is_major: bool
    counted: Counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What a list was narrowed down to, as its form shows it; empty: nothing."""

    unit: str = ""
    officer: str = ""
    state: str = ""
    kind: str = ""

    @property
    def is_any(self) -> bool:
        """Whether it is narrowed down at all."""
        return bool(self.unit or self.officer or self.state or self.kind)

    def query(self, after: Case | None = None) -> str:
        """As a query string; ``after``: of the page that begins after this case."""
        told = {
            "unit": self.unit,
            "officer": self.officer,
            "state": self.state,
            "kind": self.kind,
            "after": "" if after is None else after.case,
            "opened": "" if after is None or after.opened_at is None else str(after.opened_at),
        }
        return urlencode({name: value for name, value in told.items() if value})


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A page of the list."""

    lines: tuple[Line, ...]
    urgent: tuple[Line, ...]
    """Those that cannot wait; on the first page of the whole list only."""
    units: tuple[Unit, ...]
    """Those whose matters the person sees, to choose from."""
    older: str | None
    """Query of the next page."""


def listing(desk: Desk, connection: Connection, choice: Choice, after: Place | None) -> Listing:
    """The cases that a person may see, newest first; on the first page the most urgent above them."""
    sight, tree = Sight(desk, connection), registers.units(connection)
    wanted = _wanted(desk, sight, tree, choice)
    found = case_lists.page(connection, wanted, after, PAGE + 1)
    rows = found[:PAGE]
    is_first = after is None and not choice.is_any
    urgent = _urgent(connection, sight) if is_first else ()
    return Listing(
        lines=lines(desk, connection, rows),
        urgent=lines(desk, connection, urgent),
        units=tuple(tree[key] for key in sorted(tree) if sight.units is None or key in sight.units),
        older=choice.query(rows[-1]) if len(found) > PAGE else None,
    )


def _wanted(desk: Desk, sight: Sight, tree: Mapping[str, Unit], choice: Choice) -> Wanted:
    person = desk.visitor.person
    is_reader = sight.sees_all or sight.units is not None
    return (
        Wanted(
            units=sight.units,
            own=None if sight.sees_all else person,
            unit=registers.below(tree, choice.unit) if choice.unit else None,
            officer=choice.officer or None,
            state=choice.state if choice.state in STATES else None,
            kind=choice.kind or None,
        )
        if is_reader
        else Wanted(own=person)
    )


def _urgent(connection: Connection, sight: Sight) -> tuple[Case, ...]:
    seen: list[str] = []
    urgent = case_lists.urgent(connection)
    sight.prepare(f"case:{case}" for case in urgent)
    for case in urgent:
        if len(seen) == URGENT:
            break
        if sight.item(f"case:{case}"):
            seen.append(case)
    found = registers.stated(connection, "case", seen)
    return tuple(found[case].row for case in seen if case in found)


def lines(desk: Desk, connection: Connection, cases: Sequence[Case]) -> tuple[Line, ...]:
    """These cases as a list shows them. The caller asks whether the person may see them."""
    reader = Reader(desk.watch.values, zone=desk.zone, lang=desk.lang)
    counts = case_lists.counted(connection, [one.case for one in cases])
    units = registers.stated(connection, "unit", {one.unit for one in cases if one.unit is not None})
    return tuple(
        Line(
            case=one.case,
            href=f"/cases/{quote(one.case)}",
            title=shown(reader.parts(one.title_value).get("title", "")),
            kind=word(CASE_KINDS, one.kind),
            unit=one.unit,
            unit_name=units[one.unit].row.name if one.unit in units else None,
            opened_at=one.opened_at,
            progress=progress(one),
            is_major=one.major is True,
            counted=counts[one.case],
        )
        for one in cases
    )


def progress(case: Case) -> Sign:
    """How far a case has come."""
    if case.concluded_at is not None:
        return PROGRESS["concluded"]
    return PROGRESS["open" if case.decided_at is None else "decided"]
