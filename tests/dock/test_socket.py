"""A slot's first look: what was there before the start is not told as gone while it is on its way."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingestd.dock.watcher import Dock
from ingestd.events import Event
from ingestd.intake import socket
from ingestd.intake.ports import Live, LiveState
from ingestd.intake.socket import UNSEEN, Socket
from ingestd.model import SlotName
from ingestd.portpath import PortPath
from tests.sysfs import Disk, Sysfs, machine

PORT = PortPath.parse("usb:0000:00:14.0/3")
NAME = SlotName("1")


class Said:
    """Books that keep what they are told."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def append(self, events: list[Event]) -> list[int]:
        self.events += events
        return []


@pytest.fixture
def sysfs(tmp_path: Path) -> Sysfs:
    return machine(tmp_path / "sys")


@pytest.fixture
def dock(sysfs: Sysfs) -> Iterator[Dock]:
    dock = Dock(sysfs.root)
    dock.start()
    yield dock
    dock.close()


def first_look(dock: Dock) -> tuple[threading.Thread, list[str | None]]:
    """A thread that asks a new socket once, and what it was told."""
    asked = Socket(dock, PORT, slot=NAME, books=Said(), live=Live(LiveState(slot=NAME)))  # type: ignore[arg-type]
    told: list[str | None] = []
    thread = threading.Thread(target=lambda: told.append(asked.wait(UNSEEN, lambda: False)))
    thread.start()
    return thread, told


def test_a_recorder_that_the_kernel_finds_later_was_never_gone(sysfs: Sysfs, dock: Dock) -> None:
    """After a start of the machine: nothing is told before it is found, then its token."""
    thread, told = first_look(dock)
    thread.join(1)
    assert told == []
    sysfs.plug("1-3", Disk("sdb"))
    thread.join(20)
    assert told == [dock.sight(PORT).token]
    assert told[0]


def test_an_empty_socket_is_empty_in_the_end(
    sysfs: Sysfs, dock: Dock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once the kernel had time to find what is plugged in, what is not there is gone."""
    monkeypatch.setattr(socket, "ENUMERATED_S", 0.5)
    thread, told = first_look(dock)
    thread.join(20)
    assert told == [None]
