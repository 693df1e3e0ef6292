"""The search page's facts: how the question was understood, what it names, the clips that are all of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

from sqlalchemy import Connection

from ingestd.index import registers
from ingestd.index.clip_search import LINKED, QUEUED, TROUBLES, UNLINKED, Place, Wanted
from ingestd.model import Kind, Millis
from ingestd.web import footage, query, texts
from ingestd.web.desk import Desk
from ingestd.web.footage import Around
from ingestd.web.grams import plain
from ingestd.web.lookups import Words
from ingestd.web.naming import Group, groups, says
from ingestd.web.query import FLAG_WORDS, Asked, Piece
from ingestd.web.sight import Sight
from ingestd.web.tiles import Tile, tiles
from ingestd.words import Text

A_PAGE = 48
LINKS = (LINKED, UNLINKED, QUEUED)
KINDS = (Kind.VIDEO, Kind.AUDIO, Kind.PHOTO)
_TEXT_AROUND = 24
_PLACE = re.compile(r"(\d{1,15})\.(\d{1,15})", re.ASCII)

_FOUND_IN = {
    texts.NOTE: Text("说明", "note"),
    texts.NUMBER: Text("案号", "case number"),
    texts.TITLE: Text("案由", "case"),
    texts.PLACE: Text("地点", "place"),
    texts.REMARK: Text("备注", "remark"),
    texts.SUBJECT: Text("当事人", "subject"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What an address asks for."""

    text: str
    unit: str | None
    kind: str | None
    trouble: str | None
    link: str | None
    before: Place | None = None

    def address(self, **changed: str) -> str:
        """The address of this question, from its first page on, with some parts changed."""
        parts = {
            "q": self.text,
            "unit": self.unit,
            "kind": self.kind,
            "trouble": self.trouble,
            "link": self.link,
        }
        told = {name: value for name, value in {**parts, **changed}.items() if value}
        return f"/search?{urlencode(told)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """How a piece of the query was understood."""

    what: Text
    says: Text
    away: str
    """Address of the question without it."""
    as_text: str | None
    """Address of the question with it as plain text; None where it is that."""
    is_used: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Where words were found beside a clip."""

    what: Text
    before: str
    found: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """The page."""

    question: Question
    chips: tuple[Chip, ...]
    is_cut: bool
    groups: tuple[Group, ...]
    tiles: tuple[Tile, ...]
    marks: Mapping[str, tuple[Mark, ...]]
    """By acquisition."""
    at: Place | None
    """Where what is older goes on."""
    next: str | None
    """Its address."""
    looked_to: Millis | None
    """How far back this page looked, where it is not full and there may be older ones."""
    is_partial: bool
    units: tuple[tuple[str, str], ...]
    """Among which one may choose: id and name."""


def place_of(text: str) -> Place | None:
    """A place in a list as addresses have it (``<moment>.<log position>``); None where it is none."""
    found = _PLACE.fullmatch(text)
    return None if found is None else Place(start=int(found[1]), seq=int(found[2]))


def place_text(place: Place | None) -> str | None:
    """The reverse."""
    return None if place is None else f"{place.start}.{place.seq}"


def results(desk: Desk, connection: Connection, question: Question, *, limit: int = A_PAGE) -> Results:
    """What is found, as far as the person may see it."""
    sight = Sight(desk, connection)
    asked = understood(desk, connection, sight, question)
    wanted = _wanted(connection, sight, asked.wanted, question)
    found = footage.found(connection, wanted, asked.terms, before=question.before, limit=limit)
    shown = tiles(desk, connection, [row.acquisition for row in found.page.rows])
    goes_on = place_text(found.page.next)
    return Results(
        question=question,
        chips=tuple(_chip(desk, connection, question, asked, piece) for piece in asked.pieces),
        is_cut=asked.is_cut,
        groups=groups(desk, connection, sight, asked) if question.before is None else (),
        tiles=shown,
        marks=_marks(connection, asked, shown),
        at=found.page.next,
        next=None if goes_on is None else question.address(before=goes_on),
        looked_to=found.page.looked_to,
        is_partial=found.is_partial,
        units=_units(connection, sight),
    )


def understood(desk: Desk, connection: Connection, sight: Sight, question: Question) -> Asked:
    """The query's pieces, as of the station's day."""
    today = datetime.fromtimestamp(desk.now / 1000, desk.zone).date()
    words = Words(desk, connection, sight)
    return query.understand(question.text, words, today=today, zone=desk.zone)


def _wanted(connection: Connection, sight: Sight, wanted: Wanted, question: Question) -> Wanted:
    """With the filters beside the box, units with those below, and what the person sees."""
    tops = [question.unit] if question.unit else sorted(wanted.units or ())
    tree = registers.units(connection)
    units = frozenset[str]().union(*(registers.below(tree, top) for top in tops)) if tops else None
    return replace(
        wanted,
        units=units,
        seen_by=None if sight.sees_all else sight.units or frozenset(),
        kinds=(Kind(question.kind),) if question.kind else wanted.kinds,
        trouble=question.trouble or wanted.trouble,
        link=question.link or wanted.link,
    )


def _units(connection: Connection, sight: Sight) -> tuple[tuple[str, str], ...]:
    known = registers.units(connection)
    return tuple(
        (id_, unit.name or id_)
        for id_, unit in sorted(known.items())
        if sight.units is None or id_ in sight.units
    )


# --- chips ---------------------------------------------------------------------------------------------


def _chip(desk: Desk, connection: Connection, question: Question, asked: Asked, piece: Piece) -> Chip:
    what, told = says(desk, connection, asked, piece)
    is_text = piece.what in ("text", "unused")
    return Chip(
        what=what,
        says=told,
        away=question.address(q=query.without(asked, piece)),
        as_text=None if is_text else question.address(q=query.as_text(asked, piece)),
        is_used=piece.what != "unused",
    )


# --- where words stand ------------------------------------------------------------------------------------


def _marks(connection: Connection, asked: Asked, shown: tuple[Tile, ...]) -> dict[str, tuple[Mark, ...]]:
    if not asked.terms or not shown:
        return {}
    near = footage.around(connection, [tile.acquisition for tile in shown])
    return {
        acquisition: tuple(mark for one in some for mark in [_mark(one, asked.terms)] if mark is not None)
        for acquisition, some in near.items()
    }


def _mark(one: Around, terms: tuple[str, ...]) -> Mark | None:
    """The first of the words in a text, with what stands around it."""
    folded = plain(one.text)
    is_like = len(folded) == len(one.text)
    for term in terms:
        at = folded.find(plain(term))
        if at < 0:
            continue
        text = one.text if is_like else folded
        end = at + len(plain(term))
        begin = max(0, at - _TEXT_AROUND)
        return Mark(
            what=_FOUND_IN[one.kind],
            before=("…" if begin else "") + text[begin:at],
            found=text[at:end],
            after=text[end : end + _TEXT_AROUND] + ("…" if len(text) > end + _TEXT_AROUND else ""),
        )
    return None


TROUBLE_WORDS = tuple((one, FLAG_WORDS[one]) for one in TROUBLES)
LINK_WORDS = tuple((one, FLAG_WORDS[one]) for one in LINKS)
KIND_WORDS = tuple((one.value, FLAG_WORDS[one.value]) for one in KINDS)
"""What the filters offer."""
