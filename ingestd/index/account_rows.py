"""What the events of accounts do to their rows. An event of an account that was never stated changes nothing."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from ingestd import canon
from ingestd.events import (
    AccountLocked,
    AccountStated,
    AccountUnlocked,
    CredentialEnded,
    CredentialSet,
    LoginConfirmed,
    LoginEnded,
    LoginOpened,
    TokenEnded,
    TokenMade,
)
from ingestd.index.account_tables import accounts, logins, standings, tokens
from ingestd.index.position import Position

KINDS = ("password", "totp", "pin")


def account_stated(connection: Connection, entry: Position, event: AccountStated) -> None:
    """Who the account belongs to and what it may do; credentials and lock stay."""
    standing = {
        "roles": canon.encode(list(event.roles)).decode(),
        "unit": event.unit,
        "active": event.active,
    }
    connection.execute(
        insert(standings), {"account": event.account, "seq": entry.seq, "at": entry.at, **standing}
    )
    said = {
        "name_value": event.name_value,
        **standing,
        "stated_seq": entry.seq,
        "stated_at": entry.at,
        "stated_by": entry.actor,
    }
    this = accounts.c.account == event.account
    if connection.scalar(select(accounts.c.account).where(this)) is None:
        connection.execute(insert(accounts), {"account": event.account, "must_change": False} | said)
    else:
        connection.execute(update(accounts).where(this).values(**said))


def credential_set(connection: Connection, entry: Position, event: CredentialSet) -> None:
    """This one counts."""
    if event.kind in KINDS:
        said: dict[str, Any] = {event.kind: event.credential, f"{event.kind}_at": entry.at}
        if event.kind == "password":
            said["must_change"] = event.must_change
        _change(connection, event.account, **said)


def credential_ended(connection: Connection, entry: Position, event: CredentialEnded) -> None:
    """None of this kind counts."""
    del entry
    if event.kind in KINDS:
        _change(connection, event.account, **{event.kind: None, f"{event.kind}_at": None})


def account_locked(connection: Connection, entry: Position, event: AccountLocked) -> None:
    """Nobody gets in; an administrator's lock is not shortened by a failure's."""
    row = accounts.c
    this = (row.account == event.account) & (row.locked.is_(None) | (row.locked != "account"))
    said = {"locked": event.kind, "locked_at": entry.at, "locked_until": event.until_at}
    connection.execute(update(accounts).where(this).values(**said))


def account_unlocked(connection: Connection, entry: Position, event: AccountUnlocked) -> None:
    """The lock is over."""
    del entry
    _change(connection, event.account, locked=None, locked_at=None, locked_until=None)


def _change(connection: Connection, account: str, **values: Any) -> None:
    connection.execute(update(accounts).where(accounts.c.account == account).values(**values))


def login_opened(connection: Connection, entry: Position, event: LoginOpened) -> None:
    """A login stands."""
    connection.execute(delete(logins).where(logins.c.login == event.login))
    row = {"login": event.login, "account": event.account, "means": event.means, "opened_at": entry.at}
    connection.execute(insert(logins), row)


def login_confirmed(connection: Connection, entry: Position, event: LoginConfirmed) -> None:
    """The second factor was shown."""
    connection.execute(update(logins).where(logins.c.login == event.login).values(confirmed_at=entry.at))


def login_ended(connection: Connection, entry: Position, event: LoginEnded) -> None:
    """The login is over."""
    this = (logins.c.login == event.login) & logins.c.ended_at.is_(None)
    connection.execute(update(logins).where(this).values(ended_at=entry.at, why=event.why))


def token_made(connection: Connection, entry: Position, event: TokenMade) -> None:
    """A token counts."""
    connection.execute(delete(tokens).where(tokens.c.token == event.token))
    row = {
        "token": event.token,
        "account": event.account,
        "scopes": canon.encode(list(event.scopes)).decode(),
        "label_value": event.label_value,
        "made_at": entry.at,
        "made_by": entry.actor,
        "until_at": event.until_at,
    }
    connection.execute(insert(tokens), row)


def token_ended(connection: Connection, entry: Position, event: TokenEnded) -> None:
    """The token is void."""
    this = (tokens.c.token == event.token) & tokens.c.ended_at.is_(None)
    connection.execute(update(tokens).where(this).values(ended_at=entry.at, why=event.why))
