"""A policy file -> a frozen `Layer`; every fault of the file at once, each with file, line and key. PURE.

policies/README.md is the page for people; the words that a key may have stand here.
"""

from __future__ import annotations

import hashlib
import re
import string
import tomllib
from collections.abc import Collection, Iterable
from typing import Any

from ingestd.model import Sha256
from ingestd.people.separation import LOOKERS
from ingestd.policy.judges import JUDGES
from ingestd.policy.model import (
    AGENCY,
    BASELINE,
    SECOND_FACTOR,
    UNKNOWN,
    Act,
    Example,
    Filming,
    Label,
    Layer,
    Part,
    Rule,
    Span,
    Strength,
    TermList,
)
from ingestd.policy.reader import Fault, Faults, Reader
from ingestd.words import Text

KEY = r"[a-z0-9]+(?:-[a-z0-9]+)*"
RULE_ID = r"(?:REC|DIS|REV|REG|INF|OWN)-[1-9]\d?[a-z]?"
LARGEST_BYTES = 1 << 20
"""A policy is written by people; the largest of ours has 40 KiB."""

STAGES = {
    "opening": Text("启动", "opening"),
    "investigation": Text("调查取证", "investigation"),
    "decision": Text("审查决定", "decision"),
    "service-and-execution": Text("送达执行", "service and execution"),
    "archiving": Text("归档", "archiving"),
}
DIRECT = {
    "liberty": Text("人身自由", "personal liberty"),
    "life": Text("生命健康、生命安全", "life, health, safety"),
    "property": Text("重大财产权益", "major property"),
}
STARTS = (
    "recording-ended",
    "procedure-ended",
    "decision-made",
    "law-or-functions-changed",
    "not-stated",
)
STOPS = ("stored", "case-file-formed", "public", "withdrawn", "updated")
BEARERS = {
    "officer": Text("执法人员", "the officer"),
    "agency": Text("本机关", "the agency"),
    "judicial-office": Text("司法行政部门", "the judicial office"),
    "undertaking-unit": Text("承办机构", "the undertaking unit"),
    "review-unit": Text("法制审核机构", "the review unit"),
    "head": Text("主要负责人", "the head of the agency"),
}
REQUIREMENTS = {
    "review": Text("法制审核", "legal review"),
    "passed": Text("审核通过", "review passed"),
    "self-check": Text("合法性自查", "self-check"),
}
EXPORTS = {
    "as-usual": Text("按通常规定", "as for other clips"),
    SECOND_FACTOR: Text("须在五分钟内通过双因素验证", "a second factor shown within five minutes"),
}
QUALIFIERS = ("原则上", "严格")


def opened(name: str, data: bytes, *, is_plain: bool = False) -> tuple[Reader | None, Faults]:
    """The top table of a file's text; None, with the fault, where it is no TOML at all."""
    faults = Faults(name, "")
    if len(data) > LARGEST_BYTES:
        faults.add((), "文件过大", "the file is too large")
        return None, faults
    try:
        text = data.decode("utf-8")
        raw = tomllib.loads(text)
    except UnicodeDecodeError as error:
        faults.add((), f"不是 UTF-8（第 {error.start} 字节）", f"is not UTF-8 (byte {error.start})")
        return None, faults
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        faults.found.append(_syntax(name, str(error)))
        return None, faults
    faults = Faults(name, text, is_plain=is_plain)
    return Reader(raw, faults), faults


def _syntax(name: str, said: str) -> Fault:
    found = re.search(r"at line (\d+)", said)
    line = int(found[1]) if found else 1
    return Fault(
        file=name, line=line, key="file", text=Text(f"不是合规的 TOML（{said}）", f"not TOML: {said}")
    )


def parse(
    name: str, data: bytes, *, key: str, acts: Collection[str] = ()
) -> tuple[Layer | None, list[Fault]]:
    """The layer that a file states, and its faults; None where there are any.

    ``key`` is the file's name, ``acts`` the act kinds of the layers below.
    """
    top, faults = opened(name, data)
    if top is None:
        return None, faults.found
    layer = _layer(top, data, key=key, acts=acts)
    top.done()
    return (None if faults.found else layer), faults.found


def _layer(top: Reader, data: bytes, *, key: str, acts: Collection[str]) -> Layer:
    is_baseline = key == BASELINE
    if top.text("key", pattern=KEY) not in ("", key):
        top.fault("key", f"应为文件名 {key}", f"is not the file's name, {key}")
    if key == AGENCY:
        top.fault("key", f"{AGENCY} 已有专门含义", f"{AGENCY} has a meaning of its own")
    title = top.said("title") or Text("", "")
    document = top.text("document", needed=not is_baseline) or None
    if is_baseline and document:
        top.fault("document", "基线不引用文件", "the baseline cites no document")
    issued = top.date("issued", needed=not is_baseline)
    effective = top.date("effective") or UNKNOWN
    own_acts = read_acts(top, key)
    known = {*acts, *(act.key for act in own_acts)}
    rules = read_rules(top, layer=key, document=document, effective=effective, acts=known)
    none, notes = _none(top, {rule.id for rule in rules})
    return Layer(
        key=key,
        title=title,
        document=document,
        issued=issued,
        scope=top.texts("scope"),
        rests_on=top.texts("rests_on"),
        none=none,
        none_notes=notes,
        rules=rules,
        acts=own_acts,
        labels=_labels(top, is_baseline=is_baseline),
        sha256=digest_of(data),
    )


def digest_of(data: bytes) -> Sha256:
    """SHA-256 of a file's bytes."""
    return Sha256(hashlib.sha256(data).hexdigest())


def _none(top: Reader, has: Collection[str]) -> tuple[tuple[str, ...], tuple[tuple[str, Text], ...]]:
    none = top.texts("none", pattern=RULE_ID)
    for one in none:
        if one in has:
            top.fault("none", f"{one} 在本文件中有规定", f"{one} is stated in this file")
    table = top.table("none_notes")
    if table is None:
        return none, ()
    notes = tuple((one, table.said(one) or Text("", "")) for one in none if table.has(one))
    table.done()
    return none, notes


# --- acts ---------------------------------------------------------------------------------------


def read_acts(top: Reader, layer: str, stated: Collection[str] = ()) -> tuple[Act, ...]:
    """The ``[[act]]`` tables of a file; none may describe anew an act that a jurisdiction has ``stated``."""
    found: dict[str, Act] = {}
    for table in top.tables("act"):
        act = Act(
            key=table.text("key", pattern=KEY),
            layer=layer,
            name=table.said("name") or Text("", ""),
            also=table.texts("also"),
            stage=table.one_of("stage", STAGES),
            begin=table.said("begin") or Text("", ""),
            end=table.said("end") or Text("", ""),
            direct=table.texts("direct", known=DIRECT),
            documents=table.texts("documents"),
            retention_days=table.whole("retention_days", least=1),
        )
        table.done()
        if act.key in found:
            table.fault("key", f"{act.key} 重复", f"{act.key} is there twice")
        if act.key in stated:
            table.fault("key", f"{act.key} 由上级文件规定", f"{act.key} is stated by the jurisdiction")
        found[act.key] = act
    return tuple(found.values())


# --- labels -------------------------------------------------------------------------------------


def _labels(top: Reader, *, is_baseline: bool) -> tuple[Label, ...]:
    """The ``[[label]]`` tables of the baseline; a jurisdiction's file has none."""
    found: dict[str, Label] = {}
    for table in top.tables("label"):
        if not is_baseline:
            table.fault(
                "", "标识的后果由基线和本机关规定", "what follows is said by the baseline and the agency"
            )
        label = Label(
            key=table.text("key", pattern=KEY),
            layer=BASELINE,
            name=table.said("name") or Text("", ""),
            look=read_look(table),
            preview=table.truth("preview", needed=True),
            export=table.one_of("export", EXPORTS),
            by=None,
            reason=table.said("reason") or Text("", ""),
        )
        table.done()
        if label.key in found:
            table.fault("key", f"{label.key} 重复", f"{label.key} is there twice")
        found[label.key] = label
    return tuple(found.values())


def read_look(table: Reader) -> tuple[str, ...]:
    """The roles that open what bears a label: one at least."""
    look = table.texts("look", known=LOOKERS)
    if not look:
        table.fault("look", "没有人可以打开", "nobody could open it")
    return look


# --- rules --------------------------------------------------------------------------------------


def read_rules(
    top: Reader,
    *,
    layer: str,
    document: str | None,
    effective: str,
    acts: Collection[str],
    below: Iterable[Rule] = (),
) -> tuple[Rule, ...]:
    """The ``[[rule]]`` tables of a file; none may have the id of a rule of ``below``."""
    stated = {rule.id: rule.layer for rule in below}
    found: dict[str, Rule] = {}
    for table in top.tables("rule"):
        rule = _rule(table, layer=layer, document=document, effective=effective, acts=acts)
        table.done()
        if rule.id in found:
            table.fault("id", f"{rule.id} 重复", f"{rule.id} is there twice")
        if rule.id in stated:
            by = stated[rule.id]
            table.fault(
                "id",
                f"{rule.id} 已由 {by} 规定；基线的数值用 [[override]] 更改",
                f"{rule.id} is stated by {by}; numbers of the baseline are changed by [[override]]",
            )
        _check_rule(table, rule)
        found[rule.id] = rule
    return tuple(found.values())


def _rule(table: Reader, *, layer: str, document: str | None, effective: str, acts: Collection[str]) -> Rule:
    filming = table.one_of("filming", [one.value for one in Filming], needed=False)
    treated = table.one_of("treated_as", [one.value for one in Strength], needed=False)
    return Rule(
        id=table.text("id", pattern=RULE_ID),
        layer=layer,
        document=document,
        strength=table.word("strength", Strength, Strength.OWN if document is None else Strength.MUST),
        qualifier=table.one_of("qualifier", QUALIFIERS, needed=False) or None,
        treated_as=Strength(treated) if treated else None,
        sections=table.texts("section"),
        effective=table.date("effective") or effective,
        due=table.date("due", words=("long-term",)),
        bearer=table.one_of("bearer", BEARERS, needed=False) or None,
        message=table.said("message") or Text("", ""),
        reading=table.said("reading", needed=False),
        reason=table.said("reason", needed=False),
        note=table.said("note", needed=False),
        numbers=table.numbers("numbers"),
        dates=table.days_of_year("dates"),
        span=_span(table),
        lists=tuple(_list(name, inner) for name, inner in table.named("lists")),
        terms=table.texts("terms"),
        acts=table.texts("acts", known=acts),
        filming=Filming(filming) if filming else None,
        bears_on=table.texts("bears_on", known=DIRECT),
        premises=table.truth("premises"),
        requires=table.texts("requires", known=REQUIREMENTS),
        parts=tuple(_part(inner) for inner in table.tables("part")),
        examples=tuple(_example(inner) for inner in table.tables("example")),
        changes=(),
    )


def _span(table: Reader) -> Span | None:
    inner = table.table("clock")
    if inner is None:
        return None
    span = Span(
        start=inner.one_of("start", STARTS),
        stop=inner.one_of("stop", STOPS),
        start_term=inner.text("start_term", needed=False) or None,
    )
    inner.done()
    return span


def _list(name: str, inner: Reader) -> TermList:
    one = TermList(
        name=name,
        items=inner.texts("items"),
        keys=inner.texts("keys", pattern=KEY),
        is_open=inner.truth("open"),
    )
    inner.done()
    if not one.items:
        inner.fault("items", "列表为空", "the list is empty")
    if one.keys and len(one.keys) != len(one.items):
        inner.fault("keys", "与 items 数目不同", "is not as long as items")
    return one


def _part(inner: Reader) -> Part:
    part = Part(
        strength=inner.word("strength", Strength, Strength.MAY),
        sections=inner.texts("section"),
        words=inner.said("words") or Text("", ""),
        terms=inner.texts("terms"),
    )
    inner.done()
    return part


def _example(inner: Reader) -> Example:
    judge = inner.one_of("judge", JUDGES)
    facts = inner.facts("facts")
    expect = inner.one_of("expect", JUDGES[judge].words) if judge else inner.text("expect")
    inner.done()
    if judge:
        known, told = JUDGES[judge], {name for name, _ in facts}
        for name in sorted(known.needs - told):
            inner.fault("facts", f"缺少 {name}", f"{name} is missing")
        for name in sorted(told - known.needs - known.takes):
            inner.fault("facts", f"{judge} 不用 {name}", f"{judge} takes no {name}")
    return Example(judge=judge, facts=facts, expect=expect)


def _check_rule(table: Reader, rule: Rule) -> None:
    """What the keys of a rule say together."""
    is_house = rule.document is None
    if (rule.strength is Strength.OWN) != is_house:
        table.fault("strength", "own 只用于基线和本机关文件，且只用 own", "own is for the baseline and the agency, "
                    "and they have no other")  # fmt: skip
    if rule.id.startswith("OWN") and not is_house:
        table.fault("id", "OWN 编号只用于基线和本机关文件", "OWN ids are for the baseline and the agency")
    if is_house and rule.reason is None:
        table.fault(
            "reason", "缺少（自行规定须说明理由）", "missing (a rule of the house says why it exists)"
        )
    if is_house and rule.sections:
        table.fault("section", "自行规定不引用条款", "a rule of the house cites no section")
    if not is_house and not rule.sections:
        table.fault("section", "缺少（文件中的位置）", "missing (where in the document)")
    if rule.treated_as is not None and (not is_house or rule.treated_as is Strength.OWN):
        table.fault("treated_as", "只用于自行规定，且不能是 own", "is for rules of the house, and is not own")
    if rule.filming and not (rule.acts or rule.bears_on or rule.premises):
        table.fault("filming", "没有说明针对哪些行为", "no acts are named for it")
    if (rule.bears_on or rule.premises) and not rule.filming:
        table.fault("filming", "缺少", "missing")
    _check_places(table, rule)


def _check_places(table: Reader, rule: Rule) -> None:
    """Places in the message are numbers or dates of the rule."""
    known = {name for name, _ in (*rule.numbers, *rule.dates)}
    for lang, text in (("zh", rule.message.zh), ("en", rule.message.en)):
        try:
            named: set[Any] = {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
        except ValueError:
            named = {"{"}
        for name in sorted(named - known):
            table.fault("message", f"{lang}：没有数值 {{{name}}}", f"{lang}: there is no number {{{name}}}")
