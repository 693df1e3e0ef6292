"""What a finding is about, by which rule, and how it stands, in words.

What happened is `intake.findings`, what to do about it and its facts are `finding_words`. Policies of layers are read
as they are installed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, TypeVar

from ingestd.errors import ConfigError
from ingestd.law.finding import Level
from ingestd.model import Millis
from ingestd.policy import catalog
from ingestd.policy.catalog import Policy, Rule
from ingestd.policy.model import AGENCY, HOUSE
from ingestd.telling.plain import shown
from ingestd.telling.signs import CANNOT_TELL, Sign, made
from ingestd.words import Text

STATES = {
    "acknowledged": Text("已受理", "acknowledged"),
    "explained": Text("已说明", "explained"),
    "waived": Text("已免除", "waived"),
}
STEPS = {
    "acknowledged": Text("受理", "acknowledged"),
    "explained": Text("说明", "explained"),
    "waived": Text("免除", "waived"),
}
"""What people did, by the log's word."""
LEVELS = {
    Level.VIOLATION: made("✖", "red", "违反", "violation"),
    Level.UNCLEAR: CANNOT_TELL,
    Level.PROPOSAL: made("◇", "blue", "待认定", "to be determined"),
    Level.NOTICE: made("○", "default", "提示", "notice"),
}
DOCK = made("▲", "red", "采集异常", "dock")
"""The sign of what the dock itself found, by no rule."""


def level_sign(level: str | None) -> Sign:
    """How a finding looks wherever it stands; ``level`` None: the dock found it."""
    return DOCK if level is None else LEVELS[Level(level)]


_LEVELS = [level.value for level in Level]
_ABOUT = {
    "act": Text("执法行为 {id}", "act {id}"),
    "case": Text("案件 {id}", "case {id}"),
    "decision": Text("决定 {id}", "decision {id}"),
    "text-record": Text("文字记录 {id}", "text record {id}"),
    "account": Text("账户 {id}", "account {id}"),
    "unit": Text("单位 {id}", "unit {id}"),
    "sheet": Text("报表 {id}", "sheet {id}"),
    "recorder": Text("记录仪 {id}", "recorder {id}"),
    "clip": Text("采集 {id}", "acquisition {id}"),
    "session": Text("接入 {id}", "docking {id}"),
    "bytes": Text("库中字节 {id}", "stored bytes {id}"),
    "slot": Text("槽位 {id}", "slot {id}"),
    "value": Text("个人信息 {id}", "personal value {id}"),
    "register": Text("登记表 {id}", "register {id}"),
    "drop": Text("投递目录（{id}）", "drop folder ({id})"),
}


class Ranked(Protocol):
    """What the urgency of a finding is judged by."""

    @property
    def level(self) -> str | None: ...

    @property
    def due_at(self) -> Millis | None: ...

    @property
    def opened_at(self) -> Millis: ...

    @property
    def opened_seq(self) -> int: ...


AnyRanked = TypeVar("AnyRanked", bound=Ranked)


def by_urgency(findings: Sequence[AnyRanked]) -> list[AnyRanked]:
    """Violations first, then what can't be told, proposals, notices; each by its deadline, then by its age."""
    return sorted(
        findings,
        key=lambda one: (
            rank(one.level),
            one.opened_at if one.due_at is None else one.due_at,
            one.opened_seq,
        ),
    )


def rank(level: str | None) -> int:
    """The smaller the sooner; what the dock found is as urgent as a violation: evidence may be at stake."""
    return 0 if level is None else _LEVELS.index(level)


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


def layer_of(key: str) -> Policy | None:
    """The policy of a layer as it is installed."""
    try:
        return catalog.load(key)
    except ConfigError:
        return None


def rule_of(rule: str, layer: str, layers: Layers) -> Rule | None:
    """The rule as its layer states it; None where that is not installed any more, or is the agency's own."""
    policy = None if layer == AGENCY else layers[layer]
    return None if policy is None else policy.find(rule)


def rule_text(rule: str, layer: str | None, layers: Layers) -> Text:
    """The rule and where it stands written; a policy that is not installed any more by its key."""
    if layer is None:
        return Text(rule, rule)
    if layer == AGENCY:
        source = HOUSE[AGENCY]
    else:
        stated = rule_of(rule, layer, layers)
        source = Text(layer, layer) if stated is None else stated.source()
    return Text(f"{rule}，{source.zh}", f"{rule}, {source.en}")
