"""The order of syncs, renames and deletions of a docking, as the kernel's tracer saw it, and their number."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.crash import rig
from tests.crash.nursery import Nursery
from tests.trace import strace
from tests.trace.strace import SYNCS, Call

LONE_SYNCS = 15
"""A lone small file costs at most so many fsync-like calls more than an empty card."""
BATCH_SYNCS_A_FILE = 8
BATCH = 100


class Traced:
    """One docking under the tracer."""

    def __init__(self, folder: Path, template: Path, files: int, size: int) -> None:
        self.home, self.card = folder / "home", folder / "card"
        shutil.copytree(template, self.home)
        builder = rig.CardBuilder(self.card, "e12-new")
        for number in range(1, files + 1):
            content = number.to_bytes(4) * (size // 4)
            builder.clip(content, started=rig.STARTED + number * 1000, sequence=number, extension="dat")
        trace = folder / "trace"
        done = strace.run("intake", "--home", self.home, self.card, "--slot", "1", "--json", trace=trace)
        assert done.returncode == 0, done.stderr
        self.calls = strace.read(trace, [self.home, self.card])
        assert self.calls

    @property
    def syncs(self) -> int:
        """How many fsync, fdatasync and syncfs calls it cost."""
        return sum(call.name in SYNCS for call in self.calls)

    def of(self, name: str, path: str, text: str = "") -> list[int]:
        """Positions of calls by name, path pattern (of the target) and written text."""
        return [
            at
            for at, call in enumerate(self.calls)
            if re.fullmatch(name, call.name) and re.search(path, call.paths[-1]) and text in call.text
        ]

    def committed(self, event: str) -> int:
        """Position of the first write of an event into the database's write-ahead log."""
        return self.of("p?write.*", r"/index\.db-wal$", event)[0]

    def published_after(self, at: int) -> int:
        """Position from which a checkpoint that came after this is durable: the sync of its folder has ended."""
        renamed = next(n for n in self.of("rename.*", r"/log/checkpoint$") if n > at)
        return next(n for n in self.of("fsync", r"/log$") if n > renamed)


@pytest.fixture(scope="module")
def nursery_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    nursery = Nursery()
    home = tmp_path_factory.mktemp("traced") / "template"
    rig.init(nursery, home)
    nursery.close()
    return home


def traced(factory: pytest.TempPathFactory, template: Path, files: int, size: int = 4000) -> Traced:
    if shutil.which("strace") is None:
        pytest.skip("needs strace")
    return Traced(factory.mktemp("docking"), template, files, size)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory, nursery_template: Path) -> Traced:
    return traced(tmp_path_factory, nursery_template, 0)


@pytest.fixture(scope="module")
def lone(tmp_path_factory: pytest.TempPathFactory, nursery_template: Path) -> Traced:
    return traced(tmp_path_factory, nursery_template, 1)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory, nursery_template: Path) -> Traced:
    return traced(tmp_path_factory, nursery_template, 1, 65 << 20)


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory, nursery_template: Path) -> Traced:
    return traced(tmp_path_factory, nursery_template, BATCH)


@pytest.fixture(params=["lone", "large", "batch"])
def docking(request: pytest.FixtureRequest) -> Traced:
    found: Traced = request.getfixturevalue(request.param)
    return found


def dirty_below(call: Call, *folders: Path) -> list[str]:
    return sorted(path for path in call.dirty for folder in folders if path.startswith(str(folder)))


def test_what_is_renamed_into_place_is_durable_before(docking: Traced) -> None:
    """But for the intake record: it is renamed and then settled with its folder, before a byte is copied."""
    renamed = [
        call
        for call in docking.calls
        if call.name.startswith("rename") and not call.paths[1].endswith((".done", "/intake.json"))
    ]
    assert len(renamed) > 6
    assert [call.paths for call in renamed if call.paths[0] in call.dirty] == []


def test_what_is_renamed_into_place_is_settled_after(docking: Traced) -> None:
    """The folder of every name in the vault and the log is synced before the docking ends."""
    last = docking.calls[-1]
    assert dirty_below(last, docking.home / "log", docking.home / "vault/clips") == []
    assert dirty_below(last, docking.home / "vault/manifests", docking.home / "vault/values") == []
    assert dirty_below(last, docking.home / "index.db") == []


def test_intake_record_before_the_first_byte(docking: Traced) -> None:
    """Record and folder are durable before the worker writes."""
    first = docking.of("p?write.*|fallocate", r"/vault/partial/[^/]*/bytes$")[0]
    folder = Path(docking.calls[first].paths[-1]).parent
    assert dirty_below(docking.calls[first], folder) == []
    assert folder.parent.as_posix() not in docking.calls[first].dirty


def test_bytes_before_what_vouches_for_them(docking: Traced) -> None:
    """Digest list and note are written when the data is durable, also where small files share their syncs."""
    vouching = docking.of("write", r"/partial/[^/]*/(chunks|copied\.json)$")
    assert vouching
    for at in vouching:
        call = docking.calls[at]
        assert str(Path(call.paths[-1]).with_name("bytes")) not in call.dirty


def test_a_large_files_list_grows_with_it(large: Traced) -> None:
    """Every 64 MiB the list is written and synced; the rest at the end."""
    listed = large.of("write", r"/chunks$")
    assert [n for n in large.of("fdatasync", r"/chunks$") if n > listed[0]]
    assert len(listed) == 2


def test_bytes_before_the_manifest(docking: Traced) -> None:
    """Bytes, list and note of a file are durable before its manifest has its name."""
    named = docking.of("rename.*", r"/partial/[^/]*/manifest\.json$")
    assert named
    for at in named:
        folder = Path(docking.calls[at].paths[-1]).parent
        dirty = set(dirty_below(docking.calls[at], folder))
        assert not dirty & {str(folder / name) for name in ("bytes", "chunks", "copied.json", "intake.json")}


def test_manifest_before_the_signature(docking: Traced) -> None:
    """A signature is never on disk without what it signs."""
    for at in docking.of("openat", r"/\.manifest\.json\.p7s\.new$", "O_CREAT"):
        call = docking.calls[at]
        assert str(Path(call.paths[-1]).with_name("manifest.json")) not in call.dirty


def test_all_is_settled_before_the_event(docking: Traced) -> None:
    """Clip, list, manifest, signature, their modes and every new folder, before `clip.secured` is written."""
    call = docking.calls[docking.committed('"type":"clip.secured"'.replace('"', '\\"'))]
    vault = docking.home / "vault"
    assert dirty_below(call, vault / "clips", vault / "manifests", vault / "partial", vault / "values") == []
    linked = docking.of("link.*", r"/vault/manifests/")
    assert linked
    assert max(linked) < docking.calls.index(call)


def test_the_event_is_durable_before_it_is_published(docking: Traced) -> None:
    """The database before the checkpoint: no checkpoint is ever ahead but after a loss."""
    at = docking.committed("clip.secured")
    synced = next(n for n in docking.of("fdatasync", r"/index\.db-wal$") if n > at)
    assert next(n for n in docking.of("rename.*", r"/log/checkpoint$") if n > at) > synced


def test_checkpoint_before_the_partial_folder_goes(docking: Traced) -> None:
    """The tiles, the checkpoint and the log's folder are durable before anything of the partial is removed."""
    published = docking.published_after(docking.committed("clip.secured"))
    gone = docking.of("rename.*", r"/partial/[^/]*\.done$")
    assert min(gone) > published
    assert dirty_below(docking.calls[min(gone)], docking.home / "log") == []


def test_release_is_published_before_the_first_deletion(docking: Traced) -> None:
    """And the deletions are durable on the card before they are said to have been done."""
    started = docking.committed("release.started")
    published = docking.published_after(started)
    deleted = docking.of("unlink.*", f"^{re.escape(str(docking.card))}/")
    assert len(deleted) in (1, BATCH)
    assert min(deleted) > published
    assert dirty_below(docking.calls[min(deleted)], docking.home / "log") == []
    released = docking.committed("clip.released")
    assert released > max(deleted)
    assert dirty_below(docking.calls[released], docking.card) == []


def test_a_tile_before_its_checkpoint(docking: Traced) -> None:
    """Bundles and tiles are in place, and their folders synced, before the checkpoint that covers them."""
    for at in docking.of("rename.*", r"/log/checkpoint$"):
        assert dirty_below(docking.calls[at], docking.home / "log/tile") == []


def test_how_many_syncs(empty: Traced, lone: Traced, batch: Traced) -> None:
    """What a file costs beside the docking itself."""
    assert lone.syncs - empty.syncs <= LONE_SYNCS
    assert (batch.syncs - empty.syncs) / BATCH <= BATCH_SYNCS_A_FILE
