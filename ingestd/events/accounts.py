"""Events of people's accounts: who may log in, with what, and who did. No secret is here, and no name. PURE.

A credential is named by a random id; what it is lies sealed in `keys/private/accounts.db` under that id. The
newest `credential.set` of a kind says which one counts, so that a password changes in one moment: this one.
"""

from __future__ import annotations

from dataclasses import dataclass

from ingestd.events.base import Event
from ingestd.model import Millis


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountStated(Event):
    """What is known of an account from now on: the whole row."""

    type = "account.stated"
    account: str
    """The officer's number, or an id that the agency gives its staff."""
    name_value: str | None
    roles: tuple[str, ...]
    unit: str | None
    """Top of the units whose matters the person sees; None: the whole agency."""
    active: bool
    """False: closed; the id is never given to anybody else."""

    @property
    def subject(self) -> str:
        return f"account:{self.account}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialSet(Event):
    """From now on this is the account's password, second factor or PIN; an earlier one of the kind is void."""

    type = "credential.set"
    account: str
    credential: str
    kind: str
    """password, totp, pin."""
    must_change: bool
    """Somebody else gave it: the person must change it before anything else."""

    @property
    def subject(self) -> str:
        return f"account:{self.account}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialEnded(Event):
    """The account has none of this kind any more."""

    type = "credential.ended"
    account: str
    kind: str

    @property
    def subject(self) -> str:
        return f"account:{self.account}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLocked(Event):
    """Nobody gets in for some time, or until somebody unlocks it."""

    type = "account.locked"
    account: str
    kind: str
    """What failed too often: password, totp, pin; ``account``: an administrator locked all of it."""
    failures: int
    """In a row."""
    until_at: Millis | None
    """None: until it is unlocked."""

    @property
    def subject(self) -> str:
        return f"account:{self.account}"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountUnlocked(Event):
    """An administrator ended the lock and all waits."""

    type = "account.unlocked"
    account: str

    @property
    def subject(self) -> str:
        return f"account:{self.account}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginOpened(Event):
    """A person came in."""

    type = "login.opened"
    login: str
    account: str
    means: str
    """password, pin (at the kiosk)."""
    needs_second: bool
    """Nothing is open until the second factor is shown."""

    @property
    def subject(self) -> str:
        return f"account:{self.account}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginConfirmed(Event):
    """The person showed the second factor."""

    type = "login.confirmed"
    login: str
    account: str
    factor: str
    """totp, recovery."""
    codes_left: int | None
    """Recovery codes that are left, where one was used."""

    @property
    def subject(self) -> str:
        return f"account:{self.account}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginEnded(Event):
    """The login is over."""

    type = "login.ended"
    login: str
    account: str
    why: str
    """logged-out, idle, too-long, ended (by another login or person), password, closed, locked."""

    @property
    def subject(self) -> str:
        return f"account:{self.account}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenMade(Event):
    """A program may act for the account within these scopes."""

    type = "token.made"
    token: str
    account: str
    scopes: tuple[str, ...]
    until_at: Millis
    label_value: str | None
    """What it is for, in the person's words."""

    @property
    def subject(self) -> str:
        return f"account:{self.account}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenEnded(Event):
    """The token is void."""

    type = "token.ended"
    token: str
    account: str
    why: str
    """ended, expired, closed."""

    @property
    def subject(self) -> str:
        return f"account:{self.account}"
