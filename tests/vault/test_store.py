"""The put-once store: idempotent from any point, never overwrites, keeps what rotted."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from ingestd import durable, sign
from ingestd.errors import NotFoundError, VaultError
from ingestd.model import Sha256
from ingestd.sign import StationKeys
from ingestd.testing.evidence import DOCKED_AT, expected_of, seal
from ingestd.vault import layout
from ingestd.vault.check import check_acquisition
from ingestd.vault.layout import Home
from ingestd.vault.store import Sealed, Vault

DATA = bytes(range(256)) * 5000  # over 1 MiB: two chunks


class Cut(BaseException):
    """The machine stops here."""


class _Knife:
    """Stops the program before the n-th change of the file system, by Python's own audit events."""

    CHANGES = frozenset({"os.link", "os.rename", "os.mkdir", "os.chmod", "os.remove", "os.rmdir"})

    def __init__(self) -> None:
        self.left: int | None = None
        sys.addaudithook(self._hook)

    def _hook(self, event: str, arguments: tuple[object, ...]) -> None:
        if self.left is None or event not in self.CHANGES:
            return
        if self.left == 0:
            self.left = None
            raise Cut
        self.left -= 1

    @contextmanager
    def before(self, change: int) -> Iterator[None]:
        self.left = change
        try:
            yield
        finally:
            self.left = None


KNIFE = _Knife()


def tree(home: Home) -> dict[str, bytes]:
    return {
        str(p.relative_to(home.vault)): p.read_bytes()
        for p in home.vault.rglob("*")
        if p.is_file() and home.partial_root not in p.parents
    }


def faults(home: Home, keys: StationKeys, sealed: Sealed) -> list[str]:
    return [str(f) for f in check_acquisition(home, expected_of(sealed), keys.certificates)]


def test_adopt_stores_and_everything_checks(home: Home, keys: StationKeys, vault: Vault) -> None:
    """Clip, list, manifest and signature, in their places, closed for good, readable by the group."""
    sealed = seal(home, keys, DATA)
    assert vault.adopt([sealed]) == ()
    assert faults(home, keys, sealed) == []
    assert (vault.has(sealed.sha256), vault.size(sealed.sha256)) == (True, len(DATA))
    with vault.open_clip(sealed.sha256) as file:
        assert file.read() == DATA
    assert vault.digests(sealed.sha256) == (sealed.folder / layout.CHUNKS).read_bytes()
    for path in home.vault.rglob("*"):
        if home.partial_root not in (path, *path.parents):
            assert stat.S_IMODE(path.stat().st_mode) == (0o750 if path.is_dir() else 0o444), path


def test_modes_do_not_depend_on_the_umask(home: Home, keys: StationKeys) -> None:
    """The tightest umask leaves the readers' group in."""
    sealed = seal(home, keys, DATA)
    before = os.umask(0o077)
    try:
        Vault(home).adopt([sealed])
    finally:
        os.umask(before)
    clip = home.clips(sealed.sha256)
    assert stat.S_IMODE(clip.stat().st_mode) == 0o444
    assert stat.S_IMODE(clip.parent.stat().st_mode) == 0o750


def test_new_folders_inherit_the_readers_group(home: Home, keys: StationKeys, vault: Vault) -> None:
    """A set-group-id bit on the vault stays on the folders made below it."""
    home.clips_root.chmod(0o2750)
    sealed = seal(home, keys, DATA)
    vault.adopt([sealed])
    assert stat.S_IMODE(home.clips(sealed.sha256).parent.stat().st_mode) == 0o2750


def test_adopt_is_idempotent(home: Home, keys: StationKeys, vault: Vault) -> None:
    """Twice is as once, for a whole batch with equal, empty and small clips in it."""
    batch = [seal(home, keys, data, n) for n, data in enumerate([DATA, DATA, b"", b"x", b""])]
    assert vault.adopt(batch) == ()
    before = tree(home)
    assert vault.adopt(batch) == ()
    assert tree(home) == before
    assert [faults(home, keys, s) for s in batch] == [[]] * 5


def test_adopt_goes_on_after_a_cut_anywhere(
    tmp_path: Path, home: Home, keys: StationKeys, vault: Vault
) -> None:
    """Stopped before each single change of the file system, the next run ends in the same state."""
    batch = [seal(home, keys, DATA, 1), seal(home, keys, b"small", 2), seal(home, keys, b"small", 3)]
    start = shutil.copytree(home.root, tmp_path / "start")
    vault.adopt(batch)
    whole = tree(home)
    cuts = 0
    for change in range(200):
        shutil.rmtree(home.root)
        shutil.copytree(start, home.root)
        with suppress(Cut), KNIFE.before(change):
            vault.adopt(batch)
            break
        cuts += 1
        for clip in home.clips_root.rglob("*"):  # a clip never stands without its list
            assert clip.suffix == ".chunks" or not clip.is_file() or Path(f"{clip}.chunks").is_file()
        assert vault.adopt(batch) == ()
        assert tree(home) == whole
    assert cuts > 15


def test_duplicate_of_a_good_copy_adds_only_its_manifest(home: Home, keys: StationKeys, vault: Vault) -> None:
    """Bytes are stored once; the acquisition has its own manifest."""
    first, second = seal(home, keys, DATA, 1), seal(home, keys, DATA, 2)
    vault.adopt([first])
    inode = home.clips(first.sha256).stat().st_ino
    assert vault.adopt([second]) == ()
    assert home.clips(first.sha256).stat().st_ino == inode
    assert faults(home, keys, first) == faults(home, keys, second) == []


def rot(path: Path, at: int = 1_200_000) -> bytes:
    path.chmod(0o644)
    with path.open("r+b") as file:
        file.seek(at)
        file.write(b"\xff\xfe")
    path.chmod(0o444)
    return path.read_bytes()


def test_rotten_held_copy_is_told_then_replaced_and_kept(home: Home, keys: StationKeys, vault: Vault) -> None:
    """The caller hears of it before anything changes; then the good copy stands and the bad one is kept."""
    first, second = seal(home, keys, DATA, 1), seal(home, keys, DATA, 2)
    vault.adopt([first])
    vault.drop_partial(first.acquisition)
    bad = rot(home.clips(first.sha256))
    before = tree(home)
    (rotten,) = vault.adopt([second])
    assert rotten.sealed == second
    assert "chunk at byte 1048576 differs" in rotten.text.en
    assert tree(home) == before
    vault.replace_damaged(second)
    assert vault.adopt([second]) == ()
    assert home.clips(second.sha256).read_bytes() == DATA
    assert [p.read_bytes() for p in home.damaged.iterdir()] == [bad]
    assert faults(home, keys, second) == []


@pytest.mark.parametrize("what", ["list", "truncated", "both"])
def test_other_kinds_of_rot(home: Home, keys: StationKeys, vault: Vault, what: str) -> None:
    """A damaged chunk list, a clip cut short, and both at once are found and healed alike."""
    first, second = seal(home, keys, DATA, 1), seal(home, keys, DATA, 2)
    vault.adopt([first])
    vault.drop_partial(first.acquisition)
    clip, sidecar = home.clips(first.sha256), home.chunks(first.sha256)
    if what in ("list", "both"):
        rot(sidecar, 3)
    if what in ("truncated", "both"):
        clip.chmod(0o644)
        os.truncate(clip, 1000)
    assert len(vault.adopt([second])) == 1
    vault.replace_damaged(second)
    assert vault.adopt([second]) == ()
    assert faults(home, keys, second) == []
    assert len(list(home.damaged.iterdir())) == (2 if what == "both" else 1 + (what == "list"))


def test_a_held_copy_that_cannot_be_read_stops_nothing_else(
    home: Home, keys: StationKeys, vault: Vault
) -> None:
    """One unreadable copy is told; the rest of the batch is stored."""
    first, second, third = seal(home, keys, DATA, 1), seal(home, keys, DATA, 2), seal(home, keys, b"other", 3)
    vault.adopt([first])
    home.chunks(first.sha256).unlink()
    home.chunks(first.sha256).mkdir()
    (rotten,) = vault.adopt([second, third])
    assert "cannot be read" in rotten.text.en
    assert faults(home, keys, third) == []


def test_replace_damaged_goes_on_after_a_cut_anywhere(
    tmp_path: Path, home: Home, keys: StationKeys, vault: Vault
) -> None:
    """Stopped before each change: the held name always holds the old or the new bytes, and both end kept."""
    first, second = seal(home, keys, DATA, 1), seal(home, keys, DATA, 2)
    vault.adopt([first])
    vault.drop_partial(first.acquisition)
    bad = rot(home.clips(first.sha256))
    start = shutil.copytree(home.root, tmp_path / "start")
    for change in range(50):
        shutil.rmtree(home.root)
        shutil.copytree(start, home.root)
        with suppress(Cut), KNIFE.before(change):
            vault.replace_damaged(second)
            break
        assert home.clips(first.sha256).read_bytes() in (bad, DATA)
        vault.replace_damaged(second)
        vault.replace_damaged(second)
        assert home.clips(first.sha256).read_bytes() == DATA
        assert [p.read_bytes() for p in home.damaged.iterdir()] == [bad]
        assert not list(home.clips_root.rglob("*.new"))
    assert change > 2


def test_another_manifest_under_the_same_id_is_refused(home: Home, keys: StationKeys, vault: Vault) -> None:
    """What is stored is never rewritten."""
    sealed = seal(home, keys, DATA)
    vault.adopt([sealed])
    path = sealed.folder / layout.MANIFEST
    path.unlink()
    path.write_bytes(b"{}")
    with pytest.raises(VaultError, match="never rewritten"):
        vault.adopt([sealed])
    assert faults(home, keys, seal(home, keys, b"", 9))  # not adopted: everything is absent


def test_drop_partial_leaves_what_is_stored(home: Home, keys: StationKeys, vault: Vault) -> None:
    """The partial folder goes, with whatever else lies in it; clip and manifest stay."""
    sealed = seal(home, keys, DATA)
    expected = expected_of(sealed)
    vault.adopt([sealed])
    (sealed.folder / "left over").write_bytes(b"")
    vault.drop_partial(sealed.acquisition)
    vault.drop_partial(sealed.acquisition)
    assert list(home.partial_root.iterdir()) == []
    assert check_acquisition(home, expected, keys.certificates) == ()


def test_drop_partial_cut_anywhere_is_swept(
    tmp_path: Path, home: Home, keys: StationKeys, vault: Vault
) -> None:
    """A half-removed folder is never taken for an acquisition under way, and goes at the next start."""
    sealed = seal(home, keys, DATA)
    start = shutil.copytree(home.root, tmp_path / "start")
    for change in range(50):
        shutil.rmtree(home.root)
        shutil.copytree(start, home.root)
        with suppress(Cut), KNIFE.before(change):
            vault.drop_partial(sealed.acquisition)
            break
        left = list(home.partial_root.iterdir())
        assert len(left) == 1
        assert left[0].suffix == ".done" or len(list(left[0].iterdir())) == len(layout.PARTIAL_NAMES)
        vault.sweep_done()
        assert list(home.partial_root.glob("*.done")) == []
    assert change > 5


def test_what_is_not_held(vault: Vault) -> None:
    """Asked for unknown bytes, it says so."""
    digest = Sha256("0" * 64)
    assert not vault.has(digest)
    for ask in (vault.open_clip, vault.size, vault.digests):
        with pytest.raises(NotFoundError, match="no bytes of digest"):
            ask(digest)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_as_another_user(keys: StationKeys) -> None:
    """A reader of the group reads clips and writes nothing; a stranger reads nothing; neither reads keys."""
    base = Path("/var/tmp") / f"ingestd-test-{os.getpid()}"  # others must be able to pass through
    home = Home(base / "home")
    try:
        for folder, mode in home.station_folders():
            durable.make_folder(folder, mode=mode)
        sign.create_keys(home.keys, agency="a", station="b", at=DOCKED_AT)
        own = StationKeys.load(home.keys, at=DOCKED_AT)
        sealed = seal(home, own, DATA)
        Vault(home).adopt([sealed])
        for path in (base, home.root):
            path.chmod(0o755)
        for path in (home.vault, *home.vault.rglob("*")):
            os.chown(path, 0, 54321)
        clip, manifest = home.clips(sealed.sha256), Path(home.manifest_at(sealed.acquisition, DOCKED_AT))
        assert attempt(54321, f"cat {clip} {manifest} >/dev/null") == 0
        assert attempt(54322, f"cat {clip}") != 0
        for group in (54321, 54322):
            assert attempt(group, f"cat {home.keys}/private/log.key") != 0
            assert attempt(group, f"ls {home.keys}/private") != 0
            assert attempt(group, f"echo x >> {clip}") != 0
            assert attempt(group, f"rm -f {clip}") != 0
            assert attempt(group, f"touch {clip.parent}/new") != 0
            assert attempt(group, f"ls {home.partial_root}") != 0
    finally:
        shutil.rmtree(base, ignore_errors=True)


def attempt(group: int, command: str) -> int:
    prefix = ["setpriv", "--reuid", "65534", "--regid", str(group), "--clear-groups"]
    return subprocess.run([*prefix, "sh", "-c", command], capture_output=True, check=False).returncode
