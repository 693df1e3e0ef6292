"""A roster as a file: each row says whose a recorder is, as `recorder assign` does.

An officer whom no register has is a notice, never a refusal: who has a recorder is a fact before it is a rule.
"""

from __future__ import annotations

from collections.abc import Mapping

from ingestd.actions.desk import Desk
from ingestd.actions.recorders import check_assignment, recorder_id
from ingestd.errors import UsageError
from ingestd.events import Event, RecorderAssigned
from ingestd.index import hands
from ingestd.index.database import reading
from ingestd.intake.findings import closed
from ingestd.intake.holding import PERMANENT, SHIFT, Statement
from ingestd.model import Millis, RecorderId
from ingestd.registers.checks import RowError
from ingestd.station import Station
from ingestd.words import Text


class Roster:
    """States assignments; those that stand already are not said again."""

    def __init__(self, station: Station, desk: Desk, actor: str) -> None:
        self._station = station
        self._desk = desk
        self._actor = actor
        self._said: dict[RecorderId, tuple[Statement, ...]] = {}

    def put(self, said: Mapping[str, object]) -> bool:
        """One row; whether it says something new. Raises RowError."""
        since, until = _moment(said.get("since_at")), _moment(said.get("until_at"))
        officer = said.get("officer")
        mode = said.get("mode") or (PERMANENT if until is None else SHIFT)
        try:
            recorder = recorder_id(said["recorder"])
            check_assignment(officer, mode, since, until, self._station.clock.now())
        except UsageError as error:
            raise RowError(None, error.text) from error
        if recorder not in self._desk.ids("recorder"):
            raise RowError(
                "recorder",
                Text(
                    "没有这台记录仪；请先接入或登记（recorder enroll）。",
                    "there is no such recorder; dock or enrol it first.",
                ),
            )
        event = RecorderAssigned(
            recorder=recorder,
            officer=None if officer is None else str(officer),
            mode=str(mode),
            since_at=since,
            until_at=until,
        )
        if self._stands(event):
            return False
        about = f"recorder:{recorder}"
        ended: list[Event] = [] if officer is None else [closed("recorder-unassigned", about, "assigned")]
        self._station.books.append([event, *ended], actor=self._actor)
        self._said.pop(recorder, None)
        return True

    def _stands(self, event: RecorderAssigned) -> bool:
        """Whether it was said before: of the same time, or, from now on, as the last word of its kind."""
        if event.recorder not in self._said:
            with reading(self._station.engine) as connection:
                self._said[event.recorder] = hands.statements(connection, event.recorder)
        said = self._said[event.recorder]
        told = (event.officer, event.mode, event.until_at)
        if event.since_at is None:
            rivals = [
                one for one in said if event.officer is None or one.officer is None or one.mode == event.mode
            ]
            return any((one.officer, one.mode, one.until_at) == told for one in rivals[-1:])
        return (event.since_at, *told) in {
            (one.since_at, one.officer, one.mode, one.until_at) for one in said
        }


def _moment(value: object) -> Millis | None:
    return Millis(value) if isinstance(value, int) else None
