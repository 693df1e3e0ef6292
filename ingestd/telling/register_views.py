"""Rows of registers as people read them: fields in words, personal text opened, what a correction changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import tzinfo
from typing import Any

from sqlalchemy import Connection

from ingestd import canon
from ingestd.errors import VaultError
from ingestd.events import Event
from ingestd.facts import E6
from ingestd.index import queries
from ingestd.index.register_tables import KEPT
from ingestd.index.registers import Stated
from ingestd.ledger import table
from ingestd.ledger.entry import parse
from ingestd.model import Millis
from ingestd.registers import words
from ingestd.registers.columns import REGISTERS, Register
from ingestd.registers.words import Words
from ingestd.telling.as_json import to_json
from ingestd.telling.plain import day_or_stamp, in_one_line, shown, shown_lines, stamp_text
from ingestd.telling.register_sentences import of_source, word
from ingestd.vault.blobs import Blobs
from ingestd.vault.layout import Home
from ingestd.vault.values import Values
from ingestd.words import Lang, Text

YES, NO = Text("是", "yes"), Text("否", "no")
NOTHING = "—"
_WORDS: dict[str, Words] = {
    "role": words.ROLES,
    "stage": words.STAGES,
    "result": words.RESULTS,
    "signed": words.SIGNED,
    "opinion": words.OPINIONS,
}
_KINDS: dict[str, Words] = {"case": words.CASE_KINDS, "subject": words.PARTY_KINDS}
_MOMENTS = frozenset({"at", "valid_from", "valid_until"})
_ENDS = frozenset({"valid_until", "due_at"})
"""Up to before a moment: people name the last day."""
_PARTS = ("name", "title", "id_number")
"""Of a personal value these come first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One statement of a row, with what it changed of the one before."""

    seq: int
    at: Millis
    actor: str
    register: str
    event: Any
    before: Any
    """The statement before of the same row; None: it is the first."""


class Reader:
    """Opens personal text and says fields in one language."""

    def __init__(self, values: Values, *, zone: tzinfo, lang: Lang) -> None:
        self._values = values
        self.zone = zone
        self.lang = lang

    def parts(self, digest: str | None) -> dict[str, str]:
        """The parts of a personal value; says so where it is not here, or does not match its digest."""
        if digest is None:
            return {}
        try:
            found = self._values.get(digest)
        except VaultError as error:
            return {"?": error.say(self.lang)}
        if found is None:
            return {"?": self._values.absent(digest).say(self.lang)}
        first = [name for name in _PARTS if name in found]
        return {name: str(found[name]) for name in dict.fromkeys((*first, *found))}

    def personal(self, digest: str | None) -> str:
        """A personal value in one line."""
        return " · ".join(map(in_one_line, self.parts(digest).values()))

    def lines(self, digest: str | None) -> str:
        """A personal value as it was typed, with its line breaks, safe to show."""
        return "\n".join(map(shown_lines, self.parts(digest).values()))

    def field(self, register: str, name: str, value: Any) -> str:
        """One field of a row in words."""
        known = _KINDS.get(register) if name == "kind" else _WORDS.get(name)
        if value is None or value == ():
            told = NOTHING
        elif isinstance(value, bool):
            told = (YES if value else NO).say(self.lang)
        elif name.endswith("_value"):
            told = self.personal(str(value))
        elif name.endswith("_at") or name in _MOMENTS:
            is_time = name in ("started_at", "ended_at")  # of acts: midnight is a time there
            told = stamp_text(value, self.zone) if is_time else self.moment(value, is_end=name in _ENDS)
        elif name.endswith("_e6"):
            told = f"{value / E6:.6f}"
        elif isinstance(value, tuple):
            told = ", ".join(value)
        else:
            told = str(value) if known is None else word(known, str(value)).say(self.lang)
        return told

    def moment(self, at: Millis, *, is_end: bool = False) -> str:
        """A moment, or the day that was told; as an end the last day."""
        return day_or_stamp(at, self.zone, is_end=is_end)

    def fields(self, register: str, row: Any) -> list[tuple[str, str]]:
        """All fields of a row with their labels, those of which something is known."""
        told = []
        for one in fields(KEPT[register].row):
            value = getattr(row, one.name)
            if value is not None and value != ():
                label = label_of(REGISTERS[register], one.name).say(self.lang)
                told.append((label, shown(self.field(register, one.name, value))))
        return told

    def change(self, said: Said) -> list[str]:
        """What a correction changed, a line a field."""
        lines = []
        for one in fields(KEPT[said.register].row):
            old, new = getattr(said.before, one.name), getattr(said.event, one.name)
            if old == new:
                continue
            label = label_of(REGISTERS[said.register], one.name).say(self.lang)
            before = self.field(said.register, one.name, old)
            after = self.field(said.register, one.name, new)
            lines.append(shown(f"{label}: {before} → {after}"))
        return lines

    def source(self, event: Any) -> str:
        """Where in a file it was said."""
        return of_source(event.source).say(self.lang)


def label_of(register: Register, field: str) -> Text:
    """What a field is called: as files call it first, and its key."""
    columns = [column for column in register.columns if column.field == field]
    if not columns:
        return Text(field, field)
    # One value, whose parts are all that is personal.
    is_of_row = field.endswith("_value") and len(columns) > 1
    zh = register.words.zh if is_of_row else columns[0].names[0]
    en = field.removesuffix("_value").removesuffix("_at").removesuffix("_e6").replace("_", " ")
    names = {column.field for column in register.columns}
    if f"{field}_value" in names:
        en = f"{en} id"
    elif field == f"{en}_at" and en in names:
        en = f"time of {en}"
    return Text(zh, en)


def history(connection: Connection, home: Home, subject: str) -> Iterator[Said]:
    """Every statement in the chain of a subject, oldest first, each with the one before of the same row."""
    by_event: dict[type[Event], str] = {kept.event: name for name, kept in KEPT.items()}
    before: dict[str, Any] = {}
    blobs = Blobs(home)
    for seq in queries.history(connection, subject):
        entry = parse(table.rows(connection, seq, seq + 1)[0])
        event = entry.event(blobs)
        if (register := by_event.get(type(event))) is not None:
            yield Said(
                seq=seq,
                at=entry.at,
                actor=entry.actor,
                register=register,
                event=event,
                before=before.get(event.subject),
            )
            before[event.subject] = event


def stated_json(reader: Reader, found: Stated) -> dict[str, Any]:
    """A row as facts for scripts, with its personal text and who said it."""
    row = to_json(found.row)
    for name in _MOMENTS & row.keys():
        if isinstance(row[name], int):
            row[name] = canon.timestamp(row[name])
    personal = {
        one.name.removesuffix("_value"): reader.parts(getattr(found.row, one.name))
        for one in fields(found.row)
        if one.name.endswith("_value") and getattr(found.row, one.name) is not None
    }
    stated = {
        "seq": found.seq,
        "at": canon.timestamp(found.at),
        "by": found.by,
        "file": found.file,
        "line": found.line,
    }
    return {**row, "personal": personal, "stated": stated}


def said_json(reader: Reader, said: Sequence[Said] | Iterable[Said]) -> list[dict[str, Any]]:
    """Statements as facts for scripts."""
    return [
        {
            "seq": one.seq,
            "at": canon.timestamp(one.at),
            "by": one.actor,
            "about": one.event.subject,
            "is_first": one.before is None,
            "changed": [] if one.before is None else reader.change(one),
            "source": to_json(one.event.source),
        }
        for one in said
    ]
