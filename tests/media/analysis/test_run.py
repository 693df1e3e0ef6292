"""Analyses in the child: whatever the bytes, an analysis or a reason; it stands still for intake, ends at a stop."""

from __future__ import annotations

import os
import resource
import sys
import threading
import time
from pathlib import Path

import pytest

import ingestd
from ingestd.media.analysis import run
from ingestd.media.analysis.model import Presence
from ingestd.media.analysis.run import Analyser
from ingestd.media.probe import ProbeFailure
from ingestd.media.samples import cut_before_index
from tests.rig import wait_for


@pytest.fixture
def stop():
    return threading.Event()


@pytest.fixture
def analyser(stop):
    with Analyser(busy=lambda: False, stop=stop) as made:
        yield made


FAKED = f"""
import sys
sys.path.insert(0, {str(Path(ingestd.__file__).parents[1])!r})
import os, time
from ingestd.media.analysis import child
look = child.look
def faked(file, *more):
    file.seek(0)
    head = file.read(4)
    if head == b"die!":
        os._exit(1)
    if head == b"long":
        time.sleep(99)
    if head == b"spin":
        while True: pass
    if head == b"full":
        bytearray(1 << 40)
    return {{}} if head == b"lie!" else look(file, *more)
child.look = faked
child.main(0)
"""


@pytest.fixture
def faked(tmp_path, monkeypatch):
    """The real child, but for files that begin so."""
    program = tmp_path / "python"
    program.write_text(f"#!{sys.executable}\n{FAKED}")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))


def file(folder, name, data):
    path = folder / name
    path.write_bytes(data)
    return path


def test_each_kind_of_clip(analyser, samples):
    """Film and sound, by one child."""
    for name, picture in (("h264-mp4", "there"), ("mjpeg-avi", "there"), ("wav", "absent")):
        found = analyser.analyse(samples[name], length_ms=2_000).analysis
        assert (found.picture, found.sound) == (Presence(picture), Presence.THERE)
        assert 1_900 <= found.duration_ms <= 2_200
    assert analyser._kept._child.asked == 3


def test_what_is_no_media_has_a_reason(analyser, samples, tmp_path):
    """Text, nothing, a clip without its index: told, and the next file is analysed."""
    cut = file(tmp_path, "cut.mp4", samples["h264-mp4"].read_bytes())
    cut_before_index(cut)
    for path in (file(tmp_path, "a.txt", b"text" * 99), file(tmp_path, "b.mp4", b""), cut):
        assert analyser.analyse(path, length_ms=None).failure is ProbeFailure.NO_MEDIA
    assert analyser.analyse(samples["wav"], length_ms=None).analysis


@pytest.mark.parametrize(
    ("head", "failure"),
    [
        (b"die!", ProbeFailure.CRASHED),
        (b"lie!", ProbeFailure.CRASHED),
        (b"full", ProbeFailure.TOO_LARGE),
        (b"long", ProbeFailure.TIMED_OUT),
        (b"spin", ProbeFailure.CRASHED),
    ],
)
@pytest.mark.usefixtures("faked")
def test_one_file_never_fails_the_next(samples, tmp_path, monkeypatch, head, failure):
    """A child that dies, lies, asks for a terabyte, hangs or runs hot."""
    monkeypatch.setattr(run, "LIMIT_BASE_S", 60.0 if head != b"long" else 1.0)
    monkeypatch.setattr(run, "CORES", 2 if head != b"spin" else 1 / 20)
    bad = file(tmp_path, "bad.mp4", head)
    with Analyser(busy=lambda: False, stop=threading.Event()) as analyser:
        assert analyser.analyse(samples["wav"], length_ms=0).analysis
        assert analyser.analyse(bad, length_ms=0).failure is failure
        assert analyser.analyse(samples["wav"], length_ms=0).analysis


def test_an_analyser_that_does_not_start_blames_no_file(samples, tmp_path, monkeypatch, stop):
    """Nothing is said of the clip."""
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with Analyser(busy=lambda: False, stop=stop) as analyser:
        assert analyser.analyse(samples["wav"], length_ms=0).failure is ProbeFailure.NO_ANALYSER
        with pytest.raises(FileNotFoundError):
            analyser.analyse(tmp_path / "none", length_ms=0)


def test_renewed_after_its_share_of_clips(samples, monkeypatch, stop):
    """A decoder's leaks end with its child."""
    monkeypatch.setattr(run, "CLIPS_PER_CHILD", 2)
    pids = set()
    with Analyser(busy=lambda: False, stop=stop) as analyser:
        for _ in range(3):
            assert analyser.analyse(samples["wav"], length_ms=0).analysis
            pids.add(analyser._kept._child._process.pid)
    assert len(pids) == 2


def state_of(pid):
    return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0]


@pytest.mark.usefixtures("faked")
def test_it_stands_still_for_intake_and_that_costs_no_time(tmp_path, monkeypatch, stop):
    """While a recorder is read the child is stopped; the limit goes on only with it; a stop ends it at once."""
    monkeypatch.setattr(run, "LIMIT_BASE_S", 2.0)
    is_busy = threading.Event()
    results = []
    with Analyser(busy=is_busy.is_set, stop=stop) as analyser:
        long = file(tmp_path, "long", b"long")
        asking = threading.Thread(target=lambda: results.append(analyser.analyse(long, length_ms=0)))
        asking.start()
        wait_for(lambda: analyser._kept._child is not None and analyser._kept._child.asked == 1)
        pid = analyser._kept._child._process.pid
        is_busy.set()
        wait_for(lambda: state_of(pid) == "T")
        time.sleep(2.5)
        assert asking.is_alive()
        is_busy.clear()
        wait_for(lambda: state_of(pid) != "T")
        stop.set()
        asking.join(2)
        assert not asking.is_alive()
        assert not Path(f"/proc/{pid}").exists()
    assert [(one.analysis, one.failure) for one in results] == [(None, None)]


def test_the_child_is_confined(analyser, samples):
    """No environment, no writing, bounded memory and descriptors, low priority."""
    assert analyser.analyse(samples["wav"], length_ms=0).analysis
    pid = analyser._kept._child._process.pid
    assert Path(f"/proc/{pid}/environ").read_bytes() == b""
    assert resource.prlimit(pid, resource.RLIMIT_FSIZE) == (0, 0)
    assert resource.prlimit(pid, resource.RLIMIT_AS)[1] < 8 << 30
    assert resource.prlimit(pid, resource.RLIMIT_NOFILE)[1] <= 64
    assert os.getpriority(os.PRIO_PROCESS, pid) > 0
    targets = [str(one.readlink()) for one in Path(f"/proc/{pid}/fd").iterdir()]
    assert all(target == "/dev/null" or target.startswith("socket:") for target in targets), targets
