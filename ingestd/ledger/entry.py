"""One log entry: an event with its moment, place and author, as canonical JSON bytes and back. PURE.

`Entry.encode` and `parse` are inverse both ways: `parse` refuses whatever `encode` would not have written.
Data that would make an entry larger than 32 KiB lies in a blob of its own, durable before the entry, and
the entry carries ``{"blob": <sha256>}`` instead (design 5).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from ingestd import canon
from ingestd.clock import ClockState
from ingestd.events import Event, EventError, data_of, event_of
from ingestd.model import Millis, Sha256

VERSION: Final = 1
INLINE_BYTES: Final = 32 * 1024
"""Largest entry (design 5); tlog-tiles would allow 65535."""

_FIELDS = frozenset(("v", "type", "at", "clock", "seq", "node", "actor", "subject", "data"))
_CLOCK_FIELDS = frozenset(("synchronised", "uncertainty_ms", "monotonic_ms"))
_DIGEST_DIGITS = frozenset("0123456789abcdef")


class EntryError(ValueError):
    """Bytes that are no entry, or an entry whose data is no event of its type."""


class Blobs(Protocol):
    """Where data goes that is too large for an entry (`vault/blobs/`)."""

    def put(self, data: bytes) -> Sha256:
        """Keep these bytes, durable before this returns, and give their digest."""

    def get(self, sha256: Sha256) -> bytes:
        """The bytes of this digest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One leaf of the log (design 6). ``seq`` is the leaf index, from 0."""

    type: str
    at: Millis
    clock: ClockState
    seq: int
    node: str
    """Origin of the log that this entry was first written to."""
    actor: str
    """A person's id, or ``daemon``."""
    subject: str
    data: Mapping[str, Any]
    """The event's fields as JSON values, or ``{"blob": sha256}``; `event` gives the typed form."""

    def encode(self) -> bytes:
        """The bytes that the log holds. Raises EntryError for values that JSON cannot carry."""
        document = {
            "v": VERSION,
            "type": self.type,
            "at": canon.timestamp(self.at),
            "clock": {
                "synchronised": self.clock.synchronised,
                "uncertainty_ms": self.clock.uncertainty_ms,
                "monotonic_ms": self.clock.monotonic_ms,
            },
            "seq": self.seq,
            "node": self.node,
            "actor": self.actor,
            "subject": self.subject,
            "data": self.data,
        }
        try:
            return canon.encode(document)
        except canon.CanonError as error:
            raise EntryError(f"entry {self.seq} ({self.type}): {error}") from error

    @property
    def blob(self) -> Sha256 | None:
        """Digest of the blob that holds the data, or None where the data is in the entry."""
        return Sha256(self.data["blob"]) if self.data.keys() == {"blob"} else None

    def event(self, blobs: Blobs) -> Event:
        """The typed event. Raises EntryError where the data, or its blob, is not what the type says."""
        data: Any = self.data
        if self.blob is not None:
            content = blobs.get(self.blob)
            if canon.sha256(content) != self.blob:
                raise EntryError(f"entry {self.seq}: blob {self.blob} does not have the bytes of its name")
            data = _decoded(content)
        try:
            event = event_of(self.type, data)
        except EventError as error:
            raise EntryError(f"entry {self.seq}: {error}") from error
        if event.subject != self.subject:
            raise EntryError(f"entry {self.seq}: subject {self.subject!r} is not the event's")
        return event


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What all entries of one append share: when, by which clock, in which log, by whom."""

    at: Millis
    clock: ClockState
    node: str
    actor: str


def record(event: Event, seq: int, around: Circumstances, blobs: Blobs) -> tuple[Entry, bytes]:
    """The entry of an event and its bytes; large data is put into ``blobs`` first."""
    entry = _entry(event, seq, around, data_of(event))
    data = entry.encode()
    if len(data) > INLINE_BYTES:
        digest = blobs.put(canon.encode(entry.data))
        entry = _entry(event, seq, around, {"blob": digest})
        data = entry.encode()
        if len(data) > INLINE_BYTES:
            raise EntryError(f"entry {seq} ({entry.type}) is {len(data)} bytes even without its data")
    return entry, data


def _entry(event: Event, seq: int, around: Circumstances, data: Mapping[str, Any]) -> Entry:
    return Entry(
        type=event.type,
        at=around.at,
        clock=around.clock,
        seq=seq,
        node=around.node,
        actor=around.actor,
        subject=event.subject,
        data=data,
    )


def parse(data: bytes) -> Entry:
    """The entry of these bytes; raises EntryError unless ``parse(data).encode() == data``."""
    if len(data) > INLINE_BYTES:
        raise EntryError(f"{len(data)} bytes, and {INLINE_BYTES} is the most")
    document = _decoded(data)
    if not isinstance(document, dict) or document.keys() != _FIELDS:
        raise EntryError(f"not an object of {sorted(_FIELDS)}")
    if document["v"] is True or document["v"] != VERSION:
        raise EntryError(f"version {document['v']!r}, and {VERSION} is known")
    for name in ("type", "at", "node", "actor", "subject"):
        if type(document[name]) is not str:
            raise EntryError(f"{name} is no text")
    seq = _whole(document["seq"], "seq")
    try:
        at = canon.instant(document["at"])
    except canon.CanonError as error:
        raise EntryError(f"entry {seq}: {error}") from error
    return Entry(
        type=document["type"],
        at=at,
        clock=_clock(document["clock"]),
        seq=seq,
        node=document["node"],
        actor=document["actor"],
        subject=document["subject"],
        data=_data(document["data"]),
    )


def _decoded(data: bytes) -> Any:
    try:
        return canon.decode(data)
    except canon.CanonError as error:
        raise EntryError(str(error)) from error


def _whole(value: Any, name: str) -> int:
    if type(value) is not int or value < 0:
        raise EntryError(f"{name} is no whole number: {value!r:.40}")
    return value


def _clock(value: Any) -> ClockState:
    if not isinstance(value, dict) or value.keys() != _CLOCK_FIELDS:
        raise EntryError(f"clock is not an object of {sorted(_CLOCK_FIELDS)}")
    if type(value["synchronised"]) is not bool:
        raise EntryError("clock.synchronised is neither true nor false")
    return ClockState(
        synchronised=value["synchronised"],
        uncertainty_ms=_whole(value["uncertainty_ms"], "clock.uncertainty_ms"),
        monotonic_ms=_whole(value["monotonic_ms"], "clock.monotonic_ms"),
    )


def _data(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise EntryError("data is no object")
    if value.keys() == {"blob"}:
        digest = value["blob"]
        if type(digest) is not str or len(digest) != 64 or not set(digest) <= _DIGEST_DIGITS:  # noqa: PLR2004 - hex SHA-256
            raise EntryError("data.blob is no SHA-256")
    return value
