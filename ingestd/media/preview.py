"""Previews: another file than the evidence, small, playable in every browser, and saying so itself.

H.264 with AAC in MP4, at most 480 lines, a key frame every two seconds, index first. Made later than intake,
in a child with limits (`ffmpeg_run`). It is encoded as fragments that can be played while it grows
(`derived.growing`), and put under its name whole, without encoding it again. Promised: the vault's file is only
read; whatever the bytes, the answer is a file or a reason.
"""

from __future__ import annotations

import hashlib
import shutil
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import ffmpeg  # type: ignore[import-untyped]  # it has none

from ingestd import durable
from ingestd.media import ffmpeg_run
from ingestd.media.derived import growing, preview_path, progress, work_folder
from ingestd.media.formats import FORMATS
from ingestd.media.model import Media
from ingestd.model import Sha256
from ingestd.words import Text

LINES_MAX = 480
KEY_FRAME_S = 2
SETTINGS = "h264 crf 28 veryfast, 480 lines, 30 fps at most, aac 64k mono, faststart; preview/2"
"""What `preview.made` says; changed with the command below."""
TITLE = "预览件, 非证据 / preview, not evidence"
TIMEOUT_BASE_S = 60.0
TIMEOUT_PER_S = 4.0
"""Seconds of one core for a second of 4K film with much movement, measured at 1.5 and doubled."""
UNKNOWN_LENGTH_S = 3600

_NO_VIDEO = Text("没有画面, 不做预览", "it has no picture; no preview is made")
_NOTHING = Text("没有可解码的画面", "no picture of it can be decoded")


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewResult:
    """A preview and how it was made, or why there is none."""

    path: Path | None
    """Below the folder of derived files."""
    sha256: Sha256 | None
    settings: str
    tool: str
    failure: Text | None


def make_preview(
    source: Path,
    *,
    sha256: Sha256,
    media: Media | None,
    derived: Path,
    stop: threading.Event | None = None,
    timeout_s: float | None = None,
) -> PreviewResult:
    """Make the preview of a stored clip (its digest names it). Raises OSError where `derived` fails."""
    if media is None or not media.has_video:
        return _failed(_NO_VIDEO)
    length = UNKNOWN_LENGTH_S if media.duration_ms is None else media.duration_ms / 1000
    limit = TIMEOUT_BASE_S + TIMEOUT_PER_S * length if timeout_s is None else timeout_s
    work = work_folder(derived, sha256)
    shutil.rmtree(work, ignore_errors=True)
    durable.settle(durable.make_folder(work))
    try:
        made, fragments = work / "preview.mp4", growing(derived, sha256)
        said = progress(derived, sha256)
        for command in (_encoded(source, fragments, said), _whole(fragments, made)):
            failure = ffmpeg_run.run(command, folder=work, timeout_s=limit, stop=stop, hidden=source)
            if failure is not None:
                break
        if failure is None and not _has_samples(made):
            failure = _NOTHING
        return _failed(failure) if failure else _placed(made, derived, sha256)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _failed(why: Text) -> PreviewResult:
    return PreviewResult(path=None, sha256=None, settings=SETTINGS, tool=ffmpeg_run.tool(), failure=why)


def _encoded(source: Path, made: Path, said: Path) -> object:
    """ffmpeg-python's graph: one input, its first picture scaled, its first sound where there is one."""
    clip = ffmpeg.input(f"file:{source}", format_whitelist=FORMATS, protocol_whitelist="file", threads=1)
    picture = clip["v:0"].filter("scale", -2, f"min({LINES_MAX},trunc(ih/2)*2)").filter("format", "yuv420p")
    made_so = ffmpeg.output(
        picture,
        clip["a:0?"],
        str(made),
        f="mp4",
        vcodec="libx264",
        preset="veryfast",
        crf=28,
        acodec="aac",
        audio_bitrate="64k",
        ac=1,
        movflags="frag_keyframe+empty_moov+default_base_moof",
        flush_packets=1,
        force_key_frames=f"expr:gte(t,n_forced*{KEY_FRAME_S})",
        fpsmax=30,
        threads=1,
        map_metadata=-1,
        metadata=f"title={TITLE}",
    )
    return made_so.global_args("-progress", str(said), "-stats_period", "0.5")


def _whole(fragments: Path, made: Path) -> object:
    """The same pictures and sound with one index, first."""
    clip = ffmpeg.input(f"file:{fragments}", f="mov", protocol_whitelist="file")
    return ffmpeg.output(
        clip["v:0"],
        clip["a:0?"],
        str(made),
        f="mp4",
        c="copy",
        movflags="+faststart",
        map_metadata=-1,
        metadata=f"title={TITLE}",
    )


def reached_ms(said: Path) -> int | None:
    """How far an encoding is in its film, by what FFmpeg said last; None where it said nothing yet."""
    try:
        with said.open("rb") as file:
            file.seek(max(0, said.stat().st_size - 1000))
            told = file.read().decode("ascii", "replace").splitlines()
    except OSError:
        return None
    times = [line.partition("=")[2] for line in told if line.startswith("out_time_us=")]
    return int(times[-1]) // 1000 if times and times[-1].isdecimal() else None


def _has_samples(made: Path) -> bool:
    """FFmpeg leaves an MP4 of headers alone where it decoded nothing."""
    with suppress(FileNotFoundError), made.open("rb") as file:
        head = file.read(64 * 1024)
        return b"moov" in head and b"avc1" in head
    return False


def _placed(made: Path, derived: Path, sha256: Sha256) -> PreviewResult:
    """Durable under its name, in folders by the first digits of the clip's digest."""
    path = preview_path(derived, sha256)
    folder = path.parent
    touched = durable.make_folder(folder)
    with made.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    made.chmod(durable.FILE_MODE)
    durable.settle([made])
    made.rename(path)
    durable.settle([folder, *touched])
    return PreviewResult(
        path=path, sha256=Sha256(digest), settings=SETTINGS, tool=ffmpeg_run.tool(), failure=None
    )
