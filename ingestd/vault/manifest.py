"""The manifest ``ingestd-clip/1``: what was acquired, whence, when, and what is known of it (design 6). PURE.

RFC 8785 canonical JSON; unknown is null, never absent; times are RFC 3339 text in UTC, durations and
uncertainties integer milliseconds, digests lower-case hex. `parse` takes exactly what `to_bytes` writes and
is its inverse both ways. `manifest.schema.json` says the same for outsiders; a test compares the two.
"""

from __future__ import annotations

import base64
import binascii
import re
import types
import typing
from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum
from typing import Any, Literal, TypeVar

from ingestd import canon
from ingestd.events import ClaimRecord
from ingestd.model import (
    CHUNK_BYTES,
    AcquisitionId,
    BadRange,
    CardPath,
    Interval,
    Kind,
    Millis,
    RecorderId,
    SessionId,
    Sha256,
    SlotName,
)
from ingestd.vault.layout import is_acquisition, is_digest

FORMAT = "ingestd-clip/1"
ReadBack = Literal["direct", "evicted"]
"""How the stored bytes were read again: past the page cache, or after it was told to forget them."""

MAX_INTEGER = 2**53 - 1  # RFC 8785: what a double carries exactly
YEARS_1000_TO_9999 = range(-30_610_224_000_000, 253_402_300_800_000)  # ms: four digits in RFC 3339
_WORD = re.compile(r"[a-z0-9-]{1,64}")


class ManifestError(ValueError):
    """The bytes or values are no manifest; the message names the field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offset:
    """By how much the recorder's clock was ahead of station time, in milliseconds, with its basis."""

    earliest: int | None
    latest: int | None
    basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where the bytes came from, as told: claims are what anyone can write on a card."""

    driver: str
    family: str | None
    recorder: RecorderId
    claims: tuple[ClaimRecord, ...]
    slot: SlotName
    session: SessionId
    docked_at: Millis
    volume: str | None
    """Label or number of the volume where a recorder has several."""
    path: str
    path_b64: str | None
    told_size: int
    told_mtime_us: int | None
    """Microseconds since the epoch as the mount told (FAT: local time taken for UTC)."""
    bad_ranges: tuple[BadRange, ...]
    """Bytes that could not be read, zero in the stored copy."""
    partial: bool
    """True: only the beginning was read before the recorder went away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """When it was recorded, in station time, and what is known of the recorder's clock."""

    start: Interval
    end: Interval
    clock_offset_ms: Offset


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """Who signs."""

    agency: str
    station: str
    certificate_sha256: Sha256
    """Of the signing certificate's DER."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """One acquisition. An instance is consistent in itself: making one raises ManifestError otherwise."""

    format: str = FORMAT
    acquisition: AcquisitionId
    sha256: Sha256
    size: int
    chunk_size: int = CHUNK_BYTES
    chunks_root: str
    """RFC 6962 tree hash over the BLAKE3 digests of the chunks, hex."""
    kind: Kind
    marked: bool
    sequence: int | None
    officer: str | None
    """Id, never a name."""
    source: Source
    recorded: Recorded
    media: dict[str, Any] | None
    """What a demultiplexer found; null where it found nothing. Free in form."""
    station: Station
    read_back: ReadBack
    stored_at: Millis
    """Bytes durable and read back equal: REC-1's moment."""
    flags: tuple[str, ...]

    def __post_init__(self) -> None:
        faults = [message for message, holds in _rules(self) if not holds]
        if faults:
            raise ManifestError("; ".join(faults))

    def to_bytes(self) -> bytes:
        """The canonical bytes: what is hashed, signed and stored. Raises ManifestError."""
        return encoded(self)


def parse(data: bytes) -> Manifest:
    """The inverse of `Manifest.to_bytes`; raises ManifestError for any other bytes."""
    return decoded(Manifest, data)


def _rules(m: Manifest) -> list[tuple[str, bool]]:
    """What the types cannot say, each with its message."""
    source, recorded = m.source, m.recorded
    counts = (m.size, source.told_size, *(n for r in source.bad_ranges for n in (r.offset, r.length)))
    intervals = (recorded.start, recorded.end, recorded.clock_offset_ms)
    bounds = (b for i in (recorded.start, recorded.end) for b in (i.earliest, i.latest) if b is not None)
    return [
        (f"format is not {FORMAT}", m.format == FORMAT),
        (f"chunk_size is not {CHUNK_BYTES}", m.chunk_size == CHUNK_BYTES),
        ("acquisition is no id", is_acquisition(m.acquisition)),
        ("sha256 is no digest", is_digest(m.sha256)),
        ("chunks_root is no digest", is_digest(m.chunks_root)),
        ("station.certificate_sha256 is no digest", is_digest(m.station.certificate_sha256)),
        ("a size is out of range", all(0 <= n <= MAX_INTEGER for n in counts)),
        ("bad_ranges are not in order inside the file", _are_in_order(source.bad_ranges, m.size)),
        (
            "a time is out of range",
            all(t in YEARS_1000_TO_9999 for t in (m.stored_at, source.docked_at, *bounds)),
        ),
        ("an interval ends before it starts", all(_is_interval(i.earliest, i.latest) for i in intervals)),
        ("source.path and path_b64 disagree", _is_path(source.path, source.path_b64)),
        ("read_back is unknown", m.read_back in typing.get_args(ReadBack)),
        ("a flag is no word", all(_WORD.fullmatch(flag) for flag in m.flags)),
        ("a flag stands twice", len(set(m.flags)) == len(m.flags)),
        ("a claim's value is no digest", all(c.value is None or is_digest(c.value) for c in source.claims)),
    ]


def _are_in_order(ranges: tuple[BadRange, ...], size: int) -> bool:
    at = 0
    for bad in ranges:
        if bad.offset < at or bad.length < 1:
            return False
        at = bad.offset + bad.length
    return at <= size


def _is_interval(earliest: int | None, latest: int | None) -> bool:
    return earliest is None or latest is None or earliest <= latest


def _is_path(text: str, b64: str | None) -> bool:
    if b64 is None:
        return True
    try:
        raw = CardPath(base64.b64decode(b64, validate=True))
    except (binascii.Error, ValueError):
        return False
    return canon.path_b64(raw) == b64 and canon.path_text(raw) == text


# --- JSON, by the types of a manifest's fields ---------------------------------------------------

AnyManifest = TypeVar("AnyManifest")


def encoded(value: Any) -> bytes:
    """The canonical bytes of a manifest. Raises ManifestError."""
    try:
        return canon.encode(_plain(value))
    except canon.CanonError as error:
        raise ManifestError(str(error)) from error


def decoded(wanted: type[AnyManifest], data: bytes) -> AnyManifest:
    """The inverse of `encoded`, of a kind of manifest; raises ManifestError for any other bytes."""
    try:
        value = canon.decode(data)
        manifest: AnyManifest = _built(wanted, value, "manifest")
    except canon.CanonError as error:
        raise ManifestError(str(error)) from error
    return manifest


_AS_IS = frozenset({str, int, bool, type(None), dict})


def _plain(value: Any) -> Any:
    kind = type(value)
    if kind in _AS_IS:
        return value
    if kind is tuple:
        return [_plain(element) for element in value]
    if isinstance(value, StrEnum):
        return value.value
    return {
        name: canon.timestamp(held) if is_time and held is not None else _plain(held)
        for name, is_time in _shape(kind)
        for held in (getattr(value, name),)
    }


_SHAPES: dict[type, tuple[tuple[str, bool], ...]] = {}


def _shape(cls: type) -> tuple[tuple[str, bool], ...]:
    """The fields of a dataclass and whether they are times, looked up once a class."""
    if cls not in _SHAPES:
        hints = _hints(cls)
        times = {name for name, hint in hints.items() if hint is Millis or Millis in typing.get_args(hint)}
        _SHAPES[cls] = tuple((field.name, field.name in times) for field in fields(cls))
    return _SHAPES[cls]


_HINTS: dict[type, dict[str, Any]] = {}


def _hints(cls: type) -> dict[str, Any]:
    """Field types of a dataclass, resolved once a class (resolving takes longer than a manifest)."""
    if cls not in _HINTS:
        _HINTS[cls] = typing.get_type_hints(cls)
    return _HINTS[cls]


def _built(wanted: Any, value: Any, where: str) -> Any:
    """A value of the wanted type from JSON, or ManifestError."""
    if wanted is Millis:
        return canon.instant(_typed(str, value, where))
    while isinstance(wanted, typing.NewType):
        wanted = wanted.__supertype__
    origin, arguments = typing.get_origin(wanted), typing.get_args(wanted)
    if origin in (types.UnionType, typing.Union):
        (inner,) = (a for a in arguments if a is not types.NoneType)
        return None if value is None else _built(inner, value, where)
    if origin is tuple:
        return tuple(_built(arguments[0], v, where) for v in _typed(list, value, where))
    if is_dataclass(wanted) and isinstance(wanted, type):
        return _record(wanted, _typed(dict, value, where), where)
    if wanted is Kind:
        if value not in list(Kind):
            raise ManifestError(f"{where}: unknown word {value!r:.80}")
        return Kind(value)
    return _typed({Literal: str, dict: dict}.get(origin, wanted), value, where)


def _record(wanted: type, value: dict[str, Any], where: str) -> Any:
    hints = _hints(wanted)
    if set(hints) != set(value):
        raise ManifestError(f"{where}: fields {sorted(set(hints) ^ set(value))} are missing or unknown")
    return wanted(**{name: _built(hint, value[name], f"{where}.{name}") for name, hint in hints.items()})


def _typed(wanted: type, value: Any, where: str) -> Any:
    if type(value) is not wanted:
        raise ManifestError(f"{where}: {wanted.__name__} was expected, not {value!r:.80}")
    return value
