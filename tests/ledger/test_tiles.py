"""Paths, bundles and tiles are C2SP tlog-tiles to the byte."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestd import merkle
from ingestd.ledger import tiles
from ingestd.ledger.tiles import ENTRIES, Edge, Tile, TileError


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(level=0, index=1), "tile/0/001"),
        (Tile(level=0, index=1067), "tile/0/x001/067"),
        (Tile(level=2, index=1234067), "tile/2/x001/x234/067"),
        (Tile(level=1, index=0, width=1), "tile/1/000.p/1"),
        (Tile(level=ENTRIES, index=1234067, width=8), "tile/entries/x001/x234/067.p/8"),
    ],
)
def test_paths_of_the_specification(tile, path):
    """The examples of tlog-tiles, both ways."""
    assert tile.path == path
    assert tiles.parse_path(path) == tile


@pytest.mark.parametrize(
    "path",
    [
        "tile/8/0/001",
        "tile/00/001",
        "tile/64/001",
        "tile/0/1",
        "tile/0/0001",
        "tile/0/x000/001",
        "tile/0/001/067",
        "tile/0/001.p/0",
        "tile/0/001.p/256",
        "tile/0/001.p/01",
        "tile/0/001.p",
        "tile/0/٠٠١",
        "tile/0/001\n",
        "checkpoint",
    ],
)
def test_other_paths_are_refused(path):
    """No second name for a tile, and none for what is none."""
    with pytest.raises(TileError):
        tiles.parse_path(path)


@given(st.integers(-1, 63), st.integers(0, 10**12), st.integers(1, 256))
def test_path_round_trip(level, index, width):
    """parse(format(x)) == x."""
    tile = Tile(level=level, index=index, width=width)
    assert tiles.parse_path(tile.path) == tile


@given(st.lists(st.binary(max_size=300), max_size=256))
def test_bundle_round_trip(entries):
    """Entries of any bytes, empty ones too."""
    data = tiles.bundle(entries)
    assert tiles.parse_bundle(data, len(entries)) == tuple(entries)
    assert tiles.bundle(tiles.parse_bundle(data, len(entries))) == data


@pytest.mark.parametrize(
    ("data", "width"), [(b"\x00", 1), (b"\x00\x02a", 1), (b"\x00\x01ab", 1), (b"\x00\x01a", 2), (b"", 1)]
)
def test_bad_bundles_are_refused(data, width):
    """Cut entries, trailing bytes, another number of entries."""
    with pytest.raises(TileError):
        tiles.parse_bundle(data, width)


def test_an_entry_beyond_16_bits_is_refused():
    """Its length has no place in a bundle."""
    with pytest.raises(TileError):
        tiles.bundle([b"x" * 65536])


@pytest.mark.parametrize("size", [0, 31, 8193, 8224])
def test_bad_tiles_are_refused(size):
    """A tile holds 1 to 256 hashes."""
    with pytest.raises(TileError):
        tiles.hashes(bytes(size))


def test_the_tiles_of_size_256_and_70000():
    """The two worked examples of tlog-tiles."""
    assert [list(tiles.at_level(256, level)) for level in range(2)] == [
        [Tile(level=0, index=0)],
        [Tile(level=1, index=0, width=1)],
    ]
    all_tiles = [t for level in range(tiles.height(70000)) for t in tiles.at_level(70000, level)]
    assert len(all_tiles) == 277
    assert [t for t in all_tiles if t.width < 256] == [
        Tile(level=0, index=273, width=112),
        Tile(level=1, index=1, width=17),
        Tile(level=2, index=0, width=1),
    ]
    assert tiles.height(0) == 0
    assert tiles.height(1) == 1


LEAVES = [hashlib.sha256(number.to_bytes(4, "big")).digest() for number in range(66_000)]


@given(st.lists(st.integers(0, 700), max_size=6))
def test_growth_in_any_steps_gives_the_same_tree(steps):
    """Root, and the right edge, do not depend on when checkpoints were made."""
    edge, held = Edge(), {}
    for step in steps:
        before = edge.size
        edge, written = tiles.grow(edge, LEAVES[before : before + step])
        for tile, data in written.items():
            assert tile not in held or held[tile] == data
            assert tiles.covers(edge.size, tile)
            assert not tiles.covers(before, tile), "a tile that holds nothing new is not written"
        held |= written
    assert edge == tiles.grow(Edge(), LEAVES[: edge.size])[0]
    assert edge.root() == merkle.root_of_hashes(LEAVES[: edge.size])
    wanted = {t for level in range(tiles.height(edge.size)) for t in tiles.at_level(edge.size, level)}
    assert wanted <= held.keys()


@pytest.mark.parametrize("size", [65_535, 65_536, 65_537, 65_793])
def test_growth_over_three_levels(size):
    """The second level fills exactly here."""
    edge, written = tiles.grow(Edge(), LEAVES[:size])
    assert edge.root() == merkle.root_of_hashes(LEAVES[:size])
    assert written.keys() == {t for n in range(tiles.height(size)) for t in tiles.at_level(size, n)}
    assert tiles.Tile(level=0, index=7).full == Tile(level=0, index=7)
