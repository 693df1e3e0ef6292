"""How a clip is shown: as it is, where every browser takes it, else by its preview. PURE.

By what was probed at intake, which is a claim of the file: a browser that refuses it after all gets the preview.
H.265 is left out although some browsers play it: not all do, and not on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ingestd.media.model import Media, MediaStream

Way = Literal["direct", "preview", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Showing:
    """How, and as what type of content."""

    way: Way
    """direct: the original; preview: the H.264 preview; none: it cannot be shown, only taken away."""
    content_type: str
    """Of the original as a browser takes it; ``application/octet-stream`` where none does."""

    @property
    def kind(self) -> str:
        """video, audio, image, or application where no browser takes it."""
        return self.content_type.partition("/")[0]


_MP4, _WEBM = "mov", "matroska"
"""Demultiplexers by the first of their names."""
_VIDEO = {_MP4: ("h264", "av1"), _WEBM: ("vp8", "vp9", "av1")}
_SOUND = {_MP4: ("aac", "mp3"), _WEBM: ("opus", "vorbis"), "wav": ("pcm_s16le", "pcm_u8"), "mp3": ("mp3",)}
_TYPES = {_MP4: "mp4", _WEBM: "webm", "wav": "wav", "mp3": "mpeg"}
_IMAGES = {"jpeg_pipe": "image/jpeg", "png_pipe": "image/png", "webp_pipe": "image/webp"}
_PROFILES = ("Constrained Baseline", "Baseline", "Main", "High", "Progressive High", "Constrained High")
_BITS = 8
_OPAQUE = "application/octet-stream"
_PHOTO = "image/jpeg"


def showing(media: Media | None, path: str = "") -> Showing:
    """How a clip is shown; of one of which nothing is known, its ``path`` on the card tells whether it is a JPEG."""
    if media is None:
        is_photo = path.lower().endswith((".jpg", ".jpeg"))
        return Showing(way="direct" if is_photo else "none", content_type=_PHOTO if is_photo else _OPAQUE)
    container = media.container.partition(",")[0]
    if container in _IMAGES:
        return Showing(way="direct", content_type=_IMAGES[container])
    pictures = [one for one in media.streams if one.kind == "video"]
    sounds = [one for one in media.streams if one.kind == "audio"]
    type_ = _TYPES.get(container)
    fits = (
        type_ is not None
        and all(_is_picture(one, container) for one in pictures)
        and all(one.codec in _SOUND.get(container, ()) for one in sounds)
    )
    if fits and (pictures or sounds):
        return Showing(way="direct", content_type=f"{'video' if pictures else 'audio'}/{type_}")
    return Showing(way="preview" if media.has_video else "none", content_type=_OPAQUE)


def _is_picture(stream: MediaStream, container: str) -> bool:
    if stream.codec not in _VIDEO.get(container, ()):
        return False
    if stream.codec != "h264":
        return True
    return stream.profile in (None, *_PROFILES) and stream.bits in (None, _BITS)
