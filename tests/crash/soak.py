"""SIGKILL at random instants, as often as asked: ``python -m tests.crash.soak --times 500 [--seed N]``.

Each trial has a home and a card (or a daemon with four recorders) of its own, is killed once to four times at
instants that its seed chooses out of an undisturbed docking's time (measured first, here), and must then go on
by itself to a clear recorder. Prints what was survived; exit status 1 and the trial's whole history where a fault
was found. A seed repeats a trial's choices, if not what a machine makes of them.
"""

from __future__ import annotations

import argparse
import collections
import functools
import random
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.crash import rig
from tests.crash.nursery import ALL, WRITER, Nursery
from tests.crash.rig import Rig
from tests.crash.station import Dock

DAEMON_EVERY, LARGE_EVERY = 10, 12


def trial(nursery: Nursery, folder: Path, template: Path, seed: int) -> collections.Counter[str]:
    """One home's fate; what happened, counted. Raises AssertionError with its history."""
    chance = random.Random(seed)
    card = rig.video_card if seed % LARGE_EVERY == 0 else chance.choice((rig.lone_card, rig.mixed_card))
    return _suffer(Rig(nursery, folder, template, card), chance, _docking_s(card, nursery, template))


def daemon_trial(nursery: Nursery, folder: Path, template: Path, seed: int) -> collections.Counter[str]:
    """The same for a daemon."""
    chance = random.Random(seed)
    return _suffer(Dock(nursery, folder, template, seed=seed), chance, _daemon_s(nursery, template))


@functools.cache
def _docking_s(card: Callable[[Path], None], nursery: Nursery, template: Path) -> float:
    """How long a card's whole docking takes that nobody kills, s."""
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        return Rig(nursery, Path(folder), template, card).dock().seconds


@functools.cache
def _daemon_s(nursery: Nursery, template: Path) -> float:
    """From a daemon's start until its four recorders are clear and it has ended, s."""
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        return Dock(nursery, Path(folder), template).run_until_clear().seconds


def _suffer(victim: Rig | Dock, chance: random.Random, longest_s: float) -> collections.Counter[str]:
    count: collections.Counter[str] = collections.Counter()
    for _ in range(chance.choice((1, 1, 1, 2, 3, 4))):
        who = chance.choice((ALL, ALL, WRITER))
        after_s = chance.uniform(0.02, longest_s)
        if isinstance(victim, Rig):
            run = victim.dock(kill_after_s=after_s, who=who)
        else:
            run = victim.run(kill_after_s=after_s, who=who)
        victim.check()
        count["killed" if run.killed else "ended before"] += 1
    victim.goes_on()
    count["recovered"] += 1
    return count


def main() -> int:
    """Run as many kills as asked; 0 where every one was survived."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=500, help="kills in all")
    parser.add_argument("--seed", type=int, default=1, help="seed of the first trial")
    arguments = parser.parse_args()
    begun, count, faults, seed = time.monotonic(), collections.Counter[str](), 0, arguments.seed
    nursery = Nursery()
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        template = Path(folder) / "template"
        rig.init(nursery, template)
        while count["killed"] < arguments.times:
            place = Path(folder) / str(seed)
            place.mkdir()
            try:
                count += (daemon_trial if seed % DAEMON_EVERY == 0 else trial)(nursery, place, template, seed)
            except AssertionError as error:
                faults += 1
                print(f"seed {seed}: {error}", flush=True)
            shutil.rmtree(place)
            seed += 1
    nursery.close()
    print(
        f"{count['killed']} kills survived in {seed - arguments.seed} trials, {count['ended before']} came after "
        f"the end, {count['recovered']} recoveries, {faults} faults, {time.monotonic() - begun:.0f} s"
    )
    return 1 if faults else 0


if __name__ == "__main__":
    raise SystemExit(main())
