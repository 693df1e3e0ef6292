"""How a command acts: the running daemon is asked, or it is done alone; and how what came of it is said."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from typing import Any

from ingestd.actions import client
from ingestd.actions.caller import Caller, caller
from ingestd.actions.looks import LookActions
from ingestd.actions.refusals import Refusals
from ingestd.actions.registers import RegisterActions
from ingestd.actions.verbs import verbs
from ingestd.cli.parsing import Parser
from ingestd.cli.reading import print_json
from ingestd.clock import StationClock
from ingestd.station import Station
from ingestd.telling.plain import shown, shown_lines
from ingestd.vault.layout import Home
from ingestd.words import Text

Alone = Callable[[Station, Caller], dict[str, Any]]


def act(arguments: argparse.Namespace, verb: str, **given: Any) -> dict[str, Any]:
    """The answer to one of `actions.verbs`."""

    def made(station: Station, who: Caller) -> dict[str, Any]:
        refusals = Refusals(station.books, station.clock)
        registers, looks = RegisterActions(station, refusals), LookActions(station, refusals)
        return verbs(station, refusals, registers, looks)[verb](who, given)

    return asked(arguments, verb, made, **given)


def asked(arguments: argparse.Namespace, verb: str, work: Alone, **given: Any) -> dict[str, Any]:
    """The daemon's answer to a verb; ``work`` is the same where there is none."""
    home = Home(arguments.home.resolve())
    return client.ask(home.socket, verb, **given) if client.is_up(home.socket) else alone(arguments, work)


def alone(arguments: argparse.Namespace, work: Alone) -> dict[str, Any]:
    """Work in the home, where there is no daemon; published when it is done."""
    station = Station.open(arguments.home, StationClock())
    try:
        result = work(station, caller(os.getuid(), station.config))
        if station.log.size:
            station.books.ensure_published(station.log.size - 1)
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
        print(shown_lines(done.format(**result).say(arguments.lang)))
        if unknown := result.get("unknown"):
            notice = Text("登记中（尚）没有：{u}。", "not in the registers (yet): {u}.")
            print(notice.format(u=", ".join(map(shown, unknown))).say(arguments.lang))
        for one in result.get("notices", ()):
            print(f"· {shown(Text(one['zh'], one['en']).say(arguments.lang))}")
    return 0


def reason_argument(parser: Parser) -> None:
    """``--reason``, which must be given."""
    parser.text_argument("--reason", required=True, metavar="TEXT", help=Text("理由", "the reason"))
