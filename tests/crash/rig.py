"""A home, cards and their whole history, for tests that kill: run, look, check, go on, check again."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ingestd.testing.recorder import CardBuilder
from tests.crash.nursery import Nursery, Run
from tests.outsiders import checker

STARTED = 1_795_000_000_000  # 2026-11-18T11:06:40Z
MIB = 1 << 20


def init(nursery: Nursery, home: Path) -> None:
    """A new home, without reserve (its file systems are small), without previews and analyses."""
    done = nursery.run(
        *("init", "--home", home, "--agency", "a", "--station", "s", "--policy", "baseline"), roots=[]
    )
    assert done.exit == 0, done.said
    configure(home, "reserve_bytes = 1073741824", "reserve_bytes = 0")
    configure(home, "previews = true", "previews = false")
    configure(home, "analysis = true", "analysis = false")
    configure(home, "hang_s = 60", "hang_s = 20")


def configure(home: Path, old: str, new: str) -> None:
    """Change the configuration."""
    file = home / "ingestd.toml"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def lone_card(root: Path) -> None:
    """One small file of a known family."""
    CardBuilder(root, "e12-new").clip(b"one" * 1000, started=STARTED, extension="dat")


def video_card(root: Path) -> None:
    """Clips that are probed (and are no video), and one that is larger than a sync's 64 MiB."""
    card = CardBuilder(root, "e12-old")
    card.clip(b"\0\1\2\3" * (17 * MIB), started=STARTED, sequence=1)
    for number in range(2, 7):
        card.clip(b"%d" % number * 3000, started=STARTED + number * 60_000, sequence=number)


def mixed_card(root: Path) -> None:
    """Large and small, twice the same bytes, an empty file, an identity file that stays, names of people."""
    card = CardBuilder(root, "ini").identity()
    chance = random.Random(7)
    card.clip(chance.randbytes(2 * MIB + 7), started=STARTED, sequence=1, extension="dat")
    for number, content in enumerate((b"same" * 700, b"same" * 700, b"", chance.randbytes(9000)), 2):
        card.clip(content, started=STARTED + number * 60_000, sequence=number, extension="log")


class Rig:
    """One home and one card. Every promise is checked at each look; a fault is an AssertionError."""

    def __init__(
        self,
        nursery: Nursery,
        folder: Path,
        template: Path,
        card: Callable[[Path], None],
        *,
        home: Path | None = None,
    ) -> None:
        self.nursery = nursery
        self.home, self.card = home or folder / "home", folder / "card"
        shutil.copytree(template, self.home)
        card(self.card)
        self.seen = checker.look(self.card)
        self.earlier: bytes | None = None
        self.history: list[str] = []

    def dock(self, **how: Any) -> Run:
        """`ingestd intake` of the card; ``how`` it is killed."""
        run = self.nursery.run(
            *("intake", "--home", self.home, self.card, "--slot", "1", "--json"),
            roots=[self.home, self.card],
            **how,
        )
        last = run.steps[-1] if run.steps else "no step"
        self.history.append(f"{how}: {'killed' if run.killed else run.exit} after {len(run.steps)}: {last}")
        return run

    def check(self, *, settled: bool = False) -> None:
        """The independent checker finds nothing."""
        faults = checker.check(self.home, self.seen, [self.card], earlier=self.earlier, settled=settled)
        assert not faults, "\n".join([*self.history, *faults])
        self.earlier = (self.home / "log/checkpoint").read_bytes()

    def goes_on(self, *, rebuild: bool = True) -> None:
        """A start and another docking bring everything to its end, with nobody's help."""
        run = self.dock()
        assert run.exit == 0, "\n".join([*self.history, run.said])
        if json.loads(run.stdout)["recorder"] == "unidentified" and not checker.look(self.card):
            # Everything went before the crash, and an empty card tells no name: the next clip does.
            CardBuilder(self.card, "e12-new").clip(b"next", started=STARTED + 900_000, sequence=9)
            self.seen |= checker.look(self.card)
            run = self.dock()
        assert json.loads(run.stdout)["outcome"] == "clear", "\n".join([*self.history, run.said])
        self.check(settled=True)
        self.card_is_clear()
        if rebuild:
            self.index_equals_rebuild()

    def card_is_clear(self) -> None:
        """Only what stays on such a card is left."""
        left = {seen.path for seen in checker.look(self.card)}
        assert left <= {b"PARAM.INI"}, "\n".join([*self.history, *map(repr, left)])

    def index_equals_rebuild(self) -> None:
        """The live index is what a rebuild in a copy makes."""
        faults = rebuild_faults(self.nursery, self.home)
        assert not faults, "\n".join([*self.history, *faults])


def rebuild_faults(nursery: Nursery, home: Path) -> list[str]:
    """Compare a home's index with that of a rebuilt copy."""
    copy = home.with_name(f"{home.name}.copy")
    shutil.copytree(home, copy, ignore=lambda at, _: {"clips", "partial"} if at.endswith("vault") else ())
    try:
        done = nursery.run("rebuild", "--home", copy, roots=[])
        return checker.compare(home, copy) if done.exit == 0 else [f"rebuild: {done.said}"]
    finally:
        shutil.rmtree(copy)
