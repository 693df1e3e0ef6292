"""The daemon as a process: order over the slots, signals, configuration, slots, jobs, one writer."""

from __future__ import annotations

import os
import shutil
import signal
import time

import pytest

from ingestd.testing.recorder import SimulatedRecorder
from tests.rig import STARTED, Daemon, Rig, daemon, noise, wait_for

MIB = 1 << 20
FAMILIES = ("e12-old", "e12-new", "novatek", "ini")


@pytest.fixture
def rig(tmp_path):
    return Rig(tmp_path / "home", look_every_s=1)


def recorder(folder, family, serial, *, clips=3, size=2 * MIB, started=STARTED, marked=False, **behaviour):
    made = SimulatedRecorder(folder).describe(serial=serial, **behaviour).dock()
    card = made.card(family, serial=serial, officer="104233").identity()
    for number in range(1, clips + 1):
        data = noise(size, hash((serial, number)) & 0xFFFF)
        card.clip(data, started=started + number * 60_000, sequence=number, marked=marked)
    return made


def test_four_families_at_once(rig, tmp_path):
    """All clear, every clip stored, live state while it runs; a taken recorder empties its slot."""
    made = {}
    for number, family in enumerate(FAMILIES, 1):
        made[family] = recorder(tmp_path / family, family, f"KD0000{number}", bytes_per_second=4 * MIB)
        rig.slot(str(number), "simulated", made[family].folder)
    with daemon(rig) as running:
        seen = []
        wait_for(lambda: seen.append(running.ask("live")) or seen[-1]["slots"][0]["phase"] == "clear")
        for slot in ("1", "2", "3", "4"):
            running.until(slot, "clear")
        moving = [s for live in seen for s in live["slots"] if s["bytes_per_s"]]
        assert moving, "speed is told while files come in"
        assert {s["family"] for s in running.ask("live")["slots"]} == set(FAMILIES)
        assert all(s["bytes_done"] == s["bytes_total"] for s in running.ask("live")["slots"])
        assert rig.run("status", "--json").code == 0
        made["ini"].pull()
        running.until("4", "empty")
        wait_for(lambda: rig.events("recorder.undocked"))
        running.stop()
    assert len([e for e in rig.events("clip.secured") if e["data"]["kind"] == "video"]) == 12
    assert {e["data"]["recorder"] for e in rig.events("recorder.clear")} == {
        f"KD0000{n}" for n in range(1, 5)
    }
    assert rig.events()[-1]["type"] == "daemon.stopped"
    rig.is_whole()


def test_marked_first_then_the_earliest_deadline(rig, tmp_path):
    """With one reader: the officer's marked clips, then the oldest; every recorder is finished."""
    day = 86_400_000
    wanted = ["KD0000M", "KD0000O", "KD0000N"]
    parts = {
        "KD0000N": recorder(tmp_path / "new", "e12-new", "KD0000N", size=2 * MIB, bytes_per_second=4 * MIB),
        "KD0000O": recorder(
            tmp_path / "old",
            "e12-new",
            "KD0000O",
            size=2 * MIB,
            started=STARTED - day,
            bytes_per_second=4 * MIB,
        ),
        "KD0000M": recorder(
            tmp_path / "imp", "e12-new", "KD0000M", size=2 * MIB, marked=True, bytes_per_second=4 * MIB
        ),
    }
    rig.configure(readers=1)
    for name, made in parts.items():
        rig.slot(name, "simulated", made.folder)
    with daemon(rig) as running:
        for name in parts:
            running.until(name, "clear")
    order = [e["data"]["recorder"] for e in rig.events("clip.secured")]
    assert len(order) == 9
    # Whoever was there first may have had one batch before the others were listed.
    last = {name: max(i for i, r in enumerate(order) if r == name) for name in wanted}
    assert sorted(last, key=last.__getitem__) == wanted
    rig.is_whole()


def test_one_writer(rig):
    """A second daemon, and commands that write alone, are refused with exit 5; the first goes on."""
    with daemon(rig) as running:
        assert rig.run("run").code == 5
        assert rig.run("rebuild").code == 5
        assert running.ask("live")["pid"] == running.process.pid
    assert not rig.socket.exists()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_ends_in_order(rig, number):
    """Idle: at once, with its last event published and exit 0."""
    with daemon(rig) as running:
        begun = time.monotonic()
        running.signal(number)
        assert running.process.wait(10) == 0
        assert time.monotonic() - begun < 5
    assert rig.events()[-1]["type"] == "daemon.stopped"
    assert rig.events()[-1]["data"]["reason"] == number.name


def test_ends_while_it_reads(rig, tmp_path):
    """Busy: within ten seconds; the docking is closed as interrupted and goes on at the next start."""
    slow = recorder(tmp_path / "slow", "e12-new", "KD00001", size=10 * MIB, clips=2, bytes_per_second=MIB)
    rig.slot("1", "simulated", slow.folder)
    with daemon(rig) as running:
        running.reading("1")
        assert running.stop() < 10
    assert rig.events("session.closed")[-1]["data"]["outcome"] == "interrupted"
    slow.describe(bytes_per_second=None)
    with daemon(rig) as running:
        running.until("1", "clear")
    assert len(rig.events("clip.secured")) == 2
    assert rig.partials() == []
    rig.is_whole()


def test_the_configuration_is_read_again(rig, tmp_path):
    """SIGHUP: slots come and go, others go on; a faulty file changes nothing and is told."""
    one = recorder(tmp_path / "one", "ini", "KD00001")
    two = recorder(tmp_path / "two", "ini", "KD00002")
    rig.slot("1", "simulated", one.folder)
    before = rig.config.read_text("utf-8")
    with daemon(rig) as running:
        running.until("1", "clear")
        rig.slot("2", "simulated", two.folder)
        running.signal(signal.SIGHUP)
        running.until("2", "clear")
        assert running.live("1")["phase"] == "clear"
        wait_for(lambda: len(rig.events("configuration.changed")) == 1)

        rig.append("\nfault = [\n")
        running.signal(signal.SIGHUP)
        wait_for(lambda: "configuration not taken" in running.said())
        assert {s["slot"] for s in running.ask("live")["slots"]} == {"1", "2"}

        rig.config.write_text(before.replace('agency = "a"', 'agency = "b"'), "utf-8")
        running.signal(signal.SIGHUP)
        wait_for(lambda: running.said().count("configuration not taken") == 2)

        rig.config.write_text(before, "utf-8")
        running.signal(signal.SIGHUP)
        wait_for(lambda: {s["slot"] for s in running.ask("live")["slots"]} == {"1"})
        wait_for(lambda: len(rig.events("configuration.changed")) == 2)
        # A driver or a policy that does not exist is a fault of the file, not the daemon's end.
        for faulty in (
            before.replace('policy = "baseline"', 'policy = "no-such"'),
            before + '\n[[slot]]\nname = "9"\ndriver = "no-such"\nlocation = "/x"\n',
        ):
            rig.config.write_text(faulty, "utf-8")
            running.signal(signal.SIGHUP)
            count = running.said().count("configuration not taken")
            wait_for(lambda n=count: running.said().count("configuration not taken") >= max(n, 3))
            assert {s["slot"] for s in running.ask("live")["slots"]} == {"1"}
        rig.config.write_text(before, "utf-8")


def test_a_recorder_taken_and_another_docked(rig, tmp_path):
    """In one slot, one after the other: each its own session; then the first again, with a new clip."""
    place = tmp_path / "place"
    first = recorder(place, "ini", "KD00001")
    rig.slot("1", "simulated", place)
    with daemon(rig) as running:
        running.until("1", "clear")
        first.pull()
        running.until("1", "empty")
        place.rename(tmp_path / "one")
        second = recorder(place, "ini", "KD00002", clips=1)
        running.until("1", "clear")
        second.pull()
        running.until("1", "empty")
        place.rename(tmp_path / "two")
        (tmp_path / "one").rename(place)
        first.card("ini", serial="KD00001").clip(b"new", started=STARTED + 3_600_000, sequence=9)
        first.dock()
        running.until("1", "clear")
    docked = [e["data"]["recorder"] for e in rig.events("recorder.docked")]
    assert docked == ["KD00001", "KD00002", "KD00001"]
    assert len(rig.events("recorder.undocked")) == 2
    rig.is_whole()


def test_a_fixed_room(rig, tmp_path):
    """A folder that stays: files that arrive later are secured once they rest, not while they grow."""
    room = tmp_path / "room"
    (room / "DCIM/100MEDIA").mkdir(parents=True)
    (room / "PARAM.INI").write_bytes(b"[ZFY]\r\nDevNo=ROOM001\r\nPolNo=000000\r\n")
    rig.configure(release=False)
    rig.slot("room", "folder", room)
    with daemon(rig) as running:
        running.until("room", "kept")
        late = room / "DCIM/100MEDIA/hearing.MP4"
        with late.open("wb", buffering=0) as file:
            for number in range(14):
                file.write(noise(100_000, number))
                time.sleep(0.5)
        whole = late.read_bytes()
        wait_for(
            lambda: any(e["data"]["path"].endswith("hearing.MP4") for e in rig.events("clip.secured")), 60
        )
        running.until("room", "kept")
    clips = [e["data"] for e in rig.events("clip.secured") if e["data"]["path"].endswith("hearing.MP4")]
    assert len(clips) == 1
    assert rig.stored(clips[0]["sha256"]) == whole
    assert late.exists()
    assert "not-acquired" not in rig.findings()
    rig.is_whole()


def test_a_folder_that_comes_and_goes(rig, tmp_path):
    """A card reader's mount point: absent, there, absent; nothing is lost and nothing is called missing."""
    at = tmp_path / "mount"
    rig.slot("1", "folder", at)
    with daemon(rig) as running:
        assert running.live("1")["phase"] == "empty"
        made = tmp_path / "made"
        (made / "DCIM").mkdir(parents=True)
        (made / "PARAM.INI").write_bytes(b"[ZFY]\r\nDevNo=YZ00417\r\nPolNo=110423\r\n")
        (made / "DCIM/a.MP4").write_bytes(noise(1000))
        made.rename(at)
        running.until("1", "clear")
        shutil.rmtree(at)
        running.until("1", "empty")
    assert rig.events("clip.missing") == []
    assert len(rig.events("recorder.undocked")) == 1


def test_intake_by_command_through_the_daemon(rig, tmp_path):
    """The daemon does it; a slot it watches, and the same slot twice, are refused."""
    watched = recorder(tmp_path / "watched", "ini", "KD00001")
    rig.slot("1", "simulated", watched.folder)
    card = tmp_path / "card"
    (card / "DCIM").mkdir(parents=True)
    (card / "PARAM.INI").write_bytes(b"[ZFY]\r\nDevNo=YZ00417\r\nPolNo=110423\r\n")
    (card / "DCIM/a.MP4").write_bytes(noise(MIB))
    with daemon(rig) as running:
        running.until("1", "clear")
        assert rig.run("intake", card, "--slot", "1").code == 2
        done = rig.intake(card, slot="hand")
        assert (done.code, done.outcome) == (0, "clear")
        assert running.live("hand")["phase"] is None
        assert rig.run("intake", rig.root, "--slot", "hand").code == 2
    rig.is_whole()


def test_jobs_run_when_asked(rig, tmp_path, shared):
    """Every job by `run-job`: none fails; an H.265 clip gets a preview of its own, in H.264."""
    rig.configure(previews=True)
    made = SimulatedRecorder(tmp_path / "r").describe(serial="KD00001").dock()
    made.card("dcim").file(
        "DCIM/100MEDIA/A.MP4", shared / "corpus/ipcam/signed-video-framework-examples/test_h265.mp4"
    )
    rig.slot("1", "simulated", made.folder)
    with daemon(rig) as running:
        running.until("1", "clear")
        for job in ("clock", "deadlines", "disk", "leftovers", "verification"):
            state = running.job(job)
            assert (state["failures"], state["last_error"]) == (0, None)
        state = running.job("previews", 90)
        assert state["failures"] == 0
        (verified,) = rig.events("vault.verified")
        assert (verified["data"]["clips"], verified["data"]["faults"]) == (1, 0)
        wait_for(lambda: rig.events("preview.made"))
        (preview,) = rig.events("preview.made")
        file = rig.root / "derived" / preview["data"]["preview"]
        assert file.is_file()
        import av

        with av.open(str(file)) as container:
            assert container.streams.video[0].codec_context.name == "h264"
    rig.is_whole()


def test_a_bad_job_name_is_a_usage_error(rig):
    """An unknown job or verb is answered, and the daemon goes on."""
    from ingestd.actions.client import RemoteError

    with daemon(rig) as running:
        for verb, given in (("run-job", {"job": "no-such"}), ("no-such", {}), ("intake", {})):
            with pytest.raises(RemoteError) as caught:
                running.ask(verb, **given)
            assert caught.value.remote_exit == 2
        assert running.ask("live")["pid"] == running.process.pid


def test_a_start_after_a_kill(rig, tmp_path):
    """A socket and a lock that a killed daemon left are no obstacle."""
    running = Daemon(rig).ready()
    os.kill(running.process.pid, signal.SIGKILL)
    running.process.wait()
    assert rig.socket.exists()
    with daemon(rig) as again:
        assert again.ask("live")["slots"] == []
    assert [e["type"] for e in rig.events("daemon.started", "daemon.stopped")] == [
        "daemon.started",
        "daemon.started",
        "daemon.stopped",
    ]
