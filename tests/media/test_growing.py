"""A preview that is played while it is made, the strip of frames, and which films a browser takes as they are."""

from __future__ import annotations

import asyncio
import shutil
import threading
from dataclasses import replace
from io import FileIO
from pathlib import Path
from typing import Any

import pytest

from ingestd.media.derived import growing, progress, strip_path
from ingestd.media.model import Media, MediaStream
from ingestd.media.playable import showing
from ingestd.media.preview import make_preview, reached_ms
from ingestd.media.samples import make_sample
from ingestd.media.strips import FRAMES, SIDE, make_strip
from ingestd.model import Kind, Sha256
from ingestd.web.streams import Growing
from tests.rig import wait_for

DIGEST = Sha256("ab" * 32)


def test_it_can_be_played_before_it_is_made(prober, tmp_path):
    """What lies there after the first fragments can be decoded; how far it is can be told; in the end it is whole."""
    source, derived = tmp_path / "long.mp4", tmp_path / "derived"
    make_sample(source, kind="h265-mp4", seconds=40, size="640x480")
    media = prober.probe(source, kind=Kind.VIDEO).media
    made: list[Any] = []
    maker = threading.Thread(
        target=lambda: made.append(make_preview(source, sha256=DIGEST, media=media, derived=derived))
    )
    maker.start()
    part, at = tmp_path / "part.mp4", growing(derived, DIGEST)
    wait_for(lambda: at.exists() and at.stat().st_size > 100_000, 60)
    shutil.copyfile(at, part)
    assert maker.is_alive(), "too short a sample to be seen growing"
    wait_for(lambda: (reached_ms(progress(derived, DIGEST)) or 0) > 0 or not maker.is_alive(), 60)
    found = prober.probe(part, kind=Kind.VIDEO).media
    assert found.streams[0].codec == "h264"
    maker.join()
    (result,) = made
    assert result.failure is None
    length = prober.probe(result.path, kind=Kind.VIDEO).media.duration_ms
    assert abs(length - 40_000) < 500
    assert not at.exists()


@pytest.mark.parametrize("is_whole", [True, False])
def test_a_stream_follows_the_file(tmp_path, is_whole):
    """Bytes come as they are written, and the stream ends when the file is put elsewhere; or its reader goes away."""
    path = tmp_path / "growing.mp4"
    path.write_bytes(b"a" * 1000)
    sent: list[tuple[int, int]] = []
    stream = Growing(FileIO(path, "r"), "video/mp4", sent=lambda begin, end: sent.append((begin, end)))
    came: list[dict[str, Any]] = []
    gone = asyncio.Event()

    async def receive() -> dict[str, Any]:
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        came.append(message)

    async def play() -> None:
        playing = asyncio.ensure_future(stream({"type": "http", "method": "GET"}, receive, send))  # type: ignore[arg-type]  # a plain one
        await asyncio.sleep(0.3)
        with path.open("ab") as file:
            file.write(b"b" * 500)
        await asyncio.sleep(0.4)
        if is_whole:
            path.unlink()
        else:
            gone.set()
        await asyncio.wait_for(playing, 5)

    asyncio.run(play())
    body = b"".join(message.get("body", b"") for message in came)
    assert body == b"a" * 1000 + b"b" * 500
    assert sent == [(0, 1000), (1000, 1500)]
    assert came[-1].get("more_body", False) is not is_whole


@pytest.mark.parametrize("name", ["h264-mp4", "h265-mp4", "mjpeg-avi", "jpg"])
def test_strips(prober, samples, tmp_path, name):
    """Five frames of a film, one of a photo, in a small JPEG of one size."""
    kind = Kind.PHOTO if name == "jpg" else Kind.VIDEO
    media = prober.probe(samples[name], kind=kind).media
    assert make_strip(samples[name], sha256=DIGEST, media=media, derived=tmp_path)
    found = prober.probe(strip_path(tmp_path, DIGEST), kind=Kind.PHOTO).media.streams[0]
    assert (found.width, found.height) == (FRAMES * SIDE, SIDE)
    assert strip_path(tmp_path, DIGEST).stat().st_size < 60_000
    assert not list((tmp_path / "making").iterdir())


def test_no_strip(prober, samples, tmp_path):
    """Of sound, of what nothing is known of, of what is no film: none, and nothing is left."""
    media = prober.probe(samples["wav"], kind=Kind.AUDIO).media
    broken = tmp_path / "broken"
    broken.write_bytes(b"no film")
    of_film = prober.probe(samples["h264-mp4"], kind=Kind.VIDEO).media
    derived: Path = tmp_path / "derived"
    for source, told in ((samples["wav"], media), (samples["wav"], None), (broken, of_film)):
        assert not make_strip(source, sha256=DIGEST, media=told, derived=derived)
    assert not strip_path(derived, DIGEST).exists()


def test_what_is_played_as_it_is(prober, samples):
    """H.264 in MP4, sound, photos: the original; H.265 and motion JPEG: the preview; the unknown: nothing."""
    expected = {
        "h264-mp4": ("direct", "video/mp4"),
        "h265-mp4": ("preview", "application/octet-stream"),
        "mjpeg-avi": ("preview", "application/octet-stream"),
        "wav": ("direct", "audio/wav"),
        "jpg": ("direct", "image/jpeg"),
    }
    kinds = {"wav": Kind.AUDIO, "jpg": Kind.PHOTO}
    for name, (way, content_type) in expected.items():
        found = showing(prober.probe(samples[name], kind=kinds.get(name, Kind.VIDEO)).media)
        assert (found.way, found.content_type) == (way, content_type), name
    assert showing(None).way == "none"
    assert showing(None, "DCIM/A.JPG").kind == "image"


def test_streams_that_no_browser_takes(prober, samples):
    """Ten bits, 4:4:4, strange sound beside good pictures: by the preview."""
    media: Media = prober.probe(samples["h264-mp4"], kind=Kind.VIDEO).media
    picture, *rest = media.streams
    assert isinstance(picture, MediaStream)
    for stream in (
        replace(picture, bits=10),
        replace(picture, profile="High 4:4:4 Predictive"),
        replace(picture, codec="mpeg4"),
        replace(picture, codec=None),
    ):
        assert showing(replace(media, streams=(stream, *rest))).way == "preview"
    sound = [replace(one, codec="amr_nb") if one.kind == "audio" else one for one in media.streams]
    assert showing(replace(media, streams=tuple(sound))).way == "preview"
