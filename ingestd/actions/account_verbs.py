"""The verbs of accounts, wired: for the daemon's socket, and for a command that works alone."""

from __future__ import annotations

from ingestd.actions.accounts import AccountActions
from ingestd.actions.factors import FactorActions
from ingestd.actions.logins import LoginActions
from ingestd.actions.people import People
from ingestd.actions.refusals import Refusals
from ingestd.actions.server import Action
from ingestd.actions.tokens import TokenActions
from ingestd.station import Station


class AccountVerbs:
    """Everything about people who log in. `close` it."""

    def __init__(self, station: Station, refusals: Refusals) -> None:
        self._people = People(station, refusals)
        self._people.tidy()
        self.logins = LoginActions(self._people)
        self._accounts = AccountActions(self._people, self.logins)
        self._factors = FactorActions(self._people)
        self._tokens = TokenActions(self._people)

    def close(self) -> None:
        """Let go of the store."""
        self._people.close()

    def actions(self) -> dict[str, Action]:
        """All of them by name."""
        return {
            "session.open": self.logins.open,
            "session.second": self.logins.second,
            "session.end": self.logins.end,
            "session.list": self.logins.listed,
            "kiosk.open": self.logins.open_kiosk,
            "whoami": self.logins.whoami,
            "password.change": self._factors.change_password,
            "totp.begin": self._factors.begin_totp,
            "totp.confirm": self._factors.confirm_totp,
            "totp.end": self._factors.end_totp,
            "pin.set": self._factors.set_pin,
            "account.list": self._accounts.listed,
            "account.show": self._accounts.show,
            "account.state": self._accounts.state,
            "account.password": self._accounts.set_password,
            "account.pin": self._accounts.set_pin,
            "account.end-factor": self._accounts.end_factor,
            "account.lock": self._accounts.lock,
            "account.unlock": self._accounts.unlock,
            "account.end-logins": self._accounts.end_logins,
            "token.add": self._tokens.add,
            "token.list": self._tokens.listed,
            "token.end": self._tokens.end,
        }
