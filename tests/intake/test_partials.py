"""What recovery does with a partial folder whose intake record cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingestd.clock import StationClock
from ingestd.station import Station, create


@pytest.mark.parametrize(("copied", "stays"), [(b"", False), (b"evidence", True)])
def test_bytes_are_never_dropped_with_a_damaged_record(tmp_path: Path, copied: bytes, stays: bool) -> None:
    """Nothing copied yet: the folder goes. Bytes copied and the record damaged since: left as it is."""
    root = tmp_path / "home"
    create(root, agency="a", station="s", policy="baseline", csr=False, clock=StationClock())
    folder = root / "vault" / "partial" / "0197a0b2-0001-7000-8000-0123456789ab"
    folder.mkdir()
    (folder / "intake.json").write_bytes(b'{"format":')
    (folder / "bytes").write_bytes(copied)
    (folder / "chunks").write_bytes(b"")
    station = Station.open(root, StationClock())
    try:
        station.recover()
        assert folder.exists() == stays
        if stays:
            assert (folder / "bytes").read_bytes() == copied
    finally:
        station.close()
