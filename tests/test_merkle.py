"""The tree hash is RFC 6962's, whatever the number of leaves."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestd import merkle


def recursive(hashes: list[bytes]) -> bytes:
    """RFC 6962 2.1 as it is written."""
    if not hashes:
        return merkle.EMPTY_ROOT
    if len(hashes) == 1:
        return hashes[0]
    split = 1 << ((len(hashes) - 1).bit_length() - 1)
    return merkle.node_hash(recursive(hashes[:split]), recursive(hashes[split:]))


def test_the_empty_tree_has_the_root_that_formats_md_names():
    """SHA-256 of nothing."""
    assert base64.b64encode(merkle.root([])) == b"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="


@pytest.mark.parametrize("count", range(70))
def test_root_level_by_level_is_the_recursive_definition(count):
    """An odd one out that moves up is the same tree as RFC 6962's split."""
    entries = [str(number).encode() for number in range(count)]
    assert merkle.root(entries) == recursive([merkle.leaf_hash(entry) for entry in entries])


@given(st.lists(st.binary(max_size=8), max_size=300))
def test_root_of_any_entries(entries):
    """Equal for arbitrary leaves."""
    assert merkle.root(entries) == recursive([merkle.leaf_hash(entry) for entry in entries])


def test_a_leaf_is_no_node():
    """The prefixes keep an inner node from passing as an entry."""
    left, right = merkle.leaf_hash(b"a"), merkle.leaf_hash(b"b")
    assert merkle.leaf_hash(left + right) != merkle.node_hash(left, right)
