"""Documents: their manifest both ways and strictly read; verification lists every fault there is."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ingestd import canon, sign
from ingestd.model import CHUNK_BYTES, Sha256
from ingestd.sign import StationKeys
from ingestd.testing.evidence import DOCKED_AT, document_manifest, store_document
from ingestd.vault import documents
from ingestd.vault.blobs import Blobs
from ingestd.vault.check import ExpectedDocument, check_document
from ingestd.vault.documents import FORMAT
from ingestd.vault.layout import Home
from ingestd.vault.manifest import ManifestError

DATA = b"%PDF-1.7\n" + bytes(range(256)) * 4096 + b"%%EOF\n"  # two chunks

Change = Callable[[Home, ExpectedDocument], object]


@pytest.fixture
def expected(home: Home, keys: StationKeys) -> ExpectedDocument:
    return store_document(home, keys, DATA, document_manifest(DATA, keys))


def kinds(home: Home, expected: ExpectedDocument, keys: StationKeys) -> list[str]:
    found = check_document(home, expected, keys.certificates)
    assert all(fault.text.zh and fault.text.en for fault in found)
    return [fault.kind.value for fault in found]


def test_round_trips(keys: StationKeys) -> None:
    """parse(to_bytes(m)) == m, to_bytes(parse(b)) == b; with and without a case."""
    for case in (None, "案〔2026〕1"):
        made = document_manifest(DATA, keys, case=case)
        assert documents.parse(made.to_bytes()) == made
        assert documents.parse(made.to_bytes()).to_bytes() == made.to_bytes()


def test_bytes_of_a_vector(keys: StationKeys) -> None:
    """What stations wrote so far is what is written: name for name."""
    station = {"agency": "gz.zfj", "station": "dock-1", "certificate_sha256": keys.certificate_sha256}
    made = document_manifest(DATA, keys)
    assert made.to_bytes() == canon.encode(
        {
            "format": "ingestd-document/1",
            "document": made.document,
            "record": "WS-1",
            "case": "案〔2026〕1",
            "sha256": canon.sha256(DATA),
            "size": len(DATA),
            "media": "pdf",
            "stored_at": "2026-09-21T14:13:20.000Z",
            "station": station,
        }
    )


@pytest.mark.parametrize(
    "change",
    [
        {"format": "ingestd-document/2"},
        {"format": "ingestd-clip/1"},
        {"document": "1"},
        {"record": None},
        {"case": 1},
        {"sha256": "AB" * 32},
        {"size": 0},
        {"size": -1},
        {"size": "9"},
        {"size": True},
        {"media": "html"},
        {"stored_at": "2026-09-21"},
        {"stored_at": None},
        {"station": None},
        {"station": {}},
        {"more": 1},
    ],
    ids=str,
)
def test_whatever_else_is_refused(keys: StationKeys, change: dict[str, Any]) -> None:
    """Another format, type, word or field."""
    value = canon.decode(document_manifest(DATA, keys).to_bytes()) | change
    with pytest.raises(ManifestError):
        documents.parse(canon.encode(value))


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b"not", b'{"format": "' + FORMAT.encode() + b'"}'])
def test_what_is_no_canonical_manifest_is_refused(data: bytes) -> None:
    """Nothing is guessed."""
    with pytest.raises(ManifestError):
        documents.parse(data)


# --- the check ----------------------------------------------------------------------------------


def edit(path: Path, at: int, data: bytes) -> None:
    path.chmod(0o644)
    with path.open("r+b") as file:
        file.seek(at)
        file.write(data)
    path.chmod(0o444)


def all_three(home: Home, expected: ExpectedDocument) -> list[Path]:
    return [
        home.blob(expected.sha256),
        home.blob(expected.manifest_sha256),
        home.blob(expected.signature_sha256),
    ]


def test_sound_document_has_no_fault(home: Home, keys: StationKeys, expected: ExpectedDocument) -> None:
    """Everything fits; every byte of the file was paced, nothing was written."""
    read: list[int] = []
    before = {path: path.stat().st_mtime_ns for path in home.root.rglob("*")}
    assert check_document(home, expected, keys.certificates, pace=read.append) == ()
    assert sum(read) == len(DATA)
    assert {path: path.stat().st_mtime_ns for path in home.root.rglob("*")} == before


CASES: dict[str, tuple[Change, list[str]]] = {
    "one byte": (lambda h, e: edit(h.blob(e.sha256), CHUNK_BYTES + 3, b"!"), ["bytes"]),
    "cut": (lambda h, e: os.truncate(h.blob(e.sha256), 9), ["size", "bytes"]),
    "grown": (lambda h, e: edit(h.blob(e.sha256), len(DATA), b"more"), ["size", "bytes"]),
    "bytes gone": (lambda h, e: h.blob(e.sha256).unlink(), ["absent"]),
    "manifest gone": (lambda h, e: h.blob(e.manifest_sha256).unlink(), ["absent"]),
    "manifest no JSON": (lambda h, e: edit(h.blob(e.manifest_sha256), 0, b"["), ["manifest"] * 2),
    "manifest edited": (
        lambda h, e: edit(
            h.blob(e.manifest_sha256),
            h.blob(e.manifest_sha256).read_bytes().index(b'"record":"WS-1"') + 13,
            b"2",
        ),
        ["manifest", "signature", "manifest"],
    ),
    "manifest empty": (lambda h, e: os.truncate(h.blob(e.manifest_sha256), 0), ["manifest"] * 2),
    "signature gone": (lambda h, e: h.blob(e.signature_sha256).unlink(), ["absent"]),
    "signature changed": (lambda h, e: edit(h.blob(e.signature_sha256), 400, b"!!"), ["signature"] * 2),
    "all writable": (lambda h, e: [path.chmod(0o664) for path in all_three(h, e)], ["mode"] * 3),
    "everything gone": (lambda h, e: [path.unlink() for path in all_three(h, e)], ["absent"] * 3),
}


@pytest.mark.parametrize("case", CASES)
def test_every_fault_is_listed(home: Home, keys: StationKeys, expected: ExpectedDocument, case: str) -> None:
    """Neither one too few nor one too many."""
    change, wanted = CASES[case]
    change(home, expected)
    assert kinds(home, expected, keys) == wanted


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("document", "0" * 8 + "-0000-7000-8000-" + "0" * 12),
        ("record", "WS-2"),
        ("case", None),
        ("media", "jpeg"),
    ],
)
def test_a_sound_manifest_that_says_something_else(
    home: Home, keys: StationKeys, expected: ExpectedDocument, name: str, other: str | None
) -> None:
    """Signed and named by the log, and of another document: it is told, and of what."""
    made = store_document(home, keys, DATA, document_manifest(DATA, keys, **{name: other}))
    named = {"manifest_sha256": made.manifest_sha256, "signature_sha256": made.signature_sha256}
    (fault,) = check_document(home, replace(expected, **named), keys.certificates)
    assert (fault.kind.value, f"({name})" in fault.text.en) == ("manifest", True)


def test_bytes_of_another_size_than_signed(home: Home, keys: StationKeys, expected: ExpectedDocument) -> None:
    """What the log says and what was signed must be one."""
    assert kinds(home, replace(expected, size=9), keys) == ["manifest", "size"]


def test_signed_by_another_station(
    tmp_path: Path, home: Home, keys: StationKeys, expected: ExpectedDocument
) -> None:
    """Another station's signature is none, also where the log were to name it."""
    sign.create_keys(tmp_path / "other", agency="a", station="b", at=DOCKED_AT)
    other = StationKeys.load(tmp_path / "other", at=DOCKED_AT)
    signature: Sha256 = Blobs(home).put(other.sign_manifest(home.blob(expected.manifest_sha256).read_bytes()))
    assert kinds(home, replace(expected, signature_sha256=signature), keys) == ["signature"]
    assert kinds(home, expected, other) == ["signature"]


def test_a_second_signature_of_the_station_is_not_the_one(
    home: Home, keys: StationKeys, expected: ExpectedDocument
) -> None:
    """It would hold; the log names the first."""
    path = home.blob(expected.signature_sha256)
    again = keys.sign_manifest(home.blob(expected.manifest_sha256).read_bytes())
    path.unlink()
    path.write_bytes(again)
    path.chmod(0o444)
    assert kinds(home, expected, keys) == ["signature"]
