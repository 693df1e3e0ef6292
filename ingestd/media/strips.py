"""Strips: five frames of a film side by side in one small JPEG, for lists. Another file, never the evidence."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path
from typing import Any

import ffmpeg  # type: ignore[import-untyped]  # it has none

from ingestd import durable
from ingestd.media import ffmpeg_run
from ingestd.media.derived import strip_path
from ingestd.media.formats import FORMATS
from ingestd.media.model import Media
from ingestd.model import Sha256

FRAMES = 5
SIDE = 144
TIMEOUT_S = 30.0
_GROUND = "0xe9edf1"


def make_strip(
    source: Path,
    *,
    sha256: Sha256,
    media: Media | None,
    derived: Path,
    stop: threading.Event | None = None,
) -> bool:
    """Make the strip of a stored film or photo; whether there is one now. Raises OSError where `derived` fails."""
    target = strip_path(derived, sha256)
    if target.exists():
        return True
    if media is None or not any(stream.kind == "video" for stream in media.streams):
        return False
    work = derived / "making" / f"strip-{sha256}"
    shutil.rmtree(work, ignore_errors=True)
    durable.settle(durable.make_folder(work))
    made = work / "strip.jpg"
    length = media.duration_ms if media.has_video else None
    form = None if media.has_video else media.container  # a photo is none by its name in the vault
    try:
        for command in ([_five(source, made, length)] if length else []) + [_one(source, made, form)]:
            failure = ffmpeg_run.run(command, folder=work, timeout_s=TIMEOUT_S, stop=stop, hidden=source)
            if failure is None and made.exists() and made.stat().st_size:
                durable.settle(durable.make_folder(target.parent))
                made.chmod(durable.FILE_MODE)
                made.rename(target)
                return True
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return False


def _framed(clip: Any) -> Any:
    """The middle of one frame, square: so five fit over a tile."""
    scaled = clip["v:0"].filter("scale", SIDE, SIDE, force_original_aspect_ratio="increase")
    return scaled.filter("crop", SIDE, SIDE).filter("setsar", 1)


def _input(source: Path, **options: Any) -> Any:
    return ffmpeg.input(
        f"file:{source}", format_whitelist=FORMATS, protocol_whitelist="file", threads=1, **options
    )


def _five(source: Path, made: Path, length_ms: int) -> Any:
    moments = [length_ms * (2 * at + 1) / (2 * FRAMES) / 1000 for at in range(FRAMES)]
    frames = [_framed(_input(source, ss=f"{moment:.3f}")) for moment in moments]
    return _written(ffmpeg.filter(frames, "hstack", inputs=FRAMES), made)


def _one(source: Path, made: Path, form: str | None) -> Any:
    """Of a photo, or a film that cannot be sought: its first frame, the rest of the strip left plain."""
    told = {} if form is None else {"f": form}
    return _written(_framed(_input(source, **told)).filter("pad", FRAMES * SIDE, SIDE, 0, 0, _GROUND), made)


def _written(picture: Any, made: Path) -> Any:
    frame = picture.filter("format", "yuvj420p")
    return ffmpeg.output(
        frame, str(made), f="image2", vcodec="mjpeg", qscale=6, frames=1, update=1, threads=1, map_metadata=-1
    )
