"""Walking trees that are broken or hostile."""

from __future__ import annotations

import os
import resource
import tempfile
import time
import tracemalloc
from pathlib import Path

import pytest

from ingestd.device import tree
from ingestd.device.api import EntryType

NOBODY = 65_534


@pytest.fixture
def root(tmp_path):
    """An open root folder, and its path."""
    card = tmp_path / "card"
    card.mkdir()
    descriptor = tree.open_root(str(card))
    yield descriptor, card
    os.close(descriptor)


def test_twenty_thousand_files_in_under_two_seconds(root):
    """A full card lists quickly, and what is held at a time is one folder."""
    descriptor, card = root
    for folder in range(20):
        (card / f"{folder}").mkdir()
        for number in range(1_000):
            os.mknod(card / f"{folder}" / f"{number:05}.mp4")
    started = time.process_time()
    assert sum(1 for _ in tree.walk(descriptor)) == 20_000
    assert time.process_time() - started < 2
    tracemalloc.start()
    for _ in tree.walk(descriptor):
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000


def test_few_descriptors_whatever_the_depth(root):
    """A tree of 200 folders below each other is walked with a handful of descriptors."""
    descriptor, card = root
    deep = card.joinpath(*["d"] * 200)
    deep.mkdir(parents=True)
    (deep / "a.mp4").touch()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    highest = max(int(link.name) for link in Path("/proc/self/fd").iterdir())
    resource.setrlimit(resource.RLIMIT_NOFILE, (highest + 5, hard))
    try:
        assert len(list(tree.walk(descriptor))) == 1
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_limits_are_errors_not_cuts(root):
    """A tree beyond a limit is refused with what it was; nothing is silently left out."""
    descriptor, card = root
    (card / "a" / "b").mkdir(parents=True)
    (card / "x").touch()
    with pytest.raises(tree.TreeTooLargeError, match="more than 1 entries"):
        list(tree.walk(descriptor, tree.Limits(entries=1)))
    with pytest.raises(tree.TreeTooLargeError, match="deeper than 1"):
        list(tree.walk(descriptor, tree.Limits(depth=1)))
    assert len(list(tree.walk(descriptor, tree.Limits(entries=3, depth=2)))) == 1


def test_an_unlistable_folder_is_told_and_the_rest_goes_on(root, monkeypatch):
    """A folder that the device cannot list is named; its neighbours are listed."""
    descriptor, card = root
    for name in ("bad", "good"):
        (card / name).mkdir()
        (card / name / "a.mp4").touch()
    bad = (card / "bad").stat().st_ino
    real = os.scandir

    def scandir(folder):
        if os.fstat(folder).st_ino == bad:
            raise OSError(5, "Input/output error")
        return real(folder)

    monkeypatch.setattr(os, "scandir", scandir)
    found = {(e.path, e.type) for e in tree.walk(descriptor)}
    assert found == {(b"bad", EntryType.UNLISTABLE), (b"good/a.mp4", EntryType.FILE)}


def test_a_root_that_cannot_be_listed_is_an_error(root, monkeypatch):
    """Nothing at all from the root is no empty card."""

    def scandir(folder):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "scandir", scandir)
    with pytest.raises(OSError, match="Input/output"):
        list(tree.walk(root[0]))


@pytest.mark.parametrize("what", ["link", "fifo", "node"])
def test_swapped_between_listing_and_opening(root, what, tmp_path):
    """A file that became a link, FIFO or device node after the listing is not opened, and nothing blocks."""
    if what == "node" and os.geteuid() != 0:
        pytest.skip("only root makes device nodes")
    descriptor, card = root
    (card / "a.mp4").write_bytes(b"a")
    (entry,) = tree.walk(descriptor)
    (card / "a.mp4").unlink()
    if what == "link":
        (tmp_path / "secret").write_bytes(b"s")
        (card / "a.mp4").symlink_to(tmp_path / "secret")
    elif what == "fifo":
        os.mkfifo(card / "a.mp4")
    else:
        os.mknod(card / "a.mp4", 0o600 | 0o020000, os.makedev(1, 5))
    with pytest.raises(tree.NotAFileError):
        tree.open_file(descriptor, entry.path)
    with pytest.raises(tree.NotAFileError):
        tree.unlink(descriptor, entry.path)
    assert tree.read_small(descriptor, entry.path, 10) is None


def test_a_folder_swapped_for_a_link_is_unlistable(root, tmp_path):
    """A folder that became a link while the walk was on its way is named, not followed."""
    descriptor, card = root
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "secret").touch()
    for name in ("d", "e"):
        (card / name).mkdir()
        (card / name / "a").touch()
    walk = tree.walk(descriptor)
    first = next(walk).path
    other = "e" if first == b"d/a" else "d"
    (card / other / "a").unlink()
    (card / other).rmdir()
    (card / other).symlink_to(tmp_path / "elsewhere")
    assert [(e.path, e.type) for e in walk] == [(other.encode(), EntryType.UNLISTABLE)]


def test_device_nodes_are_told(root):
    """A device node on a card is named as such."""
    if os.geteuid() != 0:
        pytest.skip("only root makes device nodes")
    descriptor, card = root
    os.mknod(card / "null", 0o600 | 0o020000, os.makedev(1, 3))
    assert [e.type for e in tree.walk(descriptor)] == [EntryType.DEVICE_NODE]


def test_a_sample_sees_every_folder(root):
    """A folder of thousands does not hide its neighbours from the sample."""
    descriptor, card = root
    for name in ("AAA", "LOG"):
        (card / name).mkdir()
    for number in range(500):
        (card / "AAA" / f"{number}.mp4").touch()
    (card / "LOG" / "BATTERY.TXT").touch()
    paths = tree.sample(descriptor, per_folder=10)
    assert b"LOG/BATTERY.TXT" in paths
    assert len(paths) == 11


def test_small_files_are_read_up_to_a_limit(root):
    """An identity file of any size costs no more than the limit."""
    descriptor, card = root
    (card / "big.ini").write_bytes(b"x" * 1_000_000)
    assert tree.read_small(descriptor, b"big.ini", 100) == b"x" * 100
    assert tree.read_small(descriptor, b"none", 100) is None
    assert tree.read_small(descriptor, b"big.ini/below", 100) is None


def test_as_another_user():
    """Who owns nothing of a card still lists and reads it (no O_NOATIME); a closed folder is told."""
    if os.geteuid() != 0:
        pytest.skip("only root can become another user")
    with tempfile.TemporaryDirectory() as folder:
        card = Path(folder)
        card.chmod(0o755)
        (card / "a.mp4").write_bytes(b"film")
        (card / "closed").mkdir(mode=0o700)
        (card / "closed" / "b.mp4").touch()
        child = os.fork()
        if child == 0:
            os._exit(0 if _nobody_sees(str(card)) else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def _nobody_sees(card):
    try:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
        root = tree.open_root(card)
        found = {(e.path, e.type) for e in tree.walk(root)}
        expected = {(b"a.mp4", EntryType.FILE), (b"closed", EntryType.UNLISTABLE)}
        return found == expected and tree.read_small(root, b"a.mp4", 9) == b"film"
    except OSError:
        return False
