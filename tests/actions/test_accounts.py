"""Accounts in order: what administrators may, where secrets lie, and that no crash, rebuild or loss opens a door."""

from __future__ import annotations

import re
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ingestd.actions.tokens import IN_ONES_NAME
from ingestd.errors import (
    CredentialsError,
    KeyMaterialError,
    LoginError,
    NotFoundError,
    RefusedError,
    SecondFactorError,
    UsageError,
)
from ingestd.index import accounts
from ingestd.index.database import reading
from ingestd.people.separation import ADMINISTRATOR_RULE, FRESH_RULE, TOGETHER_RULE
from ingestd.station import Station
from tests.actions.accounts_desk import CHEAP, PASSWORD, Desk, Moved
from tests.rig import Rig


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path / "h", **CHEAP)


@pytest.fixture
def desk(rig: Rig) -> Iterator[Desk]:
    made = Desk(rig)
    try:
        yield made
    finally:
        made.close()


def reopened(desk: Desk) -> Desk:
    """The same home after a restart, at the same time of day."""
    desk.close()
    return Desk(desk.rig, desk.clock)


# --- what administrators may --------------------------------------------------------------------


def test_only_an_administrator(desk: Desk) -> None:
    """Every verb of accounts, for a supervisor who is logged in: refused, and an event each."""
    session = desk.user("104301", "supervisor")
    verbs: dict[str, dict[str, Any]] = {
        "account.list": {},
        "account.show": {"account": "104301"},
        "account.state": {"account": "104301", "roles": ["supervisor", "archivist"]},
        "account.password": {"account": "104301", "password": PASSWORD},
        "account.pin": {"account": "104301", "pin": "582914"},
        "account.end-factor": {"account": "104301", "kind": "totp"},
        "account.lock": {"account": "104301"},
        "account.unlock": {"account": "104301"},
        "account.end-logins": {"account": "104301"},
    }
    for verb, given in verbs.items():
        with pytest.raises(RefusedError):
            desk.ask(verb, session=session, **given)
    assert {e["data"]["verb"] for e in desk.events("action.refused")} == set(verbs)
    assert {e["actor"] for e in desk.events("action.refused")} == {"person:104301"}


def test_nobody_raises_himself(desk: Desk) -> None:
    """SEP-8: administrator beside a role that sees evidence, roles for oneself, a wider scope for oneself."""
    desk.ask("account.state", account="104301", roles=["supervisor"])
    for roles in (["administrator", "supervisor"], ["officer", "administrator"]):
        with pytest.raises(RefusedError) as refused:
            desk.ask("account.state", account="x1", roles=roles)
        assert refused.value.rule == TOGETHER_RULE
    boss = desk.user("a1", "administrator", unit="u1")
    with pytest.raises(SecondFactorError):
        desk.ask("account.state", session=boss, account="x1", roles=["supervisor"])
    desk.phone(boss)
    for said in ({"roles": ["supervisor"]}, {"roles": ["administrator", "dock-keeper"]}, {"unit": None}):
        with pytest.raises(RefusedError):
            desk.ask("account.state", session=boss, account="a1", **said)
    assert desk.ask("account.state", session=boss, account="a1", name="王芳（虚构）")["changed"]
    for scope in ("read", *sorted(IN_ONES_NAME)):
        with pytest.raises(RefusedError) as refused:
            desk.ask("token.add", session=boss, account="104301", scopes=["events", scope], days=1)
        assert refused.value.rule == ADMINISTRATOR_RULE
    desk.refusals.flush(at_end=True)
    rules = {e["data"]["rule"] for e in desk.events("action.refused")}
    assert rules == {TOGETHER_RULE, ADMINISTRATOR_RULE, FRESH_RULE}


def test_no_login_slips_in_behind_a_change(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The password is right when it is looked at, and another one counts when the login would begin."""
    desk.user("104301", "supervisor")
    people = desk.verbs._people
    verify = people.verify

    def slow(kind: str, id_: str, secret: str) -> Any:
        found = verify(kind, id_, secret)
        desk.ask("account.password", account="104301", password="somebody else's choice")
        return found

    monkeypatch.setattr(people, "verify", slow)
    with pytest.raises(CredentialsError):
        desk.log_in("104301")
    assert desk.ask("account.show", account="104301")["logins"] == []


def test_the_log_has_ids_and_no_names(desk: Desk) -> None:
    """A name is a value; stating the same again is no event, and changes what it says only."""
    desk.ask("account.state", account="104301", name="陈立（虚构）", roles=["supervisor"], unit="u9")
    again = desk.ask("account.state", account="104301", name="陈立（虚构）")
    assert (again["changed"], again["unknown"]) == (False, [])
    (event,) = desk.events("account.stated")
    assert "陈立" not in repr(event)
    assert event["data"]["roles"] == ["supervisor"]
    assert desk.ask("account.list")["accounts"][0]["name"] == "陈立（虚构）"
    moved = desk.ask("account.state", account="104301", unit=None)
    assert moved["changed"]
    assert desk.ask("account.show", account="104301")["roles"] == ["supervisor"]


def test_what_is_no_account(desk: Desk) -> None:
    """Ids, roles, units and names have their form."""
    desk.ask("account.state", account="104301", roles=["supervisor"])
    wrong: list[dict[str, Any]] = [
        {"account": "a b"},
        {"account": ""},
        {"account": ".."},
        {"account": "x1", "roles": ["root"]},
        {"account": "x1", "roles": "supervisor"},
        {"account": "x1", "unit": "a\nb"},
        {"account": "x1", "name": ""},
        {"account": "x1", "name": "n" * 200},
        {"account": "104301", "new": True},
    ]
    for given in wrong:
        with pytest.raises(UsageError):
            desk.ask("account.state", **given)
    assert len(desk.events("account.stated")) == 1


def test_the_page_names_every_verb(desk: Desk) -> None:
    """docs/accounts.md is what the pages are built by."""
    page = (Path(__file__).parents[2] / "docs/accounts.md").read_text("utf-8")
    table = page.split("| verb | arguments")[1].split("Scopes of tokens")[0]
    assert re.findall(r"^\| `([\w.-]+)` \|", table, re.MULTILINE) == list(desk.verbs.actions())


def test_an_account_that_is_not_there(desk: Desk) -> None:
    """Said as it is to who may ask."""
    with pytest.raises(NotFoundError):
        desk.ask("account.password", account="nobody", password=PASSWORD)


# --- where secrets lie --------------------------------------------------------------------------


def test_secrets_stand_nowhere_in_the_clear(desk: Desk) -> None:
    """Not in the log, the index, the store: not even a hash to guess at. The store is the daemon's alone."""
    session = desk.user("104301", "supervisor")
    secret, codes = desk.phone(session)
    desk.ask("pin.set", session=session, pin="582914")
    desk.events()
    store = desk.station.home.accounts
    assert stat.S_IMODE(store.stat().st_mode) == 0o600
    assert stat.S_IMODE(store.parent.stat().st_mode) == 0o700
    told = [
        *(PASSWORD, session, "582914", *codes, *(code.replace("-", "") for code in codes)),
        *("$argon2", "the first password"),
    ]
    needles = [text.encode() for text in told] + [secret]
    for path in desk.rig.root.rglob("*"):
        if path.is_file() and path.name != "ingestd.toml":
            data = path.read_bytes()
            assert not [needle for needle in needles if needle in data], path


def test_a_row_that_is_moved_opens_nothing(desk: Desk) -> None:
    """Who can write the file puts his own hash under another's id: it does not open there."""
    desk.user("104301", "supervisor")
    desk.user("104302", "supervisor", password="the intruder's own")
    with sqlite3.connect(desk.station.home.accounts) as connection:
        sealed = dict(connection.execute("SELECT account, sealed FROM credentials WHERE kind = 'password'"))
        connection.execute("UPDATE credentials SET sealed = ? WHERE account = '104301'", (sealed["104302"],))
    connection.close()
    with pytest.raises(KeyMaterialError):
        desk.log_in("104301", "the intruder's own")


def test_another_cost_is_taken_at_the_next_login(desk: Desk) -> None:
    """Nobody has to be asked: the same password is hashed anew, and no event says that it changed."""
    desk.user("104301", "supervisor")
    desk.close()
    desk.rig.configure(**{"accounts.argon2_kib": 2048})
    again = Desk(desk.rig, desk.clock)
    before = len(again.events("credential.set"))
    again.log_in("104301")
    again.log_in("104301")
    assert len(again.events("credential.set")) == before
    again.close()
    desk.verbs, desk.station = again.verbs, again.station


# --- crashes, rebuilds, losses ------------------------------------------------------------------


class Crash(Exception):
    """The power goes."""


def test_a_crash_between_store_and_log_changes_nothing(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """The secret is durable, its event is not: the old password counts, the new one does not, no orphan stays."""
    desk = Desk(rig)
    session = desk.user("104301", "supervisor")
    books = type(desk.station.books)

    def crash(*_: object, **__: object) -> None:
        raise Crash

    with monkeypatch.context() as broken:
        broken.setattr(books, "append", crash)
        for verb, given in (
            ("password.change", {"session": session, "old": PASSWORD, "new": "never in the log"}),
            ("account.password", {"account": "104301", "password": "never in the log"}),
            ("session.open", {"user": "104301", "password": PASSWORD}),
            ("token.add", {"account": "104301", "scopes": ["events"], "days": 1}),
        ):
            with pytest.raises(Crash):
                desk.ask(verb, **given)
    desk = reopened(desk)
    try:
        assert desk.who(session=session).person == "104301"
        with pytest.raises(CredentialsError):
            desk.log_in("104301", "never in the log")
        assert desk.log_in("104301")["stage"] == "full"
        assert _rows(desk) == {"credentials": 1, "keys": 2}
    finally:
        desk.close()


def test_a_crash_after_the_log_counts(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """The event is durable, what follows it is not: the new password counts, ended logins are over."""
    desk = Desk(rig)
    session = desk.user("104301", "supervisor")
    other = desk.log_in("104301")["session"]
    store = desk.verbs._people.store

    def crash(*_: object, **__: object) -> None:
        raise Crash

    with monkeypatch.context() as broken:
        for name in ("drop_keys", "drop_credentials", "change_key"):
            broken.setattr(type(store), name, crash)
        with pytest.raises(Crash):
            desk.ask("account.password", account="104301", password="now in the log for good")
    desk = reopened(desk)
    try:
        for token in (session, other):
            with pytest.raises(LoginError):
                desk.who(session=token)
        with pytest.raises(CredentialsError):
            desk.log_in("104301")
        assert desk.log_in("104301", "now in the log for good")["stage"] == "password"
        assert _rows(desk) == {"credentials": 1, "keys": 1}
    finally:
        desk.close()


def _rows(desk: Desk) -> dict[str, int]:
    with sqlite3.connect(desk.station.home.accounts) as connection:
        found = {
            table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("credentials", "keys")
        }
    connection.close()
    return found


def test_a_rebuild_loses_nothing(rig: Rig) -> None:
    """The index is made again from the log: passwords, phones, logins, locks and waits are as before."""
    desk = Desk(rig)
    session = desk.user("104301", "supervisor")
    secret, _ = desk.phone(session)
    desk.user("104302", "archivist")
    desk.ask("account.lock", account="104302")
    with reading(desk.station.engine) as connection:
        before = (accounts.listed(connection), accounts.open_logins(connection))
    desk.close()
    assert rig.run("rebuild").code == 0
    desk = Desk(rig, desk.clock)
    try:
        with reading(desk.station.engine) as connection:
            assert (accounts.listed(connection), accounts.open_logins(connection)) == before
        assert desk.who(session=session).person == "104301"
        half = desk.log_in("104301")
        assert desk.ask("session.second", session=half["session"], code=desk.code(secret))["stage"] == "full"
        with pytest.raises(CredentialsError):
            desk.log_in("104302")
    finally:
        desk.close()


@pytest.mark.parametrize("how", ["lost", "damaged", "open to others"])
def test_without_the_store_nobody_comes_in_and_intake_goes_on(rig: Rig, how: str) -> None:
    """The station opens; logging in says what is wrong; a lost store takes new passwords."""
    desk = Desk(rig)
    session = desk.user("104301", "supervisor")
    desk.close()
    store = desk.station.home.accounts
    for companion in store.parent.glob("accounts.db-*"):
        companion.unlink()
    if how == "lost":
        store.unlink()
    elif how == "damaged":
        store.write_bytes(b"no database" * 1000)
    else:
        store.chmod(0o644)
    desk = Desk(rig, desk.clock)
    try:
        assert isinstance(desk.station, Station)
        expected = LoginError if how == "lost" else KeyMaterialError
        with pytest.raises(expected):
            desk.who(session=session)
        if how == "lost":
            with pytest.raises(CredentialsError):
                desk.log_in("104301")
            desk.ask("account.password", account="104301", password="a new first password")
            assert desk.log_in("104301", "a new first password")["stage"] == "password"
        else:
            with pytest.raises(KeyMaterialError, match="not affected"):
                desk.log_in("104301")
    finally:
        desk.close()


def test_waits_stand_over_a_restart(rig: Rig) -> None:
    """Whoever can make the daemon start again gains no attempt."""
    desk = Desk(rig, Moved())
    desk.user("104301", "supervisor")
    for _ in range(5):
        with pytest.raises(CredentialsError):
            desk.log_in("104301", "wrong password")
    desk = reopened(desk)
    try:
        with pytest.raises(RefusedError) as refused:
            desk.log_in("104301")
        assert refused.value.facts == {"wait_s": 30}
    finally:
        desk.close()
