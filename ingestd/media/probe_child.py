"""The child that parses clips: it alone touches hostile media, and it can do nothing else.

It gets read-only descriptors over a socket, a group a question, and answers in JSON. It has no environment,
opens no file and no network address (FFmpeg may follow neither playlists nor references), writes nothing
(RLIMIT_FSIZE 0), and has limits on memory, descriptors and processor time. Started by `probe`; lean on
purpose: it imports PyAV, `stamp`, `confine` and `formats`, nothing else.
"""

from __future__ import annotations

import json
import os
import socket
from contextlib import suppress
from typing import Any

import av
from av.error import FFmpegError

from ingestd.media import exif, stamp
from ingestd.media.confine import DESCRIPTORS, allow_cpu, confine
from ingestd.media.formats import FORMATS

MEMORY_BYTES = 1 << 30
CPU_S_PER_FILE = 20
QUESTION_BYTES = 4096
DURATION_MAX_MS = 366 * 86_400_000
STREAMS_MAX, TAGS_MAX, TEXT_MAX = 32, 16, 200  # as in ingestd.media.model, which checks
QUICK = {
    "format_whitelist": FORMATS,
    "protocol_whitelist": "none",
    "codec_whitelist": "none",
    "analyzeduration": "1",
    "probesize": "32",
}
"""Headers only, no decoder touched: 0.5 ms for a clip whose header tells all (1.4 ms with decoders)."""
FULL = {"format_whitelist": FORMATS, "protocol_whitelist": "none", "probesize": "2000000"}
"""Decodes some frames, where headers do not tell (transport streams, raw streams)."""
MP4_MARK = slice(4, 8)
"""Where MP4 and QuickTime say ``ftyp``: no other demultiplexer need be asked, which is a third of a look."""
TAGS = frozenset(
    {
        *(
            "major_brand",
            "minor_version",
            "compatible_brands",
            "encoder",
            "make",
            "model",
            "firmware",
            "timecode",
        ),
        *(f"com.apple.quicktime.{what}" for what in ("make", "model", "software")),
        *(f"com.android.{what}" for what in ("version", "manufacturer", "model")),
    }
)
"""What describes the device; never titles, comments, authors or places."""
LOSSLESS = ("pcm_", "flac", "alac")
"""Sound whose samples have a width; what others are decoded to says nothing of the file."""
CREATED = ("creation_time", "com.apple.quicktime.creationdate", "date", "ICRD")


def main(descriptor: int) -> None:
    """Answer questions until the other end goes away."""
    confine(MEMORY_BYTES)
    with socket.socket(fileno=descriptor) as peer:
        peer.send(b"ready")
        while True:
            question, received, _, _ = socket.recv_fds(peer, QUESTION_BYTES, DESCRIPTORS)
            if not question:
                return
            asked = json.loads(question)
            found = [_answer(one, photo) for one, photo in zip(received, asked["photos"], strict=True)]
            peer.send(json.dumps({"n": asked["n"], "found": found}).encode())


def _answer(descriptor: int, photo: bool) -> dict[str, Any]:
    allow_cpu(CPU_S_PER_FILE)
    with open(descriptor, "rb", buffering=0) as file:
        if os.fstat(descriptor).st_size == 0:
            return {"failure": "empty"}
        try:
            return {"media": _media(file, photo=photo)}
        except (FFmpegError, ValueError, OSError, ArithmeticError) as error:
            return {"failure": "no-media", "detail": f"{type(error).__name__}"}
        except MemoryError:
            return {"failure": "too-large", "detail": "MemoryError"}


def _media(file: Any, *, photo: bool) -> dict[str, Any]:
    file.seek(0)  # a child that died may have read on from here
    is_mp4 = file.read(MP4_MARK.stop)[MP4_MARK] == b"ftyp"
    media = _look(file, QUICK, "mov" if is_mp4 else None)
    if _is_poor(media, photo=photo):
        # where the full look fails, what the quick one told stands
        with suppress(FFmpegError, ValueError):
            media = _look(file, FULL)
    if photo:
        file.seek(0)
        claim = exif.taken(file.read(exif.HEAD_BYTES))
        if claim is not None and not stamp.is_zero(claim):
            media["created"], media["created_zone"] = claim
        # a rate and a length of one picture are the demultiplexer's inventions
        media["duration_ms"] = None
        for stream in media["streams"]:
            stream["fps"] = None
    return media


def _is_poor(media: dict[str, Any], *, photo: bool) -> bool:
    """Whether the headers left out what a clip should tell."""
    streams = media["streams"]
    return (not photo and media["duration_ms"] is None) or any(
        (stream["kind"] == "video" and not stream["width"])
        or (stream["kind"] == "audio" and not stream["sample_rate"])
        for stream in streams
    )


def _look(file: Any, options: dict[str, str], form: str | None = None) -> dict[str, Any]:
    file.seek(0)
    with av.open(file, format=form, metadata_errors="replace", options=dict(options)) as container:
        streams = list(container.streams)
        notes = ["streams-cut"] if len(streams) > STREAMS_MAX else []
        created, zone = _created(container, streams, notes)
        return {
            "container": container.format.name[:TEXT_MAX],
            "duration_ms": _duration(container, streams, notes),
            "created": created,
            "created_zone": zone,
            "streams": [_stream(stream) for stream in streams[:STREAMS_MAX]],
            "tags": _tags(container.metadata),
            "notes": notes,
            "tool": "PyAV",
            "tool_version": f"{av.__version__} (libavformat {_version('libavformat')})",
        }


def _version(component: str) -> str:
    return ".".join(str(number) for number in av.library_versions[component])


def _created(container: Any, streams: list[Any], notes: list[str]) -> tuple[int | None, str]:
    """The first creation time that reads as one: the container's, else a stream's."""
    for metadata in (container.metadata, *(stream.metadata for stream in streams[:STREAMS_MAX])):
        for key in CREATED:
            if (claim := stamp.read(metadata[key]) if key in metadata else None) is None:
                continue
            if not stamp.is_zero(claim):
                return claim
            notes.append("created-zero")
            return None, "unknown"
    return None, "unknown"


def _duration(container: Any, streams: list[Any], notes: list[str]) -> int | None:
    """Milliseconds, as the container says, else its longest stream."""
    told = [] if container.duration is None else [(container.duration + 500) // 1000]
    if not told:
        told = [int(s.duration * s.time_base * 1000) for s in streams if s.duration and s.time_base]
    longest = max(told, default=None)
    if longest is not None and not 0 <= longest <= DURATION_MAX_MS:
        notes.append("duration-implausible")
        return None
    return longest


def _stream(stream: Any) -> dict[str, Any]:
    codec = stream.codec_context
    video, audio = stream.type == "video", stream.type == "audio"
    rate = stream.average_rate if video else None
    return {
        "kind": str(stream.type)[:TEXT_MAX],
        "codec": None if codec is None else codec.name[:TEXT_MAX],
        "profile": None if codec is None or not codec.profile else str(codec.profile)[:TEXT_MAX],
        "width": (codec.width or None) if codec is not None and video else None,
        "height": (codec.height or None) if codec is not None and video else None,
        "fps": f"{rate.numerator}/{rate.denominator}" if rate else None,
        "sample_rate": (codec.sample_rate or None) if codec is not None and audio else None,
        "channels": (codec.channels or None) if codec is not None and audio else None,
        "bits": _bits(codec, video=video, audio=audio),
    }


def _bits(codec: Any, *, video: bool, audio: bool) -> int | None:
    form = codec.format if codec is not None and (video or audio) else None
    if form is None:
        return None
    if video:
        return form.components[0].bits if form.components else None
    return form.bits if codec.name.startswith(LOSSLESS) else None


def _tags(metadata: dict[str, str]) -> dict[str, str]:
    kept = {key: value for key, value in sorted(metadata.items()) if key in TAGS}
    clean = {key: value.encode("utf-8", "replace").decode()[:TEXT_MAX] for key, value in kept.items()}
    return dict(list(clean.items())[:TAGS_MAX])
