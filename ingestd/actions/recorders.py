"""Actions on recorders: enrol, assign, lose, hand out. Each checks who, role, conflict, state, then appends.

Asking for what is so already appends nothing and answers with the position at which it became so: an action
may be repeated. What is refused is an event too; refusals of one person are counted per minute.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ingestd.actions.authority import Authority
from ingestd.actions.caller import Caller
from ingestd.actions.findings import reason_of
from ingestd.actions.refusals import Refusals
from ingestd.actions.second_person import TwoPersonDeed, propose
from ingestd.errors import NotFoundError, RefusedError, UsageError
from ingestd.events import (
    Event,
    RecorderAssigned,
    RecorderEnrolled,
    RecorderHandedOut,
    RecorderLost,
)
from ingestd.index import queries
from ingestd.index.database import reading
from ingestd.index.facts import PendingAction, Recorder
from ingestd.index.recorder_rows import HAND_OUT
from ingestd.intake.custody import NOT_RETURNED, State
from ingestd.intake.findings import closed, opened
from ingestd.intake.holding import AD_HOC, MODES, PERMANENT, SHIFT
from ingestd.model import UNIDENTIFIED, Millis, RecorderId
from ingestd.people.separation import Deed
from ingestd.station import Station
from ingestd.words import Text

_KEEPERS = ("dock-keeper", "administrator")
_HAND_OUT = HAND_OUT
LATEST_MS = 253_402_300_800_000
"""The year 10000: later moments are no dates."""
ID_CHARS = 64


class RecorderActions:
    """What people may ask about recorders. Every verb gives the JSON answer of the action."""

    def __init__(self, station: Station, refusals: Refusals) -> None:
        self._station = station
        self._refusals = refusals
        self._authority = Authority(station, refusals)

    def enroll(self, who: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Make a recorder known before its first docking."""
        recorder = recorder_id(arguments["recorder"])
        with self._refusals.watch(who, "recorder.enroll", f"recorder:{recorder}"):
            who.require(*_KEEPERS)
        if self._find(recorder) is not None:
            return {"recorder": recorder, "seq": None, "changed": False}
        event = RecorderEnrolled(recorder=recorder, family=arguments.get("family"), driver=None, claims=())
        return {"recorder": recorder, "seq": self._append(event, who), "changed": True}

    def assign(self, who: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Say whose recorder it is, from now on or for an interval; officer null: nobody's."""
        recorder, officer = recorder_id(arguments["recorder"]), arguments["officer"]
        since, until = _moment(arguments.get("since")), _moment(arguments.get("until"))
        mode = arguments.get("mode") or (PERMANENT if until is None else SHIFT)
        check_assignment(officer, mode, since, until, self._station.clock.now())
        with self._refusals.watch(who, "recorder.assign", f"recorder:{recorder}"):
            who.require(*_KEEPERS)
            self._authority.check_scope(who, f"recorder:{recorder}")
            self._authority.check_scope(who, f"officer:{officer}")
        known = self._known(recorder)
        if (
            mode == PERMANENT
            and since is None
            and (known.officer, known.mode)
            == (
                officer,
                None if officer is None else mode,
            )
        ):
            return {"recorder": recorder, "seq": None, "changed": False}
        event = RecorderAssigned(
            recorder=recorder, officer=officer, mode=mode, since_at=since, until_at=until
        )
        about = f"recorder:{recorder}"
        ended = [] if officer is None else [closed("recorder-unassigned", about, "assigned")]
        return {"recorder": recorder, "seq": self._append(event, who, *ended), "changed": True}

    def lose(self, who: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Report a recorder lost; its next docking finds it again. Raises RefusedError where it is in a slot."""
        recorder, reason = recorder_id(arguments["recorder"]), reason_of(arguments["reason"])
        known = self._known(recorder)
        with self._refusals.watch(who, "recorder.lost", f"recorder:{recorder}"):
            who.require(*_KEEPERS, "supervisor")
            self._authority.check_scope(who, f"recorder:{recorder}")
            watched = {slot.name for slot in self._station.config.slots}
            if known.slot is not None and (known.state != State.CLEAR or known.slot in watched):
                raise RefusedError(
                    Text(
                        "记录仪 {r} 在槽位 {slot} 中，不能报失。",
                        "recorder {r} stands in slot {slot}: it is not lost.",
                    ).format(r=recorder, slot=known.slot)
                )
        if known.state == State.LOST:
            return {"recorder": recorder, "seq": None, "changed": False}
        digest = self._station.services.put_value({"reason": reason})
        event = RecorderLost(recorder=recorder, reason_value=digest)
        about = f"recorder:{recorder}"
        more = (
            opened("lost", about, ("officer", known.officer), ("since_ms", known.out_since_at)),
            closed(NOT_RETURNED, about, "reported lost"),
        )
        return {"recorder": recorder, "seq": self._append(event, who, *more), "changed": True}

    def hand_out(self, who: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Propose to give out a recorder that is blocked by what could not be read; a second person confirms."""
        recorder, reason = recorder_id(arguments["recorder"]), reason_of(arguments["reason"])
        known = self._known(recorder)
        with self._refusals.watch(who, _HAND_OUT, f"recorder:{recorder}"):
            self._may_hand_out(who, f"recorder:{recorder}")
            if known.state not in ("problem", "pulled-early"):
                raise RefusedError(
                    Text(
                        "记录仪 {r} 没有被扣留，无需放行。",
                        "recorder {r} is not blocked; it needs no hand-out.",
                    ).format(r=recorder)
                )
        return propose(self._station, who, self.handing_out, f"recorder:{recorder}", reason)

    @property
    def handing_out(self) -> TwoPersonDeed:
        """Letting a blocked recorder go takes two people."""
        return TwoPersonDeed(verb=_HAND_OUT, require=self._may_hand_out, done=self._handed_out)

    def _may_hand_out(self, who: Caller, about: str) -> None:
        who.require(*_KEEPERS, "supervisor")
        self._authority.check(who, Deed.HAND_OUT, about)

    def _handed_out(self, who: Caller, pending: PendingAction) -> dict[str, Any]:
        recorder = RecorderId(pending.about.removeprefix("recorder:"))
        event = RecorderHandedOut(
            recorder=recorder,
            reason_value=pending.reason_value or "",
            proposed_by=pending.proposed_by,
            confirmed_by=who.actor,
        )
        return {"recorder": recorder, "seq": self._append(event, who), "changed": True}

    def _append(self, event: Event, who: Caller, *more: Event) -> int:
        return self._station.books.append([event, *more], actor=who.actor)[0]

    def _find(self, recorder: RecorderId) -> Recorder | None:
        now = self._station.clock.now()
        with reading(self._station.engine) as connection:
            return queries.recorder(connection, recorder, now)

    def _known(self, recorder: RecorderId) -> Recorder:
        known = self._find(recorder)
        if known is None:
            raise NotFoundError(
                Text(
                    "没有编号为 {r} 的记录仪；请先接入或登记（recorder enroll）。",
                    "there is no recorder {r}; dock it or enrol it first (recorder enroll).",
                ).format(r=recorder)
            )
        return known


def _moment(value: Any) -> Millis | None:
    if value is None:
        return None
    if type(value) is not int or not 0 <= value < LATEST_MS:
        raise UsageError(Text("时刻不合规：{v}。", "{v!r} is no moment.").format(v=str(value)[:40]))
    return Millis(value)


def check_assignment(
    officer: Any, mode: Any, since: Millis | None, until: Millis | None, now: Millis
) -> None:
    """Raises UsageError for what means nothing."""
    if mode not in MODES or not (officer is None or _is_number(officer)):
        raise UsageError(
            Text(
                "人员编号为 1 至 32 个字母或数字；方式为 {modes} 之一。",
                "an officer is 1 to 32 letters or digits, the mode one of {modes}.",
            ).format(modes=", ".join(MODES))
        )
    if mode == SHIFT and until is None:
        raise UsageError(
            Text(
                "当班分配须写明结束时刻（--until）。",
                "an assignment for a shift says when it ends (--until).",
            )
        )
    if until is not None and until <= (now if since is None else since):
        raise UsageError(
            Text(
                "分配的结束须晚于开始；已过去的时段须同时给出 --from。",
                "an assignment ends after it begins; one of the past is given with --from as well.",
            )
        )
    if mode == AD_HOC and officer is None:
        raise UsageError(Text("临时分配须写明人员。", "an assignment ad hoc names the officer."))


def recorder_id(text: Any) -> RecorderId:
    """A recorder's id as a person types it. Raises UsageError."""
    if not isinstance(text, str) or not _is_number(text) or text == UNIDENTIFIED:
        raise UsageError(Text("“{t}”不是记录仪编号。", "{t!r} is no recorder id.").format(t=str(text)[:80]))
    return RecorderId(text.upper())


def _is_number(text: Any) -> bool:
    return (
        isinstance(text, str)
        and 0 < len(text) <= ID_CHARS
        and all(c.isascii() and (c.isalnum() or c in "._-") for c in text)
    )
