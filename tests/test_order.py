"""The order of work with a daemon: what people urge comes first, and the status says why others wait."""

from __future__ import annotations

import pytest

from tests.rig import STARTED, Rig, daemon, wait_for
from tests.test_daemon import MIB, recorder


@pytest.fixture
def rig(tmp_path):
    return Rig(tmp_path / "home", look_every_s=1, readers=1)


def test_an_urged_recorder_goes_first(rig, tmp_path):
    """Urged while it waits: before one that is due earlier; the status names whom each waits for; then it is over."""
    slow = {"size": 2 * MIB, "bytes_per_second": MIB}
    first = recorder(tmp_path / "a", "e12-new", "KD0000A", clips=8, started=STARTED - 3_600_000, **slow)
    earlier = recorder(tmp_path / "b", "e12-new", "KD0000B", clips=2, **slow)
    wanted = recorder(tmp_path / "c", "e12-new", "KD0000C", clips=2, started=STARTED + 60_000, **slow)
    for name, made in (("1", first), ("2", earlier), ("3", wanted)):
        made.pull()
        rig.slot(name, "simulated", made.folder)
    with daemon(rig) as running:
        first.dock()
        running.until("1", "receiving")
        earlier.dock()
        wanted.dock()
        wait_for(lambda: len(running.ask("live")["waits"]) == 2, 40, lambda: running.ask("live"))
        assert rig.run("urge", "kd0000c", "--json").json["changed"]
        status = rig.run("status").out
        assert "urged: recorder KD0000C (by person:keeper-1" in status
        assert "slot 2 waits: " in status
        assert {w["slot"] for w in rig.run("status", "--json").json["waits"]} <= {"1", "2", "3"}
        for name in ("1", "2", "3"):
            running.until(name, "clear", seconds=120)
        assert rig.run("urge", "KD0000C").out.startswith("it is secured already")
    order = _order(rig)
    last = {r: max(n for n, one in enumerate(order) if one == r) for r in set(order)}
    assert last["KD0000C"] < last["KD0000B"]
    (event,) = rig.events("recorder.urged")
    assert (event["actor"], event["data"]["path"]) == ("person:keeper-1", None)
    rig.is_whole()


def _order(rig):
    return [e["data"]["recorder"] for e in rig.events("clip.secured")]


def test_an_urged_clip_comes_next_on_its_card(rig, tmp_path):
    """Urged by its path while the card is read: next but what was sent to the reader already."""
    made = recorder(tmp_path / "a", "e12-new", "KD0000A", clips=6, size=2 * MIB, bytes_per_second=2 * MIB)
    names = sorted(str(p.relative_to(made.card_root)) for p in made.card_root.rglob("*.mp4"))
    rig.slot("1", "simulated", made.folder)
    with daemon(rig) as running:
        running.until("1", "receiving")
        wait_for(lambda: rig.run("urge", names[-1], "--json").code == 0)
        running.until("1", "clear", seconds=60)
    secured = [e["data"]["path"] for e in rig.events("clip.secured") if e["data"]["kind"] == "video"]
    assert sorted(secured) == names
    assert secured.index(names[-1]) < 5
    assert rig.run("status", "--json").json["urges"] == []


def test_what_cannot_be_urged(rig):
    """Nothing of that name: exit 7 with words."""
    with daemon(rig):
        done = rig.run("urge", "no-such-thing")
    assert done.code == 7
    assert "no-such-thing" in done.err
