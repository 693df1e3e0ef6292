"""Chunk lists: what the format says, read-back that finds any change, ranges that are checked before use."""

from __future__ import annotations

import hashlib
import mmap
import os
from pathlib import Path

import pytest
from blake3 import blake3
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestd import merkle
from ingestd.errors import VaultError
from ingestd.model import CHUNK_BYTES
from ingestd.vault import chunks

SIZES = [0, 1, 4095, 4096, 4097, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 5 * CHUNK_BYTES + 7]
PATTERN = hashlib.shake_256(b"pattern").digest(6 * CHUNK_BYTES)


def stored(folder: Path, data: bytes) -> Path:
    path = folder / "clip"
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return path


@pytest.mark.parametrize("size", SIZES)
def test_list_is_blake3_of_each_mebibyte(tmp_path: Path, size: int) -> None:
    """As an outsider computes it; the root is RFC 6962's over these digests."""
    data = PATTERN[:size]
    pieces = [data[at : at + 1048576] for at in range(0, size, 1048576)]
    digests = chunks.digests_of(stored(tmp_path, data))
    assert digests == b"".join(blake3(piece).digest() for piece in pieces)
    assert chunks.root(digests) == merkle.root([blake3(piece).digest() for piece in pieces])
    assert chunks.count(size) == len(pieces)


def test_empty_file_has_the_empty_root() -> None:
    """Design 6: empty list, empty-tree root."""
    assert chunks.root(b"").hex() == hashlib.sha256(b"").hexdigest()


@pytest.mark.parametrize("size", SIZES)
def test_read_back_of_what_was_written(tmp_path: Path, size: int) -> None:
    """Every length, also one that ends inside a page; past the page cache where the disk can."""
    path = stored(tmp_path, PATTERN[:size])
    assert chunks.read_back(path, chunks.digests_of(path), size=size) in ("direct", "evicted")


@pytest.mark.parametrize("size", SIZES[1:])
def test_read_back_finds_one_changed_byte(tmp_path: Path, size: int) -> None:
    """Wherever it is: first byte, last byte, middle; the message names the chunk's offset."""
    path = stored(tmp_path, PATTERN[:size])
    digests = chunks.digests_of(path)
    for at in {0, size // 2, size - 1}:
        changed = bytearray(PATTERN[:size])
        changed[at] ^= 1
        stored(tmp_path, bytes(changed))
        with pytest.raises(VaultError, match=f"chunk at byte {at // CHUNK_BYTES * CHUNK_BYTES} differs"):
            chunks.read_back(path, digests, size=size)


def test_read_back_refuses_other_sizes(tmp_path: Path) -> None:
    """Shorter or longer on disk, or a list of another length, is no match."""
    path = stored(tmp_path, PATTERN[:5000])
    digests = chunks.digests_of(path)
    for size, given_list in [(4999, digests), (5001, digests), (5000, b""), (5000, digests * 2)]:
        with pytest.raises(VaultError, match="5000 bytes on disk"):
            chunks.read_back(path, given_list, size=size)


def test_read_back_sees_the_disk_not_the_cache(tmp_path: Path) -> None:
    """Where O_DIRECT works the verdict is called direct; the test's own folder tells which it must be."""
    path = stored(tmp_path, PATTERN)
    try:
        os.close(os.open(path, os.O_RDONLY | os.O_DIRECT))
        wanted = "direct"
    except OSError:
        wanted = "evicted"
    assert chunks.read_back(path, chunks.digests_of(path), size=len(PATTERN)) == wanted


def test_read_back_where_direct_is_refused() -> None:
    """A file system without O_DIRECT (here the kernel's own) gives the weaker word, compared the same."""
    path = Path("/sys/kernel/notes")
    data = path.read_bytes()
    assert chunks.read_back(path, blake3(data).digest(), size=len(data)) == "evicted"
    with pytest.raises(VaultError, match="differs"):
        chunks.read_back(path, blake3(data[1:]).digest(), size=len(data))


def test_reading_where_direct_is_refused_late(tmp_path: Path) -> None:
    """A device that opens and then wants another alignment is read the weaker way, without an error."""
    with chunks.Reading(stored(tmp_path, PATTERN)) as reading, mmap.mmap(-1, 4096) as buffer:
        assert reading._read_at(1, buffer) == 4096
        assert buffer[:] == PATTERN[1:4097]
        assert reading.read_back == "evicted"


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(SIZES), st.data())
def test_verified_range_gives_exactly_the_range(
    tmp_path_factory: pytest.TempPathFactory, size: int, data: st.DataObject
) -> None:
    """Any range inside the file, byte for byte."""
    path = stored(tmp_path_factory.mktemp("range"), PATTERN[:size])
    digests = chunks.digests_of(path)
    offset = data.draw(st.integers(0, size))
    length = data.draw(st.integers(0, size - offset))
    pieces = list(chunks.verified_range(path, digests, offset=offset, length=length))
    assert b"".join(pieces) == PATTERN[offset : offset + length]
    assert all(0 < len(piece) <= CHUNK_BYTES for piece in pieces)


def test_verified_range_gives_nothing_of_a_bad_chunk(tmp_path: Path) -> None:
    """Good chunks before the damage are given, of the damaged one not a byte; the rest stays readable."""
    path = stored(tmp_path, PATTERN)
    digests = chunks.digests_of(path)
    with path.open("r+b") as file:
        file.seek(2 * CHUNK_BYTES + 5)
        file.write(b"!")
    pieces = chunks.verified_range(path, digests, offset=CHUNK_BYTES, length=3 * CHUNK_BYTES)
    assert next(pieces) == PATTERN[CHUNK_BYTES : 2 * CHUNK_BYTES]
    with pytest.raises(VaultError, match=f"chunk at byte {2 * CHUNK_BYTES} differs"):
        next(pieces)
    rest = chunks.verified_range(path, digests, offset=3 * CHUNK_BYTES, length=CHUNK_BYTES)
    assert b"".join(rest) == PATTERN[3 * CHUNK_BYTES : 4 * CHUNK_BYTES]


def test_verified_range_beyond_the_end_is_refused(tmp_path: Path) -> None:
    """A range past the end is an error, never silently shorter."""
    path = stored(tmp_path, PATTERN[:CHUNK_BYTES])
    digests = chunks.digests_of(path)
    with pytest.raises(VaultError):
        list(chunks.verified_range(path, digests, offset=0, length=CHUNK_BYTES + 1))
    with pytest.raises(VaultError):
        list(chunks.verified_range(stored(tmp_path, PATTERN[:10]), digests, offset=0, length=20))


def test_reading_stopped_midway_ends_cleanly(tmp_path: Path) -> None:
    """Who stops reading leaves no thread and no descriptor behind."""
    path = stored(tmp_path, PATTERN)
    before = len(list(Path("/proc/self/fd").iterdir()))
    with chunks.Reading(path) as reading:
        iterator = reading.chunks()
        assert next(iterator).data[:8] == PATTERN[:8]
        iterator.close()
    assert len(list(Path("/proc/self/fd").iterdir())) == before
