"""Logging in: who comes in, how far, for how long; and how those who guess do not."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ingestd.errors import (
    CredentialsError,
    IngestdError,
    LoginError,
    NotFoundError,
    PasswordDueError,
    RefusedError,
    SecondFactorError,
    UsageError,
    WaitError,
)
from ingestd.people.waits import RULES
from tests.actions.accounts_desk import CHEAP, NEW, PASSWORD, Desk
from tests.rig import Rig

MINUTE = 60_000
HOUR = 60 * MINUTE


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(Rig(tmp_path / "h", **CHEAP))
    try:
        yield made
    finally:
        made.close()


# --- coming in ----------------------------------------------------------------------------------


def test_the_first_password_opens_nothing_but_its_change(desk: Desk) -> None:
    """What an administrator gave is good for one thing; the changed one opens the roles."""
    desk.ask("account.state", account="104301", name="陈立", roles=["supervisor"])
    desk.ask("account.password", account="104301", password="the first password")
    answer = desk.log_in("104301", "the first password")
    session = answer["session"]
    assert (answer["stage"], answer["name"]) == ("password", "陈立")
    for verb in ("live", "urge", "session.list", "totp.begin", "pin.set"):
        with pytest.raises(PasswordDueError):
            desk.who(verb, session=session)
    with pytest.raises(UsageError):
        desk.ask("password.change", session=session, old="the first password", new="the first password")
    changed = desk.ask("password.change", session=session, old="the first password", new=NEW)
    with pytest.raises(LoginError):
        desk.who("whoami", session=session)
    who = desk.who("urge", session=changed["session"])
    assert (who.actor, who.roles) == ("person:104301", {"supervisor"})
    with pytest.raises(CredentialsError):
        desk.log_in("104301", "the first password")


def test_roles_are_those_of_now(desk: Desk) -> None:
    """A role that is taken away is gone at the next request, a closed account has no login left."""
    session = desk.user("104301", "supervisor", "case-officer", unit="u1")
    assert desk.who(session=session).roles == {"supervisor", "case-officer"}
    desk.ask("account.state", account="104301", roles=["supervisor"])
    assert desk.who(session=session).roles == {"supervisor"}
    assert desk.who(session=session).unit == "u1"
    desk.ask("account.state", account="104301", active=False)
    with pytest.raises(LoginError):
        desk.who(session=session)
    with pytest.raises(CredentialsError):
        desk.log_in("104301")
    desk.ask("account.state", account="104301", active=True)
    with pytest.raises(CredentialsError):
        desk.log_in("104301")


def test_a_login_with_a_second_factor_is_nobody_until_it_is_shown(desk: Desk) -> None:
    """Half a login has no role and only three verbs; the token is another one afterwards (fixation)."""
    secret, _ = desk.phone(desk.user("104301", "supervisor"))
    half = desk.log_in("104301")
    assert (half["stage"], half["roles"]) == ("half", [])
    with pytest.raises(SecondFactorError) as refused:
        desk.who("urge", session=half["session"])
    assert refused.value.facts == {"need": "confirm"}
    assert desk.who("whoami", session=half["session"]).roles == frozenset()
    full = desk.ask("session.second", session=half["session"], code=desk.code(secret))
    assert full["session"] != half["session"]
    with pytest.raises(LoginError):
        desk.who("whoami", session=half["session"])
    assert desk.who("urge", session=full["session"]).roles == {"supervisor"}


def test_no_code_counts_twice(desk: Desk) -> None:
    """Whoever looks over a shoulder has nothing: not the code, not the one before it."""
    session = desk.user("104301", "supervisor")
    secret, _ = desk.phone(session)
    code, earlier = desk.code(secret), desk.code(secret)
    desk.ask("session.second", session=session, code=code)
    for again in (code, earlier):
        with pytest.raises(CredentialsError):
            desk.ask("session.second", session=session, code=again)
    desk.clock.at += 30_000
    desk.ask("session.second", session=session, code=f"{desk.code(secret)[:3]} {desk.code(secret)[3:]}")


def test_freshness_lasts_five_minutes_and_no_longer(desk: Desk) -> None:
    """Nor does a clock that is set back make it fresh again."""
    session = desk.user("104301", "supervisor")
    secret, _ = desk.phone(session)
    confirmed = desk.ask("session.second", session=session, code=desk.code(secret))
    assert confirmed["session"] == session
    now = desk.clock.now
    assert desk.who(session=session).is_fresh(now())
    desk.clock.at += 5 * MINUTE
    assert desk.who(session=session).is_fresh(now())
    desk.clock.at += 1
    assert not desk.who(session=session).is_fresh(now())
    desk.clock.at -= 5 * MINUTE + 2
    assert not desk.who(session=session).is_fresh(now())


def test_recovery_codes_work_once_each(desk: Desk) -> None:
    """Typed as people type them; the log says how many are left."""
    session = desk.user("104301", "supervisor")
    _, codes = desk.phone(session)
    assert len(set(codes)) == 10
    answer = desk.ask("session.second", session=session, code=codes[0].lower().replace("-", " "))
    assert (answer["factor"], answer["codes_left"]) == ("recovery", 9)
    with pytest.raises(CredentialsError):
        desk.ask("session.second", session=session, code=codes[0])
    assert desk.events("login.confirmed")[-1]["data"]["codes_left"] == 9


def test_setting_up_another_phone_takes_the_old_one(desk: Desk) -> None:
    """A password alone does not replace the second factor; the codes of before are void."""
    session = desk.user("104301", "supervisor")
    secret, codes = desk.phone(session)
    desk.clock.at += 10 * MINUTE
    with pytest.raises(SecondFactorError):
        desk.ask("totp.begin", session=session, password=PASSWORD)
    with pytest.raises(SecondFactorError):
        desk.ask("totp.end", session=session)
    desk.ask("session.second", session=session, code=desk.code(secret))
    second, _ = desk.phone(session)
    assert second != secret
    with pytest.raises(CredentialsError):
        desk.ask("session.second", session=session, code=codes[1])
    desk.clock.at += MINUTE
    desk.ask("session.second", session=session, code=desk.code(second))
    assert desk.ask("totp.end", session=session)["changed"]
    assert desk.log_in("104301")["stage"] == "full"


def test_a_new_phone_waits_ten_minutes_for_its_code(desk: Desk) -> None:
    """And a wrong first code sets up nothing."""
    session = desk.user("104301", "supervisor")
    begun = desk.ask("totp.begin", session=session, password=PASSWORD)
    assert begun["uri"].startswith("otpauth://totp/ingestd%20a%2Fs%3A104301?secret=")
    with pytest.raises(CredentialsError):
        desk.ask("totp.confirm", session=session, code="000000")
    desk.clock.at += 11 * MINUTE
    with pytest.raises(UsageError):
        desk.ask("totp.confirm", session=session, code="000000")
    assert desk.ask("whoami", session=session)["has_totp"] is False


# --- the end of logins --------------------------------------------------------------------------


def test_idle_and_too_long(desk: Desk) -> None:
    """Half an hour without use, twelve hours with it; the log says which."""
    idle, used = desk.user("104301", "supervisor"), desk.user("104302", "supervisor")
    for _ in range(24):
        desk.clock.at += 29 * MINUTE
        desk.who(session=used)
    with pytest.raises(LoginError):
        desk.who(session=idle)
    desk.clock.at += 29 * MINUTE
    with pytest.raises(LoginError):
        desk.who(session=used)
    assert [e["data"]["why"] for e in desk.events("login.ended")] == ["idle", "too-long"]


def test_a_job_ends_what_nobody_uses(desk: Desk) -> None:
    """So that the list of logins is true without anybody asking; and tokens out of date."""
    session = desk.user("104301", "supervisor")
    desk.ask("token.add", account="104301", scopes=["events"], days=1)
    desk.verbs.logins.expire()
    assert desk.events("login.ended", "token.ended") == []
    desk.clock.at += 25 * HOUR
    desk.verbs.logins.expire()
    assert [e["type"] for e in desk.events("login.ended", "token.ended")] == ["login.ended", "token.ended"]
    with pytest.raises(LoginError):
        desk.who(session=session)


def test_a_clock_set_back_ends_logins(desk: Desk) -> None:
    """Nobody can tell how old they are."""
    session = desk.user("104301", "supervisor")
    desk.clock.at -= HOUR
    with pytest.raises(LoginError):
        desk.who(session=session)


def test_logins_are_listed_and_ended(desk: Desk) -> None:
    """One's own by the person, with where from; not another person's; all of them by the administrator."""
    first, other = desk.user("104301", "supervisor"), desk.user("104302", "supervisor")
    desk.clock.at += 1
    desk.ask("session.open", user="104301", password=PASSWORD, client="10 号窗口" * 100)
    listed = desk.ask("session.list", session=first)["logins"]
    assert [one["this"] for one in listed] == [True, False]
    assert listed[1]["client"].startswith("10 号窗口")
    assert len(listed[1]["client"]) <= 200
    with pytest.raises(IngestdError):
        desk.ask("session.end", session=other, login=listed[0]["login"])
    assert desk.ask("session.end", session=first, login=listed[1]["login"])["changed"]
    assert not desk.ask("session.end", session=first, login=listed[1]["login"])["changed"]
    assert desk.ask("account.end-logins", account="104301")["ended"] == 1
    for verb in ("whoami", "session.end"):
        with pytest.raises(LoginError):
            desk.ask(verb, session=first)


def test_a_changed_password_ends_every_other_login(desk: Desk) -> None:
    """Whoever had come in by the old one is out."""
    mine = desk.user("104301", "supervisor")
    theirs = desk.log_in("104301")["session"]
    mine = desk.ask("password.change", session=mine, old=PASSWORD, new=NEW)["session"]
    with pytest.raises(LoginError):
        desk.who(session=theirs)
    assert desk.who(session=mine).person == "104301"


# --- those who guess ----------------------------------------------------------------------------


def test_brute_force_waits_longer_and_longer(desk: Desk) -> None:
    """By doing it: 30 s, a minute, ... an hour; the right password waits as well; a hundred are the end."""
    desk.user("104301", "supervisor")
    rule, waits = RULES["password"], []
    for failures in range(1, rule.last + 1):
        with pytest.raises(CredentialsError):
            desk.log_in("104301", "wrong password")
        wait = rule.after(failures)
        if wait != 0:
            with pytest.raises(WaitError) as refused:
                desk.log_in("104301")
            waits.append(refused.value.wait_s)
            desk.clock.at += wait or 0
    assert waits[:5] == [30, 60, 120, 240, 480]
    assert max(waits) == 3600
    assert waits[-1] == -1
    with pytest.raises(WaitError):
        desk.log_in("104301")
    locked = [e["data"] for e in desk.events("account.locked")]
    assert (len(locked), locked[0]["failures"], locked[-1]["until_at"]) == (96, 5, None)
    desk.ask("account.unlock", account="104301")
    assert desk.log_in("104301")["stage"] == "full"


def test_many_at_once_gain_nothing(desk: Desk) -> None:
    """An attempt counts before it is looked at: forty parallel guesses are five attempts."""
    desk.user("104301", "supervisor")

    def guess(number: int) -> type[BaseException]:
        with pytest.raises((CredentialsError, WaitError)) as refused:
            desk.log_in("104301", f"wrong password {number}")
        return refused.type

    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(guess, range(40)))
    assert found.count(CredentialsError) == RULES["password"].free + 1


def test_names_that_nobody_has_are_not_told_apart(desk: Desk) -> None:
    """The same words, the same waits; and what was typed as a name is not in the log: it may be a password."""
    desk.user("104301", "supervisor")

    def answers(name: str) -> list[tuple[str, dict[str, object]]]:
        found = []
        for _ in range(7):
            with pytest.raises(RefusedError) as refused:
                desk.log_in(name, "wrong password")
            found.append((str(refused.value), refused.value.facts))
        return found

    assert answers("104301") == answers("my secret password")
    desk.refusals.flush(at_end=True)
    log = repr(desk.events())
    assert "my secret" not in log
    assert "wrong password" not in log
    assert {e["subject"] for e in desk.events("action.refused")} == {"account:104301", "account:?"}


def test_codes_of_the_second_factor_are_not_guessed_either(desk: Desk) -> None:
    """Its own waits, whoever asks: by half a login or a whole one."""
    session = desk.user("104301", "supervisor")
    secret, _ = desk.phone(session)
    for number in range(5):
        with pytest.raises(CredentialsError):
            desk.ask("session.second", session=session, code=f"00000{number}")
    with pytest.raises(WaitError):
        desk.ask("session.second", session=desk.log_in("104301")["session"], code=desk.code(secret))
    assert desk.events("account.locked")[-1]["data"]["kind"] == "totp"


def test_a_locked_account_is_shut_whatever_is_known(desk: Desk) -> None:
    """Logins end, the right password does not open it, tokens rest; until it is unlocked."""
    session = desk.user("104301", "supervisor")
    token = desk.ask("token.add", account="104301", scopes=["events"], days=1)["token"]
    desk.ask("account.lock", account="104301")
    with pytest.raises(LoginError):
        desk.who(session=session)
    with pytest.raises(LoginError):
        desk.who(token=token)
    with pytest.raises(CredentialsError):
        desk.log_in("104301")
    desk.ask("account.unlock", account="104301")
    assert desk.log_in("104301")["stage"] == "full"
    assert desk.who("live", token=token).person == "104301"


# --- kiosk and tokens ---------------------------------------------------------------------------


def test_the_kiosk_is_for_notes(desk: Desk) -> None:
    """An officer's PIN opens one verb, for minutes; guessing it locks the PIN and not the password."""
    session = desk.user("104233", "officer", "case-officer")
    desk.ask("pin.set", session=session, pin="582914")
    kiosk = desk.ask("kiosk.open", user="104233", pin="582914")["session"]
    assert desk.who("clip.note", session=kiosk).roles == {"officer"}
    for verb in ("urge", "live", "session.list", "password.change", "session.second"):
        with pytest.raises(RefusedError):
            desk.who(verb, session=kiosk)
    desk.clock.at += 3 * MINUTE
    with pytest.raises(LoginError):
        desk.who("clip.note", session=kiosk)
    for _ in range(3):
        with pytest.raises(CredentialsError):
            desk.ask("kiosk.open", user="104233", pin="000001")
    with pytest.raises(WaitError):
        desk.ask("kiosk.open", user="104233", pin="582914")
    assert desk.log_in("104233")["stage"] == "full"
    other = desk.user("104301", "supervisor")
    desk.ask("pin.set", session=other, pin="582914")
    with pytest.raises(RefusedError):
        desk.ask("kiosk.open", user="104301", pin="582914")


def test_tokens_have_scopes_and_an_end(desk: Desk) -> None:
    """Shown once, for its verbs only, never fresh; gone with its date, its end or its account."""
    session = desk.user("104301", "case-officer")
    with pytest.raises(SecondFactorError):
        desk.ask("token.add", session=session, scopes=["registers"], days=30)
    secret, _ = desk.phone(session)
    desk.ask("session.second", session=session, code=desk.code(secret))
    made = desk.ask("token.add", session=session, scopes=["registers"], days=30, label="案件平台（李敏）")
    token = made["token"]
    assert token.startswith("ingestd_")
    who = desk.who("register.import", token=token)
    assert (who.actor, who.roles) == ("person:104301", {"case-officer"})
    assert not who.is_fresh(desk.clock.now())
    for verb in ("clip.note", "recorder.enroll", "token.add", "session.end", None):
        with pytest.raises(RefusedError):
            desk.who(verb, token=token)  # type: ignore[arg-type]  # a request may name anything
    with pytest.raises(LoginError):
        desk.who("register.import", session=token)
    with pytest.raises(LoginError):
        desk.who("register.import", token=session)
    log = repr(desk.events())
    assert token not in log
    assert "李敏" not in log
    assert [one["id"] for one in desk.ask("token.list", session=session)["tokens"]] == [made["id"]]
    desk.ask("token.end", session=session, id=made["id"])
    with pytest.raises(LoginError):
        desk.who("register.import", token=token)
    short = desk.ask("token.add", account="104301", scopes=["events"], days=1)["token"]
    desk.clock.at += 24 * HOUR
    with pytest.raises(LoginError):
        desk.who("live", token=short)


def test_a_token_ends_and_makes_nothing(desk: Desk) -> None:
    """Scope `accounts`: log-ins and tokens are listed and ended, accounts locked; nobody is let in by it."""
    session = desk.user("104301", "case-officer")
    other = desk.ask("session.list", session=session)["logins"][0]["login"]
    boss = desk.ask("token.add", account="104301", scopes=["accounts"], days=1)["token"]
    for verb in ("token.add", "account.state", "account.unlock", "account.password", "password.change"):
        with pytest.raises(RefusedError):
            desk.who(verb, token=boss)
    assert desk.ask("session.list", token=boss)["logins"][0] | {"this": False} == (
        desk.ask("session.list", session=session)["logins"][0] | {"this": False}
    )
    with pytest.raises(NotFoundError):
        desk.ask("session.end", token=boss)
    assert desk.ask("session.end", token=boss, login=other)["changed"]
    with pytest.raises(LoginError):
        desk.who("whoami", session=session)
    with pytest.raises(RefusedError):
        desk.ask("account.lock", token=boss, account="104301")


# --- hostile ------------------------------------------------------------------------------------


def test_a_request_that_names_a_login_is_never_the_unix_users(desk: Desk) -> None:
    """A missing or odd token does not fall back to whoever runs the process."""
    for shown in (None, "", 0, True, [], {}, "x", "\ud800", "A" * 100_000):
        for how in ("session", "token"):
            with pytest.raises(LoginError):
                desk.verbs.logins.who(os.getuid(), {"verb": "account.list", how: shown})


def test_a_token_that_was_planted_is_none(desk: Desk) -> None:
    """Nobody chooses a token: what a request brings to a login is ignored (session fixation)."""
    desk.user("104301", "supervisor")
    planted = "A" * 43
    answer = desk.verbs.logins.open(
        desk.who(),
        {"user": "104301", "password": PASSWORD, "session": planted, "login": "L", "stage": "full"},
    )
    assert answer["session"] != planted
    with pytest.raises(LoginError):
        desk.who(session=planted)


def test_other_system_users_carry_no_logins(desk: Desk) -> None:
    """A stolen token is worth nothing to another user of the machine."""
    session = desk.user("104301", "supervisor")
    for request in ({"verb": "whoami", "session": session}, {"verb": "live", "token": session}):
        with pytest.raises(RefusedError):
            desk.verbs.logins.who(41_999, request)
    with pytest.raises(RefusedError):
        desk.verbs.logins.open(
            desk.verbs.logins.who(41_999, {"verb": "session.open"}), {"user": "104301", "password": PASSWORD}
        )


def test_the_web_process_alone_is_nobody(tmp_path: Path) -> None:
    """Even where [people] names its system user; with a person's login it is that person."""
    rig = Rig(tmp_path / "h", **CHEAP, **{"accounts.web_user": "daemon"})
    rig.person(1, "web", "administrator", "supervisor")
    desk = Desk(rig)
    try:
        session = desk.user("104301", "supervisor")
        who = desk.verbs.logins.who(1, {"verb": "account.list"})
        assert (who.person, who.roles) == (None, frozenset())
        assert desk.verbs.logins.who(1, {"verb": "live", "session": session}).person == "104301"
    finally:
        desk.close()
