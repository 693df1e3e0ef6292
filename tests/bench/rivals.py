"""The tools that do a part of the same work: copy, record a SHA-256, make it durable, read it back.

Each gets a folder of sources and an empty folder on the disk. Whatever is not installed is said to be absent.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

Work = Callable[[Path, Path], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rival:
    """One way to do it."""

    name: str
    needs: str
    work: Work
    reads_back: bool

    @property
    def is_here(self) -> bool:
        """Whether its program is on the path (bagit: beside this interpreter)."""
        return shutil.which(self.needs) is not None or Path(sys.executable).with_name(self.needs).exists()


def _run(*command: str | Path, folder: Path | None = None) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _settle(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        _run("sync", "-f", folder)
    finally:
        os.close(descriptor)


def _evict(files: Sequence[Path]) -> None:
    for file in files:
        descriptor = os.open(file, os.O_RDONLY)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(descriptor)


def _copy(source: Path, target: Path) -> None:
    _run("cp", "-r", f"{source}/.", target)


def cp_openssl(source: Path, target: Path) -> None:
    """`cp`, `openssl dgst` of the source, sync."""
    _copy(source, target)
    _run("openssl", "dgst", "-sha256", *_files(source))
    _settle(target)


def cp_openssl_read_back(source: Path, target: Path) -> None:
    """The honest form: what is compared came from the disk."""
    cp_openssl(source, target)
    _evict(_files(target))
    _run("openssl", "dgst", "-sha256", *_files(target))


def _bagit(source: Path, target: Path) -> None:
    _copy(source, target)
    _run(sys.executable, Path(sys.executable).with_name("bagit.py"), "--sha256", "--processes", "2", target)
    _settle(target)


def _dc3dd(source: Path, target: Path) -> None:
    for file in _files(source):
        _run("dc3dd", f"if={file}", f"hof={target / file.name}", "hash=sha256", f"log={target / 'log'}")
    _settle(target)


def _rclone(source: Path, target: Path) -> None:
    _run("rclone", "copy", source, target)
    _run("rclone", "hashsum", "sha256", target)
    _settle(target)


def _rsync(source: Path, target: Path) -> None:
    _run("rsync", "-aW", "--fsync", f"{source}/", target)
    _run("sha256sum", *_files(target))


READ_BACK = Rival(
    name="cp + openssl + sync + evict + openssl", needs="openssl", work=cp_openssl_read_back, reads_back=True
)
OTHERS = (
    Rival(name="cp + openssl + sync", needs="openssl", work=cp_openssl, reads_back=False),
    Rival(name="cp + bagit.py (2 processes) + sync", needs="bagit.py", work=_bagit, reads_back=False),
    Rival(name="dc3dd hof= (reads back from the cache)", needs="dc3dd", work=_dc3dd, reads_back=False),
    Rival(name="rclone copy + hashsum + sync", needs="rclone", work=_rclone, reads_back=False),
    Rival(name="rsync -aW --fsync + sha256sum", needs="rsync", work=_rsync, reads_back=False),
)
