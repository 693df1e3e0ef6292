"""Real camera files, laid out as each family lays them out, listed and read byte for byte."""

from __future__ import annotations

import hashlib

import pytest

from ingestd.testing.recorder import LAYOUTS, CardBuilder
from ingestd_drivers.folder import Folder


@pytest.mark.parametrize("family", sorted(LAYOUTS))
def test_every_real_file_comes_back_byte_for_byte(family, shared, tmp_path):
    """All files of the corpus, also truncated, empty and hostile ones, in this family's layout."""
    about = {"serial": "ACCC8EF01234", "officer": "wang77"} if family == "axis" else {}
    builder = CardBuilder(tmp_path, family, **about).identity()
    expected = {}
    files = sorted(f for f in (shared / "corpus").rglob("*") if f.is_file() and f.suffix != ".tsv")
    for number, file in enumerate(files):
        path = builder.clip(
            file,
            started=1_763_712_000_000 + number * 60_000,
            sequence=number,
            extension=file.suffix[1:8] or "bin",
        )
        expected[path] = hashlib.sha256(file.read_bytes()).hexdigest()
    volume = Folder().connect(str(tmp_path))
    assert volume.identity().family == family
    found = {item.path: _digest(volume, item) for item in volume.items() if item.path in expected}
    volume.close()
    assert len(files) > 80
    assert found == expected


def _digest(volume, item):
    source, digest, offset = volume.open(item.path), hashlib.sha256(), 0
    buffer = bytearray(1 << 20)
    while count := source.read_into(offset, memoryview(buffer)):
        digest.update(buffer[:count])
        offset += count
    assert offset == item.size == source.stat().size
    source.close()
    return digest.hexdigest()
