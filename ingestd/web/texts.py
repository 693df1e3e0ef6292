"""Free text that can be looked for: notes, titles, places, names, explanations, in the pages' own copy.

The log and the index know personal text by its digest only. Here it stands itself, beside the copy: filled while
the log is followed, thrown away with the copy, and forgotten when its value is gone from the vault (`tidied`).
SQLite only, as the copy is.

A text's key orders it: the moment that it is about, then its place in the log. So the newest come first without
sorting, and a page goes on where the last one ended.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from sqlite3 import Connection as Raw
from typing import Any

from sqlalchemy import Connection, Engine

from ingestd import events
from ingestd.errors import LogError, VaultError
from ingestd.events import Event
from ingestd.index import projection
from ingestd.index.database import truncated
from ingestd.index.position import Position
from ingestd.ledger.recovery import Project
from ingestd.model import Millis
from ingestd.vault.values import Values
from ingestd.web.grams import has, phrases, tokens

NOTE, NUMBER, TITLE, PLACE, REMARK, SUBJECT, OFFICER, REASON = KINDS = (
    "note",
    "number",
    "title",
    "place",
    "remark",
    "subject",
    "officer",
    "reason",
)
"""Of a clip; number and title of a case; place and remark of an act; a subject's, an officer's name; why a finding
is explained or waived."""
FORM = 1
"""Raise it when this module makes other tables."""
_SEQ_BITS = 20
_SEQ_MASK = (1 << _SEQ_BITS) - 1
_MOST_MS = (1 << 63 - _SEQ_BITS) - 1
_MOST_KEY = (1 << 63) - 1
_MERGE_PAGES = 400
LOOSE_ROUNDS = 4
"""So often a list is filled by what nearly fits, before the index is asked for just that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A text that was found."""

    key: int
    item: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Doc:
    """A text to be found, and what it is of."""

    kind: str
    item: str
    key: int
    digest: str | None
    text: str | None
    """What stands in it itself, where it is no personal value."""


# --- tables ---------------------------------------------------------------------------------------


def create(engine: Engine) -> None:
    """Make the tables beside those of a copy. Raises LogError where the copy has others, or none and entries."""
    with engine.begin() as connection:
        raw = _raw(connection)
        (form,) = raw.execute("PRAGMA user_version").fetchone()
        if form == FORM:
            return
        if form or raw.execute("SELECT 1 FROM subjects LIMIT 1").fetchone():
            raise LogError(projection.STALE)
        raw.execute(
            "CREATE TABLE texts (kind TEXT NOT NULL, item TEXT NOT NULL, key INTEGER NOT NULL, digest TEXT, "
            "text TEXT, PRIMARY KEY (kind, item)) WITHOUT ROWID"
        )
        raw.execute("CREATE UNIQUE INDEX texts_key ON texts (kind, key)")
        raw.execute("CREATE INDEX texts_digest ON texts (digest, kind, item) WHERE digest IS NOT NULL")
        for kind in KINDS:
            raw.execute(
                f"CREATE VIRTUAL TABLE text_{kind} USING fts5"
                "(grams, content='', columnsize=0, tokenize='ascii')"
            )
        raw.execute(f"PRAGMA user_version={FORM}")


def projecting(values: Values) -> Project:
    """The projection of the index, and of the texts beside it, in one transaction."""

    def project(connection: Connection, happened: Sequence[tuple[Position, Event]]) -> None:
        projection.project(connection, happened)
        raw = _raw(connection)
        for entry, event in happened:
            for doc in _docs(raw, entry, event):
                put(raw, doc, doc.text if doc.digest is None else _read(values, doc.digest))

    return project


# --- what entries bring ---------------------------------------------------------------------------


def _docs(raw: Raw, entry: Position, event: Event) -> Iterator[Doc]:
    match event:
        case events.ClipNoted():
            found = raw.execute(
                "SELECT start_key, seq FROM clips WHERE acquisition = ?", (event.acquisition,)
            ).fetchone()
            if found is not None:
                yield _value(NOTE, event.acquisition, key_of(*found), event.note_value)
        case events.CaseStated():
            key = key_of(event.opened_at or entry.at, entry.seq)
            yield Doc(kind=NUMBER, item=event.case, key=key, digest=None, text=event.case)
            yield _value(TITLE, event.case, key, event.title_value)
        case events.ActStated():
            key = key_of(event.started_at or entry.at, entry.seq)
            yield _value(PLACE, event.act, key, event.place_value)
            yield _value(REMARK, event.act, key, event.note_value)
        case events.PartyStated():
            yield _value(SUBJECT, event.party, key_of(entry.at, entry.seq), event.party_value)
        case events.OfficerStated():
            yield _value(OFFICER, event.officer, key_of(entry.at, entry.seq), event.name_value)
        case events.FindingExplained() | events.FindingWaived():
            yield _value(REASON, event.finding, key_of(entry.at, entry.seq), event.reason_value)
        case _:
            pass


def _value(kind: str, item: str, key: int, digest: str | None) -> Doc:
    return Doc(kind=kind, item=item, key=key, digest=digest, text=None)


def key_of(at: int, seq: int) -> int:
    """What orders texts: by moment, then by place in the log."""
    return (min(max(at, 0), _MOST_MS) << _SEQ_BITS) | (seq & _SEQ_MASK)


def moment_of(key: int) -> Millis:
    """The moment in a key."""
    return Millis(key >> _SEQ_BITS)


_PARTS = ("name", "title", "place", "note", "reason", "text")


def _read(values: Values, digest: str) -> str | None:
    """The words of a value; None where it cannot be read just now (`tidied` looks again)."""
    try:
        fields = values.get(digest)
    except (VaultError, OSError):
        return None  # the daemon's own checks report it
    if fields is None:
        return None
    return " ".join(str(fields[part]) for part in _PARTS if isinstance(fields.get(part), str))


def put(raw: Raw, doc: Doc, text: str | None) -> None:
    """This text stands for an item from now on."""
    _drop(raw, doc.kind, doc.item)
    if doc.digest is None and text is None:
        return
    key = doc.key
    while raw.execute("SELECT 1 FROM texts WHERE kind = ? AND key = ?", (doc.kind, key)).fetchone():
        key -= 1  # two of one moment, millions of entries apart
    raw.execute("INSERT INTO texts VALUES (?, ?, ?, ?, ?)", (doc.kind, doc.item, key, doc.digest, text))
    if text:
        raw.execute(f"INSERT INTO text_{doc.kind} (rowid, grams) VALUES (?, ?)", (key, _grams(text)))  # noqa: S608 - a word of ours


def _drop(raw: Raw, kind: str, item: str) -> None:
    found = raw.execute("SELECT key, text FROM texts WHERE kind = ? AND item = ?", (kind, item)).fetchone()
    if found is None:
        return
    _unfind(raw, kind, *found)
    raw.execute("DELETE FROM texts WHERE kind = ? AND item = ?", (kind, item))


def _unfind(raw: Raw, kind: str, key: int, text: str | None) -> None:
    if text:
        raw.execute(
            f"INSERT INTO text_{kind} (text_{kind}, rowid, grams) VALUES ('delete', ?, ?)",  # noqa: S608 - a word of ours
            (key, _grams(text)),
        )


def _grams(text: str) -> str:
    return " ".join(tokens(text))


# --- what is gone from the vault --------------------------------------------------------------------


def tidied(
    engine: Engine, values: Values, after: tuple[str, str, str], limit: int
) -> tuple[str, str, str] | None:
    """Look at the next texts in the order of their digests; where to go on, None at the end.

    Those whose value is gone are forgotten, those that were missing and are back are taken. Raises OSError where
    the vault's values cannot be seen at all.
    """
    with engine.connect() as connection:
        rows = (
            _raw(connection)
            .execute(
                "SELECT digest, kind, item, text IS NULL FROM texts "
                "WHERE digest IS NOT NULL AND (digest, kind, item) > (?, ?, ?) ORDER BY digest, kind, item LIMIT ?",
                (*after, limit),
            )
            .fetchall()
        )
    gone = [
        (kind, item) for digest, kind, item, is_blank in rows if not is_blank and not values.holds(digest)
    ]
    back = [
        (kind, item, digest) for digest, kind, item, is_blank in rows if is_blank and values.holds(digest)
    ]
    if gone:
        _forget(engine, gone)
    if back:
        _recall(engine, values, back)
    return rows[-1][:3] if len(rows) == limit else None


def forget(engine: Engine, digests: Iterable[str]) -> None:
    """Have nothing left of values that were erased: no text, nothing in an index, nothing in the write-ahead log."""
    with engine.connect() as connection:
        gone = [
            row
            for digest in digests
            for row in _raw(connection).execute(
                "SELECT kind, item FROM texts WHERE digest = ? AND text IS NOT NULL", (digest,)
            )
        ]
    if gone:
        _forget(engine, gone)
        truncated(engine)


def _forget(engine: Engine, gone: Iterable[tuple[str, str]]) -> None:
    """Their text goes, and with the merging of the index what it kept of them."""
    with engine.begin() as connection:
        raw = _raw(connection)
        for kind, item in gone:
            found = raw.execute(
                "SELECT key, text FROM texts WHERE kind = ? AND item = ?", (kind, item)
            ).fetchone()
            if found is not None:
                _unfind(raw, kind, *found)
                raw.execute("UPDATE texts SET text = NULL WHERE kind = ? AND item = ?", (kind, item))
    for kind in sorted({kind for kind, _ in gone}):
        _merge(engine, kind)


def _merge(engine: Engine, kind: str) -> None:
    """Rewrite an index without what was deleted from it, in steps between which others may write."""
    step = -_MERGE_PAGES
    while True:
        with engine.begin() as connection:
            raw = _raw(connection)
            before = raw.total_changes
            raw.execute(f"INSERT INTO text_{kind} (text_{kind}, rank) VALUES ('merge', ?)", (step,))  # noqa: S608 - a word of ours
            if raw.total_changes - before < 2:  # noqa: PLR2004 - as FTS5 says that nothing is left to merge
                return
        step = _MERGE_PAGES


def _recall(engine: Engine, values: Values, back: Iterable[tuple[str, str, str]]) -> None:
    with engine.begin() as connection:
        raw = _raw(connection)
        for kind, item, digest in back:
            found = raw.execute(
                "SELECT key FROM texts WHERE kind = ? AND item = ? AND digest = ?", (kind, item, digest)
            ).fetchone()
            if found is not None:
                doc = Doc(kind=kind, item=item, key=found[0], digest=digest, text=None)
                put(raw, doc, _read(values, digest))


# --- looking ----------------------------------------------------------------------------------------


def find(
    connection: Connection,
    kind: str,
    *terms: str,
    above: int | None = None,
    below: int | None = None,
    limit: int,
) -> list[Hit]:
    """Texts of a kind that have all these terms in them, newest first, between two keys (not these themselves)."""
    wanted, loose = phrases(terms), phrases(terms, is_loose=True)
    if wanted is None or loose is None:
        return []
    found, begin = list[Hit](), -1 if above is None else above
    end = _MOST_KEY if below is None else below
    for one in (*[loose] * LOOSE_ROUNDS, wanted) if loose != wanted else (wanted,):
        hits = _hits(connection, kind, one, (begin, end), limit)
        found += (
            hits if one == wanted else (hit for hit in hits if all(has(hit.text, term) for term in terms))
        )
        if len(found) >= limit or len(hits) < limit:
            break
        end = hits[-1].key
    return found[:limit]


def _hits(connection: Connection, kind: str, wanted: str, between: tuple[int, int], limit: int) -> list[Hit]:
    rows = _raw(connection).execute(
        f"SELECT t.key, t.item, t.text FROM (SELECT rowid AS at FROM text_{kind} WHERE text_{kind} MATCH ? "  # noqa: S608 - a word of ours
        "AND rowid > ? AND rowid < ? ORDER BY rowid DESC LIMIT ?) JOIN texts AS t ON t.kind = ? AND t.key = at",
        (wanted, *between, limit, kind),
    )
    return sorted((Hit(key=key, item=item, text=text) for key, item, text in rows), key=_newest)


def named(connection: Connection, kind: str, items: Sequence[str]) -> dict[str, str]:
    """The texts of these items (some hundreds), those that there are."""
    marks = ", ".join("?" * len(items))
    rows = _raw(connection).execute(
        f"SELECT item, text FROM texts WHERE kind = ? AND item IN ({marks}) AND text IS NOT NULL",  # noqa: S608 - marks only
        (kind, *items),
    )
    return dict(rows.fetchall())


def _newest(hit: Hit) -> int:
    return -hit.key


def _raw(connection: Connection) -> Raw:
    """The driver's own connection, within the same transaction: a hundred thousand texts come in one sitting."""
    raw: Any = connection.connection.driver_connection
    made: Raw = raw
    return made
