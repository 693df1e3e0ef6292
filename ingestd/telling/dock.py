"""One slot of the dock as whoever stands before it must know it: may it be taken, how far is it, what to do. PURE.

The terminal's board and the page draw these facts, each in its own way. Foreign text in them is safe (`shown`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ingestd.index.facts import Slot
from ingestd.telling.plain import shown
from ingestd.telling.signs import PROBLEMS, SLOTS, Sign
from ingestd.words import Text

_FULL = 100
_SECOND_MS = 1000

_STATES = {
    "empty": "empty",
    "looking": "receiving",
    "receiving": "receiving",
    "checking": "receiving",
    "releasing": "do-not-take",
    "kept": "do-not-take",
    "waiting": "do-not-take",
    "clear": "may-be-taken",
    "problem": "problem",
}
"""What a person at the dock needs to know of a phase."""

_CLIPS, _FILES = Text("段", "clips"), Text("个文件", "files")
_CALL = Text("请勿取走，联系管理员", "do not take it; call the dock's keeper")
_AGAIN = Text("拔下，换一个槽位插入", "take it out and put it into another slot")
_DO = {
    "device-hung": Text("拔下后重新插入，勿带走", "take it out and put it in again; do not carry it off"),
    "device-error": _AGAIN,
    "unreadable": _AGAIN,
    "read-only": Text("检查存储卡的写保护锁", "look at the lock switch of its card"),
    "no-space": Text("请等待，会自动继续", "wait; it goes on by itself"),
    "station-error": Text("联系管理员检查采集站磁盘", "call the keeper: the station's disk"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotFacts:
    """One slot."""

    slot: str
    state: str
    """A key of `signs.SLOTS`."""
    problem: Text | None = None
    advice: Text | None = None
    """What to do about the problem."""
    officer: str | None = None
    recorder: str | None = None
    is_receiving: bool = False
    """Files come in just now: what is done, the speed and the time left mean something."""
    files_done: int = 0
    files_total: int = 0
    clips_done: int = 0
    clips_total: int = 0
    """Of the files those that are film, photo or sound."""
    bytes_done: int = 0
    bytes_total: int = 0
    bytes_per_s: int = 0
    ms_left: int | None = None
    battery: int | None = None

    @property
    def sign(self) -> Sign:
        """Word and shape of the state."""
        return SLOTS[self.state]

    @property
    def amount(self) -> tuple[str, Text] | None:
        """How many, and of what: recordings where there are any, else files; None before anything was listed."""
        is_clips = self.clips_total > 0
        done, total = (self.clips_done, self.clips_total) if is_clips else (self.files_done, self.files_total)
        if not total:
            return None
        return f"{done}/{total}" if self.is_receiving else str(total), _CLIPS if is_clips else _FILES

    @property
    def percent(self) -> int | None:
        """Of the bytes; of the files where there are no bytes to copy; None where nothing comes in."""
        done, total = self.bytes_done, self.bytes_total
        if not total:
            done, total = self.files_done, self.files_total
        return min(_FULL, _FULL * done // total) if self.is_receiving and total else None


def of_live(live: Mapping[str, Any]) -> SlotFacts:
    """As the running daemon tells (`intake.ports.LiveState` with ``seconds_left``)."""
    state, problem = _STATES.get(live["phase"], "problem"), live["problem"] or None
    told = None if problem is None else _problem(problem)
    advice = None if problem is None else _DO.get(problem, _CALL)
    if state == "empty":
        return SlotFacts(slot=shown(live["slot"]), state=state, problem=told, advice=advice)
    return SlotFacts(
        slot=shown(live["slot"]),
        state=state,
        problem=told,
        advice=advice,
        officer=_named(live["officer"]),
        recorder=_named(live["recorder"]),
        is_receiving=live["phase"] == "receiving",
        files_done=live["files_done"],
        files_total=live["files_total"],
        clips_done=live["clips_done"],
        clips_total=live["clips_total"],
        bytes_done=live["bytes_done"],
        bytes_total=live["bytes_total"],
        bytes_per_s=live["bytes_per_s"],
        ms_left=None if live["seconds_left"] is None else _SECOND_MS * int(live["seconds_left"]),
        battery=live["battery"],
    )


def of_log(slot: Slot) -> SlotFacts:
    """As the log knows it: before a running daemon was heard for the first time."""
    return SlotFacts(
        slot=shown(slot.slot), state=slot.state, officer=_named(slot.officer), recorder=_named(slot.recorder)
    )


def _named(text: str | None) -> str | None:
    return shown(text) if text else None


def _problem(told: str) -> Text:
    """A problem's word, or an error's text in both languages (`Text.both`)."""
    zh, between, en = told.partition(" / ")
    return PROBLEMS.get(told) or Text(shown(zh), shown(en if between else zh))
