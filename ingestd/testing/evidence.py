"""Sealed acquisitions and documents made on the spot, by the real parts, for tests that need them in the vault."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

from ingestd import canon, durable
from ingestd.model import CHUNK_BYTES, AcquisitionId, Interval, Kind, Millis, RecorderId, SessionId, SlotName
from ingestd.sign import StationKeys
from ingestd.vault import chunks, layout
from ingestd.vault.blobs import Blobs
from ingestd.vault.check import Expected, ExpectedDocument
from ingestd.vault.documents import DocumentManifest
from ingestd.vault.layout import Home
from ingestd.vault.manifest import Manifest, Offset, Recorded, Source, Station
from ingestd.vault.store import Sealed

DOCKED_AT = Millis(1_790_000_000_000)  # 2026-09-21T14:13:20Z


def acquisition_id(number: int) -> AcquisitionId:
    """A valid id that tells tests apart."""
    return AcquisitionId(canon.new_id(DOCKED_AT, hashlib.sha256(str(number).encode()).digest()))


def chunk_list(data: bytes) -> bytes:
    """The chunk list of these bytes, made without the disk."""
    return b"".join(chunks.digest(data[at : at + CHUNK_BYTES]) for at in range(0, len(data), CHUNK_BYTES))


def manifest_of(data: bytes, keys: StationKeys, number: int = 1, **changes: Any) -> Manifest:
    """A plausible manifest of these bytes; ``changes`` replace fields."""
    agency, station = keys.origin.split("/")
    interval = Interval(earliest=Millis(DOCKED_AT - 9000), latest=Millis(DOCKED_AT - 7000), basis="container")
    made = Manifest(
        acquisition=acquisition_id(number),
        sha256=canon.sha256(data),
        size=len(data),
        chunks_root=chunks.root(chunk_list(data)).hex(),
        kind=Kind.VIDEO,
        marked=False,
        sequence=number,
        officer=None,
        source=Source(
            driver="folder",
            family="E12-new",
            recorder=RecorderId("1234567"),
            claims=(),
            slot=SlotName("slot-1"),
            session=SessionId(acquisition_id(0)),
            docked_at=DOCKED_AT,
            volume=None,
            path=f"DCIM/{number:04d}.MP4",
            path_b64=None,
            told_size=len(data),
            told_mtime_us=DOCKED_AT * 1000,
            bad_ranges=(),
            partial=False,
        ),
        recorded=Recorded(
            start=interval, end=interval, clock_offset_ms=Offset(earliest=None, latest=None, basis="none")
        ),
        media=None,
        station=Station(agency=agency, station=station, certificate_sha256=keys.certificate_sha256),
        read_back="direct",
        stored_at=Millis(DOCKED_AT + 60_000),
        flags=(),
    )
    return replace(made, **changes)


def seal(home: Home, keys: StationKeys, data: bytes, number: int = 1) -> Sealed:
    """A partial folder as it is just before adoption: bytes, list, manifest, signature."""
    manifest = manifest_of(data, keys, number)
    folder = home.partial(manifest.acquisition)
    durable.make_folder(folder, mode=0o700)
    signed = manifest.to_bytes()
    files = {
        layout.INTAKE_RECORD: b"{}",
        layout.BYTES: data,
        layout.CHUNKS: chunk_list(data),
        layout.MANIFEST: signed,
        layout.SIGNATURE: keys.sign_manifest(signed),
    }
    for name, content in files.items():
        durable.stage(folder / name, content, mode=0o600)
    return Sealed(
        acquisition=manifest.acquisition, folder=folder, sha256=manifest.sha256, docked_at=DOCKED_AT
    )


def expected_of(sealed: Sealed) -> Expected:
    """What the log would say of it."""
    manifest = (sealed.folder / layout.MANIFEST).read_bytes()
    return Expected(
        acquisition=sealed.acquisition,
        manifest=layout.manifest_name(sealed.acquisition, sealed.docked_at),
        manifest_sha256=canon.sha256(manifest),
        sha256=sealed.sha256,
        size=(sealed.folder / layout.BYTES).stat().st_size,
    )


def document_manifest(data: bytes, keys: StationKeys, number: int = 1, **changes: Any) -> DocumentManifest:
    """A plausible manifest of a document of these bytes; ``changes`` replace fields."""
    agency, station = keys.origin.split("/")
    made = DocumentManifest(
        document=acquisition_id(number),
        record=f"WS-{number}",
        case="案〔2026〕1",
        sha256=canon.sha256(data),
        size=len(data),
        media="pdf",
        stored_at=DOCKED_AT,
        station=Station(agency=agency, station=station, certificate_sha256=keys.certificate_sha256),
    )
    return replace(made, **changes)


def store_document(home: Home, keys: StationKeys, data: bytes, made: DocumentManifest) -> ExpectedDocument:
    """A document's three blobs, and what the log would say of it."""
    blobs, signed = Blobs(home), made.to_bytes()
    blobs.put(data)
    return ExpectedDocument(
        document=made.document,
        record=made.record,
        case=made.case,
        sha256=made.sha256,
        size=made.size,
        media=made.media,
        manifest_sha256=blobs.put(signed),
        signature_sha256=blobs.put(keys.sign_manifest(signed)),
    )
