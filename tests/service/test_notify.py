"""sd_notify: what stands on the wire, and that nothing goes wrong without a service manager."""

from __future__ import annotations

import os
import socket

import pytest

from ingestd.clock import StationClock
from ingestd.service.notify import Notifier
from ingestd.words import Text


@pytest.fixture
def wire(tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as made:
        made.bind(str(tmp_path / "notify"))
        made.settimeout(5)
        yield made


def test_what_is_said(wire, tmp_path):
    """Each as sd_notify(3) has it; a status is one line in both languages."""
    notifier = Notifier(str(tmp_path / "notify"), None)
    notifier.ready()
    notifier.status(Text("就绪\n2", "ready\n2"))
    notifier.reloading(StationClock())
    notifier.alive()
    notifier.stopping()
    assert wire.recv(999) == b"READY=1"
    assert wire.recv(999).decode() == "STATUS=就绪 2 / ready 2"
    first, second = wire.recv(999).split(b"\n")
    assert first == b"RELOADING=1"
    assert second.startswith(b"MONOTONIC_USEC=")
    assert second.split(b"=")[1].isdigit()
    assert wire.recv(999) == b"WATCHDOG=1"
    assert wire.recv(999) == b"STOPPING=1"


def test_a_socket_in_the_abstract_name_space():
    """Written with @ in the environment."""
    name = f"ingestd-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(f"\0{name}")
        listening.settimeout(5)
        Notifier(f"@{name}", None).ready()
        assert listening.recv(99) == b"READY=1"


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        ({"WATCHDOG_USEC": "3000000"}, 3.0),
        ({"WATCHDOG_USEC": "3000000", "WATCHDOG_PID": str(os.getpid())}, 3.0),
        ({"WATCHDOG_USEC": "3000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "-1"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({}, None),
    ],
)
def test_how_often_a_sign_is_wanted(environment, wanted):
    """Only what is meant for this process."""
    given = dict(environment)
    assert Notifier.of_environment(given).watchdog_s == wanted
    assert given == {}


def test_no_child_inherits_the_socket():
    """The variables are taken out of the environment."""
    given = {"NOTIFY_SOCKET": "/nowhere", "WATCHDOG_USEC": "1", "WATCHDOG_PID": "1", "PATH": "/bin"}
    Notifier.of_environment(given)
    assert given == {"PATH": "/bin"}


def test_nobody_listens(tmp_path, caplog):
    """No manager: silence. One that is gone or full: a line in the log, no error, no waiting."""
    Notifier(None, None).ready()
    assert caplog.text == ""
    Notifier(str(tmp_path / "gone"), None).ready()
    assert "READY" in caplog.text
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as full:
        full.bind(str(tmp_path / "full"))
        notifier = Notifier(str(tmp_path / "full"), None)
        for _ in range(2000):
            notifier.alive()
    assert "WATCHDOG" in caplog.text
