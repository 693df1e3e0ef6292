"""What people state for the rules' clocks: a clip's note, a case file that was formed, a sheet that was given out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ingestd.actions.authority import Authority
from ingestd.actions.caller import Caller
from ingestd.actions.findings import note_of
from ingestd.actions.refusals import Refusals
from ingestd.errors import NotFoundError, RefusedError, UsageError
from ingestd.events import CaseFiled, ClipNoted, Event, SheetGiven
from ingestd.index import registers
from ingestd.index.database import reading
from ingestd.index.items import one_clip
from ingestd.law.facts import INSPECTIONS_PUBLIC, SHEETS
from ingestd.model import Millis
from ingestd.people.separation import Tie
from ingestd.station import Station
from ingestd.words import Text

NOTES = ("officer", "dock-keeper", "case-officer", "supervisor")
FILES = ("case-officer", "archivist", "administrator")
_YEAR, _MONTH = re.compile(r"\d{4}"), re.compile(r"\d{4}-(0[1-9]|1[0-2])")


class StatementActions:
    """Statements of people. Every verb gives the JSON answer of the action."""

    def __init__(self, station: Station, refusals: Refusals) -> None:
        self._station = station
        self._refusals = refusals
        self._authority = Authority(station, refusals)

    def note(self, who: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The short text note of a clip (REC-8); a later one takes its place."""
        key, text = str(arguments["clip"]), note_of(arguments["text"])
        with reading(self._station.engine) as connection:
            clip = one_clip(connection, key)
        with self._refusals.watch(who, "clip.note", f"clip:{clip.acquisition}"):
            who.require(*NOTES)
            self._require_own(who, f"clip:{clip.acquisition}")
        digest = self._station.services.put_value({"note": text})
        event = ClipNoted(acquisition=clip.acquisition, note_value=digest)
        return {"clip": clip.acquisition, "seq": self._append(event, who), "changed": True}

    def filed(self, who: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """When a case's file was formed (REC-11); now where no moment is told."""
        case, at = str(arguments["case"]), self._moment(arguments.get("at"))
        with self._refusals.watch(who, "case.filed", f"case:{case}"):
            who.require(*FILES)
            self._authority.check_scope(who, f"case:{case}")
        with reading(self._station.engine) as connection:
            if registers.case(connection, case) is None:
                raise NotFoundError(Text("没有案件 {c}。", "there is no case {c}.").format(c=case[:80]))
        return {"case": case, "seq": self._append(CaseFiled(case=case, formed_at=at), who), "changed": True}

    def given(self, who: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """When figures of a period were given out (DIS-4, DIS-6)."""
        sheet, period = str(arguments["sheet"]), str(arguments["period"])
        at = self._moment(arguments.get("at"))
        shape = _MONTH if sheet == INSPECTIONS_PUBLIC else _YEAR
        if sheet not in SHEETS or not shape.fullmatch(period):
            raise UsageError(
                Text(
                    "报表为 {sheets} 之一，期别为 2026，抽查为 2026-03。",
                    "a sheet is one of {sheets}, a period is 2026, of inspections 2026-03.",
                ).format(sheets=", ".join(SHEETS))
            )
        with self._refusals.watch(who, "sheet.given", f"sheet:{sheet}/{period}"):
            who.require(*FILES)
            self._authority.check_agency(who)
        event = SheetGiven(sheet=sheet, period=period, given_at=at)
        return {"sheet": sheet, "period": period, "seq": self._append(event, who), "changed": True}

    def _require_own(self, who: Caller, about: str) -> None:
        """Raises RefusedError for an officer who may not have recorded it, or a clip of other units."""
        if not who.roles & set(NOTES[1:]) and Tie.WEARER not in self._authority.item(about).ties_of(
            who.person
        ):
            raise RefusedError(
                Text(
                    "{who} 只能为自己录制的录像写说明。",
                    "{who} writes notes on recordings of his own only.",
                ).format(who=who.actor)
            )
        self._authority.check_scope(who, about)

    def _moment(self, value: Any) -> Millis:
        """A moment that was told; not one to come. Raises UsageError."""
        now = self._station.clock.now()
        if value is None:
            return now
        if type(value) is not int or not 0 <= value <= now:
            raise UsageError(
                Text("时刻不合规：{v}。", "{v} is no moment of the past.").format(v=str(value)[:40])
            )
        return Millis(value)

    def _append(self, event: Event, who: Caller) -> int:
        return self._station.books.append([event], actor=who.actor)[0]
