"""Logins over the daemon's real socket: carried by the web process's own user, at argon2's real cost."""

from __future__ import annotations

import base64
import io
import json
import sys

import pytest

from ingestd.actions.client import RemoteError
from ingestd.clock import StationClock
from ingestd.people import totp
from tests.actions.accounts_desk import NEW, PASSWORD
from tests.actions.test_people import ask, ask_all, home, reachable  # noqa: F401 - a fixture
from tests.rig import Rig, daemon, wait_for

WEB = 1
"""The user ``daemon``, which every Debian has."""
STRANGER = 41_050


@pytest.fixture
def web(home: Rig) -> Rig:  # noqa: F811 - the fixture of that name
    return home.configure(**{"accounts.web_user": "daemon"})


def test_from_the_first_password_to_an_action(web: Rig) -> None:
    """Each step by another process's user; what it does is the person's in the log, and stays after its end."""
    made = web.run(
        "user", "add", "104301", "--name", "陈立（虚构）", "--role", "dock-keeper", "--generate", "--json"
    )
    assert made.code == 0, made.err
    first = made.json["password"]
    with daemon(web) as running:
        reachable(web)
        opened = ask(web, WEB, "session.open", user="104301", password=first, client="kiosk 3")["ok"]
        assert opened["stage"] == "password"
        due = ask(web, WEB, "recorder.enroll", recorder="KD00001", session=opened["session"])["error"]
        assert (due["code"], due["exit"]) == ("password-due", 6)
        changed = ask(web, WEB, "password.change", session=opened["session"], old=first, new=NEW)["ok"]
        session = changed["session"]
        alone = ask(web, WEB, "recorder.enroll", recorder="KD00001")["error"]
        assert alone["code"] == "refused"
        stolen = ask(web, STRANGER, "recorder.enroll", recorder="KD00001", session=session)["error"]
        assert stolen["code"] == "refused"
        assert ask(web, WEB, "recorder.enroll", recorder="KD00001", session=session)["ok"]["changed"]
        path = ask(web, WEB, "intake", path="/etc", slot="x", release=None, session=session)["error"]
        assert path["code"] == "refused"
        running.stop()
        with daemon(web):
            reachable(web)
            me = ask(web, WEB, "whoami", session=session)["ok"]
            assert (me["person"], me["name"], me["stage"]) == ("104301", "陈立（虚构）", "full")
            assert ask(web, WEB, "session.end", session=session)["ok"]["changed"]
            assert ask(web, WEB, "whoami", session=session)["error"]["code"] == "login"
    (event,) = web.events("recorder.enrolled")
    assert event["actor"] == "person:104301"
    log = json.dumps(web.events(), ensure_ascii=False)
    for secret in (first, NEW, session, "陈立"):
        assert secret not in log


def test_a_key_of_one_person_is_not_anothers(web: Rig) -> None:
    """The web's user asks for many: an idempotency key answers its own person, and never with a login."""
    with daemon(web) as running:
        reachable(web)
        sessions = []
        for account in ("k1", "k2"):
            running.ask("account.state", account=account, roles=["dock-keeper"])
            running.ask("account.password", account=account, password="the first password")
            opened = ask(web, WEB, "session.open", user=account, password="the first password", key="K")["ok"]
            change = {"session": opened["session"], "old": "the first password", "new": NEW}
            sessions.append(ask(web, WEB, "password.change", **change)["ok"]["session"])
        enrol = {"verb": "recorder.enroll", "recorder": "KD00001", "key": "same"}
        one, again, two = ask_all(
            web, WEB, *({**enrol, "session": s} for s in (sessions[0], sessions[0], sessions[1]))
        )
        assert one == again
        assert (one["ok"]["changed"], two["ok"]["changed"]) == (True, False)
        wrong = ask(web, WEB, "session.open", user="k1", password="wrong password", key="K")
        assert wrong["error"]["code"] == "credentials"


def test_brute_force_over_the_socket(web: Rig) -> None:
    """Five guesses, then seconds to wait; the right password waits too; the log counts and names no guess."""
    with daemon(web) as running:
        reachable(web)
        running.ask("account.state", account="104301", roles=["supervisor"])
        running.ask("account.password", account="104301", password=PASSWORD)
        guess = {"verb": "session.open", "user": "104301", "password": "a wrong guess"}
        answers = [
            answer["error"] for answer in ask_all(web, WEB, *[guess] * 6, {**guess, "password": PASSWORD})
        ]
        assert [one["code"] for one in answers] == ["credentials"] * 5 + ["wait"] * 2
        assert 0 < answers[-1]["wait_s"] <= 30
        running.ask("account.unlock", account="104301")
        assert "ok" in ask(web, WEB, **{**guess, "password": PASSWORD})
        wait_for(lambda: web.events("account.unlocked") != [])
    assert "a wrong guess" not in json.dumps(web.events())
    assert sum(e["data"]["count"] for e in web.events("action.refused")) == 7


class Typing(io.StringIO):
    """Standard input of somebody who types a password, then the code of the key that the terminal shows."""

    def readline(self, *_: object) -> str:  # type: ignore[override]  # no size is asked for
        shown = sys.stderr.getvalue()  # type: ignore[attr-defined]  # as the rig redirects it
        if "key: " not in shown:
            return f"{NEW}\n"
        text = shown.split("key: ")[1].split()[0]
        secret = base64.b32decode(text + "=" * (-len(text) % 8))
        return f"{totp.code(secret, StationClock().now() // totp.STEP_MS)}\n"


def test_the_second_factor_at_the_terminal(web: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """`user totp` asks for password and code; then a login needs both; `--end` is for a lost phone."""
    with daemon(web) as running:
        running.ask("account.state", account="104301", roles=["supervisor"])
        running.ask("account.password", account="104301", password="the first password")
        monkeypatch.setattr("sys.stdin", io.StringIO(f"the first password\n{NEW}\n"))
        assert web.run("user", "password", "104301", "--own").code == 0
        monkeypatch.setattr("sys.stdin", Typing())
        done = web.run("user", "totp", "104301", "--json")
        assert done.code == 0, done.err
        half = running.ask("session.open", user="104301", password=NEW)
        assert half["stage"] == "half"
        with pytest.raises(RemoteError) as refused:
            running.ask("session.list", session=half["session"])
        assert (refused.value.remote_code, refused.value.remote_facts) == (
            "second-factor",
            {"need": "confirm"},
        )
        full = running.ask("session.second", session=half["session"], code=done.json["recovery"][0])
        assert (full["stage"], full["codes_left"]) == ("full", 9)
        assert web.run("user", "totp", "104301", "--end").code == 0
        assert running.ask("session.open", user="104301", password=NEW)["stage"] == "full"
