"""A policy as a document for people: the annex to an agency's own rules (REC-27), in Markdown, in one language. PURE.

Rules by chapter with who says each, the act catalogue, and the items to be filmed (REC-24).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ingestd.people.separation import LABEL_RULE, LABELS_RULE, ROLES
from ingestd.policy.merge import CHAPTERS
from ingestd.policy.model import (
    AGENCY,
    BASELINE,
    UNKNOWN,
    Act,
    Filming,
    Label,
    Policy,
    Rule,
    Strength,
    english,
)
from ingestd.policy.schema import BEARERS, EXPORTS, REQUIREMENTS, STAGES
from ingestd.words import Lang, Text

_CHAPTERS = {
    "REC": Text("执法全过程记录", "whole-process recording"),
    "DIS": Text("行政执法公示", "disclosure"),
    "REV": Text("重大执法决定法制审核", "legal review of major decisions"),
    "REG": Text("人员数据库", "registers"),
    "INF": Text("信息化", "information systems"),
    "OWN": Text("本机关自行采用的规则", "the agency's own rules"),
}
FILMING = {
    Filming.WHOLE: Text("全程", "the whole"),
    Filming.ANY: Text("有音像记录", "a clip or photo"),
}
PREVIEWS = {
    True: Text("列表中显示画面", "lists show frames"),
    False: Text("列表中不显示画面", "lists show no frames"),
}
_NONE = Text("无", "none")
_OWN_ONLY = Text("执法人员（限本人的）", "an officer (his own)")
LISTS = {
    "acts": Text("行为", "acts"),
    "annex": Text("附件清单", "list of the annex"),
    "bears_on": Text("涉及", "bears on"),
    "board": Text("公示牌", "sign board"),
    "checklist": Text("审核内容", "checklist"),
    "contents": Text("文书内容", "contents of the document"),
    "doubtful": Text("存疑", "doubtful"),
    "fields": Text("内容", "fields"),
    "first": Text("率先公示", "first"),
    "flow": Text("流程", "flow"),
    "heads": Text("情形", "heads"),
    "kinds": Text("种类", "kinds"),
    "labels": Text("类别", "labels"),
    "main": Text("正文清单", "list of the main text"),
    "not_recorded": Text("视为未记录", "not recorded"),
    "one": Text("一方", "one side"),
    "other": Text("另一方", "the other side"),
    "outcomes": Text("意见", "outcomes"),
    "places": Text("场合", "places"),
    "records": Text("文书", "records"),
    "roles": Text("角色", "roles"),
    "rooms": Text("场所", "rooms"),
    "spoken": Text("口述内容", "what is said"),
    "stages": Text("阶段", "stages"),
    "steps": Text("环节", "steps"),
    "strata": Text("分层", "strata"),
    "units": Text("部门", "units"),
    "ways": Text("方式", "ways"),
}
"""The names of lists for people; a list of an agency's own goes by its name."""


def annex(policy: Policy, lang: Lang) -> str:
    """The whole document."""
    parts = (_head, _rules, _catalogue, _to_be_filmed, _switched_off, _not_there)
    return "\n".join(line for part in parts for line in part(policy, lang)) + "\n"


def _head(policy: Policy, lang: Lang) -> Iterator[str]:
    title = Text("执法记录规则与行为目录", "Rules of enforcement records and catalogue of acts")
    yield f"# {title.say(lang)}"
    yield ""
    yield (
        f"- {Text('适用', 'policy').say(lang)}：{policy.title.say(lang)}（`{policy.key}`）"
        if lang == "zh"
        else (f"- policy: {policy.title.en} (`{policy.key}`)")
    )
    for layer in policy.layers:
        if layer.document is not None:
            yield _field(Text("文件", "document"), Text(layer.document, layer.document), lang)
            yield _field(Text("日期", "issued"), date(layer.issued or UNKNOWN), lang)
            for label, values in (
                (Text("范围", "scope"), layer.scope),
                (Text("依据", "rests on"), layer.rests_on),
            ):
                if values:
                    yield _field(label, Text("、".join(values), ", ".join(values)), lang)
    yield _field(Text("摘要", "digest"), Text(policy.sha256, policy.sha256), lang)
    yield ""
    yield Text(
        "“应当”不做即为违反；“必要时应当”由人决定是否必要；“根据实际情况”至多提示；“可以”“探索、鼓励”不构成违反；"
        "“自行规定”是本机关采用的规则。",
        "'must' not done is a violation; 'when necessary' is determined by a person; 'as needed' gives a notice at "
        "most; 'may' and 'aim' never give a violation; 'own' is a rule that the agency adopted.",
    ).say(lang)


def _field(label: Text, value: Text, lang: Lang) -> str:
    return f"- {label.say(lang)}{'：' if lang == 'zh' else ': '}{value.say(lang)}"


def date(told: str) -> Text:
    """A date, or that nobody knows it."""
    return Text("不详", "unknown") if told == UNKNOWN else Text(told, told)


def _rules(policy: Policy, lang: Lang) -> Iterator[str]:
    for chapter in CHAPTERS:
        rules = [rule for rule in policy.rules if rule.id.startswith(f"{chapter}-")]
        if rules:
            yield ""
            yield f"## {_CHAPTERS[chapter].say(lang)}"
        for rule in rules:
            yield ""
            yield f"**{rule.id}**  {rule.said.say(lang)}"
            yield ""
            yield from (f"- {line}" for line in (*rule_lines(rule, lang), *label_lines(policy, rule, lang)))


def rule_lines(rule: Rule, lang: Lang) -> Iterator[str]:
    """What there is to say of a rule beside its sentence: strength and source first, a line a fact."""
    colon = "：" if lang == "zh" else ": "
    for label, value in _facts(rule):
        yield f"{label.say(lang)}{colon}{value.say(lang)}"


def label_lines(policy: Policy, rule: Rule, lang: Lang) -> Iterator[str]:
    """What follows from each classification label that a rule lists, a line a label."""
    colon = "：" if lang == "zh" else ": "
    for label in labels_of(policy, rule):
        yield f"{label.name.say(lang)}{colon}{_follows(label).say(lang)}"


def labels_of(policy: Policy, rule: Rule) -> tuple[Label, ...]:
    """The classification labels that a rule lists, with what follows from them; only of rules of labels."""
    is_of_labels = rule.id in (LABELS_RULE, LABEL_RULE)
    listed = [key for one in rule.lists if is_of_labels for key in one.keys]
    return tuple(one for one in policy.labels if one.key in listed)


def openers(label: Label) -> Text:
    """Who opens what bears a label."""
    return listed(_OWN_ONLY if one == "officer" else ROLES[one] for one in label.look)


def listed(words: Iterable[Text]) -> Text:
    """Several in a row."""
    told = tuple(words)
    return Text("、".join(one.zh for one in told), ", ".join(one.en for one in told))


def _follows(label: Label) -> Text:
    who, shown = openers(label), PREVIEWS[label.preview]
    taken, source, by = EXPORTS[label.export], label.source(), label.by or ""
    return Text(
        f"由{who.zh}打开；{shown.zh}；取走原件、截图或文书{taken.zh}。"
        f"{source.zh}{by and '，'}{by}：{label.reason.zh}",
        f"opened by {who.en}; {shown.en}; to take the original, "
        f"a snapshot or a document away: {taken.en}. {source.en}{by and ', '}{by}: {label.reason.en}",
    )


def _facts(rule: Rule) -> Iterator[tuple[Text, Text]]:
    yield Text("强度", "strength"), strength(rule)
    yield Text("来源", "source"), rule.source()
    if rule.bearer:
        yield Text("责任", "whose duty"), BEARERS[rule.bearer]
    if rule.document is not None:
        yield Text("生效日期", "effective"), date(rule.effective)
    if rule.due:
        long_term = Text("长期执行", "long-term")
        yield (
            Text("完成时限", "to be carried out by"),
            long_term if rule.due == "long-term" else date(rule.due),
        )
    for one in rule.lists:
        end = Text(" 等", ", and others") if one.is_open else Text("", "")
        items = Text("、".join(one.items), ", ".join(one.items))
        label = LISTS.get(one.name, Text(one.name, one.name))
        yield label, Text(items.zh + end.zh, items.en + end.en)
    if rule.terms:
        yield Text("原文用语", "terms of the text"), Text("、".join(rule.terms), ", ".join(rule.terms))
    if rule.requires:
        yield Text("须先", "first"), listed(REQUIREMENTS[one] for one in rule.requires)
    for part in rule.parts:
        sections = "、".join(part.sections)
        yield (
            part.strength.words,
            Text(f"{part.words.zh}（{sections}）", f"{part.words.en} ({english(sections)})"),
        )
    yield from _remarks(rule)


def _remarks(rule: Rule) -> Iterator[tuple[Text, Text]]:
    for label, text in (
        (Text("原文说明", "of the text"), rule.note),
        (Text("我们的理解", "our reading"), rule.reading),
        (Text("理由", "why"), rule.reason),
    ):
        if text is not None:
            yield label, text
    for change in rule.changes:
        what = {
            "override": Text("本机关更改数值", "number changed by the agency"),
            "off": Text("本机关停用", "switched off by the agency"),
            "extend": Text("本机关增加", "added by the agency"),
        }[change.what]
        told = ", ".join((*(f"{name} = {value}" for name, value in change.numbers), *change.items))
        yield (
            what,
            Text(
                "；".join(filter(None, (told, change.by, change.reason.zh))),
                "; ".join(filter(None, (told, change.by, change.reason.en))),
            ),
        )


def strength(rule: Rule) -> Text:
    """A rule's strength with the text's own limit of it; of a rule of the house what it weighs."""
    words = rule.strength.words
    if rule.strength is Strength.OWN and rule.treated_as is not None:
        weighs = rule.treated_as.words
        return Text(f"{words.zh}（按“{weighs.zh}”对待）", f"{words.en} (treated as: {weighs.en})")
    if rule.qualifier:
        return Text(f"{words.zh}（{rule.qualifier}）", f"{words.en} ({rule.qualifier})")
    return words


def _catalogue(policy: Policy, lang: Lang) -> Iterator[str]:
    yield ""
    yield f"## {Text('行为目录', 'the act catalogue').say(lang)}"
    yield ""
    heads = (
        Text("行为", "act"),
        Text("又称", "also called"),
        Text("阶段", "stage"),
        Text("何时算开始", "begins"),
        Text("何时算结束", "ends"),
        Text("文书", "documents"),
        Text("保存期限", "retention"),
    )
    yield _row(head.say(lang) for head in heads)
    yield "|---" * len(heads) + "|"
    for act in policy.acts:
        yield _row(
            (
                act.name.say(lang),
                "、".join(act.also) or _NONE.say(lang),
                STAGES[act.stage].say(lang),
                act.begin.say(lang),
                act.end.say(lang),
                "、".join(act.documents) or _NONE.say(lang),
                retention(act).say(lang),
            )
        )


def retention(act: Act) -> Text:
    """How long an act's records are kept."""
    if act.retention_days is None:
        return Text("未规定，不处置", "none set: nothing is disposed of")
    return Text(f"{act.retention_days} 日", f"{act.retention_days} days")


def _row(cells: Iterator[str] | tuple[str, ...]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _to_be_filmed(policy: Policy, lang: Lang) -> Iterator[str]:
    yield ""
    yield f"## {Text('音像记录事项清单', 'items to be filmed').say(lang)}"
    yield ""
    heads = (Text("行为", "act"), Text("要求", "what is wanted"), Text("规则与来源", "rule and source"))
    yield _row(head.say(lang) for head in heads)
    yield "|---" * len(heads) + "|"
    for act in policy.acts:
        for one in policy.filming(act.key):
            wanted = Text(
                f"{one.rule.effect.words.zh}：{FILMING[one.filming].zh}",
                f"{one.rule.effect.words.en}: {FILMING[one.filming].en}",
            )
            yield _row((act.name.say(lang), wanted.say(lang), f"{one.rule.id} {one.rule.source().say(lang)}"))


def _switched_off(policy: Policy, lang: Lang) -> Iterator[str]:
    if policy.off:
        yield ""
        yield f"## {Text('本机关停用的基线规则', 'rules of the baseline that are switched off').say(lang)}"
        yield ""
    for rule in policy.off:
        change = rule.changes[-1]
        yield f"- {rule.id} {rule.said.say(lang)}（{change.by}，{change.reason.say(lang)}）"


def _not_there(policy: Policy, lang: Lang) -> Iterator[str]:
    for layer in policy.layers:
        if not layer.none or layer.key in (BASELINE, AGENCY):
            continue
        yield ""
        yield f"## {Text('原文没有规定的', 'what the text does not have').say(lang)}"
        yield ""
        yield "、".join(layer.none) if lang == "zh" else ", ".join(layer.none)
        for rule_id, note in layer.none_notes:
            yield f"\n- {rule_id}：{note.zh}" if lang == "zh" else f"\n- {rule_id}: {note.en}"
