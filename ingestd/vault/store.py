"""The put-once store: sealed acquisitions become clips and manifests, and never change again (design 5).

`adopt` hard-links what lies ready in partial folders: an interrupted run leaves names that the next finds,
so it may be repeated from any point. Nothing is overwritten but by `replace_damaged`: rotten bytes make room
for a good copy and are kept. The caller has read the bytes back and checked manifest and signature.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ingestd import durable
from ingestd.errors import NotFoundError, VaultError
from ingestd.model import AcquisitionId, Millis, Sha256
from ingestd.vault import chunks
from ingestd.vault.layout import (
    BYTES,
    CHUNKS,
    CHUNKS_SUFFIX,
    DONE_SUFFIX,
    MANIFEST,
    SIGNATURE,
    SIGNATURE_SUFFIX,
    Home,
)
from ingestd.words import Text

CLIP_MODE = 0o444
"""Of all that is stored (design 6): nobody writes, and the group of the folder reads."""
_SEALED = (BYTES, CHUNKS, MANIFEST, SIGNATURE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """An acquisition whose partial folder holds bytes, chunk list, manifest and signature, all durable."""

    acquisition: AcquisitionId
    folder: Path
    sha256: Sha256
    docked_at: Millis


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotten:
    """A held copy that no longer matches: commit `clip.damaged`, `replace_damaged`, `adopt` again."""

    sealed: Sealed
    """The acquisition that brought a good copy of the same bytes."""
    text: Text
    """What is wrong with the held copy."""


class Vault:
    """Stored clips and manifests of one home. Its writer is the daemon alone (design 5)."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def adopt(self, batch: Sequence[Sealed]) -> tuple[Rotten, ...]:
        """Store a batch, durable; the held copies that are rotten, whose acquisitions are not stored yet.

        Bytes that are held already are read in full before the new copy is left out (design 4, Duplicate).
        Raises VaultError where another manifest stands under the same acquisition; OSError.
        """
        touched: list[durable.StrPath] = []
        folders: set[str] = set()
        rotten = []
        for sealed in batch:
            ours = os.fspath(sealed.folder)
            touched += _close(ours)
            clip = self._home.clip_at(sealed.sha256)
            manifest = self._home.manifest_at(sealed.acquisition, sealed.docked_at)
            for folder in (os.path.dirname(clip), os.path.dirname(manifest)):
                if folder not in folders:
                    touched += [*durable.make_folder(Path(folder)), folder]
                    folders.add(folder)
            if (text := self._put_bytes(sealed, ours, clip)) is not None:
                rotten.append(Rotten(sealed=sealed, text=text))
                continue
            _put_same(f"{ours}/{SIGNATURE}", manifest + SIGNATURE_SUFFIX)
            _put_same(f"{ours}/{MANIFEST}", manifest)
        durable.settle(touched)
        return tuple(rotten)

    def replace_damaged(self, sealed: Sealed) -> None:
        """Put the good copy in place of the held one, durable; the damaged one stays in `vault/damaged/`.

        May be repeated from any point. Raises OSError.
        """
        durable.settle(durable.make_folder(self._home.damaged))
        ours, held = sealed.folder / CHUNKS, self._home.chunks(sealed.sha256)
        if not _has_same_bytes(ours, held):
            self._replace(ours, held)
        self._replace(sealed.folder / BYTES, self._home.clips(sealed.sha256))

    def drop_partial(self, acquisition: AcquisitionId) -> None:
        """Remove the partial folder of an acquisition whose event stands in the log, whatever it holds.

        Not settled: what a crash brings back, the next start drops again.
        """
        folder = self._home.partial_at(acquisition)
        done = folder + DONE_SUFFIX
        with suppress(FileNotFoundError):
            os.rename(folder, done)
        _remove_flat(done)

    def sweep_done(self) -> None:
        """Remove what interrupted `drop_partial` calls left."""
        for folder in self._home.partial_root.glob(f"*{DONE_SUFFIX}"):
            _remove_flat(folder)

    def has(self, sha256: Sha256) -> bool:
        """Whether bytes of this digest are stored (not whether they are still good: see `check`)."""
        return self._home.clips(sha256).is_file()

    def size(self, sha256: Sha256) -> int:
        """Size of a stored clip in bytes. Raises NotFoundError."""
        with self.open_clip(sha256) as file:
            return os.fstat(file.fileno()).st_size

    def open_clip(self, sha256: Sha256) -> BinaryIO:
        """A stored clip, unbuffered, for reading. Raises NotFoundError."""
        try:
            return self._home.clips(sha256).open("rb", buffering=0)
        except FileNotFoundError as error:
            raise _not_held(sha256) from error

    def digests(self, sha256: Sha256) -> bytes:
        """The chunk list of a stored clip (to be held against the manifest's root). Raises NotFoundError."""
        try:
            return self._home.chunks(sha256).read_bytes()
        except FileNotFoundError as error:
            raise _not_held(sha256) from error

    def _put_bytes(self, sealed: Sealed, ours: str, clip: str) -> Text | None:
        """Link list and bytes; what is wrong with a held copy, None where all is stored and good."""
        is_new = [
            durable.link_new(f"{ours}/{CHUNKS}", clip + CHUNKS_SUFFIX),
            durable.link_new(f"{ours}/{BYTES}", clip),
        ]
        if all(is_new):
            return None
        try:
            return self._held_fault(sealed)
        except VaultError as error:
            return error.text
        except OSError as error:
            return Text(
                f"已存副本 {sealed.sha256} 无法读取（{error.strerror}）",
                f"the held copy of {sealed.sha256} cannot be read ({error.strerror})",
            )

    def _held_fault(self, sealed: Sealed) -> Text | None:
        ours, clip = sealed.folder / BYTES, self._home.clips(sealed.sha256)
        list_, sidecar = sealed.folder / CHUNKS, self._home.chunks(sealed.sha256)
        if not _has_same_bytes(list_, sidecar):
            return Text(
                f"{sidecar.name} 与新读得的分块摘要不符：已存副本的分块表已损坏",
                f"{sidecar.name} is not the chunk list of these bytes: the held list is damaged",
            )
        if not clip.samefile(ours):
            chunks.read_back(clip, list_.read_bytes(), size=ours.stat().st_size)
        return None

    def _replace(self, ours: Path, held: Path) -> None:
        temporary = held.with_name(f".{held.name}.new")
        if not durable.link_new(ours, held) and not held.samefile(ours):
            # Named by inode: the link keeps that number taken, so a repeated run finds its own name.
            kept = self._home.damaged / f"{held.name}.{held.stat().st_ino}"
            durable.link_new(held, kept)
            durable.settle([kept.parent])
            temporary.unlink(missing_ok=True)
            temporary.hardlink_to(ours)
            temporary.rename(held)
        durable.settle([held.parent])


def _close(folder: str) -> list[str]:
    """Give the sealed files their mode for good, whatever the umask; those that had another."""
    changed = []
    for path in (f"{folder}/{name}" for name in _SEALED):
        if stat.S_IMODE(os.stat(path).st_mode) != CLIP_MODE:
            os.chmod(path, CLIP_MODE)
            changed.append(path)
    return changed


def _put_same(source: str, target: str) -> None:
    """Link; a target that stands there already must hold the same bytes."""
    if not durable.link_new(source, target) and not _has_same_bytes(Path(source), Path(target)):
        raise VaultError(
            Text(
                f"{target} 已存在且内容不同：已入库的不改写；请运行“ingestd verify”核对此采集",
                f"{target} exists with other content, and what is stored is never rewritten: check this"
                " acquisition with `ingestd verify`",
            )
        )


def _has_same_bytes(one: Path, other: Path) -> bool:
    return one.samefile(other) or one.read_bytes() == other.read_bytes()


def _remove_flat(folder: durable.StrPath) -> None:
    with suppress(FileNotFoundError):
        durable.remove_tree(folder, [entry.name for entry in os.scandir(folder)])


def _not_held(sha256: Sha256) -> NotFoundError:
    return NotFoundError(
        Text(
            f"库中没有摘要为 {sha256} 的音像记录：请核对摘要，或运行“ingestd verify --all”",
            f"no bytes of digest {sha256} are stored: compare the digest, or run `ingestd verify --all`",
        )
    )
