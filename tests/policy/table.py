"""The table of what the five texts say, as test data (`jurisdictions.csv`), and how its page is read."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TABLE = Path(__file__).with_name("jurisdictions.csv")
OPEN = "等"
_IDS = re.compile(r"(?:(REC|DIS|REV|REG|INF)-)?(\d+[a-z]?)")
_SECTION = re.compile(r"list (\d+(?:, \d+)*)|([一二三四](?:\([一二三四五六七]\))?\d*)")
_TERM = re.compile(r"[\u4e00-\u9fff、]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One rule of one plan."""

    plan: str
    row: str
    """Its line of the page: the ids that share it."""
    id: str
    strength: str
    qualifier: str
    numbers: dict[str, str]
    sections: frozenset[str]
    terms: frozenset[str]
    is_open: bool


def rows() -> list[Row]:
    """The rows of the table."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return [
            Row(
                plan=one["plan"],
                row=one["row"] or one["id"],
                id=one["id"],
                strength=one["strength"],
                qualifier=one["qualifier"],
                numbers=dict(pair.split("=") for pair in one["numbers"].split()),
                sections=frozenset(one["sections"].split()),
                terms=frozenset(one["terms"].split()) - {OPEN},
                is_open=OPEN in one["terms"].split(),
            )
            for one in csv.DictReader(file)
            if one["strength"] != "none"
        ]


def none() -> dict[str, frozenset[str]]:
    """Plan to the rules that it does not have."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {
            one["plan"]: frozenset(one["terms"].split())
            for one in csv.DictReader(file)
            if one["strength"] == "none"
        }


# --- the page -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the page's tables."""

    plan: str
    row: str
    ids: tuple[str, ...]
    strength: str
    value: str
    sections: frozenset[str]
    terms: frozenset[str]
    is_open: bool


def ids_of(text: str) -> tuple[str, ...]:
    """``+REC-27, 30`` is REC-27 and REC-30; remarks in brackets are no ids."""
    found, chapter = [], ""
    for name, number in _IDS.findall(re.sub(r"\((?:\([^)]*\)|[^()])*\)", "", text)):
        chapter = name or chapter
        found.append(f"{chapter}-{number}")
    return tuple(found)


def sections_of(text: str) -> frozenset[str]:
    """The sections that a cell names, the annex's items as ``清单n``."""
    found: set[str] = set()
    for numbers, section in _SECTION.findall(text):
        found |= {section} if section else {f"清单{number}" for number in numbers.split(", ")}
    return frozenset(found)


def terms_of(text: str) -> frozenset[str]:
    """The Chinese terms of a cell, without sections in brackets."""
    return frozenset(_TERM.findall(re.sub(r"\([一二三四](?:\([一-龥]\))?\d*\)", "", text)))


def page(text: str) -> tuple[list[Line], dict[str, frozenset[str]]]:
    """The lines of the page, and what each plan does not have."""
    lines: list[Line] = []
    missing: dict[str, frozenset[str]] = {}
    plan = ""
    for line in text.splitlines():
        if head := re.match(r"## ([a-z-]+) ", line):
            plan = head[1]
        elif plan and line.startswith("none: "):
            missing[plan] = frozenset(ids_of(line.removeprefix("none: ")))
        elif plan and line.startswith("| ") and not line.startswith("| id "):
            lines.append(_line(plan, [cell.strip() for cell in line.strip().strip("|").split("|")]))
    return lines, missing


def _line(plan: str, cells: list[str]) -> Line:
    name, strength, value, section, terms = cells
    ids, found = ids_of(name), terms_of(terms)
    return Line(
        plan=plan,
        row=" ".join(ids),
        ids=ids,
        strength=strength,
        value=value,
        sections=sections_of(section),
        terms=found - {OPEN},
        is_open=OPEN in found,
    )


def strengths_of(cell: str, count: int) -> Iterator[tuple[str, str]]:
    """Strength and qualifier of each rule of a line; ``none(may)`` is may."""
    told = cell.split(" / ") if " / " in cell else [cell] * count
    for one in told:
        word, _, rest = one.partition("(")
        inside = rest.rstrip(") ")
        if word.strip() == "none":
            yield inside, ""
        else:
            yield word.strip(), inside if _TERM.fullmatch(inside) else ""
