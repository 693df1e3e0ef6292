"""Sentences of the law's own events: links, analyses, notes, determinations, steps on findings. PURE."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ingestd import events
from ingestd.events import Event
from ingestd.telling import analysis_words, terms
from ingestd.telling.plain import shown
from ingestd.words import Text


def _to(act: str | None, case: str | None) -> Text:
    if act is not None:
        return Text(f"执法行为 {shown(act)}", f"act {shown(act)}")
    if case is not None:
        return Text(f"案件 {shown(case)}", f"case {shown(case)}")
    return Text("任何行为", "any act")


def _clip_linked(e: events.ClipLinked) -> Text:
    to = _to(e.act, e.case)
    if e.by == "person":
        return Text(f"由人归入{to.zh}。", f"A person linked it to {to.en}.")
    return Text(f"自动归入{to.zh}。", f"It was linked to {to.en} by itself.")


def _clip_unlinked(e: events.ClipUnlinked) -> Text:
    to = _to(e.act, e.case)
    if e.by == "person":
        return Text(f"由人认定不属于{to.zh}。", f"A person said that it does not belong to {to.en}.")
    return Text(f"与{to.zh}的自动关联已取消。", f"Its link to {to.en} was taken back by itself.")


def _clip_queued(e: events.ClipQueued) -> Text:
    if not e.candidates:
        return Text("没有可供选择的执法行为了。", "There is no act to choose any more.")
    acts = ", ".join(shown(one.act) for one in e.candidates)
    why = Text(shown(e.zh), shown(e.en))
    return Text(
        f"未自动归入：{why.zh}；候选依次为 {acts}。",
        f"It was not linked by itself: {why.en}. Candidates, the likeliest first: {acts}.",
    )


def _law_settled(e: events.LawSettled) -> Text:
    return Text(
        f"日志第 {e.size} 条之前的事实均已关联并判断。",
        f"All facts before log entry {e.size} are linked and judged.",
    )


def _clip_noted(_e: events.ClipNoted) -> Text:
    return Text("已补上文字说明。", "Its text note was entered.")


def _labelled(e: events.ClipLabelled | events.TextRecordLabelled) -> Text:
    if not e.labels:
        return Text("密级与隐私标识已撤下。", "Its classification labels were taken away.")
    told = terms.words(terms.LABELS, e.labels)
    return Text(f"标识为{told.zh}。", f"It is labelled: {told.en}.")


def _filming_determined(e: events.FilmingDetermined) -> Text:
    if e.needed:
        return Text("认定此行为须全程录像。", "It was determined that the act has to be filmed whole.")
    return Text("认定此行为不必全程录像。", "It was determined that the act need not be filmed whole.")


def _case_filed(_e: events.CaseFiled) -> Text:
    return Text("案卷已形成。", "The case file was formed.")


def _sheet_given(e: events.SheetGiven) -> Text:
    sheet, period = shown(e.sheet), shown(e.period)
    return Text(
        f"{period} 的统计（{sheet}）已报送或公开。", f"The figures of {period} ({sheet}) were given out."
    )


def _finding_changed(e: events.FindingChanged) -> Text:
    rule = f" ({shown(e.rule)})" if e.rule else ""
    return Text(f"异常所据事实有变{rule}。", f"The facts of an open finding changed{rule}.")


def _acknowledged(_e: events.FindingAcknowledged) -> Text:
    return Text("异常已有人受理。", "Somebody looks into a finding.")


def _explained(_e: events.FindingExplained) -> Text:
    return Text("所在单位说明了异常的原因。", "The unit explained a finding.")


def _waived(_e: events.FindingWaived) -> Text:
    return Text("监督人员免除了异常。", "A supervisor waived a finding.")


SENTENCES: dict[type[Event], Callable[[Any], Text]] = {
    events.ClipLinked: _clip_linked,
    events.ClipUnlinked: _clip_unlinked,
    events.ClipQueued: _clip_queued,
    events.LawSettled: _law_settled,
    events.MediaAnalysed: analysis_words.in_short,
    events.ClipNoted: _clip_noted,
    events.ClipLabelled: _labelled,
    events.TextRecordLabelled: _labelled,
    events.FilmingDetermined: _filming_determined,
    events.CaseFiled: _case_filed,
    events.SheetGiven: _sheet_given,
    events.FindingChanged: _finding_changed,
    events.FindingAcknowledged: _acknowledged,
    events.FindingExplained: _explained,
    events.FindingWaived: _waived,
}
