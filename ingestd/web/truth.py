"""The line under the picture: what is on the screen, and how it is known to be what was recorded. PURE.

Nothing of it is repeated from memory: manifest, signature and log were checked for the page that is drawn
(`ingestd.proving`), and what that cannot know, a page learns while the bytes come (`FALLEN`).
"""

from __future__ import annotations

from dataclasses import dataclass

from ingestd.index.facts import Clip
from ingestd.media.model import Media
from ingestd.proving import Proved
from ingestd.telling.plain import size_text
from ingestd.telling.signs import Sign, made
from ingestd.telling.terms import FAULTS, word
from ingestd.words import Text

_THIN = "\u202f"
_HOLES_SHOWN = 3
"""Stretches that are named one by one."""
_DIGEST_SHOWN = 16
CODECS = {
    "h264": "H.264",
    "hevc": "H.265",
    "av1": "AV1",
    "mjpeg": "MJPEG",
    "mpeg4": "MPEG-4",
    "aac": "AAC",
    "pcm_s16le": "PCM",
    "mp3": "MP3",
}
"""Names of codecs as people know them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """The line under the picture."""

    sign: Sign
    shown: Text
    """What is on the screen."""
    lack: Text | None
    """What of it was never read, although what is stored verifies."""
    proof: Text
    """How it is known to be what was recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What is put on the screen, and in what way."""

    way: str
    """direct, preview, making (a preview that is not there yet), none."""
    element: str
    """video, audio, image, or application where nothing can be shown."""
    url: str | None
    content_type: str


BAD = made("▲", "red", "核验不符", "does not verify")
FALLEN = Text(
    "有数据块与签名的摘要不符，或无法读取：不予播放",
    "a block does not match its signed digest, or cannot be read: it is not shown",
)
"""What the line says once that was found while the film was sent."""
_GOOD = made("●", "green", "已核验", "verified")
_NOT_WHOLE = made("◐", "amber", "已核验，但不完整", "verified, but not whole")
_DERIVED = made("◐", "blue", "预览", "preview")
_NOTHING = made("○", "default", "不能显示", "cannot be shown")


def of(clip: Clip, source: Source, proved: Proved, media: Media | None) -> Truth:
    """The line of a clip that is shown in this way."""
    lack = _lack(clip, proved)
    if clip.damaged:
        told = Text(
            "库中字节已损坏：损坏的数据块不会播放", "its stored bytes are damaged: no damaged chunk is played"
        )
        return Truth(sign=BAD, shown=told, lack=lack, proof=_proof(clip, proved))
    whole = _GOOD if lack is None else _NOT_WHOLE
    sign = BAD if not proved.is_good else {"direct": whole, "none": _NOTHING}.get(source.way, _DERIVED)
    return Truth(sign=sign, shown=_shown(clip, source, media), lack=lack, proof=_proof(clip, proved))


def _lack(clip: Clip, proved: Proved) -> Text | None:
    """Of a quarantined clip, by its signed manifest: why it is one, how many bytes are zero, and where."""
    source = None if proved.manifest is None else proved.manifest.source
    holes = clip.bad_ranges if source is None else source.bad_ranges
    is_partial = clip.partial if source is None else source.partial
    if clip.fault is None and not holes and not is_partial:
        return None
    why = word(FAULTS, clip.fault) if clip.fault is not None else Text("读取错误", "read error")
    zh, en = [f"隔离：{why.zh}"], [f"quarantined: {why.en}"]
    if is_partial:
        zh, en = [*zh, "只有开头部分"], [*en, "only its beginning is held"]
    if holes:
        size = size_text(sum(one.length for one in holes))
        places = [(number_text(one.offset), number_text(one.offset + one.length - 1)) for one in holes]
        shown, more = places[:_HOLES_SHOWN], len(places) - _HOLES_SHOWN
        where_zh = "、".join(f"{begin} 至 {end}" for begin, end in shown)
        where_en = ", ".join(f"{begin} to {end}" for begin, end in shown)
        zh.append(
            f"{size} 未能读出，以零代替：第 {where_zh} 字节" + (f"等 {len(places)} 处" if more > 0 else "")
        )
        en.append(
            f"{size} could not be read and are zero: bytes {where_en}"
            + (f" and {more} more stretches" if more > 0 else "")
        )
    return Text("，".join(zh), ", ".join(en))


def _shown(clip: Clip, source: Source, media: Media | None) -> Text:
    if source.way == "direct":
        return Text("原件 · 逐块核验后播放", "original · every block verified before it is played")
    if source.way == "none":
        return Text("没有播放器读得懂它", "no player can read it")
    digest = f"SHA-256 {clip.sha256[:_DIGEST_SHOWN]}…"
    codec = codec_text(media)
    return Text(
        f"预览件（H.264），不是证据；原件为 {codec}，{digest}",
        f"preview (H.264), not evidence; the original is {codec}, {digest}",
    )


def _proof(clip: Clip, proved: Proved) -> Text:
    whose = Text("签名有效", "signature valid")
    if proved.signature_faults:
        first = proved.signature_faults[0]
        whose = Text(f"签名核验不符：{first.zh}", f"signature does not verify: {first.en}")
    if proved.log_fault is not None:
        place = proved.log_fault
    else:
        seq, size = number_text(clip.seq), number_text(proved.size or 0)
        place = Text(
            f"日志第 {seq} 条（检查点 {size} 条）", f"log entry {seq} (checkpoint of {size} entries)"
        )
    return Text(f"{whose.zh} · {place.zh}", f"{whose.en} · {place.en}")


def codec_text(media: Media | None) -> str:
    """Codecs of a clip's streams as people know them."""
    kinds = ("video", "audio")
    found = [] if media is None else [one.codec for one in media.streams if one.kind in kinds and one.codec]
    return " + ".join(CODECS.get(one, one) for one in found) or "?"


def number_text(number: int) -> str:
    """``18 422``."""
    return f"{number:,}".replace(",", _THIN)
