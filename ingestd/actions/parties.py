"""Which subject a row means: by its identity number, else by its name within the case it stands in.

Two subjects of one name are two subjects until a number says otherwise: nobody's cases are put together by a
name.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ingestd import canon
from ingestd.facts import Case, FileRow, Party
from ingestd.registers.checks import RowError
from ingestd.words import Text

if TYPE_CHECKING:
    from ingestd.actions.desk import Desk

_PARTS = ("name", "id_number", "address", "phone", "representative")
_CREDIT_CODE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}")
"""GB 32100: an organisation's unified social credit code."""
_IDENTITY = re.compile(r"\d{17}[\dX]")
"""GB 11643: a citizen's number."""


class Parties:
    """Finds and states subjects, for one desk."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._by_number: dict[str, str] | None = None

    def put(self, said: Mapping[str, object], source: FileRow | None) -> tuple[str, bool]:
        """A row of the register of subjects. Raises RowError."""
        given, in_case = said.get("party"), said.get("case")
        case = None if in_case is None else self._desk.row("case", str(in_case))
        if in_case is not None and case is None:
            raise RowError(
                "case", Text("没有这个案件，请先导入案件。", "there is no such case: import it first.")
            )
        if given is not None:
            party = self._desk.row("subject", str(given))
            if party is None:
                raise RowError("party", Text("没有这个对象编号。", "there is no subject of this id."))
        else:
            if said.get("name") is None and said.get("id_number") is None:
                raise RowError(
                    "name", Text("既无姓名也无证件号码。", "neither a name nor an identity number.")
                )
            party = self._meant(said, case)
        before = self._desk.waiting
        found = self._state(party, said, source)
        if case is not None and found not in case.subjects:
            self._desk.state("case", replace(case, subjects=(*case.subjects, found)), source)
        return found, self._desk.waiting > before

    def of_case(self, said: Mapping[str, Any], case: Case, source: FileRow | None) -> str:
        """The id of a subject that a case's row names."""
        return self._state(self._meant(said, case), said, source)

    def _meant(self, said: Mapping[str, object], case: Case | None) -> Party | None:
        number, numbers = said.get("id_number"), self._numbers()
        if number is not None and (found := numbers.get(str(number))) is not None:
            party: Party = self._desk.row("subject", found)
            return party
        for one in () if case is None else case.subjects:
            known = self._desk.row("subject", one)
            parts = self._desk.personal.get(None if known is None else known.party_value)
            if parts.get("name") == said.get("name") and (number is None or parts.get("id_number") is None):
                return known  # type: ignore[no-any-return]  # rows of all registers come by one method
        return None

    def _numbers(self) -> dict[str, str]:
        """Who has which identity number: every subject's value is read once."""
        if self._by_number is None:
            self._by_number = {}
            for party in self._desk.rows("subject"):
                self._enter(party)
        return self._by_number

    def _enter(self, party: Party) -> None:
        number = self._desk.personal.get(party.party_value).get("id_number")
        if number is not None and self._by_number is not None:
            self._by_number[str(number)] = party.party

    def _state(self, party: Party | None, said: Mapping[str, object], source: FileRow | None) -> str:
        station = self._desk.station
        first = party or Party(party=canon.new_id(station.clock.now(), os.urandom(10)))
        parts = {part: said[part] for part in _PARTS if part in said}
        kind = said.get("kind") or first.kind or _kind_of(said.get("id_number"))
        value = self._desk.personal.said(first.party_value, parts)
        after = Party(party=first.party, kind=None if kind is None else str(kind), party_value=value)
        if party is None or after != party:
            self._desk.state("subject", after, source)
            self._enter(after)
        return after.party


def _kind_of(number: object) -> str | None:
    """What an identity number itself says of its bearer."""
    text = str(number)
    return "person" if _IDENTITY.fullmatch(text) else "organisation" if _CREDIT_CODE.fullmatch(text) else None
