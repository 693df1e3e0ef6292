"""What `ingestd intake` refuses to take for a recorder: exit 2, and nothing is touched."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ingestd.testing.recorder import CardBuilder
from tests.rig import STARTED, Daemon, Rig, wait_for


@pytest.fixture
def rig(tmp_path):
    return Rig(tmp_path / "srv" / "home")


def refused(rig, path):
    before = {p: p.stat().st_mtime_ns for p in rig.root.rglob("*")}
    done = rig.run("intake", path, "--slot", "1", "--release", "--json")
    assert (done.code, done.out) == (2, "")
    assert done.err
    assert {p: p.stat().st_mtime_ns for p in rig.root.rglob("*")} == before


@pytest.mark.parametrize("below", ["", "vault", "vault/clips", "log", "keys"])
def test_the_home_and_what_is_in_it(rig, below):
    refused(rig, rig.root / below)


def test_above_the_home(rig, tmp_path):
    """Its parent, their parent, the root."""
    for path in (rig.root.parent, tmp_path, "/", "//", "/tmp/.."):
        refused(rig, path)


def test_through_links_and_dots(rig, tmp_path):
    """A link to the home, to a folder above it, and dots that lead there."""
    for name, target in (("a", rig.root), ("b", rig.root.parent), ("c", "/")):
        (tmp_path / name).symlink_to(target)
        refused(rig, tmp_path / name)
    (tmp_path / "card").mkdir()
    refused(rig, tmp_path / "card" / ".." / "srv")


def test_another_home(rig, tmp_path):
    """Nor that of another station."""
    other = Rig(tmp_path / "other")
    refused(rig, other.root)
    refused(rig, other.root / "vault")


def test_a_home_that_lies_on_the_card(rig, tmp_path):
    """However deep: the docking is refused, nothing is copied and nothing deleted; without it, it is a recorder."""
    CardBuilder(tmp_path / "card", "ini").identity().clip(b"one" * 1000, started=STARTED, sequence=1)
    other = Rig(tmp_path / "card" / "backup" / "2026" / "home")
    before = {p: p.stat().st_mtime_ns for p in (tmp_path / "card").rglob("*")}
    done = rig.run("intake", tmp_path / "card", "--slot", "1", "--release")
    assert done.code not in (0, 3)
    assert "ingestd.toml" in done.err
    assert {p: p.stat().st_mtime_ns for p in (tmp_path / "card").rglob("*")} == before
    assert not rig.events("clip.secured")
    (refused_,) = rig.events("device.refused")
    assert "home of ingestd" in refused_["data"]["why"]
    shutil.rmtree(other.root)
    assert rig.run("intake", tmp_path / "card", "--slot", "1", "--release").code == 0


@pytest.mark.parametrize("below", ["", "vault", "keys/private", "../"])
def test_a_slot_at_the_home(rig, below):
    """A daemon refuses it, says so and copies nothing: no key becomes a clip that others may read."""
    rig.slot("1", "folder", rig.root / below)
    running = Daemon(rig).ready()
    try:
        wait_for(lambda: rig.events("device.refused"))
        assert "home of ingestd" in str(running.live("1")["problem"])
        assert not rig.events("clip.secured")
        running.stop()
    finally:
        running.process.kill()
    assert not list((rig.root / "vault" / "clips").rglob("*.chunks"))


def test_a_persons_home(rig):
    """A typing error must not take a person's files for a recorder's."""
    refused(rig, Path.home())
    refused(rig, Path("~root").expanduser())


def test_what_is_no_folder(rig, tmp_path):
    """A file, nothing at all, a device."""
    (tmp_path / "file").write_bytes(b"")
    for path in (tmp_path / "file", tmp_path / "nothing", "/dev/null"):
        refused(rig, path)


@pytest.mark.parametrize("name", ["", "..", "a/b", "x" * 33, "a b", "\n"])
def test_slot_names(rig, tmp_path, name):
    """What is no name of a slot."""
    (tmp_path / "card").mkdir()
    done = rig.run("intake", tmp_path / "card", "--slot", name)
    assert done.code == 2


def test_a_home_by_a_link_is_the_same_home(rig, tmp_path):
    """--home through a link: still refused for what it holds."""
    link = tmp_path / "link"
    link.symlink_to(rig.root)
    done = rig.run("intake", rig.root / "vault", "--slot", "1", "--home", link, home=False)
    assert done.code == 2
    assert link.is_symlink()
