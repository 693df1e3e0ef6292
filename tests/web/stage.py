"""The web process over a real home: beside the real daemon, or beside a stand-in that says what a test wants.

The stand-in is the daemon's own socket server with one verb: the pages cannot tell the difference.
"""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

import httpx

from ingestd.actions.caller import Caller
from ingestd.actions.server import Server
from ingestd.intake.ports import LiveState
from tests.rig import RUN, Rig, wait_for


class Place(Protocol):
    """What the pages are of: a rig, or any other home."""

    root: Path


class Web:
    """`ingestd web` over a rig's home, as a process of its own."""

    def __init__(self, rig: Place, *arguments: str, port: int | None = None) -> None:
        self.rig = rig
        self.port = port or free_port()
        self.log = rig.root.parent / f"{rig.root.name}-web.stderr"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-c", RUN, "web", "--home", str(rig.root)),
                    *("--state", str(rig.root.parent / "web-state"), "--listen", f"127.0.0.1:{self.port}"),
                    *arguments,
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ready(self, seconds: float = 90) -> Web:
        """Once it answers; whether the daemon does is another matter."""
        wait_for(lambda: self.answers() or self.process.poll() is not None, seconds, self.said)
        assert self.process.poll() is None, self.said()
        return self

    def answers(self) -> bool:
        try:
            httpx.get(f"{self.url}/health", timeout=5)
        except httpx.TransportError:
            return False
        return True

    def health(self) -> dict[str, Any]:
        found: dict[str, Any] = httpx.get(f"{self.url}/health", timeout=5).json()
        return found

    def stop(self, seconds: float = 10) -> None:
        """SIGTERM: exit status 0."""
        self.process.terminate()
        assert self.process.wait(seconds) == 0, self.said()

    def said(self) -> str:
        return self.log.read_text("utf-8", errors="replace")[-4000:]


def free_port() -> int:
    """A port of loopback that nobody has just now."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


@contextmanager
def web(rig: Rig, *arguments: str) -> Iterator[Web]:
    """A running web process, ended at the end."""
    running = Web(rig, *arguments)
    try:
        yield running.ready()
        if running.process.poll() is None:
            running.stop()
    finally:
        if running.process.poll() is None:
            running.process.kill()
            running.process.wait()


class StandIn:
    """Answers `live` on a home's socket with what `slots`, `problems`, `clock` say at the moment."""

    def __init__(self, home: Path) -> None:
        self.slots: list[dict[str, Any]] = []
        self.problems: list[dict[str, str]] = []
        self.clock = {"synchronised": True, "uncertainty_ms": 12}
        nobody = Caller(uid=0, person=None, roles=frozenset())
        self._server = Server(home / "run" / "ingestd.sock", {"live": self._live}, lambda *_: nobody)
        self._server.start()

    def _live(self, *_: object) -> dict[str, Any]:
        return {"slots": self.slots, "problems": self.problems, "clock": self.clock, "waits": []}

    def close(self) -> None:
        self._server.close()


def live(slot: str, phase: str, **facts: Any) -> dict[str, Any]:
    """A slot's live facts, as the daemon sends them."""
    state = LiveState(slot=slot, phase=phase, **facts)  # type: ignore[arg-type]  # names are plain text here
    return asdict(state) | {"seconds_left": state.seconds_left}


FOUR = (
    live("1", "clear", recorder="KD01234", officer="104233", files_done=14, files_total=14,
         clips_done=12, clips_total=12, bytes_total=8_400_000_000, battery=96),
    live("2", "receiving", recorder="KD01377", officer="104198", files_done=8, files_total=13,
         clips_done=7, clips_total=11, bytes_done=6_400_000_000, bytes_total=10_000_000_000,
         bytes_per_s=38_000_000, battery=41),
    live("3", "problem", recorder="KD01502", officer="104007", problem="quarantined", files_total=4),
    live("4", "empty"),
    live("5", "kept", recorder="KD01611", officer="104320", files_done=3, files_total=3,
         clips_done=3, clips_total=3, bytes_total=2_100_000_000, battery=12),
    live("6", "looking"),
)  # fmt: skip


def many(count: int) -> list[dict[str, Any]]:
    """Slots in every phase."""
    return [FOUR[number % len(FOUR)] | {"slot": str(number + 1)} for number in range(count)]
