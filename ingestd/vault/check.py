"""Checks what is stored against what was signed and logged, and lists every fault (`ingestd verify`).

Read-only, needs no private key and no database: the caller says what the log holds (`Expected`). That the
event itself stands in the log is the ledger's to prove.
"""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from ingestd.canon import sha256 as digest_of
from ingestd.errors import VaultError
from ingestd.model import CHUNK_BYTES, AcquisitionId, Sha256
from ingestd.sign import Certificates
from ingestd.vault import chunks, documents, manifest
from ingestd.vault.documents import DocumentManifest
from ingestd.vault.layout import Home
from ingestd.vault.manifest import Manifest, ManifestError
from ingestd.vault.store import CLIP_MODE
from ingestd.words import Text

Pace = Callable[[int], None]
"""Called with the bytes just read: where a rate limit sleeps or gives way to intake."""
Seen = Callable[[int, str], None]
"""Called after each piece with how many bytes were read and the SHA-256 of them all, for who watches."""


class FaultKind(StrEnum):
    """What can be wrong with what is stored."""

    ABSENT = "absent"
    """A file is not there or cannot be opened."""
    NO_FILE = "no-file"
    """A link or a device stands in a file's place: what it leads to is not kept here."""
    MODE = "mode"
    """A stored file can be written to, or not read by its group."""
    SIZE = "size"
    BYTES = "bytes"
    """The whole file's SHA-256 is not its name."""
    CHUNK = "chunk"
    """A stretch of the file does not match the chunk list."""
    UNREADABLE = "unreadable"
    """The disk cannot read a stretch of the file."""
    CHUNK_LIST = "chunk-list"
    """The list does not fit the file's size, or its root is not the signed one."""
    MANIFEST = "manifest"
    """Not the bytes that the log names, no manifest, or of another acquisition or document."""
    SIGNATURE = "signature"


@dataclass(frozen=True, slots=True, kw_only=True)
class VaultFault:
    """One thing that is wrong, with its place in the stored bytes where it has one."""

    kind: FaultKind
    text: Text
    offset: int | None = None
    length: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What the log says of one acquisition (fields of `clip.secured`)."""

    acquisition: AcquisitionId
    manifest: str
    """Its name, as `layout.manifest_name` gives it."""
    manifest_sha256: Sha256
    sha256: Sha256
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedDocument:
    """What the log says of one document (fields of `document.stored`)."""

    document: str
    record: str
    case: str | None
    sha256: Sha256
    size: int
    media: str
    manifest_sha256: Sha256
    signature_sha256: Sha256


def check_acquisition(
    home: Home, expected: Expected, certificates: Certificates, *, pace: Pace = lambda _: None
) -> tuple[VaultFault, ...]:
    """Everything that can be checked of one acquisition without the log; cheap checks first."""
    signed, faults = check_manifest(home, expected, certificates)
    root = signed.chunks_root if signed is not None else None
    faults += check_bytes(home, expected.sha256, size=expected.size, chunks_root=root, pace=pace)
    return faults


def check_manifest(
    home: Home, expected: Expected, certificates: Certificates
) -> tuple[Manifest | None, tuple[VaultFault, ...]]:
    """Manifest and signature alone; the manifest where it can be read as one."""
    places = home.manifest_named(expected.manifest), home.signature_named(expected.manifest)
    parsed, faults = _signed(places, (expected.manifest_sha256, None), manifest.parse, certificates)
    told = (expected.acquisition, expected.sha256, expected.size)
    if parsed is not None and (parsed.acquisition, parsed.sha256, parsed.size) != told:
        other = Text("属于另一次采集", "belongs to another acquisition")
        faults.append(_manifest_fault(places[0], other))
    return parsed, tuple(faults)


def check_document(
    home: Home, expected: ExpectedDocument, certificates: Certificates, *, pace: Pace = lambda _: None
) -> tuple[VaultFault, ...]:
    """Everything that can be checked of one document without the log: its three blobs; cheap checks first."""
    faults = check_document_manifest(home, expected, certificates)
    return faults + check_document_bytes(home, expected, pace=pace)


def check_document_manifest(
    home: Home, expected: ExpectedDocument, certificates: Certificates
) -> tuple[VaultFault, ...]:
    """Manifest and signature of a document alone."""
    places = home.blob(expected.manifest_sha256), home.blob(expected.signature_sha256)
    named = expected.manifest_sha256, expected.signature_sha256
    parsed, faults = _signed(places, named, documents.parse, certificates)
    if parsed is not None:
        other = ", ".join(name for name in _SAID if getattr(parsed, name) != getattr(expected, name))
        reason = Text(f"与日志所说不同（{other}）", f"does not say what the log says ({other})")
        faults += [_manifest_fault(places[0], reason)] if other else []
    return tuple(faults)


def check_document_bytes(
    home: Home, expected: ExpectedDocument, *, pace: Pace = lambda _: None, seen: Seen | None = None
) -> tuple[VaultFault, ...]:
    """The file of a document, read once from the disk; it has no chunk list."""
    return tuple(_whole_faults(home.blob(expected.sha256), expected.size, None, pace, seen))


_SAID = ("document", "record", "case", "sha256", "size", "media")
"""What manifest and log both say of a document."""
AnyManifest = TypeVar("AnyManifest", bound=Manifest | DocumentManifest)


def _signed(
    places: tuple[Path, Path],
    named: tuple[Sha256, Sha256 | None],
    parse: Callable[[bytes], AnyManifest],
    certificates: Certificates,
) -> tuple[AnyManifest | None, list[VaultFault]]:
    """A manifest and its signature, by the digests that the log names; the manifest where it is one."""
    path, signature_path = places
    data, data_faults = _file(path)
    signature, signature_faults = _file(signature_path)
    faults = [*data_faults, *signature_faults]
    if signature is not None and named[1] not in (None, digest_of(signature)):
        faults.append(_signature_fault(signature_path))
    if data is None:
        return None, faults
    if digest_of(data) != named[0]:
        faults.append(_manifest_fault(path, Text("与日志中的摘要不符", "is not what the log names")))
    try:
        parsed = parse(data)
    except ManifestError as error:
        reason = Text(f"不是有效清单（{error}）", f"is no manifest ({error})")
        return None, [*faults, _manifest_fault(path, reason)]
    if signature is not None:
        faults += _signature_faults(certificates, parsed.station.certificate_sha256, data, signature)
    return parsed, faults


def check_bytes(
    home: Home,
    sha256: Sha256,
    *,
    size: int,
    chunks_root: str | None,
    pace: Pace = lambda _: None,
    seen: Seen | None = None,
) -> tuple[VaultFault, ...]:
    """Stored bytes and their chunk list, read once from the disk; ``chunks_root`` None: not compared."""
    digests, faults = _file(home.chunks(sha256))
    if digests is not None and len(digests) != chunks.count(size) * chunks.DIGEST_BYTES:
        faults.append(_list_fault(Text("长度与文件大小不符", "does not fit the size of the clip")))
        digests = None
    elif digests is not None and chunks_root not in (None, chunks.root(digests).hex()):
        faults.append(_list_fault(Text("与签名清单中的根不符", "does not have the root that was signed")))
    faults += _whole_faults(home.clips(sha256), size, digests, pace, seen)
    return tuple(faults)


def _whole_faults(
    path: Path, size: int, digests: bytes | None, pace: Pace, seen: Seen | None
) -> list[VaultFault]:
    """A file that is named by its digest, read once from the disk."""
    if odd := _no_file(path):
        return odd
    faults = _mode_faults(path)
    try:
        with chunks.Reading(path) as reading:
            if reading.size != size:
                faults.append(_size_fault(reading.size, size))
            faults += _content_faults(reading, path.name, digests, pace, seen)
    except OSError as error:
        faults.append(_absent(path, error))
    return faults


def _content_faults(
    reading: chunks.Reading, sha256: str, digests: bytes | None, pace: Pace, seen: Seen | None
) -> Iterator[VaultFault]:
    """One pass: the whole file's SHA-256, each chunk against the list; bad neighbours are one fault."""
    whole = hashlib.sha256()
    unreadable, differing, done = [], [], 0
    for chunk in reading.chunks():
        if chunk.error is not None:
            unreadable.append(chunk.index)
        else:
            whole.update(chunk.data)
            if digests is not None and not chunks.is_equal(chunk, digests):
                differing.append(chunk.index)
        pace(len(chunk.data))
        done += len(chunk.data)
        if seen is not None:
            seen(done, whole.copy().hexdigest())
    for kind, bad in ((FaultKind.UNREADABLE, unreadable), (FaultKind.CHUNK, differing)):
        for first, beyond in _runs(bad):
            yield _stretch_fault(kind, first * CHUNK_BYTES, min(reading.size, beyond * CHUNK_BYTES))
    if not unreadable and whole.hexdigest() != sha256:
        yield VaultFault(
            kind=FaultKind.BYTES,
            text=Text(
                "文件的 SHA-256 与其名称不符：已不是入库时的字节，请用完好副本替换",
                "the file's SHA-256 is not its name: not the bytes that were stored; put a good copy back",
            ),
        )


def _signature_faults(
    certificates: Certificates, named: Sha256, data: bytes, signature: bytes
) -> Iterator[VaultFault]:
    try:
        signer = certificates.verify_manifest(data, signature)
    except VaultError as error:
        yield VaultFault(kind=FaultKind.SIGNATURE, text=error.text)
        return
    if signer != named:
        yield VaultFault(
            kind=FaultKind.SIGNATURE,
            text=Text(
                "签名所用证书不是清单写明的证书：签名可能被替换，请与备份比对",
                "signed with another certificate than the manifest names: the signature may be another;"
                " compare with the backup",
            ),
        )


def _file(path: Path) -> tuple[bytes | None, list[VaultFault]]:
    """A small file's bytes, and what is wrong with it as a file."""
    if odd := _no_file(path):
        return None, odd
    try:
        return path.read_bytes(), _mode_faults(path)
    except OSError as error:
        return None, [_absent(path, error)]


def _no_file(path: Path) -> list[VaultFault]:
    """The fault of what is no file of the vault's own: it is not followed, and not opened."""
    try:
        mode = path.lstat().st_mode
    except OSError:
        return []  # said where it is opened
    if stat.S_ISREG(mode) or stat.S_ISDIR(mode):
        return []  # a folder is said where it is read
    text = Text(
        f"{path} 不是普通文件（而是链接或设备）：其内容不在库中保管；请查明何人改动，并从备份恢复",
        f"{path} is no regular file but a link or a device: what it leads to is not kept here; "
        "find out who changed it, and restore the file from a backup",
    )
    return [VaultFault(kind=FaultKind.NO_FILE, text=text)]


def _mode_faults(path: Path) -> list[VaultFault]:
    try:
        mode = stat.S_IMODE(path.lstat().st_mode)
    except OSError:
        return []  # said where it is opened
    if mode == CLIP_MODE:
        return []
    text = Text(
        f"{path} 的权限为 {mode:04o}，应为 {CLIP_MODE:04o}：请查明何人改动",
        f"{path} has mode {mode:04o} where {CLIP_MODE:04o} belongs: find out who changed it",
    )
    return [VaultFault(kind=FaultKind.MODE, text=text)]


def _absent(path: Path, error: OSError) -> VaultFault:
    text = Text(
        f"{path} 不存在或无法读取（{error.strerror}）：请从备份恢复",
        f"{path} is missing or cannot be read ({error.strerror}): restore it from a backup",
    )
    return VaultFault(kind=FaultKind.ABSENT, text=text)


def _manifest_fault(path: Path, reason: Text) -> VaultFault:
    text = Text(
        f"清单 {path} {reason.zh}：请从备份恢复", f"the manifest {path} {reason.en}: restore it from a backup"
    )
    return VaultFault(kind=FaultKind.MANIFEST, text=text)


def _signature_fault(path: Path) -> VaultFault:
    text = Text(
        f"签名 {path} 与日志中的摘要不符：请从备份恢复",
        f"the signature {path} is not what the log names: restore it from a backup",
    )
    return VaultFault(kind=FaultKind.SIGNATURE, text=text)


def _list_fault(reason: Text) -> VaultFault:
    text = Text(
        f"分块摘要表{reason.zh}：请从备份恢复", f"the chunk list {reason.en}: restore it from a backup"
    )
    return VaultFault(kind=FaultKind.CHUNK_LIST, text=text)


def _size_fault(found: int, wanted: int) -> VaultFault:
    text = Text(
        f"文件有 {found} 字节，入库时为 {wanted} 字节：请用完好副本替换",
        f"the file has {found} bytes where {wanted} were stored: put a good copy back",
    )
    return VaultFault(kind=FaultKind.SIZE, text=text)


def _stretch_fault(kind: FaultKind, start: int, end: int) -> VaultFault:
    what = (
        Text("磁盘读取失败", "cannot be read from the disk")
        if kind is FaultKind.UNREADABLE
        else Text("与分块摘要不符", "do not match the chunk list")
    )
    text = Text(
        f"第 {start} 至 {end - 1} 字节{what.zh}：其余部分仍可核验", f"bytes {start} to {end - 1} {what.en}"
    )
    return VaultFault(kind=kind, text=text, offset=start, length=end - start)


def _runs(indices: Iterable[int]) -> list[tuple[int, int]]:
    """Neighbouring indices as (first, one beyond the last)."""
    runs: list[tuple[int, int]] = []
    for index in indices:
        if runs and runs[-1][1] == index:
            runs[-1] = (runs[-1][0], index + 1)
        else:
            runs.append((index, index + 1))
    return runs
