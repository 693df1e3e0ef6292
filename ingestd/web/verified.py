"""Stored bytes as they are sent: every chunk is held against the signed digests before a byte of it leaves.

What is trusted is the log's copy here, which was proven by its signed checkpoint: it names the manifest's
digest, the manifest the root over the chunks' digests, and those the bytes (design 6). So a range costs the
reading and hashing of its own chunks, 1 MiB each.
"""

from __future__ import annotations

import hashlib
import os
from collections import OrderedDict
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from threading import Lock

from ingestd import canon
from ingestd.errors import VaultError
from ingestd.index.facts import Clip
from ingestd.model import CHUNK_BYTES
from ingestd.vault import chunks
from ingestd.vault.layout import Home
from ingestd.vault.manifest import ManifestError, parse
from ingestd.words import Text

_LISTS_BYTES = 64 << 20
"""Chunk lists that are remembered: 2 TB of clips."""
_NOT_THESE = Text(
    "第 {begin} 至 {end} 字节与签名的分块摘要不符，已停止传送；已告知采集服务核验。",
    "bytes {begin} to {end} are not what was signed: sending stopped, and the daemon was told to check them.",
)
_NO_LIST = Text(
    "这段记录的清单或分块摘要表缺失或与日志不符，无法核验，不予播放。",
    "manifest or chunk list of this clip is missing or not as the log names it: unchecked, so nothing is shown.",
)


class DamagedError(VaultError):
    """Bytes are not what was signed: none of them is sent."""

    code = "damaged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A clip's file with its chunk list, which has the signed root."""

    path: Path
    size: int
    """In bytes."""
    digests: bytes

    def open(self) -> FileIO:
        """The stored file. Raises DamagedError."""
        try:
            return FileIO(self.path, "r")
        except OSError as error:
            raise DamagedError(_NO_LIST) from error

    def read(self, file: FileIO, index: int) -> bytes:
        """One chunk, checked. Raises DamagedError."""
        begin = index * CHUNK_BYTES
        wanted = min(CHUNK_BYTES, self.size - begin)
        try:
            data = os.pread(file.fileno(), wanted, begin)
        except OSError:
            data = b""
        at = index * chunks.DIGEST_BYTES
        if len(data) != wanted or chunks.digest(data) != self.digests[at : at + chunks.DIGEST_BYTES]:
            raise DamagedError(_NOT_THESE.format(begin=begin, end=begin + wanted - 1))
        return data


class Lists:
    """Chunk lists that were held against signed roots, once a clip."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._known: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        self._lock = Lock()

    def checked(self, clip: Clip) -> Checked:
        """A clip whose bytes can be checked. Raises DamagedError where they cannot."""
        key = clip.manifest_sha256, clip.sha256
        with self._lock:
            digests = self._known.get(key)
        if digests is None:
            digests = self._read(clip)
            with self._lock:
                self._known[key] = digests
                while sum(map(len, self._known.values())) > _LISTS_BYTES:
                    self._known.popitem(last=False)
        return Checked(path=self._home.clips(clip.sha256), size=clip.size, digests=digests)

    def _read(self, clip: Clip) -> bytes:
        try:
            data = self._home.manifest_named(clip.manifest).read_bytes()
            digests = self._home.chunks(clip.sha256).read_bytes()
            manifest = parse(data)
        except (OSError, ManifestError) as error:
            raise DamagedError(_NO_LIST) from error
        if (
            canon.sha256(data) != clip.manifest_sha256
            or (manifest.sha256, manifest.size) != (clip.sha256, clip.size)
            or len(digests) != chunks.count(clip.size) * chunks.DIGEST_BYTES
            or chunks.root(digests).hex() != manifest.chunks_root
        ):
            raise DamagedError(_NO_LIST)
        return digests


class Whole:
    """Derived files (previews) that were held against the digest in the log, once a file as it lies there."""

    def __init__(self) -> None:
        self._good: OrderedDict[tuple[str, int, int, int], None] = OrderedDict()
        self._lock = Lock()

    def require(self, path: Path, sha256: str) -> int:
        """Its size. Raises DamagedError where it is not that file."""
        try:
            with path.open("rb") as file:
                found = os.fstat(file.fileno())
                key = sha256, found.st_ino, found.st_ctime_ns, found.st_size
                with self._lock:
                    if key in self._good:
                        return found.st_size
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise DamagedError(_NO_PREVIEW) from error
        if digest != sha256:
            raise DamagedError(_NO_PREVIEW)
        with self._lock:
            self._good[key] = None
            while len(self._good) > _FILES:
                self._good.popitem(last=False)
        return found.st_size


_FILES = 4096
_NO_PREVIEW = Text(
    "预览件缺失或与日志中的摘要不符，不予播放；原件不受影响。",
    "the preview is missing or not what the log names: it isn't shown. The original is not affected.",
)
