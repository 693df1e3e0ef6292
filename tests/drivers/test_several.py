"""Several volumes as one recorder."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from ingestd.device.api import EntryType
from ingestd.errors import DeviceGone
from ingestd.testing.recorder import CardBuilder
from ingestd_drivers.folder import Folder
from ingestd_drivers.several import Several

STARTED = 1_763_712_000_000


@pytest.fixture
def cards(tmp_path: Path) -> dict[str, Path]:
    """A card with a clip, and an internal memory with a clip of the same name and another."""
    made = {name: tmp_path / name for name in ("1", "2")}
    for name, folder in made.items():
        CardBuilder(folder, "e12-new", serial="A000001", officer="104233").clip(
            b"of " + name.encode(), started=STARTED
        )
    return made


def several(cards: dict[str, Path], *, writable: bool = False, **faults: str) -> Several:
    return Several(
        {name: Folder().connect(str(folder), writable=writable) for name, folder in cards.items()},
        {name.removeprefix("v"): why for name, why in faults.items()},
    )


def test_each_volume_is_a_folder(cards: dict[str, Path]) -> None:
    """Equal names on two volumes are two files, each with its own bytes."""
    volume = several(cards)
    items = list(volume.items())
    assert sorted(item.path[:2] for item in items) == [b"1/", b"2/"]
    for item in items:
        buffer = bytearray(10)
        source = volume.open(item.path)
        assert buffer[: source.read_into(0, memoryview(buffer))] == b"of " + item.path[:1]
        source.close()
    volume.close()


def test_who_it_is_is_weighed_over_all(cards: dict[str, Path]) -> None:
    """Family and claims are those of all volumes; evidence says of which."""
    (cards["2"] / "PARAM.INI").write_text("[ZFY]\nDevNo=A000001\nPolNo=104233\n")
    volume = several(cards)
    identity = volume.identity()
    assert identity.family == "e12-new"
    assert {line[:3] for line in identity.evidence} == {"1: ", "2: "}
    assert any(claim.what == "serial" for claim in identity.claims)
    volume.close()


def test_a_volume_that_cannot_be_read_is_said(cards: dict[str, Path]) -> None:
    """It is a folder that cannot be listed, with the reason among the evidence: the recorder is not clear."""
    volume = several(cards, v3="no file system (NTFS)")
    (unlistable,) = [item for item in volume.items() if item.type is EntryType.UNLISTABLE]
    assert unlistable.path == b"3"
    assert "3: no file system (NTFS)" in volume.identity().evidence
    volume.close()


def test_deleting_reaches_one_volume(cards: dict[str, Path]) -> None:
    """The other volume keeps its file of the same name."""
    volume = several(cards, writable=True)
    first = next(item.path for item in volume.items() if item.path.startswith(b"1/"))
    volume.delete(first)
    volume.flush()
    assert [item.path[:2] for item in volume.items()] == [b"2/"]
    volume.close()


@pytest.mark.parametrize(
    ("path", "number"),
    [
        (b"3/a.mp4", errno.ENOENT),
        (b"a.mp4", errno.ENOENT),
        (b"1/../2/a.mp4", errno.EINVAL),
        (b"1/", errno.EINVAL),
    ],
)
def test_paths_of_no_volume(cards: dict[str, Path], path: bytes, number: int) -> None:
    """A path leads to one of its volumes or nowhere."""
    volume = several(cards)
    with pytest.raises(OSError, match=r".") as told:
        volume.open(path)
    assert told.value.errno == number
    volume.close()


def test_it_lives_as_long_as_all_of_it(cards: dict[str, Path]) -> None:
    """One volume that went away is a recorder that went away."""
    volume = several(cards)
    volume.alive()
    cards["2"].rename(cards["2"].with_name("gone"))
    with pytest.raises(DeviceGone):
        volume.alive()
    volume.close()
    with pytest.raises(OSError, match=r"."):
        volume.open(b"1/x")
