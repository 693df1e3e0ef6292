"""Clips made on the spot whose truth is known: what cameras and microphones give, and what when they fail."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import ffmpeg
import segno

from ingestd.media import ffmpeg_run
from tests.media.photos import GPS_HERE, segment, with_segment

RATE = 25
CLOCK = ("drawbox", {"x": "mod(t*70,300)", "y": 2, "w": 40, "h": 12, "color": "white", "t": "fill"})
"""A recorder's own time overlay, which goes on over whatever picture."""


def noise(levels: int) -> tuple[str, dict[str, object]]:
    """What a sensor adds to each picture."""
    return ("noise", {"alls": levels, "allf": "t"})


def dark(share: float) -> tuple[str, dict[str, object]]:
    """The same scene with so little light."""
    chroma = f"128+(val-128)*{share}"
    return ("lutyuv", {"y": f"16+(val-16)*{share}", "u": chroma, "v": chroma})


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A picture source and what is done to it; a sound source; which stretches are true."""

    picture: str = "testsrc2"
    filters: tuple[tuple[str, dict[str, object]], ...] = ()
    sound: str | None = "anoisesrc=amplitude=0.001"
    """A quiet room: -60 dBFS."""
    kinds: tuple[str, ...] = ()


SCENES = {
    "moving scene": Scene(filters=(noise(4), CLOCK)),
    "still scene of a fixed camera": Scene(picture="smptehdbars", filters=(noise(4), CLOCK)),
    "dark night, still": Scene(picture="smptehdbars", filters=(dark(0.06), noise(8), CLOCK)),
    "dark night, moving": Scene(filters=(dark(0.06), noise(8), CLOCK)),
    "covered lens": Scene(picture="color=c=0x020202", filters=(noise(6), CLOCK), kinds=("black",)),
    "covered lens, high gain": Scene(
        picture="color=c=0x0c0c0c", filters=(noise(14), CLOCK), kinds=("black",)
    ),
    "picture switched off": Scene(picture="color=c=black", kinds=("black",)),
    "stuck picture, clock runs": Scene(picture="smptehdbars", filters=(CLOCK,), kinds=("frozen",)),
    "muted microphone": Scene(sound="anullsrc", filters=(noise(4),), kinds=("silent",)),
    "input of the last bit": Scene(
        sound="anoisesrc=amplitude=0.00003", filters=(noise(4),), kinds=("silent",)
    ),
    "no sound track": Scene(sound=None, filters=(noise(4),), kinds=("silent",)),
}

CODECS: dict[str, tuple[str, dict[str, object]]] = {
    "h264": ("mp4", {"vcodec": "libx264", "preset": "ultrafast", "g": 50, "acodec": "aac"}),
    "h265": (
        "mp4",
        {
            "vcodec": "libx265",
            "preset": "ultrafast",
            "x265-params": "log-level=none:keyint=50",
            "acodec": "aac",
        },
    ),
    "mjpeg": ("avi", {"vcodec": "mjpeg", "qscale": 6, "acodec": "pcm_s16le", "ar": 8000}),
}


def make(
    folder: Path,
    scene: Scene,
    *,
    codec: str = "h264",
    size: str = "640x360",
    seconds: float = 8.0,
    name: str = "clip",
    **options: object,
) -> Path:
    """Encode a scene; ``options`` go to the encoder."""
    suffix, plain = CODECS[codec]
    separator = ":" if "=" in scene.picture else "="
    picture = ffmpeg.input(
        f"{scene.picture}{separator}size={size}:rate={RATE}:duration={seconds}", f="lavfi"
    ).filter("format", "yuvj420p" if codec == "mjpeg" else "yuv420p")
    for what, values in scene.filters:
        picture = picture.filter(what, **values)
    streams = [picture]
    if scene.sound is not None:
        streams.append(ffmpeg.input(scene.sound, f="lavfi", t=seconds))
    path = folder / f"{name}.{suffix}"
    run(ffmpeg.output(*streams, f"file:{path}", threads=2, **(plain | options)))
    return path


def photo(folder: Path, text: str, *, size: str = "4000x3000") -> Path:
    """A picture of a code that lies on a table, at a place, as a phone makes it."""
    segno.make(text, error="m").save(str(folder / "code.png"), scale=9, border=4)
    scene = ffmpeg.input(f"testsrc2=size={size}", f="lavfi")
    both = scene.overlay(ffmpeg.input(str(folder / "code.png")), x=300, y=500)
    path = folder / "photo"
    made = both.filter("noise", alls=10, allf="t").filter("format", "yuvj420p")
    run(ffmpeg.output(made, f"file:{path}", f="image2", **{"frames:v": 1, "q:v": 4}))
    path.write_bytes(with_segment(path.read_bytes(), segment(">", gps=dict(GPS_HERE) | {31: [(45, 10)]})))
    return path


def repeated(clip: Path, times: int) -> Path:
    """The same clip over and over, its streams as they are."""
    path = clip.with_stem(f"{clip.stem}-{times}")
    run(ffmpeg.output(ffmpeg.input(f"file:{clip}", stream_loop=times - 1), f"file:{path}", c="copy"))
    return path


def run(stream: object) -> None:
    """Run a built command."""
    with tempfile.TemporaryDirectory(prefix="scene-") as work:
        failure = ffmpeg_run.run(stream, folder=Path(work), timeout_s=300)
    assert failure is None, failure
