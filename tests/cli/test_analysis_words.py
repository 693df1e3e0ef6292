"""What was found in picture and sound, as people read it."""

from __future__ import annotations

from dataclasses import replace

from ingestd.events import MediaAnalysed, StretchRecord
from ingestd.telling.analysis_words import in_full, in_short

FOUND = MediaAnalysed(
    acquisition="0199a000-0000-7000-8000-000000000001",
    sha256="a" * 64,
    tool="t",
    version="1",
    settings="s",
    stretches=(StretchRecord(kind="black", begin=60_000, end=3_725_000),),
    speech_from_ms=12_300,
    lead_ms=0,
    codes=("案〔2026〕1",),
    failure=None,
    duration_ms=7_200_000,
    picture="there",
    sound="there",
    track_value="b" * 64,
)


def words(told, lang="en"):
    return [text.say(lang) for text in in_full(told)]


def test_a_sentence_for_each_thing_found():
    """Stretches with their times in the clip, speech, case numbers, that there is a track; never the places."""
    assert words(FOUND) == [
        "Black: 01:00-1:02:05.",
        "Speech begins at 00:12.",
        "Case numbers shown to the camera: 案〔2026〕1.",
        "It holds a track of places.",
    ]
    assert words(FOUND, "zh") == [
        "黑屏：01:00-1:02:05。",
        "00:12 起有语音。",
        "镜头前出示的案号：案〔2026〕1。",
        "有定位轨迹。",
    ]


def test_all_of_it_many_of_them_and_nothing():
    """A whole clip in the dark; more stretches than are told; a clip with neither picture nor sound to decode."""
    whole = replace(FOUND, stretches=(StretchRecord(kind="frozen", begin=0, end=7_200_000),))
    assert words(whole, "zh")[0] == "全程画面冻结。"
    many = tuple(StretchRecord(kind="silent", begin=n * 60_000, end=n * 60_000 + 9_000) for n in range(7))
    assert words(replace(FOUND, stretches=many))[0].endswith("04:00-04:09 and 2 more.")
    bare = replace(FOUND, stretches=(), codes=(), track_value=None, speech_from_ms=None)
    assert words(replace(bare, picture="unreadable", sound="unreadable")) == [
        "It has a picture that can't be decoded.",
        "It has a sound that can't be decoded.",
    ]
    assert words(replace(bare, picture="absent", sound="absent")) == [
        "It has no picture.",
        "It has no sound track.",
    ]


def test_a_photo_is_no_silent_film():
    """What it shows and where it was taken; no word of sound, or of how it goes on."""
    photo = replace(FOUND, stretches=(), duration_ms=None, sound="absent", speech_from_ms=None)
    assert words(photo) == ["Case numbers shown to the camera: 案〔2026〕1.", "It tells where it was taken."]
    assert words(replace(photo, codes=(), track_value=None), "zh") == ["未见案号二维码，也无拍摄地点。"]
    assert in_short(photo).zh == "照片已由程序分析：1 个案号，有拍摄地点。"


def test_a_failure_is_a_reason():
    """In a person's words, known or not."""
    assert words(replace(FOUND, failure="timed-out")) == [
        "What is in it can't be analysed: analysing it took longer than allowed. The evidence is not touched by that."
    ]
    assert in_short(replace(FOUND, failure="later")).zh == "内容无法分析：later。证据本身不受影响。"
