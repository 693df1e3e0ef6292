"""Statements of registers and cases as sentences. PURE.

A sentence has ids, words and moments; names stand in value files, which `show` and `case explain` open.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo
from typing import Any

from ingestd import events
from ingestd.events import Event
from ingestd.facts import FileRow
from ingestd.model import Millis
from ingestd.registers import words
from ingestd.registers.columns import REGISTERS
from ingestd.registers.words import Words
from ingestd.telling.plain import day_or_stamp, size_text, stamp_text
from ingestd.vault.document_types import TYPES
from ingestd.words import Text


def word(known: Words, key: str | None) -> Text:
    """The word of a key; the key itself where it is none of them; a question mark for nothing."""
    if key is None:
        return Text("？", "?")
    found = known.get(key)
    return Text(key, key) if found is None else found.text


def of_source(source: FileRow | None) -> Text:
    """Where in a file it was said; nothing where a person said it."""
    if source is None:
        return Text("", "")
    short = source.sha256[:12]
    return Text(f"（文件 {short} 第 {source.row} 行）", f" (file {short}, line {source.row})")


def _when(zh: str, en: str, at: Millis | None, zone: tzinfo, *, is_end: bool = False) -> Text:
    if at is None:
        return Text("", "")
    told = day_or_stamp(at, zone, is_end=is_end)
    return Text(f"，{zh} {told}", f", {en} {told}")


def _time(zh: str, en: str, at: Millis | None, zone: tzinfo) -> Text:
    """Of an act: midnight is a time there."""
    return (
        Text("", "")
        if at is None
        else Text(f"，{zh} {stamp_text(at, zone)}", f", {en} {stamp_text(at, zone)}")
    )


def _said(head: Text, *parts: Text, source: FileRow | None) -> Text:
    told = of_source(source)
    return Text(
        f"{head.zh}{''.join(part.zh for part in parts)}{told.zh}。",
        f"{head.en}{''.join(part.en for part in parts)}{told.en}.",
    )


def _unit(e: events.UnitStated, _zone: tzinfo) -> Text:
    name = e.name or "？"
    parent = Text("", "") if e.parent is None else Text(f"，上级 {e.parent}", f", below {e.parent}")
    key = Text("，重点单位", ", a key unit") if e.key_unit else Text("", "")
    return _said(Text(f"单位 {e.unit}：{name}", f"Unit {e.unit}: {name}"), parent, key, source=e.source)


def _officer(e: events.OfficerStated, zone: tzinfo) -> Text:
    role = word(words.ROLES, e.role)
    unit = Text("", "") if e.unit is None else Text(f"，单位 {e.unit}", f", unit {e.unit}")
    until = _when("证件有效至", "certificate valid until", e.valid_until, zone, is_end=True)
    away = Text("", "") if e.active else Text("，不在岗", ", not in service")
    head = Text(f"人员 {e.officer} 登记：{role.zh}", f"Officer {e.officer} is registered: {role.en}")
    return _said(head, unit, until, away, source=e.source)


def _party(e: events.PartyStated, _zone: tzinfo) -> Text:
    kind = Text("类型未说明", "of no stated kind") if e.kind is None else word(words.PARTY_KINDS, e.kind)
    head = Text(f"当事人 {e.party} 登记：{kind.zh}", f"Subject {e.party} is registered: {kind.en}")
    return _said(head, source=e.source)


def _imported(e: events.RegisterImported, _zone: tzinfo) -> Text:
    register = REGISTERS.get(e.register)
    what = Text(e.register, e.register) if register is None else register.words
    return Text(
        f"导入{what.zh}：文件 {e.file[:12]}，{e.rows} 行，其中 {e.changed} 行有新内容，{e.same} 行已知，"
        f"{e.refused} 行未采用。",
        f"A file of {what.en} was imported: {e.file[:12]}, {e.rows} rows, {e.changed} with something new, "
        f"{e.same} known, {e.refused} refused.",
    )


def _case(e: events.CaseStated, zone: tzinfo) -> Text:
    kind = Text("", "")
    if e.kind is not None:
        told = word(words.CASE_KINDS, e.kind)
        kind = Text(f"（{told.zh}）", f" ({told.en})")
    return _said(
        Text(f"案件 {e.case}{kind.zh}", f"Case {e.case}{kind.en}"),
        _when("立案", "opened", e.opened_at, zone),
        _when("决定", "decided", e.decided_at, zone),
        _when("终结", "concluded", e.concluded_at, zone),
        Text("，重大执法决定", ", a major decision") if e.major else Text("", ""),
        source=e.source,
    )


def _act(e: events.ActStated, zone: tzinfo) -> Text:
    kind = e.kind or "？"
    case = Text("", "") if e.case is None else Text(f"，案件 {e.case}", f", case {e.case}")
    officers = "、".join(e.officers)
    who = (
        Text("", "") if not e.officers else Text(f"，人员 {officers}", f", officers {', '.join(e.officers)}")
    )
    result = Text("", "")
    if e.result is not None:
        told = word(words.RESULTS, e.result)
        result = Text(f"，结果：{told.zh}", f", result: {told.en}")
    return _said(
        Text(f"执法行为 {e.act}：{kind}", f"Act {e.act}: {kind}"),
        case,
        _time("开始", "from", e.started_at, zone),
        _time("结束", "to", e.ended_at, zone),
        who,
        result,
        source=e.source,
    )


def _record(e: events.TextRecordStated, zone: tzinfo) -> Text:
    kind = e.kind or "？"
    case = Text("", "") if e.case is None else Text(f"，案件 {e.case}", f", case {e.case}")
    signed = Text("", "")
    if e.signed is not None:
        told = word(words.SIGNED, e.signed)
        signed = Text(f"，{told.zh}", f", {told.en}")
    made = _when("制作", "made", e.made_at, zone)
    return _said(
        Text(f"文字记录 {e.record}：{kind}", f"Text record {e.record}: {kind}"),
        case,
        made,
        signed,
        source=e.source,
    )


def _document(e: events.DocumentStored, _zone: tzinfo) -> Text:
    size = size_text(e.size)
    case = Text(" ", "") if e.case is None else Text(f"（案件 {e.case}）", f" (case {e.case})")
    kind = TYPES[e.media].text if e.media in TYPES else Text(e.media, e.media)
    return Text(
        f"文字记录 {e.record}{case.zh}的文件已入库、签名：{kind.zh}，{size}，SHA-256 {e.sha256[:12]}…。",
        f"The file of text record {e.record}{case.en} was stored and signed: {kind.en}, {size}, "
        f"SHA-256 {e.sha256[:12]}….",
    )


def _decision(e: events.DecisionStated, zone: tzinfo) -> Text:
    kind = e.kind or "？"
    case = Text("", "") if e.case is None else Text(f"，案件 {e.case}", f", case {e.case}")
    return _said(
        Text(f"决定 {e.decision}：{kind}", f"Decision {e.decision}: {kind}"),
        case,
        _when("作出", "made", e.at, zone),
        _when("公示", "published", e.public_at, zone),
        _when("知悉应撤回", "known to be revoked", e.revoked_at, zone),
        _when("撤下", "withdrawn", e.withdrawn_at, zone),
        source=e.source,
    )


def _review(e: events.ReviewStated, zone: tzinfo) -> Text:
    case = Text("", "") if e.case is None else Text(f"案件 {e.case} ", f" of case {e.case}")
    opinion = Text("，尚无意见", ", no opinion yet")
    if e.opinion is not None:
        told = word(words.OPINIONS, e.opinion)
        opinion = Text(f"，意见：{told.zh}", f", opinion: {told.en}")
    by = Text("", "") if e.reviewer is None else Text(f"，审核人 {e.reviewer}", f", reviewer {e.reviewer}")
    return _said(
        Text(f"{case.zh}法制审核第 {e.round} 轮", f"Legal review{case.en}, round {e.round}"),
        _when("自查", "self-checked", e.self_checked_at, zone),
        _when("送审", "submitted", e.submitted_at, zone),
        opinion,
        by,
        _when("提请协调", "taken further", e.escalated_at, zone),
        source=e.source,
    )


SENTENCES: dict[type[Event], Callable[[Any, tzinfo], Text]] = {
    events.UnitStated: _unit,
    events.OfficerStated: _officer,
    events.PartyStated: _party,
    events.RegisterImported: _imported,
    events.CaseStated: _case,
    events.ActStated: _act,
    events.TextRecordStated: _record,
    events.DocumentStored: _document,
    events.DecisionStated: _decision,
    events.ReviewStated: _review,
}
"""The sentence of each statement, moments in a zone."""
