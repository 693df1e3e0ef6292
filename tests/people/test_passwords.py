"""What can be a password or PIN, and that hashing has its limits."""

from __future__ import annotations

import threading

import pytest

from ingestd.errors import BusyError, UsageError
from ingestd.people import passwords
from ingestd.people.passwords import AT_ONCE, Hasher, check_password, check_pin

KIB = 1024


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "x" * 300,
        "aaaaaaaaaaaa",
        "my-104233-is-long",
        "李敏的密码很长很长很长",
        "ＬＩ ＭＩＮ is long enough",
        "limin is long enough",
        "1 0 4 2 3 3 is long",
    ],
)
def test_what_is_no_password(password: str) -> None:
    """Too short, too long, one letter, the id, the name in any width or case."""
    with pytest.raises(UsageError):
        check_password(password, account="104233", name="李敏 LiMin Li Min", least=12)


@pytest.mark.parametrize(
    "password",
    ["correct horse battery", "今天天气很好我们去长江边散步", "tr0ub4dor&3xyz", "dK3Li_0v7RminQ2x"],
)
def test_length_is_enough(password: str) -> None:
    """No rule asks for capitals, digits or signs; a syllable of a name stands in many a word by chance."""
    check_password(password, account="104233", name="李敏 Li Min", least=12)


@pytest.mark.parametrize(
    "pin", ["12345", "1234567890123", "111111", "123456", "987654", "104233", "９８２１３４", "12a456"]
)
def test_what_is_no_pin(pin: str) -> None:
    """Too short, rows of digits, the officer's number, other scripts' digits."""
    with pytest.raises(UsageError):
        check_pin(pin, account="104233")


def test_argon2id_and_nothing_else() -> None:
    """The format says algorithm and cost; full-width typing of the same letters is the same password."""
    hasher = Hasher(KIB)
    known = hasher.hash("correct horse battery")
    assert known.startswith(b"$argon2id$v=19$m=1024,t=3,p=4$")
    assert hasher.fits(known, "correct horse battery")
    assert hasher.fits(known, "ｃorrect horse battery")
    assert not hasher.fits(known, "correct horse batterx")
    assert not hasher.fits(None, "no account has this password")
    assert not hasher.fits(b"damaged", "x")
    assert not hasher.fits(known, "\ud800")
    assert Hasher(2 * KIB).is_outdated(known)


def test_a_crowd_waits_and_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """No more than so many hash at a time, whoever comes next is told to come again."""
    monkeypatch.setattr(passwords, "TURN_S", 0.05)
    hasher, inside, done = Hasher(KIB), threading.Barrier(AT_ONCE + 1), threading.Event()

    def stay() -> None:
        with hasher.turn():
            inside.wait()
            done.wait()

    threads = [threading.Thread(target=stay) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    inside.wait()
    with pytest.raises(BusyError), hasher.turn():
        pass
    done.set()
    for thread in threads:
        thread.join()
    with hasher.turn():
        pass
