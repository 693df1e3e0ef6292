"""Reads of accounts: what the log says of them. None of them writes or asks the time."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, select

from ingestd.index.account_tables import accounts, logins, tokens
from ingestd.index.account_tables import standings as standing_rows
from ingestd.model import Millis


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Who may log in, as what, with which credentials."""

    account: str
    name_value: str | None
    roles: tuple[str, ...]
    unit: str | None
    active: bool
    stated_seq: int
    stated_at: Millis
    stated_by: str
    password: str | None
    password_at: Millis | None
    must_change: bool
    totp: str | None
    totp_at: Millis | None
    pin: str | None
    pin_at: Millis | None
    locked: str | None
    locked_at: Millis | None
    locked_until: Millis | None

    @property
    def credentials(self) -> frozenset[str]:
        """Ids of those that count."""
        return frozenset(one for one in (self.password, self.totp, self.pin) if one is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What an account was for some time."""

    account: str
    roles: tuple[str, ...]
    unit: str | None
    active: bool
    since_at: Millis
    until_at: Millis | None
    """None: still."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """One coming in."""

    login: str
    account: str
    means: str
    opened_at: Millis
    confirmed_at: Millis | None
    ended_at: Millis | None
    why: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What a program acts with."""

    token: str
    account: str
    scopes: tuple[str, ...]
    label_value: str | None
    made_at: Millis
    made_by: str
    until_at: Millis
    ended_at: Millis | None
    why: str | None


def account(connection: Connection, id_: str) -> Account | None:
    """An account by its id."""
    row = connection.execute(select(accounts).where(accounts.c.account == id_)).mappings().first()
    return None if row is None else _account(row)


def listed(connection: Connection) -> tuple[Account, ...]:
    """All accounts by id, closed ones too."""
    return tuple(map(_account, connection.execute(select(accounts).order_by(accounts.c.account)).mappings()))


def standings(connection: Connection) -> tuple[Standing, ...]:
    """All that accounts ever were, by account and time."""
    row = standing_rows.c
    rows = connection.execute(select(standing_rows).order_by(row.account, row.seq)).mappings().all()
    return tuple(
        Standing(
            account=one["account"],
            roles=tuple(json.loads(one["roles"])),
            unit=one["unit"],
            active=one["active"],
            since_at=one["at"],
            until_at=None if after is None or after["account"] != one["account"] else after["at"],
        )
        for one, after in zip(rows, [*rows[1:], None], strict=True)
    )


def login(connection: Connection, id_: str) -> Login | None:
    """A login by its id."""
    row = connection.execute(select(logins).where(logins.c.login == id_)).mappings().first()
    return None if row is None else Login(**row)


def open_logins(connection: Connection, of: str | None = None) -> tuple[Login, ...]:
    """Logins that are not over, of one account or of all, oldest first."""
    query = select(logins).where(logins.c.ended_at.is_(None)).order_by(logins.c.opened_at, logins.c.login)
    if of is not None:
        query = query.where(logins.c.account == of)
    return tuple(Login(**row) for row in connection.execute(query).mappings())


def token(connection: Connection, id_: str) -> Token | None:
    """A token by its id."""
    row = connection.execute(select(tokens).where(tokens.c.token == id_)).mappings().first()
    return None if row is None else _token(row)


def listed_tokens(connection: Connection, of: str | None = None) -> tuple[Token, ...]:
    """Tokens of one account or of all, ended ones too, oldest first."""
    query = select(tokens).order_by(tokens.c.made_at, tokens.c.token)
    if of is not None:
        query = query.where(tokens.c.account == of)
    return tuple(map(_token, connection.execute(query).mappings()))


def _account(row: RowMapping) -> Account:
    return Account(**{**row, "roles": tuple(json.loads(row["roles"]))})


def _token(row: RowMapping) -> Token:
    return Token(**{**row, "scopes": tuple(json.loads(row["scopes"]))})
