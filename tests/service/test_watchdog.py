"""The service manager hears from a daemon only while its loops go round: real sockets, a disk that really hangs."""

from __future__ import annotations

import math
import os
import signal
import time

import pytest

from ingestd.service.notify import Notifier
from ingestd.service.watchdog import LIMIT_S, Loop, Watchdog
from ingestd.testing.recorder import SimulatedRecorder
from ingestd.words import Text
from tests.rig import Daemon, Rig, noise, wait_for
from tests.service.disk import freeze, loop_disk, thaw
from tests.service.manager import Manager

MIB = 1 << 20
CLIP = "DCIM/100MEDIA/IMG_0001.MP4"
WATCHDOG_S = 8.0


@pytest.fixture
def manager(tmp_path):
    made = Manager(tmp_path / "notify")
    yield made
    made.close()


def test_signs_stop_with_a_loop_and_come_back_with_it(manager):
    """Half of the manager's time is the limit; a status names what hangs; a dead thread counts at once."""
    loops = [Loop(name="publisher", silent_s=0.0), Loop(name="slot 1", silent_s=2.9)]
    watchdog = Watchdog(Notifier(str(manager.path), 6.0), lambda: loops, lambda: Text("好", "well"))
    assert watchdog.limit_s == 3
    watchdog.look()
    wait_for(lambda: len(manager.heard) == 2)
    assert manager.values("WATCHDOG") == ["1"]
    assert manager.values("STATUS") == ["好 / well"]
    loops[1] = Loop(name="slot 1", silent_s=3.1)
    watchdog.look()
    watchdog.look()
    wait_for(lambda: len(manager.heard) == 3)
    assert manager.values("STATUS")[-1] == "无响应：slot 1，等待重新启动 / hangs: slot 1; a restart is due"
    loops[1] = Loop(name="slot 1", silent_s=math.inf)
    watchdog.look()
    assert len(manager.values("WATCHDOG")) == 1
    loops[1] = Loop(name="slot 1", silent_s=0)
    watchdog.look()
    wait_for(lambda: len(manager.values("WATCHDOG")) == 2)


def test_without_a_manager_the_limit_is_our_own():
    """Health is judged by it."""
    watchdog = Watchdog(Notifier(None, None), list, lambda: Text("", ""))
    assert watchdog.limit_s == LIMIT_S
    assert watchdog.hung() == ()


def docked(folder, serial, **behaviour):
    made = SimulatedRecorder(folder).describe(serial=serial)
    made.card("dcim").file(CLIP, noise(2 * MIB, len(serial)), mtime=1_790_000_000_000)
    return made.dock(**behaviour)


def pings(manager):
    return len(manager.values("WATCHDOG"))


@pytest.mark.skipif(os.geteuid() != 0, reason="a loop mount needs root")
def test_a_hung_disk_is_told_by_silence_and_a_hung_recorder_is_not(tmp_path, manager):
    """Ready, signs of life; a recorder hangs: they go on. The home's disk hangs: they stop, a status says what.

    The manager then kills; the next start goes on where the crash left it.
    """
    with loop_disk(tmp_path, 256 * MIB) as at:
        # What a freshly made file system needs is the machine's; 1 GiB of reserve is more than this one has.
        rig = Rig(at / "home", hang_s=300, reserve_bytes=MIB)
        stuck = docked(tmp_path / "stuck", "KD0000H", hang_path=CLIP, hang_at=MIB)
        rig.slot("1", "simulated", stuck.folder).slot("2", "simulated", tmp_path / "second")
        running = Daemon(rig, **manager.environment(WATCHDOG_S))
        try:
            running.ready(60)
            wait_for(lambda: manager.values("READY") == ["1"])
            running.until("1", "receiving", seconds=120)
            before = pings(manager)
            wait_for(lambda: pings(manager) >= before + 8, 120)
            assert running.live("1")["phase"] == "receiving"
            assert "2 个槽位，1 个在采集，0 个异常 / 2 slots, 1 at work, 0 with a problem" in manager.values(
                "STATUS"
            )
            freeze(at)
            second = docked(tmp_path / "second", "KD00002")
            wait_for(lambda: "slot 2" in manager.values("STATUS")[-1], 120, lambda: manager.values("STATUS"))
            assert "hangs" in manager.values("STATUS")[-1]
            silent_from = pings(manager)
            time.sleep(WATCHDOG_S + 1)
            assert pings(manager) == silent_from
            running.signal(signal.SIGABRT)  # as the service manager does
            thaw(at)
            assert running.process.wait(60) == -signal.SIGABRT
        finally:
            thaw(at)
            running.process.kill()
            running.process.wait()
        stuck.describe(hang_path=None)
        again = Daemon(rig, **manager.environment(WATCHDOG_S))
        try:
            again.ready(60)
            again.until("1", "clear", seconds=120)
            again.until("2", "clear", seconds=120)
            again.stop(30)
        finally:
            again.process.kill()
            again.process.wait()
        assert manager.values("STOPPING") == ["1"]
        rig.is_whole()
        assert second.folder.exists()


def test_a_reload_is_told(tmp_path, manager):
    """RELOADING with the moment, then READY again: `systemctl reload` waits for that."""
    rig = Rig(tmp_path / "home")
    running = Daemon(rig, **manager.environment()).ready()
    wait_for(lambda: manager.values("READY") == ["1"])
    assert manager.values("WATCHDOG") == []
    rig.slot("1", "folder", tmp_path / "card")
    running.signal(signal.SIGHUP)
    wait_for(lambda: manager.values("READY") == ["1", "1"])
    (told,) = [fields for _, fields in manager.heard if "RELOADING" in fields]
    assert told["MONOTONIC_USEC"].isdigit()
    wait_for(lambda: running.live("1")["phase"] is not None)
    running.stop()
