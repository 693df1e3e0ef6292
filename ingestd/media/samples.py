"""Real encoded clips made on the spot, for the demonstration and the tests: test pictures and a tone."""

from __future__ import annotations

import hashlib
import struct
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import ffmpeg  # type: ignore[import-untyped]  # it has none

from ingestd.media import ffmpeg_run
from ingestd.model import Millis

SampleKind = Literal["h264-mp4", "h265-mp4", "mjpeg-avi", "wav", "jpg"]
RATE = 25
SOUND_HZ = 44_100
TIMEOUT_S = 120.0
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_OUTPUT: dict[str, dict[str, Any]] = {
    "h264-mp4": {"f": "mp4", "vcodec": "libx264", "preset": "ultrafast", "crf": 30, "acodec": "aac"},
    "h265-mp4": {
        "f": "mp4",
        "vcodec": "libx265",
        "preset": "ultrafast",
        "crf": 34,
        "x265-params": "log-level=none",
        "vtag": "hvc1",
        "acodec": "aac",
    },
    "mjpeg-avi": {"f": "avi", "vcodec": "mjpeg", "qscale": 12, "acodec": "pcm_s16le", "ar": 8000},
    "wav": {"f": "wav", "acodec": "pcm_s16le", "ar": 8000},
    "jpg": {"f": "image2", "vcodec": "mjpeg", "frames": 1, "update": 1, "qscale": 5},
}


class SampleError(RuntimeError):
    """FFmpeg could not make a sample."""


def make_sample(
    path: Path,
    *,
    kind: SampleKind,
    seconds: float = 2.0,
    size: str = "320x240",
    rate: int = RATE,
    sound_hz: int = SOUND_HZ,
    created: Millis | None = None,
    text: str = "",
) -> None:
    """Encode a clip. ``created`` is written as the container's (or EXIF's) time, milliseconds as if UTC.

    ``text`` becomes its title and the tint of its picture, so that samples differ. Raises SampleError.
    """
    hue = int.from_bytes(hashlib.sha256(text.encode()).digest()[:2], "big") % 360
    tint = {"h": hue}
    streams = []
    if kind != "wav":
        picture = ffmpeg.input(f"testsrc2=size={size}:rate={rate}:duration={seconds}", f="lavfi")
        streams.append(picture.filter("hue", **tint).filter("format", _pixels(kind)))
    if kind != "jpg":
        streams.append(
            ffmpeg.input(f"sine=frequency={200 + hue}:sample_rate={sound_hz}:duration={seconds}", f="lavfi")
        )
    options = dict(_OUTPUT[kind])
    if sound_hz != SOUND_HZ and kind.endswith("mp4"):
        options["audio_bitrate"] = 2 * sound_hz
    options["metadata:g:0"] = f"title={text}"
    if created is not None and kind != "jpg":
        options["metadata:g:1"] = _written(kind, created)
    stream = ffmpeg.output(*streams, f"file:{path}", threads=1, **options)
    with tempfile.TemporaryDirectory(prefix="sample-") as folder:
        failure = ffmpeg_run.run(stream, folder=Path(folder), timeout_s=TIMEOUT_S)
    if failure is not None:
        raise SampleError(failure.en)
    if created is not None and kind == "jpg":
        path.write_bytes(with_exif_time(path.read_bytes(), created))


def _pixels(kind: SampleKind) -> str:
    return "yuvj420p" if kind in ("mjpeg-avi", "jpg") else "yuv420p"


def _moment(created: Millis) -> datetime:
    return _EPOCH + timedelta(milliseconds=created)


def _written(kind: SampleKind, created: Millis) -> str:
    if kind.endswith("mp4"):
        return f"creation_time={_moment(created):%Y-%m-%dT%H:%M:%S}Z"
    return f"date={_moment(created):%Y-%m-%d %H:%M:%S}"


def with_exif_time(jpeg: bytes, wall: Millis) -> bytes:
    """The photo with an EXIF segment that holds DateTimeOriginal only (CIPA DC-008; little-endian TIFF)."""
    text = f"{_moment(wall):%Y:%m:%d %H:%M:%S}".encode() + b"\0"
    first = struct.pack("<HHHIII", 1, 0x8769, 4, 1, 26, 0)
    exif = struct.pack("<HHHIII", 1, 0x9003, 2, len(text), 44, 0)
    body = b"Exif\0\0" + b"II*\0" + struct.pack("<I", 8) + first + exif + text
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + jpeg[2:]


def cut_before_index(path: Path) -> None:
    """Cut an MP4 before its moov box: what a power cut leaves of a clip. Raises SampleError."""
    size, at = path.stat().st_size, 0
    with path.open("r+b") as file:
        while at + 8 <= size:
            file.seek(at)
            length, name = struct.unpack(">I4s", file.read(8))
            if name == b"moov":
                file.truncate(at)
                return
            if length < 8:  # noqa: PLR2004 - a box counts its own header
                break
            at += length
    raise SampleError(f"no index after the data of {path.name}")
