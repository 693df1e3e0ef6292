"""What words of a query name in the copy; what the person may not see is plain text to them."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, select

from ingestd.index import registers
from ingestd.index.tables import recorders
from ingestd.web import texts
from ingestd.web.desk import Desk
from ingestd.web.grams import plain
from ingestd.web.sight import Sight

MOST = 20
"""People of one name, units whose names have a word in them."""
_TWO = 2
_ASIDE = ("（", "(")


class Words:
    """`query.Lookups` over the copy, for one person."""

    def __init__(self, desk: Desk, connection: Connection, sight: Sight) -> None:
        self._desk = desk
        self._connection = connection
        self._sight = sight

    def case(self, word: str) -> str | None:
        """A case of this number."""
        return self._one("case", "case", word)

    def act(self, word: str) -> str | None:
        """An act of this number."""
        return self._one("act", "act", word)

    def officers(self, word: str) -> tuple[str, ...]:
        """The officer of this number, or all of this name."""
        if (number := self._one("officer", "officer", word)) is not None:
            return (number,)
        if len(word) < _TWO:
            return ()
        hits = texts.find(self._connection, texts.OFFICER, word, limit=10 * MOST)
        same = [hit.item for hit in hits if plain(word) in _names(hit.text)]
        return tuple(one for one in same[:MOST] if self._sight.item(f"officer:{one}"))

    def recorders(self, word: str) -> tuple[str, ...]:
        """The recorder of this serial, in capitals or not."""
        row = recorders.c
        found = self._connection.scalars(select(row.recorder).where(row.recorder.in_({word, word.upper()})))
        return tuple(one for one in found if self._sight.item(f"recorder:{one}"))

    def units(self, word: str) -> tuple[str, ...]:
        """The unit of this id or name, or those whose names have the word in them."""
        if len(word) < _TWO:
            return ()
        known = {
            id_: plain(unit.name or "")
            for id_, unit in registers.units(self._connection).items()
            if self._sight.sees_all or self._sight.units is None or id_ in self._sight.units
        }
        if word in known:
            return (word,)
        wanted = plain(word)
        same = [id_ for id_, name in known.items() if wanted in set(_names(name))]
        return tuple(sorted(same or [id_ for id_, name in known.items() if wanted in name])[:MOST])

    def rule(self, word: str) -> str | None:
        """A rule of the policy in force."""
        return None if self._desk.watch.policy.find(word) is None else word

    def act_kinds(self, word: str) -> tuple[str, ...]:
        """Kinds of act, by a name of the catalogue."""
        names = (
            (act.key, {plain(act.key), plain(act.name.zh), plain(act.name.en)})
            for act in self._desk.watch.policy.acts
        )
        return tuple(key for key, known in names if plain(word) in known)

    def _one(self, register: str, kind: str, word: str) -> str | None:
        found = registers.one(self._connection, register, word)
        return word if found is not None and self._sight.item(f"{kind}:{word}") else None


def _names(text: str) -> Iterator[str]:
    """A name as it stands, and without what stands in brackets behind it."""
    yield plain(text)
    for bracket in _ASIDE:
        if bracket in text:
            yield plain(text.partition(bracket)[0])
