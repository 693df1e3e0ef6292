"""How random playback audits look on a terminal and as JSON. PURE."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any

from rich.console import RenderableType

from ingestd.cli.render import Folded, cell, moment_text, shown, spaced, stamp_text, styled, table
from ingestd.index.audits import Draw, DrawnClip
from ingestd.model import Millis
from ingestd.telling.as_json import to_json
from ingestd.telling.audit_sentences import ANSWERS, ITEMS, STATES, VERDICTS, state_of
from ingestd.telling.plain import in_one_line
from ingestd.telling.terms import word
from ingestd.words import Lang, Text

Notes = Mapping[str, Mapping[str, Any] | None]
"""Values of notes by acquisition; None: erased, or not held here."""


def draw_json(draw: Draw, now: Millis) -> dict[str, Any]:
    """A draw for scripts."""
    return {**to_json(draw), "state": state_of(draw, now)}


def clips_json(clips: Sequence[DrawnClip], notes: Notes) -> list[dict[str, Any]]:
    """The clips of a draw for scripts."""
    return [{**to_json(clip), "note": _note(notes, clip)} for clip in clips]


def _note(notes: Notes, clip: DrawnClip) -> str | None:
    value = notes.get(clip.acquisition)
    return None if value is None else str(value.get("note", ""))


def draws(found: Sequence[Draw], *, now: Millis, zone: tzinfo, lang: Lang) -> RenderableType:
    """All draws, a line each."""
    made = table(
        lang,
        Text("随机抽查", "playback audits"),
        Text("编号", "id"),
        Text("状态", "state"),
        Text("时段（入库）", "period (came in)"),
        Text("单位", "unit"),
        Text("抽中", "drawn"),
        Text("已评判", "judged"),
        Text("抽查人", "auditor"),
    )
    for one in found:
        made.add_row(
            one.audit,
            styled(STATES[state_of(one, now)], lang),
            f"{stamp_text(one.since_at, zone)} – {stamp_text(one.until_at, zone)}",
            cell(one.unit or Text("全站", "all").say(lang)),
            "—" if one.drawn is None else f"{one.drawn}/{one.population}",
            "—" if one.drawn is None else f"{one.judged}",
            cell(one.committed_by),
        )
    return made


def draw(
    one: Draw, clips: Sequence[DrawnClip], notes: Notes, *, now: Millis, zone: tzinfo, lang: Lang
) -> RenderableType:
    """One draw with its clips."""
    made = table(
        lang,
        Text("抽中的录像", "drawn clips"),
        Text("采集编号", "acquisition"),
        Text("人员", "officer"),
        Text("卡上路径", "path"),
        Text("评判", "judgement"),
    )
    for clip in clips:
        made.add_row(
            clip.acquisition,
            cell(clip.officer or "—"),
            cell(clip.path or "—"),
            cell(_judgement(clip, notes, lang)),
        )
    at = moment_text(one.committed_at, now=now, zone=zone, lang=lang)
    head = Text(
        "抽查 {a}：{since} 至 {until} 入库的录像，{u}；{at} 由 {by} 抽取，规则 {rule}（{layer}）",
        "audit {a}: recordings that came in from {since} until {until}, {u}; {at} by {by}, rule {rule} ({layer})",
    ).format(
        a=one.audit,
        since=stamp_text(one.since_at, zone),
        until=stamp_text(one.until_at, zone),
        u=Text("全站", "the whole station") if one.unit is None else shown(one.unit),
        at=at,
        by=shown(one.committed_by),
        rule=one.rule,
        layer=one.layer,
    )
    state = styled(STATES[state_of(one, now)], lang)
    parts: list[RenderableType] = [Folded(head.say(lang), hanging=2), state]
    return spaced(*parts, made) if clips else spaced(*parts)


def _judgement(clip: DrawnClip, notes: Notes, lang: Lang) -> str:
    said = clip.judgement
    if said is None:
        return Text("待评判", "to be judged").say(lang)
    wrong = [ITEMS[item].say(lang) for item in ITEMS if getattr(said, item) == "no"]
    parts = [word(VERDICTS, said.verdict).say(lang)]
    if wrong:
        no = ANSWERS["no"].say(lang)
        parts.append(
            Text("、", ", ")
            .say(lang)
            .join(f"{item}：{no}" if lang == "zh" else f"{item}: {no}" for item in wrong)
        )
    if note := _note(notes, clip):
        parts.append(shown(in_one_line(note)))
    return f"{Text('；', '; ').say(lang).join(parts)} ({shown(said.judged_by)})"
