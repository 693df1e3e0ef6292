"""The web process beside its surroundings: the home it may read, its own copy, the daemon as its parent."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.rig import RUN, Daemon, Rig, children, command, is_root, wait_for
from tests.web.stage import StandIn, Web, free_port, web

OWNER, READERS = 64_001, 64_002
"""A user and a group that this machine does not know."""


@pytest.fixture
def rig(tmp_path):
    return Rig(tmp_path / "home")


def test_it_follows_by_itself(rig, tmp_path):
    """Without a daemon: the log is read, the board says that nobody answers; what comes later is followed."""
    with web(rig) as running:
        wait_for(lambda: running.health()["entries"] == 1)
        facts = running.health()
        assert (facts["ok"], facts["daemon"]) == (False, False)
        assert "采集服务没有运行" in httpx.get(f"{running.url}/board").text
        (tmp_path / "officers.csv").write_text("警号,姓名\n104233,张建国\n")
        assert rig.run("officer", "import", tmp_path / "officers.csv").code == 0
        size = len(rig.events())
        wait_for(lambda: running.health()["entries"] == size)


def test_its_copy_may_be_lost_or_old(rig, tmp_path):
    """Another version's tables, no database at all, nothing: made again from the log."""
    state = tmp_path / "web-state"
    with web(rig) as running:
        wait_for(lambda: running.health()["entries"] == 1)
    for spoil in (
        lambda: sqlite3.connect(state / "index.db").execute("ALTER TABLE clips ADD COLUMN new"),
        lambda: (state / "index.db").write_bytes(b"no database" * 1000),
        lambda: shutil.rmtree(state),
    ):
        spoil()
        with web(rig) as running:
            wait_for(lambda: running.health()["entries"] == 1)


def test_one_process_a_copy(rig):
    """The second says who is in the way, and what to do."""
    with web(rig) as running:
        second = Web(rig)
        assert second.process.wait(30) == 5
        assert "--state" in second.said()
        third = Web(rig, "--state", str(rig.root.parent / "other"), port=running.port)
        assert third.process.wait(30) == 2
        assert "--listen" in third.said()


def test_no_home(tmp_path):
    """Said, with the status of a faulty configuration."""
    assert command("web", "--home", tmp_path / "none").code == 4
    assert command("web", "--home", tmp_path / "none", "--listen", "example").code == 2


@pytest.mark.skipif(not is_root(), reason="files of another owner take root")
def test_a_member_of_the_readers_group(rig, tmp_path):
    """As under its unit: the group reads log and values; keys, database, partials are closed, and it goes without."""
    for path in [rig.root, *rig.root.rglob("*")]:
        os.chown(path, OWNER, READERS, follow_symlinks=False)
    as_reader = (
        "setpriv",
        "--bounding-set=-dac_override,-dac_read_search",
        "--regid",
        READERS,
        "--clear-groups",
    )
    for closed in ("keys/private/log.key", "index.db", "vault/partial/.", "staging/."):
        done = subprocess.run(
            [*map(str, as_reader), "ls" if closed.endswith(".") else "cat", rig.root / closed],
            capture_output=True,
            check=False,
        )
        assert b"ermission denied" in done.stderr, closed
    daemon = StandIn(rig.root)
    port = free_port()
    running = subprocess.Popen(
        [
            *map(str, as_reader),
            *(sys.executable, "-c", RUN, "web", "--home", rig.root),
            *("--state", tmp_path / "state", "--listen", f"127.0.0.1:{port}"),
        ]
    )
    try:
        wait_for(lambda: running.poll() is not None or _is_well(port), 60)
        assert running.poll() is None
    finally:
        running.terminate()
        running.wait()
        daemon.close()


def _is_well(port):
    try:
        return httpx.get(f"http://127.0.0.1:{port}/health", timeout=5).json()["ok"]
    except httpx.TransportError:
        return False


def test_beside_the_daemon(rig):
    """`run --with-web`: the pages come with the daemon, come back when they die, go when it is killed."""
    port = free_port()
    text = re.sub(r"(?m)^web.listen = .*$", f'web.listen = "127.0.0.1:{port}"', rig.config.read_text())
    rig.config.write_text(text)
    daemon = Daemon(rig, arguments=("--with-web",)).ready()
    pages = lambda: children(daemon.process.pid, b"--child")  # noqa: E731 - asked for again and again
    try:
        wait_for(lambda: _is_well(port), 40)
        (first,) = pages()
        os.kill(first, signal.SIGKILL)
        wait_for(lambda: pages() and pages() != [first], 20)
        wait_for(lambda: _is_well(port), 40)
        (second,) = pages()
        daemon.process.kill()
        daemon.process.wait()
        wait_for(lambda: not _is_running(second), 20)
    finally:
        daemon.process.kill()
        daemon.process.wait()


def _is_running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except OSError:
        return False


def test_a_daemon_that_ends_takes_its_pages_along(rig):
    """SIGTERM: both end in order, in time."""
    port = free_port()
    text = re.sub(r"(?m)^web.listen = .*$", f'web.listen = "127.0.0.1:{port}"', rig.config.read_text())
    rig.config.write_text(text)
    daemon = Daemon(rig, arguments=("--with-web",)).ready()
    wait_for(lambda: _is_well(port), 40)
    (child,) = children(daemon.process.pid, b"--child")
    daemon.stop(20)
    wait_for(lambda: not _is_running(child), 10)
