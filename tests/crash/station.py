"""A daemon with several simulated recorders in its slots, killed and started again."""

from __future__ import annotations

import os
import random
import shutil
import signal
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from ingestd.testing.recorder import SimulatedRecorder
from tests.crash import rig
from tests.crash.nursery import Nursery, Run
from tests.crash.rig import MIB, STARTED
from tests.outsiders import checker, tlog_reader

FAMILIES = ("e12-old", "ini", "axis", "novatek")
PATIENCE_S = 90.0


class Dock:
    """One home with a recorder of each of some families in its slots."""

    def __init__(self, nursery: Nursery, folder: Path, template: Path, *, seed: int = 1) -> None:
        self.nursery = nursery
        self.home = folder / "home"
        shutil.copytree(template, self.home)
        self.recorders = [SimulatedRecorder(folder / family) for family in FAMILIES]
        self.history: list[str] = []
        chance = random.Random(seed)
        slots = []
        for number, (family, recorder) in enumerate(zip(FAMILIES, self.recorders, strict=True), 1):
            card = recorder.card(family, serial=f"YZ0000{number}", officer=f"11042{number}").identity()
            for sequence in range(1, 4):
                size = chance.choice((0, 3000, MIB + 5, 3 * MIB))
                card.clip(chance.randbytes(size), started=STARTED + sequence * 60_000, sequence=sequence)
            recorder.describe(serial=f"YZ0000{number}", battery=70).dock()
            slots.append(
                f'[[slot]]\nname = "{number}"\ndriver = "simulated"\nlocation = "{recorder.location}"\n'
            )
        config = self.home / "ingestd.toml"
        config.write_text(config.read_text("utf-8") + "\n" + "\n".join(slots), "utf-8")
        self.cards = [recorder.card_root for recorder in self.recorders]
        self.seen = set().union(*(checker.look(card) for card in self.cards))
        self.earlier: bytes | None = None

    @property
    def roots(self) -> list[Path]:
        """Where steps count."""
        return [self.home, *self.cards]

    def run(self, **how: Any) -> Run:
        """`ingestd run` until it is killed as ``how`` says."""
        run = self.nursery.run("run", "--home", self.home, roots=self.roots, **how)
        last = run.steps[-1] if run.steps else "no step"
        self.history.append(f"{how}: {'killed' if run.killed else run.exit} after {len(run.steps)}: {last}")
        return run

    def run_until_clear(self, **how: Any) -> Run:
        """`ingestd run` until every recorder is clear in the log, then SIGTERM."""
        before = tlog_reader.read(self.home).checkpoint.size
        pid_file = self.home.with_name("pid")
        pid_file.unlink(missing_ok=True)
        waiter = threading.Thread(target=self._end_when_clear, args=(pid_file, before))
        waiter.start()
        run = self.run(pid_file=str(pid_file), **how)
        pid_file.write_text("0")
        waiter.join()
        return run

    def _end_when_clear(self, pid_file: Path, before: int) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline and not self._are_clear(before):
            time.sleep(0.1)
            if pid_file.exists() and pid_file.read_text() == "0":
                return
        with suppress(ProcessLookupError):
            if pid := int(pid_file.read_text()):
                os.kill(pid, signal.SIGTERM)

    def _are_clear(self, before: int) -> bool:
        with suppress(OSError, ValueError):
            entries = tlog_reader.read(self.home).entries[before:]
            opened = {e["subject"] for e in entries if e["type"] == "session.opened"}
            closed = [e for e in entries if e["type"] == "session.closed"]
            clear = {e["data"]["recorder"] for e in closed if e["data"]["outcome"] == "clear"}
            return len(clear) == len(self.recorders) and opened <= {e["subject"] for e in closed}
        return False

    def check(self, *, settled: bool = False) -> None:
        """The independent checker finds nothing."""
        faults = checker.check(self.home, self.seen, self.cards, earlier=self.earlier, settled=settled)
        assert not faults, "\n".join([*self.history, *faults])
        self.earlier = (self.home / "log/checkpoint").read_bytes()

    def goes_on(self) -> None:
        """The daemon, started again, brings every recorder to its end, and ends when it is told."""
        run = self.run_until_clear()
        assert run.exit == 0, "\n".join([*self.history, run.said])
        self.check(settled=True)
        faults = rig.rebuild_faults(self.nursery, self.home)
        assert not faults, "\n".join([*self.history, *faults])
