"""What stands and must be answered: a block a finding, with whom it is about, rule, facts, and what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import tzinfo
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text as Styled

from ingestd.cli.render import Folded, moment_text, shown, spaced
from ingestd.index.facts import Finding
from ingestd.index.law_queries import Step, Told
from ingestd.index.shared_bytes import Sharer
from ingestd.intake.findings import KINDS
from ingestd.law.finding import Level
from ingestd.model import Millis
from ingestd.telling import terms
from ingestd.telling.finding_about import STATES, Layers, layer_of, rule_text, subject_text
from ingestd.telling.finding_words import ADVICE, facts_text
from ingestd.words import Lang, Text

INDENT = 4


Sharers = Mapping[str, Sequence[Sharer]]
"""Clips by the bytes that findings are about (`index.shared_bytes`)."""


def render(
    findings: Sequence[Finding], sharers: Sharers, *, now: Millis, lang: Lang, zone: tzinfo
) -> RenderableType:
    """The list for a terminal, in the order given; one calm line where there is none."""
    if not findings:
        return _none(lang)
    layers = {key: layer_of(key) for key in {finding.layer for finding in findings} if key}
    of = ((one, sharers.get(one.about, ())) for one in findings)
    return spaced(*(_block(finding, clips, layers, now=now, lang=lang, zone=zone) for finding, clips in of))


def of_told(told: Told) -> Finding:
    """A finding of the rules as it is listed."""
    return Finding(**{field.name: getattr(told, field.name) for field in fields(Finding)})


def clips_json(clips: Sequence[Sharer]) -> list[dict[str, str | None]]:
    """The clips of bytes for scripts."""
    return [
        {
            "acquisition": one.clip.acquisition,
            "path": one.clip.path,
            "officer": one.clip.officer,
            "case": one.case,
        }
        for one in clips
    ]


def told_json(
    told: Told, clips: Sequence[Sharer], steps: Sequence[tuple[Step, dict[str, Any] | None]]
) -> dict[str, Any]:
    """A finding for scripts, with what people did about it and why."""
    done = [asdict(step) | {"reason": (reason or {}).get("reason")} for step, reason in steps]
    words = KINDS.get(told.kind)
    advice = ADVICE.get(told.kind)
    return asdict(told) | {
        "what": None if words is None else asdict(words),
        "to_do": None if advice is None else asdict(advice),
        "clips": clips_json(clips),
        "steps": done,
    }


def render_short(
    findings: Sequence[Finding], limit: int, *, now: Millis, lang: Lang, zone: tzinfo
) -> RenderableType:
    """A line a finding, the newest ones: for the status, where the rest is one command away."""
    if not findings:
        return _none(lang)
    lines: list[RenderableType] = []
    for finding in findings[-limit:]:
        since = moment_text(finding.opened_at, now=now, zone=zone, lang=lang)
        lines.append(
            Folded(
                f"▲ {_what(finding, lang)} · {_about(finding, in_short=True).say(lang)} · {since}",
                style="red",
                hanging=2,
            )
        )
    more = len(findings) - limit
    hint = Text("详情与处理办法：ingestd findings", "details and what to do: ingestd findings")
    if more > 0:
        hint = Text(f"另有 {more} 项。{hint.zh}", f"{more} more. {hint.en}")
    return Group(*lines, Folded(hint.say(lang), indent=2, style="dim"))


def _none(lang: Lang) -> RenderableType:
    return Styled(f"✔ {Text('没有异常', 'no findings').say(lang)}", style="green")


def _what(finding: Finding, lang: Lang) -> str:
    return terms.word(terms.FINDINGS, finding.kind).say(lang)


def _block(
    finding: Finding, clips: Sequence[Sharer], layers: Layers, *, now: Millis, lang: Lang, zone: tzinfo
) -> RenderableType:
    told = [(Text("对象", "about"), _about(finding).say(lang))]
    told += [(Text("录像", "clip"), _clip(one).say(lang)) for one in clips]
    if finding.rule:
        told.append((Text("规则", "rule"), rule_text(finding.rule, finding.layer, layers).say(lang)))
    facts = [fact for fact in finding.facts if fact[0] != "path"]
    if finding.level is not None:
        weight = Level(finding.level).words.say(lang)
        state = "" if finding.state == "open" else f"，{STATES[finding.state].say(lang)}"
        told.append((Text("程度", "weight"), weight + state))
    if facts:
        joined = Text("；", "; ").say(lang).join(facts_text(facts, lang=lang, zone=zone))
        told.append((Text("事实", "facts"), shown(joined)))
    told.append((Text("起于", "since"), moment_text(finding.opened_at, now=now, zone=zone, lang=lang)))
    if finding.due_at is not None:
        told.append((Text("期限", "due"), moment_text(finding.due_at, now=now, zone=zone, lang=lang)))
    if finding.kind in ADVICE:
        told.append((Text("处理", "to do"), ADVICE[finding.kind].say(lang)))
    told.append((Text("编号", "id"), finding.finding))
    width = max(len(label.say(lang)) for label, _ in told) if lang == "en" else 0
    lines = [
        Folded(f"{label.say(lang):{width}}  {value}", indent=INDENT, hanging=(width or 4) + 2)
        for label, value in told
    ]
    return Group(Folded(f"▲ {_what(finding, lang)}", style="red", hanging=2), *lines)


def _clip(one: Sharer) -> Text:
    """A clip of the bytes: its file, who recorded it, its case, its id."""
    zh, en = [shown(one.clip.path)], [shown(one.clip.path)]
    if one.clip.officer is not None:
        zh, en = [*zh, f"警号 {one.clip.officer}"], [*en, f"officer {one.clip.officer}"]
    if one.case is not None:
        zh, en = [*zh, f"案件 {shown(one.case)}"], [*en, f"case {shown(one.case)}"]
    id_ = one.clip.acquisition
    return Text(f"{'，'.join(zh)}（采集 {id_}）", f"{', '.join(en)} (acquisition {id_})")


def _about(finding: Finding, *, in_short: bool = False) -> Text:
    """Whom or what; with the path on the card where there is one, in short the path alone."""
    path = next((str(value) for name, value in finding.facts if name == "path"), "")
    return subject_text(finding.about, path, in_short=in_short)
