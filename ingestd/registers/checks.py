"""What a row cannot be, whoever says it: ends before it begins, has no start. PURE."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from ingestd.facts import Act, Case, Decision, Officer, Review, Unit
from ingestd.registers.cells import CellError
from ingestd.words import Text


class RowError(ValueError):
    """A row that cannot be taken: which field (`Column.key`; None: the whole row), and why."""

    def __init__(self, key: str | None, text: Text) -> None:
        super().__init__(text.en)
        self.key = key
        self.text = text


_PARTS = re.compile(r"[;；\n|]")
_ORDER: dict[type, tuple[tuple[str, str], ...]] = {
    Act: (("started_at", "ended_at"),),
    Case: (("opened_at", "decided_at"), ("opened_at", "concluded_at")),
    Officer: (("valid_from", "valid_until"),),
    Decision: (("at", "public_at"), ("public_at", "withdrawn_at")),
    Review: (("submitted_at", "opinion_at"),),
}
_DAY_MS = 86_400_000
"""A day alone is its first instant: what is told to the day may lie nearly so much before what is told to the minute.
Acts have times; one that a platform tells to the minute may begin and end in the same.
"""


def contradiction(row: object) -> tuple[str, Text] | None:
    """The field of a row that cannot be so, and why; None where nothing speaks against it."""
    if isinstance(row, Act) and row.started_at is None:
        return "started_at", Text("没有开始时刻。", "it has no time of its beginning.")
    slack = 0 if isinstance(row, Act) else _DAY_MS - 1
    for first, second in _ORDER.get(type(row), ()):
        begins, ends = getattr(row, first), getattr(row, second)
        if begins is not None and ends is not None and ends + slack < begins:
            return second, Text("早于其开始。", "it lies before its beginning.")
    return None


def is_circle(tree: Mapping[str, Unit], unit: Unit) -> bool:
    """Whether a unit would come to stand below itself."""
    seen, parent = {unit.unit}, unit.parent
    while parent is not None:
        if parent in seen:
            return True
        seen.add(parent)
        above = tree.get(parent)
        parent = None if above is None else above.parent
    return False


def lost_zeros(known: Iterable[str]) -> dict[str, str]:
    """Ids by what a spreadsheet leaves of them that took them for numbers."""
    return {one.lstrip("0"): one for one in known if one.startswith("0") and one.isdecimal()}


def parted(cell: object, like: int | None = None) -> list[str | None]:
    """The parts of a cell that holds something for each subject; ``like``: of so many. Raises CellError."""
    parts = [one.strip() or None for one in _PARTS.split(str(cell))] if cell else []
    if like is None:
        return [one for one in parts if one]
    if parts and len(parts) != like and any(parts[like:] or [len(parts) < like]):
        raise CellError(
            Text(
                f"这里有 {len(parts)} 项，当事人却有 {like} 个；请一一对应，用分号分开。",
                f"{len(parts)} of them for {like} subjects: one each, separated by semicolons.",
            )
        )
    return (parts + [None] * like)[:like]
