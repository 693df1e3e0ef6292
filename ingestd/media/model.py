"""What a clip is as media: the `media` of its manifest. PURE.

Numbers are integers, ratios are text; nothing here can be a float (RFC 8785 would write it, people would
misread it). Of a container's free texts only those that describe the device are kept: names, places and
comments are personal text and have no place in a manifest (design 5).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ingestd.device.api import Zone
from ingestd.model import Millis

STREAMS_MAX = 32
TAGS_MAX = 16
TEXT_MAX = 200
NUMBER_MAX = 1 << 48
"""Well below what canonical JSON can hold exactly."""


class MediaError(ValueError):
    """An answer that is no description of media."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaStream:
    """One stream; null is unknown or does not apply."""

    kind: str
    """video, audio, subtitle, data."""
    codec: str | None
    profile: str | None
    width: int | None
    height: int | None
    fps: str | None
    """Mean frame rate as a ratio, ``30000/1001``."""
    sample_rate: int | None
    channels: int | None
    bits: int | None
    """Bits of a sample, or of a colour component."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """What a demultiplexer read of a clip, with its name and version: a claim of the file, not a finding."""

    container: str
    duration_ms: int | None
    created: Millis | None
    """Creation time as the container tells it, milliseconds as if UTC."""
    created_zone: Zone
    """utc or local as labelled (which many recorders get wrong), unknown where there is none."""
    streams: tuple[MediaStream, ...]
    tags: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    """created-zero, duration-implausible, streams-cut: what was left out, and why."""
    tool: str
    tool_version: str

    @property
    def has_video(self) -> bool:
        """Whether there is a moving picture (a photo's demultiplexer is a ``*_pipe``)."""
        return not self.container.endswith("_pipe") and any(stream.kind == "video" for stream in self.streams)

    def to_json(self) -> dict[str, Any]:
        """JSON values for the manifest."""
        return {
            "container": self.container,
            "duration_ms": self.duration_ms,
            "created": self.created,
            "created_zone": self.created_zone,
            "streams": [{name: getattr(s, name) for name in _STREAM} for s in self.streams],
            "tags": dict(self.tags),
            "notes": list(self.notes),
            "tool": self.tool,
            "tool_version": self.tool_version,
        }

    @staticmethod
    def from_json(value: object) -> Media:
        """The inverse of `to_json`; raises MediaError for anything else: a hostile clip may have answered."""
        data = _fields(value, _MEDIA)
        streams = _list(data["streams"], STREAMS_MAX)
        tags = data["tags"]
        if not isinstance(tags, dict) or len(tags) > TAGS_MAX:
            raise MediaError("tags")
        zone = data["created_zone"]
        if zone not in ("utc", "local", "unknown"):
            raise MediaError("created_zone")
        created = _number(data["created"], least=-NUMBER_MAX)
        return Media(
            container=_text(data["container"]),
            duration_ms=_number(data["duration_ms"]),
            created=None if created is None else Millis(created),
            created_zone=zone,
            streams=tuple(_stream(stream) for stream in streams),
            tags=tuple(sorted((_text(k), _text(v)) for k, v in tags.items())),
            notes=tuple(_text(note) for note in _list(data["notes"], TAGS_MAX)),
            tool=_text(data["tool"]),
            tool_version=_text(data["tool_version"]),
        )


_STREAM = tuple(MediaStream.__slots__)
_MEDIA = tuple(Media.__slots__)


def _stream(value: object) -> MediaStream:
    data = _fields(value, _STREAM)
    return MediaStream(
        kind=_text(data["kind"]),
        codec=_text_or_none(data["codec"]),
        profile=_text_or_none(data["profile"]),
        width=_number(data["width"]),
        height=_number(data["height"]),
        fps=_text_or_none(data["fps"]),
        sample_rate=_number(data["sample_rate"]),
        channels=_number(data["channels"]),
        bits=_number(data["bits"]),
    )


def _text_or_none(value: object) -> str | None:
    return None if value is None else _text(value)


def _fields(value: object, names: tuple[str, ...]) -> dict[str, Any]:
    if not isinstance(value, dict) or set(value) != set(names):
        raise MediaError(f"fields {names} were expected")
    return value


def _list(value: object, most: int) -> list[Any]:
    if not isinstance(value, list) or len(value) > most:
        raise MediaError("a short list was expected")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > TEXT_MAX:
        raise MediaError("a short text was expected")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise MediaError("text with a lone surrogate") from error
    return value


def _number(value: object, *, least: int = 0) -> int | None:
    if value is None:
        return None
    if type(value) is not int or not least <= value <= NUMBER_MAX:
        raise MediaError("a number within bounds was expected")
    return value
