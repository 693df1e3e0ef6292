"""What was found in a clip's picture and sound, in sentences. PURE."""

from __future__ import annotations

from collections.abc import Iterator

from ingestd.events import MediaAnalysed, StretchRecord
from ingestd.media.analysis.model import Presence
from ingestd.media.probe import ProbeFailure
from ingestd.telling.plain import shown
from ingestd.words import Text

WAITING = Text("尚未分析，在空闲时进行", "not analysed yet: it is done while no recorder is read")
SHOWN = 5
"""Stretches of a kind that are told one by one, the longest."""
_KINDS = {
    "black": Text("黑屏", "black"),
    "frozen": Text("画面冻结", "the picture stands still"),
    "silent": Text("无声", "silent"),
}


def in_short(told: MediaAnalysed) -> Text:
    """One sentence, for a chain of custody."""
    if told.failure is not None:
        return _failed(told.failure)
    if _is_photo(told):
        n = len(told.codes)
        place = (
            Text("无", "no place") if told.track_value is None else Text("有", "the place where it was taken")
        )
        return Text(
            f"照片已由程序分析：{n} 个案号，{place.zh}拍摄地点。",
            f"The program analysed the photo: {n} case numbers, {place.en}.",
        )
    heard = _speech(told)
    return Text(
        f"画面与声音已分析：{len(told.stretches)} 处黑屏、冻结或无声，{heard.zh}。",
        f"Picture and sound were analysed: {len(told.stretches)} black, frozen or silent stretches, {heard.en}.",
    )


def in_full(told: MediaAnalysed) -> Iterator[Text]:
    """Everything that was found, a sentence each."""
    if told.failure is not None:
        yield _failed(told.failure)
        return
    if _is_photo(told):
        found = tuple(_shown(told, place=Text("有拍摄地点。", "It tells where it was taken.")))
        yield from found or (
            Text(
                "未见案号二维码，也无拍摄地点。", "It shows no case number as a QR code, and tells no place."
            ),
        )
        return
    if told.picture == Presence.ABSENT:
        yield Text("没有画面。", "It has no picture.")
    elif told.picture == Presence.UNREADABLE:
        yield Text("有画面，但无法解码。", "It has a picture that can't be decoded.")
    for kind in ("black", "frozen"):
        yield from _stretches(kind, told)
    if told.sound == Presence.ABSENT:
        yield Text("没有声音轨。", "It has no sound track.")
    elif told.sound == Presence.UNREADABLE:
        yield Text("有声音，但无法解码。", "It has a sound that can't be decoded.")
    else:
        yield from _stretches("silent", told)
        heard = _speech(told)
        yield Text(f"{heard.zh}。", f"{heard.en[0].upper()}{heard.en[1:]}.")
    yield from _shown(told, place=Text("有定位轨迹。", "It holds a track of places."))


def _is_photo(told: MediaAnalysed) -> bool:
    """What was seen lasts no time."""
    return told.picture is not None and told.duration_ms is None


def _shown(told: MediaAnalysed, *, place: Text) -> Iterator[Text]:
    if told.codes:
        codes = shown("、".join(told.codes))
        yield Text(f"镜头前出示的案号：{codes}。", f"Case numbers shown to the camera: {codes}.")
    if told.track_value is not None:
        yield place


def _failed(word: str) -> Text:
    why = next((known.text for known in ProbeFailure if known == word), Text(shown(word), shown(word)))
    return Text(
        f"内容无法分析：{why.zh}。证据本身不受影响。",
        f"What is in it can't be analysed: {why.en}. The evidence is not touched by that.",
    )


def _speech(told: MediaAnalysed) -> Text:
    at = told.speech_from_ms
    if at is None:
        return Text("开头未听到语音", "no speech was heard at its beginning")
    return Text(f"{_clock(at)} 起有语音", f"speech begins at {_clock(at)}")


def _stretches(kind: str, told: MediaAnalysed) -> Iterator[Text]:
    found = [one for one in told.stretches if one.kind == kind]
    if not found:
        return
    if told.duration_ms is not None and _length(found[0]) == told.duration_ms:
        yield Text(f"全程{_KINDS[kind].zh}。", f"{_capital(kind)} from begin to end.")
        return
    told_ones = sorted(sorted(found, key=_length, reverse=True)[:SHOWN], key=lambda one: one.begin)
    spans = [f"{_clock(one.begin)}-{_clock(one.end)}" for one in told_ones]
    left = len(found) - len(told_ones)
    yield Text(
        f"{_KINDS[kind].zh}：{'、'.join(spans)}" + (f" 等 {len(found)} 处。" if left else "。"),
        f"{_capital(kind)}: {', '.join(spans)}" + (f" and {left} more." if left else "."),
    )


def _capital(kind: str) -> str:
    text = _KINDS[kind].en
    return text[0].upper() + text[1:]


def _length(stretch: StretchRecord) -> int:
    return stretch.end - stretch.begin


def _clock(ms: int) -> str:
    """Of a clip: ``1:02:03``, from its begin."""
    seconds = ms // 1000
    hours = f"{seconds // 3600}:" if seconds >= 3600 else ""  # noqa: PLR2004 - seconds of an hour
    return f"{hours}{seconds // 60 % 60:02}:{seconds % 60:02}"
