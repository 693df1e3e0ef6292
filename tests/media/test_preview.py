"""Previews: playable H.264 of whatever can be decoded, a reason for the rest, and the source untouched."""

from __future__ import annotations

import hashlib
import shutil
import threading
import time
from pathlib import Path

import pytest

from ingestd.media.preview import make_preview
from ingestd.media.samples import SampleError, cut_before_index, make_sample
from ingestd.model import Kind


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def preview(prober, source: Path, derived: Path, *, kind=Kind.VIDEO, **more):
    media = prober.probe(source, kind=kind).media
    return make_preview(source, sha256=digest(source), media=media, derived=derived, **more)


def assert_playable(prober, result, derived: Path) -> None:
    assert result.failure is None, result.failure
    media = prober.probe(result.path, kind=Kind.VIDEO).media
    assert media.streams[0].codec == "h264"
    assert media.streams[0].height <= 480
    assert {stream.codec for stream in media.streams[1:]} <= {"aac"}
    data = result.path.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat"), "index first"
    assert result.sha256 == digest(result.path)
    assert result.path.stat().st_mode & 0o777 == 0o444
    assert not list((derived / "making").iterdir())


@pytest.mark.parametrize("name", ["h264-mp4", "h265-mp4", "mjpeg-avi"])
def test_each_kind_of_clip(prober, samples, tmp_path, name):
    """H.264, H.265 and motion JPEG become a small H.264 with its index first; the source stays as it was."""
    before = digest(samples[name])
    result = preview(prober, samples[name], tmp_path)
    assert_playable(prober, result, tmp_path)
    assert digest(samples[name]) == before
    again = preview(prober, samples[name], tmp_path)
    assert again.path == result.path


def test_large_pictures_become_480_lines(prober, tmp_path):
    """A 1080p picture is scaled; its sides stay in proportion."""
    source = tmp_path / "large.mp4"
    make_sample(source, kind="h264-mp4", seconds=0.4, size="1920x1080")
    result = preview(prober, source, tmp_path / "derived")
    assert_playable(prober, result, tmp_path / "derived")
    picture = prober.probe(result.path, kind=Kind.VIDEO).media.streams[0]
    assert (picture.width, picture.height) == (854, 480)


@pytest.mark.parametrize(
    "name",
    [
        "camcorder/file-type/fixture-raw.mts",
        "corrupt/decord/corrupted.mp4",
        "phone/mp4parser/MOV00006.3gp",
        "corrupt/openh264/Error_I_P.264",
    ],
)
def test_real_and_damaged_clips(prober, shared, tmp_path, name):
    """Transport streams, old codecs and damaged clips: what can be decoded is shown."""
    assert_playable(prober, preview(prober, shared / "corpus" / name, tmp_path), tmp_path)


@pytest.mark.parametrize(
    "name", ["dashcam/dashcam-gps/NO20191130-121956-000139.MP4", "corrupt/mp4parse-rust/zero_empty_stsc.mp4"]
)
def test_clips_that_cannot_be_decoded_have_a_reason(prober, shared, tmp_path, name):
    """Headers without pictures: no preview, no exception, no path of the vault in the reason."""
    result = preview(prober, shared / "corpus" / name, tmp_path)
    assert result.path is None
    assert result.failure.zh
    assert str(shared) not in result.failure.en


def test_nothing_is_made_of_what_has_no_moving_picture(prober, samples, tmp_path):
    """Sound, photos and unreadable files."""
    for name, kind in (("wav", Kind.AUDIO), ("jpg", Kind.PHOTO)):
        result = preview(prober, samples[name], tmp_path, kind=kind)
        assert "no picture" in result.failure.en
    cut = tmp_path / "cut.mp4"
    shutil.copy(samples["h264-mp4"], cut)
    cut_before_index(cut)
    assert preview(prober, cut, tmp_path).path is None
    assert not (tmp_path / "previews").exists()


def test_time_out_and_stop_kill_the_whole_group(prober, samples, tmp_path):
    """Too slow, or the daemon stops: a reason within a moment, nothing left behind."""
    source = tmp_path / "long.mp4"
    make_sample(source, kind="h264-mp4", seconds=30, size="640x480")
    result = preview(prober, source, tmp_path / "a", timeout_s=0.2)
    assert "longer" in result.failure.en
    stop = threading.Event()
    threading.Timer(0.3, stop.set).start()
    begun = time.monotonic()
    result = preview(prober, source, tmp_path / "b", stop=stop)
    assert "stopped" in result.failure.en
    assert time.monotonic() - begun < 2
    assert not list((tmp_path / "b" / "making").iterdir())


def test_a_sample_that_cannot_be_made_says_why(tmp_path):
    """Making samples raises its own error."""
    with pytest.raises(SampleError):
        make_sample(tmp_path / "no" / "folder.mp4", kind="h264-mp4", seconds=0.1)
    (tmp_path / "x").write_bytes(b"\0\0\0\1abcd")
    with pytest.raises(SampleError):
        cut_before_index(tmp_path / "x")
