"""What is found in real encoded clips: failures of camera and microphone, and nothing where there are none."""

from __future__ import annotations

import json

import ffmpeg
import pytest
import segno
from av.error import FFmpegError

from ingestd.media.analysis import look
from ingestd.media.analysis.model import Analysis
from tests.media.analysis import scenes
from tests.media.analysis.scenes import SCENES, Scene


def looked(path):
    with path.open("rb", buffering=0) as file:
        return look.look(file)


def kinds(found):
    return sorted({kind for kind, _, _ in found["stretches"]})


@pytest.mark.parametrize("name", SCENES)
def test_each_scene_is_told_for_what_it_is(tmp_path, name):
    """A dark night is not black, a still scene not frozen, a quiet room not silent; the failures are."""
    clip = scenes.make(tmp_path, SCENES[name])
    found = looked(clip)
    assert kinds(found) == sorted(SCENES[name].kinds)
    for kind, begin, end in found["stretches"]:
        # The first key frame of a stuck picture is coded with another quality than those after it.
        assert begin <= (2_000 if kind == "frozen" else 0)
        assert end == found["duration_ms"]
    assert abs(found["duration_ms"] - 8_000) < 200


@pytest.mark.parametrize("codec", ["h265", "mjpeg"])
@pytest.mark.parametrize(
    "name", ["covered lens", "still scene of a fixed camera", "stuck picture, clock runs"]
)
def test_other_codecs(tmp_path, codec, name):
    """The same by H.265 and by motion JPEG in AVI."""
    assert kinds(looked(scenes.make(tmp_path, SCENES[name], codec=codec))) == sorted(SCENES[name].kinds)


def covered_for_a_while(tmp_path, **options):
    cover = {"x": 0, "y": 0, "w": "iw", "h": "ih", "color": "0x020202", "t": "fill"}
    covered = ("drawbox", cover | {"enable": "between(t,12,24)"})
    scene = Scene(filters=(covered, scenes.noise(5)), sound="anoisesrc=amplitude=0.01")
    return looked(scenes.make(tmp_path, scene, size="320x240", seconds=36, **options))


def test_a_stretch_is_never_told_longer_than_it_is(tmp_path):
    """Black from 12 to 24 s: within it, short by no more than two key frame distances."""
    ((kind, begin, end),) = covered_for_a_while(tmp_path)["stretches"]
    assert kind == "black"
    assert 12_000 <= begin <= 14_000
    assert 22_000 <= end <= 24_000


def test_few_key_frames_are_not_few_looks(tmp_path):
    """One key frame in the whole clip: all pictures are looked at."""
    found = covered_for_a_while(tmp_path, g=9999, sc_threshold=0)
    ((kind, begin, end),) = found["stretches"]
    assert kind == "black"
    assert 12_000 <= begin <= 13_100
    assert 22_900 <= end <= 24_000


def test_sound_alone(tmp_path):
    """A sound recording has no picture, and its silence is told."""
    path = tmp_path / "a.wav"
    quiet = ffmpeg.input("anullsrc", f="lavfi", t=9)
    loud = ffmpeg.input("sine=frequency=300:sample_rate=44100", f="lavfi", t=4)
    scenes.run(ffmpeg.output(ffmpeg.filter([loud, quiet], "concat", v=0, a=1), f"file:{path}"))
    found = looked(path)
    assert (found["picture"], found["sound"]) == ("absent", "there")
    assert found["stretches"] == [("silent", 4_000, found["duration_ms"])]


def test_speech_is_heard_where_it_begins(shared, tmp_path):
    """Real speech: where it is; a tone and noise are none."""
    spoken = shared / "corpus/codec/forensics-samples/movie-hello.avi"
    assert 300 <= looked(spoken)["speech_from_ms"] <= 1_200
    late = tmp_path / "late.wav"
    silence = ffmpeg.input("anoisesrc=amplitude=0.01:sample_rate=16000", f="lavfi", t=20)
    voice = ffmpeg.input(str(spoken)).audio
    scenes.run(ffmpeg.output(ffmpeg.filter([silence, voice], "concat", v=0, a=1), f"file:{late}"))
    assert 20_300 <= looked(late)["speech_from_ms"] <= 21_200
    tone = scenes.make(tmp_path, Scene(sound="sine=frequency=440"), seconds=6)
    assert looked(tone)["speech_from_ms"] is None


def test_a_case_number_shown_to_the_camera(tmp_path):
    """Read from the picture, small and noisy; what else a code says is dropped where it is read."""
    for name, text in (("case", "案号：黎自然资执罚〔2026〕12号"), ("person", "110101199003071233")):
        segno.make(text, error="m").save(str(tmp_path / f"{name}.png"), scale=5, border=4)
    shown = [ffmpeg.input(str(tmp_path / f"{name}.png"), loop=1, t=6) for name in ("case", "person")]
    scene = ffmpeg.input("testsrc2=size=1280x720:rate=25:duration=6", f="lavfi")
    both = scene.overlay(shown[0], x=200, y=200).overlay(shown[1], x=800, y=300)
    path = tmp_path / "clip.mp4"
    noisy = both.filter("noise", alls=10, allf="t").filter("format", "yuv420p")
    scenes.run(ffmpeg.output(noisy, f"file:{path}", vcodec="libx264", preset="ultrafast", g=50, crf=30))
    assert looked(path)["codes"] == ("黎自然资执罚〔2026〕12号",)


def test_a_photo_is_looked_at(tmp_path):
    """Twelve megapixels: the case number that it shows, and where it was taken; it lasts no time."""
    with scenes.photo(tmp_path, "案号：黎自然资执罚〔2026〕12号").open("rb", buffering=0) as file:
        found = look.look_at_photo(file)
    assert found["codes"] == ("黎自然资执罚〔2026〕12号",)
    assert found["track"] == {"timed_by": "recorder", "points": [(None, 31_240_000, 121_475_000, 45)]}
    assert (found["duration_ms"], found["picture"], found["sound"]) == (None, "there", "absent")
    assert found["stretches"] == []
    assert Analysis.from_json(json.loads(json.dumps(found))).codes == found["codes"]


@pytest.mark.parametrize("data", [b"", b"\xff\xd8\xff\xd9", b"no photo at all", b"\xff\xd8" + bytes(5000)])
def test_what_is_no_photo(tmp_path, data):
    """Nothing of it can be decoded, and that is said."""
    path = tmp_path / "a.jpg"
    path.write_bytes(data)
    with path.open("rb", buffering=0) as file, pytest.raises((FFmpegError, look.NothingReadableError)):
        look.look_at_photo(file)


@pytest.mark.parametrize(
    ("name", "picture", "sound"),
    [
        ("camcorder/file-type/fixture-raw.mts", "there", "there"),
        ("ipcam/opencv/vtest.avi", "there", "absent"),
        ("corrupt/moviepy/video_with_failing_audio.mp4", "there", "there"),
        ("corrupt/decord/corrupted.mp4", "there", "absent"),
    ],
)
def test_real_and_damaged_clips(shared, name, picture, sound):
    """What can be decoded is looked at; none of them is black or stuck."""
    found = looked(shared / "corpus" / name)
    assert (found["picture"], found["sound"]) == (picture, sound)
    assert set(kinds(found)) <= {"silent"}
