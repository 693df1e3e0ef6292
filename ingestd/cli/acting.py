"""An action of a command: the daemon's where one runs, else done alone under the writer's lock."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Mapping
from typing import Any

from ingestd.actions import client
from ingestd.actions.caller import caller
from ingestd.actions.refusals import Refusals
from ingestd.actions.server import Action
from ingestd.clock import StationClock
from ingestd.station import Station
from ingestd.vault.layout import Home


def act(
    arguments: argparse.Namespace,
    verb: str,
    verbs: Callable[[Station, Refusals], Mapping[str, Action]],
    /,
    **given: Any,
) -> dict[str, Any]:
    """The answer of an action, once it is published. Raises what the action raises."""
    home = Home(arguments.home.resolve())
    if client.is_up(home.socket):
        return client.ask(home.socket, verb, **given)
    station = Station.open(arguments.home, StationClock())
    try:
        made = verbs(station, Refusals(station.books, station.clock))
        result = made[verb](caller(os.getuid(), station.config), given)
        if result["seq"] is not None:
            station.books.ensure_published(result["seq"])
        return result
    finally:
        station.close()
