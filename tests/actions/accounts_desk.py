"""Accounts of an open home with a clock that tests move, without a daemon; and phones that show codes."""

from __future__ import annotations

import base64
import os
from typing import Any

from ingestd.actions.account_verbs import AccountVerbs
from ingestd.actions.caller import Caller
from ingestd.actions.refusals import Refusals
from ingestd.clock import StationClock
from ingestd.model import Millis
from ingestd.people import totp
from ingestd.station import Station
from tests.rig import Rig

PASSWORD, NEW = "correct horse battery", "another long enough one"
CHEAP = {"accounts.argon2_kib": 1024}
"""argon2 at the least cost that the configuration takes."""


class Moved(StationClock):
    """The station's clock, set by the test."""

    at = 1_795_300_000_000

    def now(self) -> Millis:
        return Millis(self.at)


class Desk:
    """Asks as the server does: who is worked out from the request."""

    def __init__(self, rig: Rig, clock: Moved | None = None) -> None:
        self.rig, self.clock = rig, clock or Moved()
        self.station = Station.open(rig.root, self.clock)
        self.refusals = Refusals(self.station.books, self.clock)
        self.verbs = AccountVerbs(self.station, self.refusals)

    def ask(self, verb: str, **given: Any) -> dict[str, Any]:
        request = {"verb": verb, **given}
        return self.verbs.actions()[verb](self.who(**request), request)

    def who(self, verb: str = "live", **given: Any) -> Caller:
        return self.verbs.logins.who(os.getuid(), {"verb": verb, **given})

    def user(self, account: str, *roles: str, unit: str | None = None, password: str = PASSWORD) -> str:
        """An account that has changed its first password; its session."""
        self.ask("account.state", account=account, name="陈立（虚构）", roles=list(roles), unit=unit)
        self.ask("account.password", account=account, password="the first password")
        session = self.ask("session.open", user=account, password="the first password")["session"]
        answer = self.ask("password.change", session=session, old="the first password", new=password)
        return str(answer["session"])

    def phone(self, session: str, password: str = PASSWORD) -> tuple[bytes, list[str]]:
        """Set up a second factor: its secret, and the recovery codes."""
        text = self.ask("totp.begin", session=session, password=password)["secret"]
        secret = base64.b32decode(text + "=" * (-len(text) % 8))
        done = self.ask("totp.confirm", session=session, code=self.code(secret))
        self.clock.at += totp.STEP_MS
        return secret, done["recovery"]

    def code(self, secret: bytes) -> str:
        return totp.code(secret, self.clock.now() // totp.STEP_MS)

    def log_in(self, account: str, password: str = PASSWORD) -> dict[str, Any]:
        return self.ask("session.open", user=account, password=password)

    def events(self, *types: str) -> list[dict[str, Any]]:
        self.station.books.ensure_published(self.station.log.size - 1)
        return self.rig.events(*types)

    def close(self) -> None:
        self.verbs.close()
        self.station.close()
