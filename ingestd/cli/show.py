"""What ``ingestd show`` says of one clip: its facts, its chain in sentences, where its files lie."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text as Styled

from ingestd.cli.render import cell, interval_text, moment_text, shown, size_text, spaced, styled, table
from ingestd.events import Event, MediaAnalysed
from ingestd.index.facts import Clip
from ingestd.law.deadlines import Verdict
from ingestd.model import Kind, Millis
from ingestd.telling import analysis_words, signs, terms
from ingestd.telling.as_json import to_json
from ingestd.telling.plain import recorder_name
from ingestd.telling.sentences import sentence
from ingestd.words import Lang, Text


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainLink:
    """One event of a chain, with its place in the log."""

    seq: int
    at: Millis
    actor: str
    event: Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownFile:
    """A file that belongs to a clip; ``role`` is a key of `terms.FILES`."""

    role: str
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownClip:
    """Everything that is shown of a clip."""

    clip: Clip
    verdict: Verdict | None
    """REC-1; None where the clip is no recording or the policy sets no limit."""
    analysis: MediaAnalysed | None
    """None while nobody has looked at its picture and sound."""
    chain: tuple[ChainLink, ...]
    files: tuple[ShownFile, ...]


def render(view: ShownClip, *, now: Millis, lang: Lang, zone: tzinfo) -> RenderableType:
    """One clip for a terminal."""
    parts: list[RenderableType] = [
        Styled(shown(view.clip.path), style="bold"),
        _facts(view, lang, zone, now),
        *_analysis(view, lang),
        _chain(view, lang, zone, now),
        _files(view, lang),
    ]
    return spaced(*parts)


def render_matches(clips: tuple[Clip, ...], *, now: Millis, lang: Lang, zone: tzinfo) -> RenderableType:
    """Several clips that share a key, to choose from, newest first."""
    made = table(
        lang,
        Text("此键对应多件，请用采集编号", "several clips share this key: choose by acquisition"),
        Text("采集", "acquisition"),
        Text("状态", "state"),
        Text("记录仪", "recorder"),
        Text("入库", "secured"),
        Text("大小", "size"),
    )
    for clip in clips:
        made.add_row(
            clip.acquisition,
            styled(signs.sign(terms.CLIPS, clip.shown_state), lang),
            cell(recorder_name(clip.recorder).say(lang)),
            moment_text(clip.secured_at, now=now, zone=zone, lang=lang),
            size_text(clip.size),
        )
    return made


def _facts(view: ShownClip, lang: Lang, zone: tzinfo, now: Millis) -> RenderableType:
    clip = view.clip
    made = Table.grid(padding=(0, 2))
    rows: list[tuple[Text, RenderableType]] = [
        (Text("状态", "state"), styled(signs.sign(terms.CLIPS, clip.shown_state), lang)),
        (Text("采集", "acquisition"), clip.acquisition),
        (Text("SHA-256", "SHA-256"), clip.sha256),
        (Text("大小", "size"), f"{size_text(clip.size)} ({clip.size} B)"),
        (Text("记录仪", "recorder"), cell(recorder_name(clip.recorder).say(lang))),
        (Text("人员", "officer"), cell(clip.officer or "—")),
        (Text("槽位", "slot"), cell(clip.slot)),
        (Text("开始", "started"), interval_text(clip.started, zone=zone, lang=lang)),
        (Text("结束", "ended"), interval_text(clip.ended, zone=zone, lang=lang)),
        (Text("已存", "stored"), moment_text(clip.stored_at, now=now, zone=zone, lang=lang)),
        (Text("已入库", "secured"), moment_text(clip.secured_at, now=now, zone=zone, lang=lang)),
    ]
    if view.verdict is not None:
        verdict = styled(signs.sign(signs.DEADLINES, view.verdict.value), lang)
        rows.append((Text("时限 REC-1", "deadline REC-1"), verdict))
    if clip.flags:
        rows.append((Text("标记", "flags"), Styled(terms.words(terms.FLAGS, clip.flags).say(lang))))
    if clip.fault is not None:
        unread = size_text(sum(bad.length for bad in clip.bad_ranges))
        fault = terms.word(terms.FAULTS, clip.fault).say(lang)
        rows.append((Text("未读出", "could not be read"), f"{unread} ({fault})"))
    for name, value in rows:
        made.add_row(
            Styled(name.say(lang), style="dim"), value if not isinstance(value, str) else Styled(value)
        )
    return made


def _analysis(view: ShownClip, lang: Lang) -> list[RenderableType]:
    """What was found in picture and sound; nothing of what has neither."""
    if not view.clip.kind.is_recording:
        return []
    told = [analysis_words.WAITING] if view.analysis is None else analysis_words.in_full(view.analysis)
    is_photo = view.clip.kind is Kind.PHOTO
    name = Text("画面", "picture") if is_photo else Text("画面与声音", "picture and sound")
    title = Styled(name.say(lang), style="italic")
    return [Group(title, *(Styled(f"  {text.say(lang)}") for text in told))]


def _chain(view: ShownClip, lang: Lang, zone: tzinfo, now: Millis) -> RenderableType:
    made = Table.grid(padding=(0, 2))
    for link in view.chain:
        place = Text(f"第 {link.seq} 条", f"entry {link.seq}")
        made.add_row(
            Styled(moment_text(link.at, now=now, zone=zone, lang=lang), style="dim"),
            Styled(place.say(lang), style="dim"),
            Styled(sentence(link.event, actor=link.actor).say(lang)),
        )
    return Group(Styled(Text("保管", "custody").say(lang), style="italic"), made)


def _files(view: ShownClip, lang: Lang) -> RenderableType:
    made = Table.grid(padding=(0, 2))
    for file in view.files:
        made.add_row(Styled(terms.word(terms.FILES, file.role).say(lang), style="dim"), cell(str(file.path)))
    return Group(Styled(Text("文件", "files").say(lang), style="italic"), made)


def as_json(view: ShownClip) -> dict[str, object]:
    """The same facts for scripts."""
    return {
        "clip": to_json(view.clip) | {"state": view.clip.shown_state, "custody": view.clip.state},
        "analysis": None if view.analysis is None else to_json(view.analysis),
        "deadline": view.verdict.value if view.verdict else None,
        "chain": [
            {"seq": link.seq, "at": to_json(link)["at"], "actor": link.actor, **to_json(link.event)}
            for link in view.chain
        ],
        "files": {file.role: str(file.path) for file in view.files},
    }
