"""`ingestd user` and `ingestd token` as an administrator types them, without a daemon."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest

from ingestd.cli import qr
from tests.actions.accounts_desk import CHEAP
from tests.rig import Rig

Typed = Callable[..., None]


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    return Rig(tmp_path / "h", **CHEAP)


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Typed:
    """What comes on standard input."""
    return lambda *lines: monkeypatch.setattr(
        "sys.stdin", io.StringIO("".join(f"{line}\n" for line in lines))
    )


def test_an_account_from_its_making_to_its_end(rig: Rig, typed: Typed) -> None:
    """Each command says what came of it; the list says how the account stands; nothing shows a secret again."""
    typed("correct horse battery")
    made = rig.run("user", "add", "104301", "--name", "Chen Li", "--role", "supervisor", "--unit", "u1")
    assert made.code == 0, made.err
    assert "not in the registers (yet): unit u1" in made.out
    assert "battery" not in made.out + made.err

    def stands() -> tuple[list[str], str | None, bool, str | None]:
        (one,) = rig.run("user", "list", "--json").json
        return one["roles"], one["unit"], one["active"], one["locked"]

    assert stands() == (["supervisor"], "u1", True, None)
    assert rig.run("user", "role", "104301", "--role", "archivist", "--everywhere").code == 0
    assert stands() == (["archivist"], None, True, None)
    assert "nothing was changed" in rig.run("user", "role", "104301", "--everywhere").out
    assert rig.run("user", "lock", "104301").code == 0
    assert stands()[3] == "account"
    assert rig.run("user", "unlock", "104301").code == 0
    assert rig.run("user", "end-sessions", "104301").out == "it is so already; nothing was changed.\n"
    assert rig.run("user", "close", "104301").code == 0
    assert stands()[2] is False
    assert rig.run("user", "password", "104301", "--generate").code == 2
    assert rig.run("user", "reopen", "104301").code == 0
    shown = rig.run("user", "show", "104301").out
    assert "Chen Li" in shown
    assert "no password" in shown
    assert "first password (shown this once)" in rig.run("user", "password", "104301", "--generate").out
    assert "first password" in rig.run("user", "list").out


def test_the_chain_of_an_account(rig: Rig, typed: Typed) -> None:
    """In the order of time, in sentences, as JSON too; of no account nothing but what to give."""
    typed("correct horse battery")
    assert rig.run("user", "add", "104301", "--name", "Chen Li", "--role", "supervisor").code == 0
    assert rig.run("user", "role", "104301", "--role", "archivist").code == 0
    assert rig.run("user", "add", "104302", "--name", "Sun Li", "--role", "officer", "--generate").code == 0
    found = rig.run("custody", "account:104301", "--json").json
    assert found["about"] == "account:104301"
    types = [line["type"] for line in found["chain"]]
    assert types == ["account.stated", "credential.set", "account.stated"]
    assert all(line["zh"] and "104301" in line["en"] for line in found["chain"])
    assert "archivist" in found["chain"][2]["en"]
    printed = rig.run("custody", "account:104301").out
    assert printed.startswith("account 104301\n")
    assert f"entry {found['chain'][0]['seq']} " in printed
    assert "104302" not in printed
    unknown = rig.run("custody", "account:nobody")
    assert (unknown.code, "user list" in unknown.err) == (7, True)


def test_what_is_refused_at_the_terminal(rig: Rig, typed: Typed) -> None:
    """Exit 2 for what can't be, 6 for what a rule forbids, 7 for who is not there."""
    typed("short")
    assert rig.run("user", "add", "104301", "--role", "supervisor").code == 2
    assert rig.run("user", "add", "104301", "--role", "supervisor", "--generate").code == 2
    done = rig.run("user", "role", "104301", "--role", "supervisor", "--role", "administrator")
    assert (done.code, "SEP-8" in done.err) == (6, True)
    assert rig.run("user", "show", "104302").code == 7
    assert rig.run("user", "role", "104301", "--role", "root").code == 2
    typed("111111")
    assert rig.run("user", "pin", "104301").code == 2
    typed("582914")
    assert rig.run("user", "pin", "104301").code == 0
    assert rig.run("user", "pin", "104301", "--end").code == 0


def test_tokens(rig: Rig) -> None:
    """Shown once, listed without the secret, ended."""
    assert rig.run("user", "add", "platform-1", "--role", "case-officer", "--generate").code == 0
    made = rig.run("token", "add", "platform-1", "--scope", "registers", "--label", "platform", "--json").json
    assert made["token"].startswith("ingestd_")
    listed = rig.run("token", "list").out
    assert made["id"] in listed
    assert made["token"] not in listed
    assert rig.run("token", "end", made["id"]).code == 0
    (one,) = rig.run("token", "list", "--account", "platform-1", "--json").json
    assert one["why"] == "ended"
    for scope in ("read", "cases"):
        assert rig.run("token", "add", "platform-1", "--scope", scope).code == 6


def test_the_code_for_the_phone_fits_a_terminal() -> None:
    """A narrow terminal shows it whole."""
    uri = (
        "otpauth://totp/ingestd%20agency%2Fstation%3A104301?secret="
        + "A" * 32
        + "&issuer=ingestd%20agency%2Fstation"
    )
    assert len(qr.lines(uri)[0]) <= 60
