"""What stands and must be answered: a block a finding, with whom it is about, rule, facts, and what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from datetime import tzinfo
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text as Styled

from ingestd.cli.render import Folded, moment_text, shown, spaced
from ingestd.errors import ConfigError
from ingestd.index.facts import Finding
from ingestd.index.law_queries import Step, Told
from ingestd.intake.findings import KINDS
from ingestd.law.finding import Level
from ingestd.model import Millis
from ingestd.policy import catalog
from ingestd.policy.catalog import Policy
from ingestd.policy.model import AGENCY
from ingestd.telling import terms
from ingestd.telling.finding_words import ADVICE, facts_text
from ingestd.words import Lang, Text

INDENT = 4


def render(findings: Sequence[Finding], *, now: Millis, lang: Lang, zone: tzinfo) -> RenderableType:
    """The list for a terminal, in the order given; one calm line where there is none."""
    if not findings:
        return _none(lang)
    layers = {key: _layer(key) for key in {finding.layer for finding in findings} if key}
    return spaced(*(_block(finding, layers, now, lang, zone) for finding in findings))


def of_told(told: Told) -> Finding:
    """A finding of the rules as it is listed."""
    return Finding(**{field.name: getattr(told, field.name) for field in fields(Finding)})


def by_urgency(findings: Sequence[Finding]) -> list[Finding]:
    """Violations first, then what can't be told, proposals, notices; each by its deadline, then by its age."""
    levels = [level.value for level in Level]
    return sorted(
        findings,
        key=lambda one: (
            # What the dock itself found is as urgent as a violation: evidence may be at stake.
            0 if one.level is None else levels.index(one.level),
            one.opened_at if one.due_at is None else one.due_at,
            one.opened_seq,
        ),
    )


def told_json(told: Told, steps: Sequence[tuple[Step, dict[str, Any] | None]]) -> dict[str, Any]:
    """A finding for scripts, with what people did about it and why."""
    done = [asdict(step) | {"reason": (reason or {}).get("reason")} for step, reason in steps]
    words = KINDS.get(told.kind)
    advice = ADVICE.get(told.kind)
    return asdict(told) | {
        "what": None if words is None else asdict(words),
        "to_do": None if advice is None else asdict(advice),
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


def _block(finding: Finding, layers: Layers, now: Millis, lang: Lang, zone: tzinfo) -> RenderableType:
    told = [(Text("对象", "about"), _about(finding).say(lang))]
    if finding.rule:
        told.append((Text("规则", "rule"), _rule(finding.rule, finding.layer, layers).say(lang)))
    facts = [fact for fact in finding.facts if fact[0] != "path"]
    if finding.level is not None:
        weight = Level(finding.level).words.say(lang)
        state = "" if finding.state == "open" else f"，{_STATES[finding.state].say(lang)}"
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


_STATES = {
    "acknowledged": Text("已受理", "acknowledged"),
    "explained": Text("已说明", "explained"),
    "waived": Text("已免除", "waived"),
}
_ABOUT = {
    "act": Text("执法行为 {id}", "act {id}"),
    "case": Text("案件 {id}", "case {id}"),
    "decision": Text("决定 {id}", "decision {id}"),
    "text-record": Text("文字记录 {id}", "text record {id}"),
    "unit": Text("单位 {id}", "unit {id}"),
    "sheet": Text("报表 {id}", "sheet {id}"),
    "recorder": Text("记录仪 {id}", "recorder {id}"),
    "clip": Text("采集 {id}", "acquisition {id}"),
    "session": Text("接入 {id}", "docking {id}"),
    "bytes": Text("库中字节 {id}", "stored bytes {id}"),
    "slot": Text("槽位 {id}", "slot {id}"),
    "register": Text("登记表 {id}", "register {id}"),
    "drop": Text("投递目录（{id}）", "drop folder ({id})"),
}


def _about(finding: Finding, *, in_short: bool = False) -> Text:
    """Whom or what; with the path on the card where there is one, in short the path alone."""
    path = next((str(value) for name, value in finding.facts if name == "path"), "")
    return subject_text(finding.about, path, in_short=in_short)


def subject_text(about: str, path: str = "", *, in_short: bool = False) -> Text:
    """A subject of events in words; its own path counts before ``path``, in short it stands alone."""
    sort, _, rest = about.partition(":")
    if sort not in _ABOUT:
        return Text("采集站", "the station") if about == "station" else Text(rest, rest)
    id_, _, own_path = rest.partition("/")
    text = Text(_ABOUT[sort].zh.replace("{id}", id_), _ABOUT[sort].en.replace("{id}", id_))
    safe = shown(own_path or path)
    if safe and in_short:
        return Text(safe, safe)
    return Text(f"{safe}（{text.zh}）", f"{safe} ({text.en})") if safe else text


Layers = Mapping[str, Policy | None]
"""Policies by the layers that findings name; None for one that is not installed any more."""


def _layer(key: str) -> Policy | None:
    try:
        return catalog.load(key)
    except ConfigError:
        return None


def _rule(rule: str, layer: str | None, layers: Layers) -> Text:
    """The rule and where it stands written; a policy that is not installed any more by its key."""
    if layer is None:
        return Text(rule, rule)
    if layer == AGENCY:
        return Text(f"{rule}，本机关自行规定（policy.toml）", f"{rule}, agency's own rule (policy.toml)")
    policy = layers[layer]
    stated = None if policy is None else policy.find(rule)
    source = Text(layer, layer) if stated is None else stated.source()
    return Text(f"{rule}，{source.zh}", f"{rule}, {source.en}")
