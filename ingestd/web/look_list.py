"""Who looked at what: each opening with why, for how long, and which parts; of what the reader may see.

What was seen is what a browser told, what was sent is what left the station: both are shown, neither for the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from sqlalchemy import Connection

from ingestd.errors import VaultError
from ingestd.index import analyses, looks
from ingestd.index.items import find_clip
from ingestd.index.looks import Look
from ingestd.model import Millis
from ingestd.people.separation import READERS
from ingestd.telling import terms
from ingestd.telling.plain import in_one_line
from ingestd.telling.terms import word
from ingestd.vault.layout import is_acquisition
from ingestd.web.desk import Desk
from ingestd.web.sight import Sight
from ingestd.words import Text

OVERSEERS = ("supervisor", "archivist", "outside-supervisor")
"""Who sees what others looked at; everybody else sees what they looked at themselves."""
PAGE = 50
_READ_ON = 6
"""So many pages are read at most to fill one, where many looks are of items that the reader may not see."""
_PERCENT = 1000
"""Places on a bar: thousandths of the film."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A stretch of a film on its bar, in thousandths."""

    x: int
    width: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One look."""

    seq: int
    opened_at: Millis
    closed_at: Millis | None
    """None: it goes on."""
    end: Text | None
    person: str
    name: str | None
    kind: str
    """player, preview, strip, snapshot, document, original."""
    what: Text
    about: str
    item: Text
    href: str | None
    case: str | None
    purpose: Text | None
    """What for; None where it was not asked."""
    watched_ms: int | None
    seen: tuple[tuple[int, int], ...]
    parts: tuple[Part, ...]
    """`seen` on a bar of the film; none where its length is not known."""
    length_ms: int | None
    served_bytes: int
    strips: int
    """Clips whose strips were shown in lists."""
    picture_sha256: str | None
    at_ms: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LookList:
    """A page of them, newest first."""

    lines: tuple[Line, ...]
    older: int | None
    """Where the next page goes on; None: there are no more."""
    is_own: bool
    """Only the reader's own are here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the list is narrowed to."""

    person: str | None = None
    item: str | None = None
    """``clip:<id>``, an acquisition's id, or a case's number."""
    before: int | None = None


def read(desk: Desk, connection: Connection, wanted: Wanted) -> LookList:
    """The looks that somebody may see."""
    who = desk.visitor
    is_own = not who.roles & set(OVERSEERS)
    person = who.person if is_own else wanted.person or None
    about, case = _narrowed(wanted.item)
    sight, found, before = _Sight(desk, connection), list[Look](), wanted.before
    more = False
    for _ in range(_READ_ON):
        batch = looks.listed(
            connection, person=person, about=about, case=case, before_seq=before, limit=PAGE + 1
        )
        sight.prepare(batch)
        for one in batch:
            if len(found) == PAGE:
                more = True
                break
            before = one.seq
            if sight.sees(one):
                found.append(one)
        if more or len(batch) <= PAGE:
            break
    else:
        more = True
    return LookList(lines=_lines(desk, connection, found), older=before if more else None, is_own=is_own)


def _narrowed(item: str | None) -> tuple[str | None, str | None]:
    """Item and case by what was typed."""
    text = (item or "").strip()
    if not text:
        return None, None
    if is_acquisition(text.lower()):
        return f"clip:{text.lower()}", None
    return (text, None) if text.startswith(("clip:", "text-record:", "account:")) else (None, text)


class _Sight:
    """Which looks a person may see: their own, and those at what they may see themselves."""

    def __init__(self, desk: Desk, connection: Connection) -> None:
        self._me = desk.visitor.person
        self._sight = Sight(desk, connection)
        self._known: dict[str, bool] = {}

    def sees(self, one: Look) -> bool:
        if one.person == self._me or self._sight.sees_all:
            return True
        about = _about(one)
        if about not in self._known:
            self._known[about] = self._sight.item(about)
        return self._known[about]

    def prepare(self, some: Sequence[Look]) -> None:
        """These will be asked about: all is read at once."""
        self._sight.prepare(_about(one) for one in some if one.person != self._me)


def _about(one: Look) -> str:
    """The item whose sight decides about a look."""
    kind, _, id_ = one.about.partition(":")
    return f"officer:{id_}" if kind == "account" else one.about


def _lines(desk: Desk, connection: Connection, found: Sequence[Look]) -> tuple[Line, ...]:
    names = desk.watch.names.of(connection, {one.person for one in found}, "full")
    lengths = _lengths(connection, {one.about for one in found})
    return tuple(_line(desk, one, names, lengths.get(one.about)) for one in found)


def _line(desk: Desk, one: Look, names: Mapping[str, str], length_ms: int | None) -> Line:
    kind, _, id_ = one.about.partition(":")
    item, href = {
        "clip": (Text(f"录像 {id_[-12:]}", f"clip {id_[-12:]}"), f"/clips/{quote(id_, safe='')}"),
        "text-record": (Text(f"文书 {id_}", f"document {id_}"), f"/documents/{quote(id_, safe='')}"),
    }.get(kind, (Text("列表", "lists"), None))
    return Line(
        seq=one.seq,
        opened_at=one.opened_at,
        closed_at=one.closed_at,
        end=None if one.why is None else word(terms.LOOK_ENDS, one.why),
        person=one.person,
        name=names.get(one.person),
        kind=one.what,
        what=word(terms.LOOKS, one.what),
        about=one.about,
        item=item,
        href=href,
        case=one.case,
        purpose=_purpose(desk, one.purpose_value),
        watched_ms=one.watched_ms,
        seen=one.seen,
        parts=_parts(one.seen, length_ms),
        length_ms=length_ms,
        served_bytes=sum(end - begin for begin, end in one.served),
        strips=len(one.items),
        picture_sha256=one.picture_sha256,
        at_ms=one.at_ms,
    )


def _parts(seen: Sequence[tuple[int, int]], length_ms: int | None) -> tuple[Part, ...]:
    if not length_ms:
        return ()
    places = [
        (min(_PERCENT, begin * _PERCENT // length_ms), min(_PERCENT, -(-end * _PERCENT // length_ms)))
        for begin, end in seen
    ]
    return tuple(Part(x=begin, width=max(end - begin, 2)) for begin, end in places if begin < _PERCENT)


def _lengths(connection: Connection, about: set[str]) -> dict[str, int]:
    """How long the clips among items last."""
    parts = [one.partition(":") for one in about]
    seen = [find_clip(connection, id_) for kind, _, id_ in parts if kind == "clip"]
    known = analyses.lengths(connection, [clip for clip in seen if clip is not None])
    return {f"clip:{acquisition}": length for acquisition, length in known.items()}


def _purpose(desk: Desk, digest: str | None) -> Text | None:
    """The person's words; what was erased or is not held here is said to be."""
    if digest is None:
        return None
    try:
        told = desk.watch.values.get(digest)
    except VaultError:
        return Text("（内容与摘要不符）", "(not what the log names)")
    if told is None:
        return desk.watch.values.absent(digest)
    purpose = in_one_line(str(told.get("purpose", "")))
    return Text(purpose, purpose)


def may_list(desk: Desk) -> None:
    """Raises RemoteError for those who see no evidence at all."""
    desk.require(*READERS, "officer")
