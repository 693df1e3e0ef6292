"""How a command about accounts acts: as others do, with a store of its own to open."""

from __future__ import annotations

import argparse
from contextlib import closing
from typing import Any

from ingestd.actions.account_verbs import AccountVerbs
from ingestd.actions.caller import Caller
from ingestd.actions.refusals import Refusals
from ingestd.cli.acting import asked
from ingestd.station import Station


def act(arguments: argparse.Namespace, verb: str, **given: Any) -> dict[str, Any]:
    """The answer to one of `actions.account_verbs`."""

    def made(station: Station, who: Caller) -> dict[str, Any]:
        with closing(AccountVerbs(station, Refusals(station.books, station.clock))) as accounts:
            return accounts.actions()[verb](who, given)

    return asked(arguments, verb, made, **given)
