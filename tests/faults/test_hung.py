"""Devices that never answer: given up, the others go on, the daemon ends in time and starts again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from ingestd.testing.recorder import SimulatedRecorder
from tests.rig import RUN, Daemon, daemon, noise, wait_for

MIB = 1 << 20
ONE = "DCIM/100MEDIA/IMG_0001.MP4"
BLOCKING = '''
"""A card in user space: reading beyond the first MiB of a clip waits until a file appears."""
import os, stat, sys, time
import mfusepy

class Card(mfusepy.Operations):
    use_ns = True
    def __init__(self, source, gate):
        self.source, self.gate = source, gate
    def _at(self, path):
        return self.source + path
    def getattr(self, path, fh=None):
        s = os.lstat(self._at(path))
        return {k: getattr(s, k) for k in ("st_mode", "st_nlink", "st_size", "st_uid", "st_gid")} | {
            "st_mtime": s.st_mtime_ns, "st_atime": s.st_atime_ns, "st_ctime": s.st_ctime_ns}
    def readdir(self, path, fh):
        return [".", "..", *os.listdir(self._at(path))]
    def open(self, path, flags):
        return os.open(self._at(path), os.O_RDONLY)
    def release(self, path, fh):
        os.close(fh)
    def read(self, path, size, offset, fh):
        while offset + size > (1 << 20) and not os.path.exists(self.gate):
            time.sleep(0.05)
        return os.pread(fh, size, offset)

mfusepy.FUSE(Card(sys.argv[1], sys.argv[2]), sys.argv[3], foreground=True, nothreads=False, ro=True)
'''


def recorder(folder, serial, *, size=2 * MIB, **behaviour):
    """A simulated recorder with one clip."""
    made = SimulatedRecorder(folder).describe(serial=serial, **behaviour).dock()
    made.card("dcim").file(ONE, noise(size, len(serial)), mtime=1_790_000_000_000)
    return made


def hung(folder, serial="KD0000H"):
    return recorder(folder, serial).describe(hang_path=ONE, hang_at=MIB)


def test_a_hung_recorder_is_given_up_and_others_go_on(rig, tmp_path):
    """After `hang_s`: word, event, finding, its worker gone; the other slot is served meanwhile."""
    rig.configure(hang_s=2)
    stuck, well = hung(tmp_path / "stuck"), recorder(tmp_path / "well", "KD00001")
    rig.slot("1", "simulated", stuck.folder).slot("2", "simulated", well.folder)
    with daemon(rig) as running:
        running.until("2", "clear")
        running.until("1", "problem")
        assert running.live("1")["problem"] == "device-hung"
        wait_for(lambda: "device-hung" in rig.findings())
        (event,) = rig.events("recorder.problem")
        assert (event["data"]["problem"], event["data"]["recorder"]) == ("device-hung", "KD0000H")
        # Taken out and put in again, it is read, and the finding ends.
        stuck.pull()
        running.until("1", "empty")
        stuck.dock()
        running.until("1", "clear")
        running.stop()
    assert "device-hung" not in rig.findings()
    assert rig.partials() == []
    rig.is_whole()


def test_another_limit_holds_for_workers_that_stand(rig, tmp_path):
    """SIGHUP with a shorter `hang_s`: the slot whose worker has served a recorder before goes by it too."""
    place = recorder(tmp_path / "place", "KD00001")
    rig.configure(hang_s=300).slot("1", "simulated", place.folder)
    with daemon(rig) as running:
        running.until("1", "clear")
        rig.configure(hang_s=2)
        running.signal(signal.SIGHUP)
        wait_for(lambda: len(rig.events("configuration.changed")) == 1)
        place.pull()
        running.until("1", "empty")
        place.card("dcim").file(ONE, noise(2 * MIB, 9), mtime=1_790_000_060_000)
        place.dock(hang_path=ONE, hang_at=MIB)
        running.until("1", "problem")
        assert running.live("1")["problem"] == "device-hung"


@pytest.mark.parametrize("how", ["slot", "intake"])
def test_the_daemon_ends_while_a_device_hangs(rig, tmp_path, how):
    """SIGTERM ends it within 10 s, no worker is left, and the next start goes on."""
    stuck = hung(tmp_path / "stuck")
    rig.configure(hang_s=300)
    if how == "slot":
        rig.slot("1", "simulated", stuck.folder)
    with daemon(rig) as running:
        if how == "intake":
            pytest.importorskip("mfusepy")
            with mounted(tmp_path) as card:
                asked = threading.Thread(target=ask_intake, args=(rig, card))
                asked.start()
                workers = running.reading("9")
                assert running.stop() < 10
                asked.join(10)
                assert not asked.is_alive()
                wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers), 10)
        else:
            workers = running.reading("1")
            assert workers
            assert running.stop() < 10
            wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers), 5)
    stuck.describe(hang_path=None)
    with daemon(rig) as running:
        if how == "slot":
            running.until("1", "clear")
    assert rig.events("session.closed")[0]["data"]["outcome"] == "interrupted"
    rig.is_whole()


def ask_intake(rig, card):
    subprocess.run(
        [sys.executable, "-c", RUN, "intake", "--home", str(rig.root), str(card), "--slot", "9"],
        capture_output=True,
        check=False,
    )


class mounted:  # noqa: N801 - used as a context
    """A FUSE card of one PARAM.INI and one clip whose reading blocks until `gate` exists."""

    def __init__(self, tmp_path):
        if os.geteuid() != 0 or not Path("/dev/fuse").exists():
            pytest.skip("a file system in user space needs root and /dev/fuse")
        self.source, self.at = tmp_path / "source", tmp_path / "mnt"
        self.gate = tmp_path / "gate"
        (self.source / "DCIM/100MEDIA").mkdir(parents=True)
        (self.source / "PARAM.INI").write_bytes(b"[ZFY]\r\nDevNo=YZ00417\r\nPolNo=110423\r\n")
        (self.source / ONE).write_bytes(noise(4 * MIB, 5))
        self.at.mkdir()
        self.log = (tmp_path / "fuse.log").open("wb")
        self.script = tmp_path / "card.py"
        self.script.write_text(BLOCKING)

    def __enter__(self):
        self.process = subprocess.Popen(
            [sys.executable, self.script, self.source, self.gate, self.at],
            stdout=self.log,
            stderr=self.log,
        )
        try:
            wait_for(lambda: os.path.ismount(self.at) or self.process.poll() is not None, 10)
            if self.process.poll() is not None:
                pytest.skip("no FUSE on this machine: " + Path(self.log.name).read_text()[-300:])
        except BaseException:
            self.__exit__()
            raise
        return self.at

    def __exit__(self, *_):
        self.gate.touch()
        subprocess.run(["umount", "-l", self.at], check=False, capture_output=True)
        self.process.kill()
        self.process.wait()
        self.log.close()


def test_a_file_system_that_blocks_in_the_kernel(rig, tmp_path):
    """A read that the kernel does not return from is given up after `hang_s`, by command too."""
    pytest.importorskip("mfusepy")
    rig.configure(hang_s=2)
    with mounted(tmp_path) as card:
        done = rig.intake(card)
        assert (done.code, done.outcome, done.error) == (11, "problem", "device-hung")
        assert "device-hung" in rig.findings()
        (tmp_path / "gate").touch()
        again = rig.intake(card, "--no-release")
        assert (again.code, again.files[ONE]["action"]) == (0, "secured")
        assert rig.stored(again.files[ONE]["sha256"]) == (tmp_path / "source" / ONE).read_bytes()
    rig.is_whole()


def test_a_worker_that_dies_is_no_end_of_the_daemon(rig, tmp_path):
    """Killed while it copies: a problem with its finding; docked again it is read."""
    slow = recorder(tmp_path / "slow", "KD00001", size=8 * MIB, bytes_per_second=2 * MIB)
    rig.slot("1", "simulated", slow.folder)
    with daemon(rig) as running:
        for pid in running.reading("1"):
            os.kill(pid, 9)
        running.until("1", "problem")
        wait_for(lambda: "device-error" in rig.findings())
        slow.pull()
        running.until("1", "empty")
        slow.describe(bytes_per_second=None).dock()
        running.until("1", "clear")
    assert "device-error" not in rig.findings()
    rig.is_whole()


def test_workers_end_with_a_daemon_that_was_killed(rig, tmp_path):
    """SIGKILL of the daemon leaves no process that reads a recorder, hung or not; the next start goes on."""
    slow = recorder(tmp_path / "slow", "KD00001", size=20 * MIB, bytes_per_second=2 * MIB)
    stuck = hung(tmp_path / "stuck")
    rig.configure(hang_s=300)
    rig.slot("1", "simulated", slow.folder).slot("2", "simulated", stuck.folder)
    running = Daemon(rig).ready()
    workers = running.reading("1", "2")
    assert len(workers) == 2
    running.process.kill()
    running.process.wait()
    wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers), 5)
    slow.describe(bytes_per_second=None).dock()
    stuck.dock()
    with daemon(rig) as again:
        again.until("1", "clear")
        again.until("2", "clear")
    interrupted = [e for e in rig.events("session.closed") if e["data"]["outcome"] == "interrupted"]
    assert len(interrupted) == 2
    assert rig.partials() == []
    rig.is_whole()
