"""Notes and verifier keys are those of C2SP and golang.org/x/mod, and nothing doubtful is accepted."""

from __future__ import annotations

import base64
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from ingestd.ledger import note
from ingestd.ledger.note import Note, NoteError, NoteSigner, Signature, Verifier

SIGNER = NoteSigner("agency/station", Ed25519PrivateKey.from_private_bytes(bytes(32)))
WITNESS = NoteSigner("witness.example/w", Ed25519PrivateKey.from_private_bytes(b"w" * 32))


@pytest.fixture
def vectors(shared):
    return json.loads((shared / "vectors/golang-mod-sumdb/note-vectors.json").read_text())


def test_notes_of_others_open_and_come_back_byte_for_byte(vectors):
    """x/mod's and C2SP's own examples."""
    for vector in [*vectors["valid"], vectors["c2sp_signed_note_example"]]:
        verifier = note.parse_verifier(vector["vkey"])
        assert verifier.text == vector["vkey"]
        data = vector["note"].encode()
        assert note.open_note(data, [verifier]).encode() == data


def test_we_sign_as_x_mod_does(vectors):
    """Ed25519 is deterministic: the same key gives the same note."""
    vector = vectors["valid"][0]
    seed = base64.b64decode(vector["skey"].split("+", 4)[4])[1:]
    signer = NoteSigner("PeterNeumann", Ed25519PrivateKey.from_private_bytes(seed))
    text = note.parse(vector["note"].encode()).text
    assert Note(text=text, signatures=(signer.sign(text),)).encode() == vector["note"].encode()


def test_bad_verifier_keys_are_refused(vectors):
    """Wrong id, wrong type, wrong base64."""
    for vkey in [*vectors["bad_vkeys"], "", "a+b", "a b+00000000+AAAA", SIGNER.verifier.text + "="]:
        with pytest.raises(NoteError):
            note.parse_verifier(vkey)


@given(st.binary(min_size=32, max_size=32))
def test_verifier_key_round_trip(public):
    """parse(format(x)) == x."""
    verifier = Verifier(name="a/b", public=public)
    assert note.parse_verifier(verifier.text) == verifier


def signed(text="one\ntwo\n", *signers):
    return Note(text=text, signatures=tuple(s.sign(text) for s in signers or (SIGNER,)))


names = st.text(min_size=1, max_size=12).filter(note.is_name)
texts = st.text(st.characters(min_codepoint=32, exclude_categories=["Cs"]), max_size=30)
signatures = st.builds(
    Signature, name=names, key_id=st.binary(min_size=4, max_size=4), value=st.binary(min_size=1, max_size=90)
)


@given(st.lists(texts, max_size=4), st.lists(signatures, min_size=1, max_size=5).map(tuple))
def test_note_round_trip(lines, lines_signed):
    """Any text, any signatures of any type."""
    whole = Note(text="".join(f"{line}\n" for line in lines) or "\n", signatures=lines_signed)
    data = whole.encode()
    assert note.parse(data).encode() == data
    assert note.parse(data) == whole


def test_a_cosignature_of_an_unknown_witness_is_kept_and_ignored():
    """It neither spoils the note nor speaks for it."""
    both = signed("text\n", SIGNER, WITNESS)
    assert note.open_note(both.encode(), [SIGNER.verifier]) == both
    with pytest.raises(NoteError, match="none of the known keys"):
        note.open_note(signed("text\n", WITNESS).encode(), [SIGNER.verifier])


def test_a_known_key_that_fails_refuses_the_whole_note():
    """Also where another known key signed rightly."""
    good = signed("text\n", SIGNER, WITNESS)
    bad = Note(text="text\n", signatures=(good.signatures[0], SIGNER.sign("other\n")))
    with pytest.raises(NoteError, match="does not fit"):
        note.open_note(bad.encode(), [SIGNER.verifier])
    spoilt = Note(text="text\n", signatures=(good.signatures[0], WITNESS.sign("other\n")))
    assert note.open_note(spoilt.encode(), [SIGNER.verifier]) == spoilt
    with pytest.raises(NoteError, match="witness"):
        note.open_note(spoilt.encode(), [SIGNER.verifier, WITNESS.verifier])


LINE = signed().signatures[0].line.encode()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"text\n",
        b"text\n\n",
        b"text\n" + LINE,
        b"text\n\n" + LINE[:-1],
        b"te\rxt\n\n" + LINE,
        b"te\x00xt\n\n" + LINE,
        b"\xff\n\n" + LINE,
        b"text\n\n" + LINE + b"\n",
        b"text\n\n" + LINE + b"more\n",
        "text\n\n— a b c\n".encode(),
        "text\n\n— a AAAA\n".encode(),
        "text\n\n— a+b AAAAAAAA\n".encode(),
        b"text\n\n- a AAAAAAAA\n",
        "text\n\n— a AAAAAAB=\n".encode(),
        b"text\n\n" + LINE * 101,
    ],
)
def test_malformed_notes_are_refused(data):
    """Each is refused by x/mod too, or has a second spelling."""
    with pytest.raises(NoteError):
        note.parse(data)


def test_a_changed_byte_anywhere_is_refused():
    """No byte of text or signature can change without notice."""
    data = signed().encode()
    for at in range(len(data)):
        changed = data[:at] + bytes((data[at] ^ 1,)) + data[at + 1 :]
        with pytest.raises(NoteError):
            note.open_note(changed, [SIGNER.verifier])
