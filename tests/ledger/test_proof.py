"""Proofs verify by the official vectors, and ours by independent roots."""

from __future__ import annotations

import base64
import hashlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestd import merkle
from ingestd.ledger import proof, tiles
from ingestd.ledger.proof import ProofError, Tree, verify_consistency, verify_inclusion

LEAVES = [hashlib.sha256(number.to_bytes(4, "big")).digest() for number in range(66_000)]
_EDGE, HELD = tiles.grow(tiles.Edge(), LEAVES)


def read(tile):
    """Tiles of the largest tree: wider ones stand for narrower."""
    found = [t for t in HELD if (t.level, t.index) == (tile.level, tile.index)]
    return HELD[found[0]]


def _b64(text):
    return base64.b64decode(text or "")


@pytest.mark.parametrize("kind", ["inclusion", "consistency"])
def test_official_vectors(shared, kind):
    """transparency-dev/merkle, with those that must be refused."""
    seen = refused = 0
    for path in sorted((shared / f"vectors/transparency-dev-merkle/testdata/{kind}").rglob("*.json")):
        case = json.loads(path.read_text())
        steps = [_b64(step) for step in case["proof"] or ()]
        try:
            if kind == "inclusion":
                verify_inclusion(
                    _b64(case["leafHash"]), case["leafIdx"], case["treeSize"], _b64(case["root"]), steps
                )
            else:
                verify_consistency(
                    case["size1"], case["size2"], _b64(case["root1"]), _b64(case["root2"]), steps
                )
        except ProofError:
            refused += 1
            assert case["wantErr"], path
        else:
            assert not case["wantErr"], path
        seen += 1
    assert seen >= 98
    assert 0 < refused < seen


@settings(max_examples=60)
@given(st.data())
def test_proofs_of_any_tree(data):
    """Inclusion and consistency of arbitrary sizes, from tiles of a later size."""
    size = data.draw(st.integers(1, 1500) | st.sampled_from([65_536, 65_537, 65_900]))
    index = data.draw(st.integers(0, size - 1))
    older = data.draw(st.integers(1, size))
    root, older_root = (merkle.root_of_hashes(LEAVES[:n]) for n in (size, older))
    tree = Tree(size, read)
    assert tree.root() == root
    path = tree.inclusion(index)
    verify_inclusion(LEAVES[index], index, size, root, path)
    with pytest.raises(ProofError):
        verify_inclusion(LEAVES[index], index, size, merkle.EMPTY_ROOT, path)
    steps = tree.consistency(older)
    verify_consistency(older, size, older_root, root, steps)
    with pytest.raises(ProofError):
        verify_consistency(older, size, merkle.EMPTY_ROOT, root, steps)


@pytest.mark.parametrize("size", range(1, 20))
def test_every_proof_of_small_trees(size):
    """All positions and all beginnings."""
    root = merkle.root_of_hashes(LEAVES[:size])
    for number in range(size):
        verify_inclusion(LEAVES[number], number, size, root, Tree(size, read).inclusion(number))
        older = number + 1
        steps = Tree(size, read).consistency(older)
        verify_consistency(older, size, merkle.root_of_hashes(LEAVES[:older]), root, steps)


def test_there_is_no_proof_of_what_is_not_there():
    """Outside the tree, and from nothing."""
    tree = Tree(5, read)
    for index in (-1, 5):
        with pytest.raises(ProofError):
            tree.inclusion(index)
        with pytest.raises(ProofError):
            verify_inclusion(LEAVES[0], index, 5, tree.root(), ())
    for older in (0, 6):
        with pytest.raises(ProofError):
            tree.consistency(older)
    assert Tree(0, read).root() == merkle.EMPTY_ROOT
    assert proof.Tree(1, read).inclusion(0) == ()
