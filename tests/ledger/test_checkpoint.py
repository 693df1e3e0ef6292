"""A checkpoint is tlog-checkpoint's text, and only this log's is accepted."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from ingestd import merkle
from ingestd.ledger import checkpoint
from ingestd.ledger.checkpoint import CheckpointError
from ingestd.ledger.note import Note, NoteSigner, parse_verifier

ORIGIN = "agency/station"
SIGNER = NoteSigner(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(32)))
ROOT = base64.b64encode(merkle.EMPTY_ROOT).decode()


@given(st.integers(0, 2**62), st.binary(min_size=32, max_size=32))
def test_round_trip(size, root):
    """What is signed is read back equal, byte for byte."""
    signed = checkpoint.sign(ORIGIN, size, root, SIGNER)
    data = signed.text.encode()
    assert checkpoint.verify(data, ORIGIN, [SIGNER.verifier]) == signed
    assert (signed.size, signed.root) == (size, root)


def test_extension_lines_are_kept():
    """Advised against, and allowed."""
    text = checkpoint.body(ORIGIN, 0, merkle.EMPTY_ROOT, ("one", "two"))
    data = Note(text=text, signatures=(SIGNER.sign(text),)).encode()
    found = checkpoint.verify(data, ORIGIN, [SIGNER.verifier])
    assert found.extensions == ("one", "two")
    assert found.text.encode() == data


@pytest.mark.parametrize(
    "text",
    [
        f"other\n0\n{ROOT}\n",
        f"{ORIGIN}\n00\n{ROOT}\n",
        f"{ORIGIN}\n+1\n{ROOT}\n",
        f"{ORIGIN}\n٣\n{ROOT}\n",
        f"{ORIGIN}\n-1\n{ROOT}\n",
        f"{ORIGIN}\n0\n{ROOT[:-4]}\n",
        f"{ORIGIN}\n0\n{ROOT[:-1]}\n",
        f"{ORIGIN}\n0\n?\n",
        f"{ORIGIN}\n0\n",
        f"{ORIGIN}\n0\n{ROOT}\n\nmore\n",
    ],
)
def test_what_is_no_checkpoint_of_this_log_is_refused(text):
    """Signed by the right key, and wrong all the same."""
    data = Note(text=text, signatures=(SIGNER.sign(text),)).encode()
    with pytest.raises(CheckpointError):
        checkpoint.verify(data, ORIGIN, [SIGNER.verifier])


def test_a_real_log_of_tessera(shared):
    """All sixteen checkpoints of a log that another program wrote."""
    verifier = parse_verifier(
        "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"
    )
    for size in range(16):
        data = (shared / f"vectors/tessera/testdata/log/checkpoint.{size}").read_bytes()
        found = checkpoint.verify(data, "example.com/log/testdata", [verifier])
        assert found.size == size
        assert found.text.encode() == data
