"""The facts of the rules' findings in words with units. PURE."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from ingestd import canon
from ingestd.model import Millis
from ingestd.telling.plain import day_or_stamp, span_text, stamp_text
from ingestd.words import Lang, Text

LABELS: dict[str, Text] = {
    "act": Text("执法行为", "act"),
    "act_kind": Text("行为类型", "kind of act"),
    "case": Text("案件", "case"),
    "why": Text("依据", "because"),
    "added_by": Text("增列部门", "added by"),
    "added_reason": Text("增列理由", "added because"),
    "started_at": Text("开始", "began"),
    "ended_at": Text("结束", "ended"),
    "started_earliest": Text("录制不早于", "recorded not before"),
    "started_latest": Text("录制不晚于", "recorded not after"),
    "clips": Text("录像段数", "clips"),
    "recorders": Text("记录仪", "recorders"),
    "length_ms": Text("行为时长", "length of the act"),
    "covered_ms": Text("确已录到", "surely on film"),
    "doubtful_ms": Text("不能确定", "doubtful"),
    "missing_ms": Text("至少缺", "missing at least"),
    "overlap_ms": Text("两台以上同时录到", "on more than one recorder"),
    "gaps": Text("缺口数", "gaps"),
    "speech_from_ms": Text("语音始于", "speech from"),
    "lead_ms": Text("预录", "pre-recorded"),
    "within_s": Text("应在多少秒内", "within seconds"),
    "record_kind": Text("文书", "document"),
    "signed": Text("签名", "signature"),
    "documents": Text("缺少的文书", "missing documents"),
    "concluded_at": Text("办结", "concluded"),
    "formed_at": Text("案卷形成", "case file formed"),
    "days": Text("期限（日）", "days"),
    "working_days": Text("期限（工作日）", "working days"),
    "provisional": Text("节假日尚未公布，期限暂定", "days off not published yet: provisional"),
    "decided_at": Text("作出决定", "decided"),
    "public_at": Text("公开", "made public"),
    "revoked_at": Text("得知撤销等", "known to be revoked"),
    "withdrawn_at": Text("撤下", "withdrawn"),
    "sheet": Text("报表", "sheet"),
    "period": Text("期别", "period"),
    "cases": Text("案件数", "cases"),
    "lacking": Text("缺少", "lacking"),
    "not_counted": Text(
        "意见不算数的审核人（参加了本案执法）", "reviewers who do not count (on the case's acts)"
    ),
    "rounds": Text("审核轮次", "rounds of review"),
    "review": Text("审核编号", "review"),
    "round": Text("第几轮", "round"),
    "submitted_at": Text("送审", "submitted"),
    "act_officer": Text("执法人员", "officer"),
    "valid_from_at": Text("证件有效期自", "valid from"),
    "valid_until_at": Text("证件有效期至", "valid until"),
    "persons": Text("人数", "persons"),
    "has": Text("现有", "has"),
    "needed": Text("应有", "needed"),
}
_WORDS: dict[str, dict[str, Text]] = {
    "why": {
        "listed": Text("条文所列", "the rule lists it"),
        "bears-on": Text("直接涉及重大权益", "it bears on liberty, life or major property"),
        "premises": Text("在执法场所", "on enforcement premises"),
        "added": Text("本机关按“等”增列", "the agency added it to the rule's open list"),
    },
    "signed": {"no": Text("未签", "none"), "refused": Text("拒签", "refused")},
    "sheet": {
        "year-reported": Text("年度统计报送", "yearly figures, reported"),
        "year-public": Text("年度统计公开", "yearly figures, public"),
        "inspections-public": Text("随机抽查结果公开", "random inspections, public"),
    },
    "provisional": {"0": Text("否", "no"), "1": Text("是", "yes")},
}
_REQUIREMENTS = {
    "review": Text("法制审核", "review"),
    "passed": Text("审核通过", "its passing"),
    "self-check": Text("合法性自查", "self-check"),
}
_NOT_SPANS = frozenset({"since_ms", "by_ms", "at_least_ms", "at_most_ms"})
"""Milliseconds that are something else; `finding_words` has them."""
_OF_REGISTERS = frozenset(
    (
        *("concluded_at", "decided_at", "public_at", "revoked_at", "withdrawn_at", "submitted_at"),
        *("valid_from_at", "valid_until_at"),
    )
)
"""Moments that files may tell to the day."""
_CERTIFICATE = frozenset(("valid_from_at", "valid_until_at"))
_GAP = "gap_"


def readable(facts: Sequence[tuple[str, str | int | None]]) -> Sequence[tuple[str, str | int | None]]:
    """The facts of a finding as people read them: of a certificate's the officer is one of the act.

    All others name who had a recorder. A day of a certificate that nobody told is no bound, and left out.
    """
    if _CERTIFICATE.isdisjoint(name for name, _ in facts):
        return facts
    return [
        ("act_officer" if name == "officer" else name, value)
        for name, value in facts
        if value is not None or name not in _CERTIFICATE
    ]


def label(name: str) -> Text | None:
    """What a fact is called; None: not one of ours."""
    if name.startswith(_GAP):
        number = name.removeprefix(_GAP)
        return Text(f"缺口 {number}", f"gap {number}")
    return LABELS.get(name)


def value(name: str, told: str | int, *, lang: Lang, zone: tzinfo) -> str | None:
    """A fact's value for people; None: as it is."""
    if name.startswith(_GAP):
        return _gap(str(told), lang, zone)
    if name in _WORDS and str(told) in _WORDS[name]:
        return _WORDS[name][str(told)].say(lang)
    if name == "lacking":
        return Text("、", ", ").say(lang).join(_REQUIREMENTS[one].say(lang) for one in str(told).split())
    if name.endswith("_ms") and name not in _NOT_SPANS:
        return span_text(int(told), lang)
    if name.endswith("_at"):
        at, is_end = canon.instant(str(told)), name == "valid_until_at"
        return day_or_stamp(at, zone, is_end=is_end) if name in _OF_REGISTERS else stamp_text(at, zone)
    return None


def _gap(told: str, lang: Lang, zone: tzinfo) -> str:
    """``earliest/latest/length`` (milliseconds) as from when, for how long."""
    earliest, latest, length = (int(part) for part in told.split("/"))
    begin = stamp_text(Millis(earliest), zone)
    if latest != earliest:
        end = stamp_text(Millis(latest), zone)
        begin = Text(f"{begin} 至 {end} 之间", f"between {begin} and {end}").say(lang)
    return Text(f"{begin} 起 {span_text(length, lang)}", f"{span_text(length, lang)} from {begin}").say(lang)
