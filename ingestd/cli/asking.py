"""How a command about accounts asks: the running daemon, or alone under the writer's lock."""

from __future__ import annotations

import argparse
import os
from typing import Any

from ingestd.actions import client
from ingestd.actions.account_verbs import AccountVerbs
from ingestd.actions.caller import caller
from ingestd.actions.refusals import Refusals
from ingestd.cli.reading import print_json
from ingestd.clock import StationClock
from ingestd.station import Station
from ingestd.vault.layout import Home
from ingestd.words import Text


def act(arguments: argparse.Namespace, verb: str, **given: Any) -> dict[str, Any]:
    """Ask the daemon; do it alone where there is none."""
    home = Home(arguments.home.resolve())
    if client.is_up(home.socket):
        return client.ask(home.socket, verb, **given)
    station = Station.open(arguments.home, StationClock())
    try:
        accounts = AccountVerbs(station, Refusals(station.books, station.clock))
        try:
            result = accounts.actions()[verb](caller(os.getuid(), station.config), given)
        finally:
            accounts.close()
        if result.get("seq") is not None:
            station.books.ensure_published(result["seq"])
        return result
    finally:
        station.close()


def tell(arguments: argparse.Namespace, result: dict[str, Any], done: Text) -> int:
    """Say what came of it; the exit status."""
    if arguments.json:
        print_json(result)
    elif not result.get("changed", True):
        print(Text("本来就是如此，未作更改。", "it is so already; nothing was changed.").say(arguments.lang))
    else:
        print(done.format(**result).say(arguments.lang))
        if unknown := result.get("unknown"):
            notice = Text("登记中（尚）没有：{u}。", "not in the registers (yet): {u}.")
            print(notice.format(u=", ".join(unknown)).say(arguments.lang))
    return 0
