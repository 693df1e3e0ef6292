"""Closed vocabularies of the registers: the key that stands in the log, and how files and people say it. PURE."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ingestd.words import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One key with its word on screens, and other words that mean it in a file."""

    text: Text
    also: tuple[str, ...] = ()


Words = Mapping[str, Word]


def _words(**told: tuple[str, str] | tuple[str, str, str]) -> Words:
    """``key=(zh, en)``, a third text has other words that mean it, separated by blanks."""
    return {
        key.replace("_", "-"): Word(text=Text(one[0], one[1]), also=tuple(" ".join(one[2:]).split()))
        for key, one in told.items()
    }


ROLES = _words(
    officer=("执法人员", "officer", "正式 民警 在编"),
    auxiliary=("辅助人员", "auxiliary", "辅警 协管员 协管 执法辅助人员"),
)
PARTY_KINDS = _words(
    person=("自然人", "person", "个人 公民"),
    organisation=("单位", "organisation", "法人 企业 组织 个体工商户 其他组织 法人或其他组织 organization"),
)
CASE_KINDS = _words(
    permit=("行政许可", "permit", "许可"),
    penalty=("行政处罚", "penalty", "处罚"),
    coercion=("行政强制", "coercion", "强制"),
    inspection=("行政检查", "inspection", "检查"),
    levy=("行政征收", "levy", "征收"),
    requisition=("行政征用", "requisition", "征用"),
    fee=("行政收费", "fee", "收费"),
    payment=("行政给付", "payment", "给付"),
    confirmation=("行政确认", "confirmation", "确认"),
    ruling=("行政裁决", "ruling", "裁决"),
    reward=("行政奖励", "reward", "奖励"),
    other=("其他", "other", "其他行政行为"),
)
STAGES = _words(
    opening=("启动", "opening", "程序启动 立案 受理"),
    investigation=("调查取证", "investigation", "调查 取证"),
    decision=("审查决定", "decision", "决定 审查"),
    service_and_execution=("送达执行", "service and execution", "送达 执行"),
    archiving=("归档", "archiving", "归档管理 归档保存"),
)
"""As the act catalogue of the policies has them."""
RESULTS = _words(
    done=("完成", "done", "已完成 正常"),
    served=("直接送达", "served", "送达 已送达"),
    left=("留置送达", "left at the residence", "留置"),
    notice=("公告送达", "served by notice", "公告"),
    mailed=("邮寄送达", "served by mail", "邮寄"),
    refused=("拒绝", "refused", "被拒绝 拒绝配合"),
    absent=("无人", "nobody there", "当事人不在场"),
    interrupted=("中断", "interrupted", "中止"),
    other=("其他", "other"),
)
SIGNED = _words(
    yes=("已签名", "signed", "是 已签 签名 已签字 y 1 true √ ✓"),
    refused=("拒绝签名", "refused to sign", "拒签 拒绝 拒绝签字"),
    no=("未签名", "not signed", "否 未签 未签字 n 0 false × ✗"),
)
OPINIONS = _words(
    agree=("同意", "agree", "通过 无异议"),
    correct=("纠正", "correct", "存在问题 修改 补正 退回"),
    transfer=("移送有权机关处理", "transfer", "移送"),
)
LABELS = _words(
    state=("国家秘密", "state secret"),
    work=("工作秘密", "work secret"),
    trade=("商业秘密", "trade secret"),
    privacy=("个人隐私", "personal privacy"),
)
"""Classification labels of clips (REC-17); a jurisdiction may know fewer."""
MODES = _words(
    permanent=("固定", "permanently", "固定配发 长期 永久"),
    shift=("按班次", "for a shift", "当班 班次 轮班"),
    ad_hoc=("临时", "ad hoc", "临时借用 借用"),
)


def key_of(words: Words, text: str) -> str | None:
    """The key of a word as files say it, in either language and in any case; None: it is none of them."""
    folded = text.casefold()
    for key, word in words.items():
        if folded in (key, word.text.zh, word.text.en.casefold()) or folded in word.also:
            return key
    return None


def listed(words: Words) -> Text:
    """All of them for a message."""
    return Text(
        "、".join(word.text.zh for word in words.values()),
        ", ".join(f"{key} ({word.text.zh})" for key, word in words.items()),
    )
