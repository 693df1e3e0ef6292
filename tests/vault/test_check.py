"""Verification lists every fault there is, each of its kind and with its place."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from ingestd import canon, sign
from ingestd.model import CHUNK_BYTES
from ingestd.sign import StationKeys
from ingestd.testing.evidence import DOCKED_AT, expected_of, manifest_of, seal
from ingestd.vault import manifest
from ingestd.vault.check import Expected, FaultKind, check_acquisition, check_bytes
from ingestd.vault.layout import Home
from ingestd.vault.store import Vault

DATA = bytes(range(256)) * 4096 * 4 + b"tail"  # five chunks

Change = Callable[[Home, Expected], None]


def edit(path: Path, at: int, data: bytes) -> None:
    path.chmod(0o644)
    with path.open("r+b") as file:
        file.seek(at)
        file.write(data)
    path.chmod(0o444)


def clip(home: Home, expected: Expected) -> Path:
    return home.clips(expected.sha256)


def sidecar(home: Home, expected: Expected) -> Path:
    return home.chunks(expected.sha256)


def manifest_path(home: Home, expected: Expected) -> Path:
    return home.manifest_named(expected.manifest)


def signature(home: Home, expected: Expected) -> Path:
    return home.signature_named(expected.manifest)


@pytest.fixture
def expected(home: Home, keys: StationKeys) -> Expected:
    sealed = seal(home, keys, DATA)
    Vault(home).adopt([sealed])
    return expected_of(sealed)


def kinds(home: Home, expected: Expected, keys: StationKeys) -> list[tuple[str, int | None, int | None]]:
    found = check_acquisition(home, expected, keys.certificates)
    assert all(fault.text.zh and fault.text.en for fault in found)
    return [(fault.kind.value, fault.offset, fault.length) for fault in found]


def test_sound_acquisition_has_no_fault(home: Home, keys: StationKeys, expected: Expected) -> None:
    """Everything fits; every byte was paced."""
    read: list[int] = []
    assert check_acquisition(home, expected, keys.certificates, pace=read.append) == ()
    assert sum(read) == len(DATA)


CASES: dict[str, tuple[Change, list[tuple[str, int | None, int | None]]]] = {
    "one byte": (
        lambda h, e: edit(clip(h, e), 2 * CHUNK_BYTES, b"!"),
        [("chunk", 2 * CHUNK_BYTES, CHUNK_BYTES), ("bytes", None, None)],
    ),
    "two neighbours and the tail": (
        lambda h, e: [edit(clip(h, e), at, b"!") for at in (5, CHUNK_BYTES + 5, len(DATA) - 1)] and None,
        [("chunk", 0, 2 * CHUNK_BYTES), ("chunk", 4 * CHUNK_BYTES, 4), ("bytes", None, None)],
    ),
    "cut": (
        lambda h, e: os.truncate(clip(h, e), CHUNK_BYTES),
        [("size", None, None), ("bytes", None, None)],
    ),
    "grown": (
        lambda h, e: edit(clip(h, e), len(DATA), b"more"),
        [("size", None, None), ("chunk", 4 * CHUNK_BYTES, 8), ("bytes", None, None)],
    ),
    "clip gone": (lambda h, e: clip(h, e).unlink(), [("absent", None, None)]),
    "list gone": (lambda h, e: sidecar(h, e).unlink(), [("absent", None, None)]),
    "list changed": (
        lambda h, e: edit(sidecar(h, e), 32, b"!"),
        [("chunk-list", None, None), ("chunk", CHUNK_BYTES, CHUNK_BYTES)],
    ),
    "list cut": (lambda h, e: os.truncate(sidecar(h, e), 32), [("chunk-list", None, None)]),
    "manifest gone": (lambda h, e: manifest_path(h, e).unlink(), [("absent", None, None)]),
    "manifest no JSON": (lambda h, e: edit(manifest_path(h, e), 0, b"["), [("manifest", None, None)] * 2),
    "signature gone": (lambda h, e: signature(h, e).unlink(), [("absent", None, None)]),
    "signature changed": (lambda h, e: edit(signature(h, e), 400, b"!!"), [("signature", None, None)]),
    "clip writable": (lambda h, e: clip(h, e).chmod(0o644), [("mode", None, None)]),
    "all writable": (
        lambda h, e: [p(h, e).chmod(0o664) for p in (clip, sidecar, manifest_path, signature)] and None,
        [("mode", None, None)] * 4,
    ),
    "everything gone": (
        lambda h, e: [p(h, e).unlink() for p in (clip, sidecar, manifest_path, signature)] and None,
        [("absent", None, None)] * 4,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_every_fault_is_listed(home: Home, keys: StationKeys, expected: Expected, case: str) -> None:
    """Neither one too few nor one too many."""
    change, wanted = CASES[case]
    change(home, expected)
    assert kinds(home, expected, keys) == wanted


def resign(home: Home, expected: Expected, keys: StationKeys, data: bytes) -> None:
    for path, content in [
        (manifest_path(home, expected), data),
        (signature(home, expected), keys.sign_manifest(data)),
    ]:
        path.unlink()
        path.write_bytes(content)
        path.chmod(0o444)


def test_manifest_rewritten_and_signed_anew(home: Home, keys: StationKeys, expected: Expected) -> None:
    """Even the station itself cannot change a manifest: the log names its digest."""
    made = manifest.parse(manifest_path(home, expected).read_bytes())
    resign(home, expected, keys, replace(made, officer="044210").to_bytes())
    assert kinds(home, expected, keys) == [("manifest", None, None)]


def test_manifest_of_another_acquisition(home: Home, keys: StationKeys, expected: Expected) -> None:
    """A sound manifest in the wrong place is a fault, also where the log were to name it."""
    data = manifest_of(DATA, keys, 2).to_bytes()
    resign(home, expected, keys, data)
    assert kinds(home, replace(expected, manifest_sha256=canon.sha256(data)), keys) == [
        ("manifest", None, None)
    ]


def test_signed_by_another_certificate(
    tmp_path: Path, home: Home, keys: StationKeys, expected: Expected
) -> None:
    """Another station's signature is none; an unnamed certificate of the same CA is told, too."""
    sign.create_keys(tmp_path / "other", agency="a", station="b", at=DOCKED_AT)
    other = StationKeys.load(tmp_path / "other", at=DOCKED_AT)
    data = manifest_path(home, expected).read_bytes()
    path = signature(home, expected)
    path.unlink()
    path.write_bytes(other.sign_manifest(data))
    path.chmod(0o444)
    assert kinds(home, expected, keys) == [("signature", None, None)]
    assert kinds(home, expected, other) == [("signature", None, None)]


def test_unreadable_stretch(home: Home, keys: StationKeys, expected: Expected) -> None:
    """What the disk cannot read at all (a folder stands there) is told and stops nothing else."""
    path = clip(home, expected)
    path.unlink()
    path.mkdir()
    size = path.stat().st_size  # 0 on some file systems: then there is nothing that cannot be read
    found = check_bytes(home, expected.sha256, size=len(DATA), chunks_root=None)
    unreadable = [(f.offset, f.length) for f in found if f.kind is FaultKind.UNREADABLE]
    assert unreadable == ([(0, size)] if size else [])
