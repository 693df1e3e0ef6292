"""Looking through one clip or at one photo, in the child: key frames and sound, decoded as they come.

Key frames at least `SAMPLE_MS` apart are enough where recorders set them every second or two; where they are
`GAP_MS` and more apart, the clip is decoded whole once more to see whether the picture is black between them.
A packet that can't be decoded is passed over; where the container breaks off, what came before it stands.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import av
from av.audio.resampler import AudioResampler
from av.error import FFmpegError

from ingestd.media import exif
from ingestd.media.analysis import places, tracks
from ingestd.media.analysis.beside import FILE_BYTES, track_beside
from ingestd.media.analysis.codes import case_numbers
from ingestd.media.analysis.eye import Eye
from ingestd.media.analysis.model import CODES_MAX, DURATION_MAX_MS, STRETCHES_MAX, Point, Presence, Track
from ingestd.media.analysis.sound import RATE, Ear
from ingestd.media.analysis.stretches import Span, joined, longest
from ingestd.media.formats import FORMATS

SAMPLE_MS = 1_000
GAP_MS = 12_000
"""x264's own longest distance of key frames is 10 s at 25 a second; recorders set 1-2 s."""
GPMF_MARK = "GoPro MET"
POINTS_READ_MAX = 100_000
TINY_BYTES = 16
"""A dropped frame stands in an AVI as a chunk of none or some bytes, marked as a key frame."""
THREADS = 2
OPTIONS = {"format_whitelist": FORMATS, "protocol_whitelist": "none", "probesize": "2000000"}


class NothingReadableError(ValueError):
    """Neither a picture nor a sound of it can be decoded."""


def look(file: Any, beside: Any = None, lead_ms: int = 0) -> dict[str, Any]:
    """What is in it, as `model.Analysis.from_json` takes it.

    ``beside`` is the file of places that came with it, ``lead_ms`` what may have been recorded before its recorder
    was started. Raises FFmpegError, NothingReadableError.
    """
    keys = _Pass(file, Ear(lead_ms), keys_only=True)
    eye, ear = keys.eye, keys.ear
    every = eye
    if keys.has_picture and (not eye.pictures or max(eye.gap_ms, keys.end_ms - eye.last_ms) > GAP_MS):
        every = _Pass(file, Ear(), keys_only=False).eye
    if not (every.pictures or ear.heard_ms):
        raise NothingReadableError
    picture = _presence(keys.has_picture, every.pictures)
    sound = _presence(keys.has_sound, ear.heard_ms)
    spans: dict[str, list[Span]] = {
        "black": every.black(keys.end_ms),
        "frozen": eye.stuck(keys.end_ms),
        "silent": [] if sound is Presence.UNREADABLE else joined(ear.silent(keys.end_ms)),
    }
    return {
        "duration_ms": keys.end_ms,
        "picture": picture.value,
        "sound": sound.value,
        "stretches": [
            (kind, *span) for kind, found in spans.items() for span in longest(found, STRETCHES_MAX // 3)
        ],
        "speech_from_ms": ear.speech_from_ms,
        "codes": case_numbers((*eye.texts, *every.texts))[:CODES_MAX],
        "track": _track(keys, file, beside),
    }


def look_at_photo(file: Any) -> dict[str, Any]:
    """What a photo shows and where it was taken, as `look`; it lasts no time.

    Raises FFmpegError, NothingReadableError.
    """
    file.seek(0)
    place = exif.place(file.read(exif.HEAD_BYTES))
    file.seek(0)
    with av.open(file, metadata_errors="replace", options=dict(OPTIONS)) as container:
        if not container.streams.video or (frame := next(container.decode(video=0), None)) is None:
            raise NothingReadableError
        eye = Eye()
        eye.see(0, frame)
    return {
        "duration_ms": None,
        "picture": Presence.THERE.value,
        "sound": Presence.ABSENT.value,
        "stretches": [],
        "speech_from_ms": None,
        "codes": case_numbers(eye.texts)[:CODES_MAX],
        "track": _as_told(None if place is None else tracks.of_photo(place)),
    }


def _track(keys: _Pass, file: Any, beside: Any) -> dict[str, Any] | None:
    """The satellites' time before the recorder's: from beside the clip, from a stream in it, from its boxes."""
    track = None if beside is None else track_beside(beside.read(FILE_BYTES))
    return _as_told(track or tracks.track_of("satellite", keys.points) or places.track_in(file))


def _as_told(track: Track | None) -> dict[str, Any] | None:
    if track is None:
        return None
    points = [(point.at, point.lat, point.lon, point.accuracy_dm) for point in track.points]
    return {"timed_by": track.timed_by, "points": points}


def _presence(is_there: bool, decoded: int) -> Presence:
    if not is_there:
        return Presence.ABSENT
    return Presence.THERE if decoded else Presence.UNREADABLE


class _Pass:
    """Once through the file."""

    def __init__(self, file: Any, ear: Ear, *, keys_only: bool) -> None:
        """``keys_only``: key frames, and the sound; else every picture."""
        self.eye, self.ear = Eye(), ear
        self.end_ms = 0
        self.points: list[Point] = []
        self._keys_only = keys_only
        file.seek(0)
        with av.open(file, metadata_errors="replace", options=dict(OPTIONS)) as container:
            self._begin_ms = (container.start_time or 0) / 1000
            video = next(iter(container.streams.video), None)
            audio = next(iter(container.streams.audio), None)
            self.has_picture, self.has_sound = video is not None, audio is not None
            if video is not None:
                video.codec_context.thread_type = "AUTO"
                video.codec_context.thread_count = THREADS
                video.codec_context.skip_frame = "NONKEY" if keys_only else "DEFAULT"
            measured = [
                one for one in container.streams.data if GPMF_MARK in one.metadata.get("handler_name", "")
            ]
            self._resampler = AudioResampler(format="s16", rate=RATE, frame_size=RATE)
            self._next_ms = 0
            others = [audio, *measured[:1]] if keys_only else []
            for packet in _packets(container, [one for one in (video, *others) if one is not None]):
                with suppress(FFmpegError, ValueError):
                    if packet.stream is video:
                        self._see(packet)
                    elif packet.stream is audio:
                        self._hear(packet)
                    elif packet.stream in measured and len(self.points) < POINTS_READ_MAX:
                        self.points += tracks.gpmf(bytes(packet))
            if self.has_sound and keys_only:
                with suppress(FFmpegError, ValueError):
                    self._take(self._resampler.resample(None))

    def _at(self, pts: int | None, base: Any) -> int | None:
        """Milliseconds from the clip's begin; None where there is no time or none that can be."""
        if pts is None:
            return None
        at = int(pts * base * 1000 - self._begin_ms)
        return at if 0 <= at <= DURATION_MAX_MS else None

    def _see(self, packet: Any) -> None:
        at = self._at(packet.dts if packet.pts is None else packet.pts, packet.time_base)
        if at is not None:
            self.end_ms = max(self.end_ms, at + int((packet.duration or 0) * packet.time_base * 1000))
        is_flush = packet.size == 0 and at is None
        if self._keys_only and not is_flush:
            if not packet.is_keyframe or packet.size < TINY_BYTES or at is None or at < self._next_ms:
                return
            self._next_ms = at + SAMPLE_MS
        for frame in packet.decode():
            shown = self._at(frame.dts if frame.pts is None else frame.pts, frame.time_base)
            if shown is not None and (self._keys_only or shown >= self._next_ms):
                self._next_ms = max(self._next_ms, shown + SAMPLE_MS)
                self.eye.see(shown, frame)

    def _hear(self, packet: Any) -> None:
        for frame in packet.decode():
            self._take(self._resampler.resample(frame))

    def _take(self, pieces: list[Any]) -> None:
        for piece in pieces:
            at = self._at(piece.pts, piece.time_base)
            samples = piece.to_ndarray().reshape(-1, piece.layout.nb_channels)
            self.ear.hear(self.ear.heard_ms if at is None else at, samples)
        self.end_ms = max(self.end_ms, self.ear.heard_ms)


def _packets(container: Any, streams: list[Any]) -> Iterator[Any]:
    """All packets, to where the container breaks off."""
    with suppress(FFmpegError):
        yield from container.demux(streams)
