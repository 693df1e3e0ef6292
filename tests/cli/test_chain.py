"""`ingestd custody`: the chain of a recorder and of a clip, as people and scripts read it, from real dockings."""

from __future__ import annotations

import pytest

from tests.faults.test_custody import HOUR, Later, fill, recorder
from tests.rig import Rig, daemon, wait_for


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    """A recorder that was issued, came back with a clip missing, and was taken and brought back again."""
    folder = tmp_path_factory.mktemp("story")
    rig = Rig(folder / "home", look_every_s=1)
    made = recorder(folder / "r", 1, 2)
    rig.slot("1", "simulated", made.folder)
    with daemon(rig) as running:
        running.until("1", "clear")
        assert rig.run("recorder", "assign", "KD00001", "104233").code == 0
        made.pull()
        wait_for(lambda: rig.events("recorder.undocked"))
        fill(made, 4)
        made.dock()
        running.until("1", "clear")
        for _ in rig.events("clip.secured"):  # each run reads its share, here one content
            running.job("verification")
    return rig, made


def said(rig, key, lang="en"):
    """The sentences of a chain, and its lines as printed."""
    found = rig.run("custody", key, "--json").json
    printed = rig.run("custody", key).out
    assert all(line["zh"] and line["en"] for line in found["chain"])
    return [line[lang] for line in found["chain"]], printed, found


def in_order(lines, *words):
    """Each of these words stands in a line, one after the other."""
    at = 0
    for word in words:
        at = next((n for n in range(at, len(lines)) if word in lines[n]), None)
        assert at is not None, (word, lines)


def test_a_recorder(story):
    """Who had it when, docked where, what was secured, what is missing, where it stands."""
    rig, _ = story
    lines, printed, found = said(rig, "kd00001")
    in_order(
        lines,
        "is known from now on",
        "put into slot 1",
        "it may be taken",
        "The docking ended",
        "assigned to 104233 (permanently)",
        "taken from slot 1, issued to 104233 (permanently)",
        "It had been out for",
        "put into slot 1",
        "missing numbers: 3",
        "Now: may be taken",
    )
    assert found["about"] == "recorder:KD00001"
    assert "with 104233 (permanently)" in next(line for line in lines if "had been out" in line)
    assert all(line["seq"] is not None for line in found["chain"] if line["type"])
    times = [line["at"] for line in found["chain"] if line["seq"] is not None]
    assert times == sorted(times)
    assert "UTC+8" in printed


def test_a_clip(story):
    """Recorded when as an interval, by whose recorder, docked, stored, secured, published, released, looked after."""
    rig, _ = story
    (clip,) = [e["data"] for e in rig.events("clip.secured") if e["data"]["sequence"] == 4]
    lines, printed, _ = said(rig, clip["acquisition"])
    in_order(
        lines,
        "Recorded: begun",
        "Made by: ",
        "Stored and read back equal",
        "Log entry",
        "read back equal, signed and secured",
        "gone from it",
        "Read again in full and compared 1 times",
    )
    assert clip["sha256"] in printed
    zh, _, _ = said(rig, clip["sha256"], "zh")
    assert any("录制：开始" in line for line in zh)


def test_doubt_is_shown_as_doubt(story):
    """A clip of the first docking, before anything was said of its officer."""
    rig, _ = story
    (clip,) = [e["data"] for e in rig.events("clip.secured") if e["data"]["sequence"] == 1]
    lines, _, _ = said(rig, clip["path"])
    assert any("cannot be told" in line for line in lines if line.startswith("Made by"))
    assert "not after" in lines[0]


def test_a_docking_that_nobody_saw_leaving(story):
    """By command again: that it left in between is not claimed."""
    rig, made = story
    made.dock()
    rig.dock(made, clock=Later(2 * HOUR))
    lines, _, _ = said(rig, "KD00001")
    assert any("cannot be told (the daemon did not run" in line for line in lines)


def test_an_unknown_key(story):
    """Said, with what can be given."""
    rig, _ = story
    done = rig.run("custody", "nothing-of-that-name")
    assert done.code == 7
