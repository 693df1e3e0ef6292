"""A home and the commands over it, as people and machines use them: for tests that make faults happen.

`Rig` runs commands in this process (each docking still by a worker process of its own); `Daemon` is
`ingestd run` as a process. What stands in the log is read from its entry bundles by code of its own.
"""

from __future__ import annotations

import base64
import io
import json
import os
import re
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingestd.actions import client
from ingestd.cli import main
from ingestd.clock import Clock, StationClock
from ingestd.intake.docking import exit_status
from ingestd.intake.ports import Live, LiveState
from ingestd.intake.session import Session
from ingestd.intake.slot import dock_once
from ingestd.model import SlotName
from ingestd.station import Station
from ingestd.testing.recorder import SimulatedRecorder

HOUR_MS = 3_600_000
STARTED = 1_790_000_000_000
"""2026-09-21T14:13:20Z: when test clips begin, unless a test says otherwise."""
RUN = "from ingestd.cli import main; raise SystemExit(main())"
Found = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What came of a command."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def command(*arguments: object) -> Done:
    """One command in this process, in English."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main([*map(str, arguments), "--lang", "en"])
    return Done(code=code, out=out.getvalue(), err=err.getvalue())


@dataclass(frozen=True, slots=True, kw_only=True)
class Docked:
    """What came of a docking."""

    code: int
    outcome: str
    recorder: str | None
    complete: bool
    error: str | None
    files: Mapping[str, Found]
    """By path on the card, as text."""
    all: tuple[Found, ...]
    """Every file: two names that are no UTF-8 may be the same text."""

    def actions(self) -> dict[str, str]:
        return {path: file["action"] for path, file in self.files.items()}

    def faults(self) -> dict[str, str]:
        return {path: file["fault"] for path, file in self.files.items() if file["fault"]}


class Rig:
    """A home below ``root``, made by `ingestd init`."""

    def __init__(self, root: Path, **settings: int | bool | str) -> None:
        self.root = root
        done = self.run(
            *("init", "--home", root, "--agency", "a", "--station", "s", "--policy", "baseline"), home=False
        )
        assert done.code == 0, done.err
        self.configure(**{"previews": False, "analysis": False} | settings)

    # --- configuration ------------------------------------------------------------------------

    def configure(self, **settings: int | bool | str) -> Rig:
        """Change settings of the top level of ingestd.toml."""
        text = self.config.read_text("utf-8")
        for key, value in settings.items():
            text, count = re.subn(rf"(?m)^{key} = .*$", f"{key} = {json.dumps(value)}", text)
            assert count == 1, key
        self.config.write_text(text, "utf-8")
        return self

    def append(self, text: str) -> Rig:
        """More tables at the end of ingestd.toml (slots, people)."""
        with self.config.open("a", encoding="utf-8") as file:
            file.write(text)
        return self

    def slot(self, name: str, driver: str, location: Path | str) -> Rig:
        return self.append(
            f'\n[[slot]]\nname = "{name}"\ndriver = "{driver}"\nlocation = {json.dumps(str(location))}\n'
        )

    def person(self, uid: int, person: str, *roles: str) -> Rig:
        return self.append(f'\n[people.{uid}]\nperson = "{person}"\nroles = {json.dumps(roles)}\n')

    @property
    def config(self) -> Path:
        return self.root / "ingestd.toml"

    @property
    def socket(self) -> Path:
        return self.root / "run" / "ingestd.sock"

    # --- commands -----------------------------------------------------------------------------

    def run(self, *arguments: object, home: bool = True) -> Done:
        """One command in this process."""
        return command(*arguments, *(("--home", self.root) if home else ()))

    def intake(self, card: Path, *flags: str, slot: str = "1") -> Docked:
        """`ingestd intake --json`: one whole docking of a folder."""
        done = self.run("intake", card, "--slot", slot, "--json", *flags)
        assert done.out, done.err
        result = done.json
        assert result["exit"] == done.code
        return _docked(result)

    def dock(
        self,
        recorder: SimulatedRecorder,
        *,
        slot: str = "1",
        release: bool | None = None,
        hang_s: float = 20,
        clock: Clock | None = None,
        meanwhile: Callable[[Live], None] | None = None,
    ) -> Docked:
        """One whole docking of a simulated recorder, by the call that `ingestd intake` makes."""
        station = Station.open(self.root, clock or StationClock())
        try:
            station.recover()
            live = _Heard(LiveState(slot=SlotName(slot)), meanwhile)
            session = dock_once(
                station.services,
                name=SlotName(slot),
                driver="simulated",
                target=station.driver("simulated").target,
                location=recorder.location,
                hang_s=hang_s,
                release=release,
                live=live,
            )
            return _docked(_session_facts(session))
        finally:
            station.close()

    # --- what stands afterwards ---------------------------------------------------------------

    def events(self, *types: str) -> list[Found]:
        """Entries of the published log in order, of these types (all where none is named)."""
        return [e for e in entries(self.root) if not types or e["type"] in types]

    def findings(self) -> list[str]:
        """Kinds of the findings that are open, in the order in which they were opened."""
        open_: dict[str, str] = {}
        for event in self.events("finding.opened", "finding.closed"):
            if event["type"] == "finding.opened":
                open_[event["data"]["finding"]] = event["data"]["kind"]
            else:
                open_.pop(event["data"]["finding"], None)
        return list(open_.values())

    def stored(self, sha256: str) -> bytes:
        """The bytes that the vault holds under a digest."""
        return self.path_of(sha256).read_bytes()

    def path_of(self, sha256: str) -> Path:
        return self.root / "vault/clips/sha256" / sha256[:2] / sha256[2:4] / sha256

    def manifest(self, acquisition: str) -> Found:
        (found,) = (self.root / "vault/manifests").rglob(f"{acquisition}.json")
        manifest: Found = json.loads(found.read_bytes())
        return manifest

    def partials(self) -> list[Path]:
        return sorted((self.root / "vault/partial").iterdir())

    def recorder(self, recorder: str) -> Found:
        """As `ingestd recorder list` tells of it."""
        found = {r["recorder"]: r for r in self.run("recorder", "list", "--json").json}
        one: Found = found[recorder]
        return one

    def is_whole(self) -> None:
        """Everything stored is what was signed, and the log is whole."""
        done = self.run("verify", "--all", "--json")
        assert done.code == 0, done.out
        assert done.json["faulty"] == 0
        assert self.run("log", "check").code == 0


class _Heard(Live):
    """Live state whose changes a test may answer to, in the session's own thread."""

    def __init__(self, state: LiveState, heard: Callable[[Live], None] | None) -> None:
        super().__init__(state)
        self._heard = heard

    def moved(self, count: int, at: float) -> None:
        super().moved(count, at)
        if self._heard is not None:
            self._heard(self)


def _session_facts(session: Session) -> Found:
    return {
        "exit": exit_status(session),
        "outcome": session.outcome,
        "recorder": session.recorder,
        "complete": session.results.complete,
        "error": None if session.error is None else {"code": session.error.code},
        "files": [result.to_json() for result in session.results.files.values()],
    }


def _docked(result: Found) -> Docked:
    return Docked(
        code=result["exit"],
        outcome=result["outcome"],
        recorder=result["recorder"],
        complete=result["complete"],
        error=None if result["error"] is None else result["error"]["code"],
        files={file["path"]: file for file in result["files"]},
        all=tuple(result["files"]),
    )


def entries(home: Path) -> list[Found]:
    """The entries of a published log, read by hand: uint16 length and JSON, 256 a bundle."""
    size = int((home / "log/checkpoint").read_bytes().split(b"\n")[1])
    found: list[Found] = []
    for index in range(-(-size // 256)):
        name = f"{index:03d}"
        full = home / "log/tile/entries" / name
        data = (full if full.exists() else full.with_name(f"{name}.p") / str(size % 256)).read_bytes()
        while data:
            (length,) = struct.unpack(">H", data[:2])
            found.append(json.loads(data[2 : 2 + length]))
            data = data[2 + length :]
    assert len(found) == size
    for event in found:
        if set(event["data"]) == {"blob"}:
            digest = event["data"]["blob"]
            blob = home / "vault/blobs/sha256" / digest[:2] / digest[2:4] / digest
            event["data"] = json.loads(blob.read_bytes())
    return found


class Daemon:
    """`ingestd run` over a rig's home, as a process of its own."""

    def __init__(self, rig: Rig, arguments: Sequence[str] = (), **environment: str) -> None:
        self.rig = rig
        self.log = rig.root.parent / f"{rig.root.name}.stderr"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", RUN, "run", "--home", str(rig.root), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=os.environ | environment,
            )

    def ready(self, seconds: float = 60) -> Daemon:
        """Once it answers on its socket."""
        wait_for(lambda: client.is_up(self.rig.socket) or self.process.poll() is not None, seconds)
        assert self.process.poll() is None, self.said()
        return self

    def ask(self, verb: str, **arguments: Any) -> Found:
        return client.ask(self.rig.socket, verb, **arguments)

    def live(self, slot: str) -> Found:
        """What is live in a slot (nothing, where there is no such slot)."""
        found: Found = {s["slot"]: s for s in self.ask("live")["slots"]}
        return found.get(slot, {"phase": None})

    def until(self, slot: str, *phases: str, seconds: float = 60) -> Found:
        """Wait until a slot is in one of these phases."""
        wait_for(lambda: self.live(slot)["phase"] in phases, seconds, lambda: (self.live(slot), self.said()))
        return self.live(slot)

    def job(self, name: str, seconds: float = 60) -> Found:
        """Run a job now and wait for its end."""
        before = self.ask("live")["jobs"][name]["runs"]
        self.ask("run-job", job=name)
        wait_for(lambda: self.ask("live")["jobs"][name]["runs"] > before, seconds)
        state: Found = self.ask("live")["jobs"][name]
        return state

    def reading(self, *slots: str) -> list[int]:
        """Wait until files of these slots are being read; the readers' process ids."""
        for slot in slots:
            self.until(slot, "receiving")
        wait_for(lambda: len(self.rig.partials()) >= len(slots))
        time.sleep(0.3)
        return self.workers()

    def workers(self) -> list[int]:
        """Process ids of its children that read recorders."""
        return children(self.process.pid, b"ingestd.intake.worker")

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def stop(self, seconds: float = 10) -> float:
        """SIGTERM; the seconds until it ended, with exit status 0."""
        begun = time.monotonic()
        self.process.terminate()
        assert self.process.wait(seconds) == 0, self.said()
        return time.monotonic() - begun

    def said(self) -> str:
        return self.log.read_text("utf-8", errors="replace")[-4000:]


@contextmanager
def daemon(rig: Rig) -> Iterator[Daemon]:
    """A running daemon, ended at the end."""
    running = Daemon(rig)
    try:
        yield running.ready()
        if running.process.poll() is None:
            running.stop()
    finally:
        if running.process.poll() is None:
            running.process.kill()
            running.process.wait()


def children(pid: int, mark: bytes) -> list[int]:
    """Living children of a process whose command line holds a mark."""
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            try:
                if mark in Path(f"/proc/{child}/cmdline").read_bytes():
                    found.append(int(child))
            except OSError:
                continue
    return found


def wait_for(
    is_so: Callable[[], bool], seconds: float = 60, told: Callable[[], object] | None = None
) -> None:
    """Look every 30 ms until something is so."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, f"not within {seconds} s: {told() if told else ''}"
        time.sleep(0.03)


def raw_path(file: Found) -> bytes:
    """The bytes of a path as `intake --json` and the log tell it."""
    return base64.b64decode(file["path_b64"]) if file["path_b64"] else file["path"].encode()


def noise(size: int, seed: int = 1) -> bytes:
    """Bytes that do not repeat, the same for the same seed."""
    import random

    return random.Random(seed).randbytes(size)


def is_root() -> bool:
    return os.geteuid() == 0
