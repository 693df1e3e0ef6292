"""Where a copy goes: the partial folder's two files, bytes and digest list (design 5).

Bytes go past the page cache (O_DIRECT) where they are more than a little, so that twenty slots neither fill the
memory nor pay for it. Data is always durable before the digests that vouch for it.
"""

from __future__ import annotations

import errno
import fcntl
import mmap
import os

SMALL_BYTES = 1 << 20
"""Up to this size a file is written through the cache and settled with its batch."""


class SinkError(Exception):
    """The vault's disk refused; ``errno`` tells whether it is full."""

    def __init__(self, error: OSError) -> None:
        super().__init__(str(error))
        self.errno = error.errno


class Sink:
    """The partial folder's two files: bytes (O_DIRECT while whole blocks come) and digest list."""

    def __init__(self, bytes_path: str, chunks_path: str, told_size: int) -> None:
        """Both files exist and are empty; `told_size` (bytes) is set aside on the disk. Raises SinkError."""
        self.told_size = told_size
        self._direct = False
        self._written = 0
        try:
            self._bytes = os.open(bytes_path, os.O_WRONLY | os.O_NOFOLLOW)
            self._chunks = os.open(chunks_path, os.O_WRONLY | os.O_NOFOLLOW | os.O_APPEND)
        except OSError as error:
            raise SinkError(error) from error
        if told_size > SMALL_BYTES:
            try:
                os.posix_fallocate(self._bytes, 0, told_size)
            except OSError as error:
                self.close()
                raise SinkError(error) from error
            self._set_direct(True)

    def _set_direct(self, wanted: bool) -> None:
        flags = fcntl.fcntl(self._bytes, fcntl.F_GETFL)
        try:
            fcntl.fcntl(self._bytes, fcntl.F_SETFL, flags | os.O_DIRECT if wanted else flags & ~os.O_DIRECT)
        except OSError:  # a file system without O_DIRECT: buffered, synced as often
            self._direct = False
        else:
            self._direct = wanted

    def write(self, part: memoryview) -> None:
        """Append bytes. Raises SinkError."""
        try:
            whole = len(part) if not self._direct else len(part) - len(part) % mmap.PAGESIZE
            self._all(part[:whole])
            if whole < len(part):
                self._set_direct(False)
                self._all(part[whole:])
        except OSError as error:
            if error.errno == errno.EINVAL and self._direct:
                self._set_direct(False)
                self.write(part)
                return
            raise SinkError(error) from error

    def _all(self, part: memoryview) -> None:
        while part:
            count = os.write(self._bytes, part)
            self._written += count
            part = part[count:]

    def sync(self, digests: bytes) -> None:
        """Make durable what was written, then its digests (those not listed yet). Raises SinkError."""
        try:
            os.fdatasync(self._bytes)
            if not self._direct:
                os.posix_fadvise(self._bytes, 0, 0, os.POSIX_FADV_DONTNEED)
            self._list(digests)
            os.fdatasync(self._chunks)
        except OSError as error:
            raise SinkError(error) from error

    def _list(self, digests: bytes) -> None:
        while digests:
            digests = digests[os.write(self._chunks, digests) :]

    def finish(self, digests: bytes) -> bytes:
        """Cut to what was written; the digests that are not listed yet. Raises SinkError.

        A large file's bytes become durable, and its list whole; a small file's are both still to be.
        """
        try:
            if self._written != self.told_size:
                os.ftruncate(self._bytes, self._written)
            if self._written <= SMALL_BYTES:
                return digests
            os.fsync(self._bytes)
            self._list(digests)
        except OSError as error:
            raise SinkError(error) from error
        return b""

    def close(self) -> None:
        """Let go of both files."""
        os.close(self._bytes)
        os.close(self._chunks)
