"""Accounts, log-ins and tokens for programs: what stands, locking and ending it.

What lets somebody in who was not (stating, unlocking) takes a second factor shown within five minutes, so a token
cannot do it. What holds a secret is for the pages alone (docs/api.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi import Path as InPath
from pydantic import BaseModel, Field

from ingestd.actions.accounts import NAME_CHARS
from ingestd.config import ROLES
from ingestd.facts import ID_CHARS
from ingestd.web import people
from ingestd.web.api.asking import Done, Keeper, Once, do

router = APIRouter(tags=["accounts"])

_LOGIN = "01a1fd60-0000-7000-8000-000000000001"
_Account = Annotated[str, InPath(max_length=ID_CHARS, description="number of the account")]
_Deed = Annotated[str, InPath(examples=["lock"], json_schema_extra={"enum": [*people.DEEDS]})]
_Role = Annotated[str, Field(examples=["supervisor"], json_schema_extra={"enum": [*ROLES]})]


class Login(BaseModel):
    """A log-in that stands."""

    login: str = Field(examples=[_LOGIN])
    means: str = Field(examples=["password"], description="password, pin")
    stage: str = Field(examples=["full"], description="half: without its second factor; full, kiosk")
    opened_at: int = Field(examples=[1795300000000], description="milliseconds UTC")
    seen_at: int = Field(examples=[1795300060000], description="its last use")
    client: str = Field(examples=["192.0.2.7 Mozilla/5.0"], description="where it came from")
    this: bool = Field(description="whether this request is of it")


class Account(BaseModel):
    """An account."""

    account: str = Field(examples=["104288"])
    name: str | None = Field(examples=["李敏"])
    roles: list[str] = Field(examples=[["supervisor"]])
    unit: str | None = Field(examples=["34079903"], description="top of their units; null: the agency")
    state: str = Field(
        examples=["open"], description="open, first (password), none (no password), locked, closed"
    )
    locked_until: int | None = Field(
        examples=[None], description="null: until somebody ends the lock, or none"
    )
    password_at: int | None = Field(
        examples=[1795217749000], description="when it was set; null: there is none"
    )
    totp_at: int | None = Field(examples=[1795217749000])
    pin_at: int | None = Field(examples=[None])


class Standing(Account):
    """An account with its log-ins."""

    logins: list[Login]


class Token(BaseModel):
    """An API token; what was shown once is shown nowhere again."""

    id: str = Field(examples=[_LOGIN])
    account: str = Field(examples=["104288"])
    scopes: list[str] = Field(examples=[["read", "events"]])
    made_at: int = Field(examples=[1795217749000])
    made_by: str = Field(examples=["person:104288"])
    until_at: int = Field(examples=[1802993749000])
    ended_at: int | None = Field(examples=[None])
    why: str | None = Field(examples=[None], description="ended, expired, closed, ...")


class Stating(BaseModel):
    """What is said of an account; what is left out stays."""

    name: str = Field("", examples=["李敏"], min_length=1, max_length=NAME_CHARS)
    roles: list[_Role] = Field([], examples=[["supervisor"]], max_length=len(ROLES))
    unit: str | None = Field(None, examples=["34079903"], max_length=ID_CHARS)


@router.get("/accounts")
def listed(
    desk: Keeper,
    q: Annotated[str, Query(max_length=100, description="words of number, name or unit")] = "",
    role: Annotated[str, Query(max_length=40, description="those who have it")] = "",
) -> list[Account]:
    """All accounts, by unit; fewer by words or a role. For the administrator."""
    told = desk.ask("account.list")["accounts"]
    return [_account(one) for one in people.fitting(told, words=q, role=role)]


@router.get("/accounts/{account:path}")
def one(desk: Keeper, account: _Account) -> Standing:
    """One, with its log-ins; what happened to it is at `/custody/account:<account>`. For the administrator."""
    told = desk.ask("account.show", account=account)
    return Standing(**_account(told).model_dump(), logins=[Login(**login) for login in told["logins"]])


@router.put("/accounts/{account:path}")
def state(desk: Keeper, account: _Account, said: Stating, once: Once = None) -> Done:
    """A new account, or another name, roles, unit; its first password is given at its page. Takes a fresh factor."""
    return Done(**do(desk, "account.state", once, account=account, **said.model_dump(exclude_unset=True)))


@router.post("/accounts/{account:path}/logins/{login}/end")
def end_login(desk: Keeper, account: _Account, login: str, once: Once = None) -> Done:
    """End one log-in of an account. For the administrator."""
    return Done(**do(desk, "account.end-logins", once, account=account, login=login))


@router.post("/accounts/{account:path}/{deed}")
def press(desk: Keeper, account: _Account, deed: _Deed, once: Once = None) -> Done:
    """Lock an account or end all its log-ins; the other deeds take a fresh second factor. For the administrator."""
    verb, arguments = people.pressed(deed)
    return Done(**do(desk, verb, once, account=account, **arguments))


@router.get("/logins")
def logins(desk: Keeper) -> list[Login]:
    """One's own log-ins that stand."""
    return [Login(**one) for one in desk.ask("session.list")["logins"]]


@router.post("/logins/{login}/end")
def end_own(desk: Keeper, login: str, once: Once = None) -> Done:
    """End a log-in of one's own."""
    return Done(**do(desk, "session.end", once, login=login))


@router.get("/tokens")
def tokens(desk: Keeper, account: Annotated[str | None, Query(max_length=ID_CHARS)] = None) -> list[Token]:
    """One's own tokens; for the administrator all, or those of an account."""
    return [Token(**one) for one in desk.ask("token.list", account=account)["tokens"]]


@router.post("/tokens/{token}/end")
def end_token(desk: Keeper, token: str, once: Once = None) -> Done:
    """End a token at once: one's own; the administrator any."""
    return Done(**do(desk, "token.end", once, id=token))


def _account(told: Mapping[str, Any]) -> Account:
    known = {**told, "state": people.state_of(told), "locked_until": people.lock_end(told)}
    return Account(**{name: known[name] for name in Account.model_fields})
