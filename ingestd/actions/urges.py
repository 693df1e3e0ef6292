"""Urging: a supervisor or dock keeper wants a recorder, or one file on it, before all others.

It ends by itself once what is wanted is secured. What is secured already needs no urging, and is said to be.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection

from ingestd.actions.authority import Authority
from ingestd.actions.caller import Caller
from ingestd.actions.finding_rights import URGERS
from ingestd.actions.recorders import ID_CHARS
from ingestd.actions.refusals import Refusals
from ingestd.errors import NotFoundError, UsageError
from ingestd.events import RecorderUrged
from ingestd.index import hands, queries
from ingestd.index.database import reading
from ingestd.index.facts import WaitingFile
from ingestd.intake.custody import State
from ingestd.model import RecorderId
from ingestd.station import Station
from ingestd.words import Text


class UrgeActions:
    """What people may ask to have first."""

    def __init__(self, station: Station, refusals: Refusals) -> None:
        self._station = station
        self._refusals = refusals
        self._authority = Authority(station, refusals)

    def urge(self, who: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """``what``: a recorder by its id, or a file by its path on the card. Raises NotFoundError, RefusedError."""
        key = str(arguments["what"])
        about = f"recorder:{key[:ID_CHARS]}"
        with self._refusals.watch(who, "urge", about):
            who.require(*URGERS)
        with reading(self._station.engine) as connection:
            event, state = _meant(connection, key)
        if event is None:
            return {"recorder": None, "path": None, "seq": None, "changed": False, "state": state}
        with self._refusals.watch(who, "urge", about):
            self._authority.check_scope(who, f"recorder:{event.recorder}")
        seq = self._station.books.append([event], actor=who.actor)[0]
        self._station.services.turns.promote(event.recorder)
        return {"recorder": event.recorder, "path": event.path, "seq": seq, "changed": True, "state": state}


def _meant(connection: Connection, key: str) -> tuple[RecorderUrged | None, str]:
    """What a key means, as the event that urges it (None where there is nothing to urge), and its state."""
    known = queries.recorder(connection, RecorderId(key.upper()))
    if known is not None:
        if known.state == State.CLEAR:
            return None, known.state
        return RecorderUrged(recorder=known.recorder, path=None, path_b64=None), known.state
    waiting = _waiting(connection, key)
    if len({file.recorder for file in waiting}) > 1:
        raise UsageError(
            Text(
                "多台记录仪上都有 {k}：请写成“记录仪编号/路径”（{r}）。",
                "{k} waits on several recorders: say which, as RECORDER/PATH ({r}).",
            ).format(k=key, r=", ".join(sorted(file.recorder for file in waiting)))
        )
    if waiting:
        file = waiting[0]
        return RecorderUrged(recorder=file.recorder, path=file.path, path_b64=file.path_b64), "waiting"
    stored = queries.clip(connection, key)
    if stored:
        return None, stored[0].state
    raise NotFoundError(
        Text(
            "没有编号为 {k} 的记录仪，也没有待采集的文件 {k}。",
            "there is no recorder {k}, and no file {k} that waits to be taken in.",
        ).format(k=key)
    )


def _waiting(connection: Connection, key: str) -> tuple[WaitingFile, ...]:
    """Files on cards that wait, by path; else by ``RECORDER/PATH``."""
    found = hands.waiting_at(connection, key)
    if found:
        return found
    recorder, _, path = key.partition("/")
    return tuple(file for file in hands.waiting_at(connection, path) if file.recorder == recorder.upper())
