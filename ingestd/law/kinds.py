"""The kinds of findings that the rules make: what is said, and what a person does about it. PURE."""

from __future__ import annotations

from dataclasses import dataclass

from ingestd.words import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of finding."""

    what: Text
    to_do: Text


def _kind(zh: str, en: str, do_zh: str, do_en: str) -> Kind:
    return Kind(what=Text(zh, en), to_do=Text(do_zh, do_en))


KINDS: dict[str, Kind] = {
    "clip-late": _kind(
        "音像记录超过规定时限入库",
        "a recording was stored after its time limit",
        "由使用人书面说明迟交原因，归入案卷。",
        "the officer explains the delay in writing, for the case file.",
    ),
    "clip-time-unknown": _kind(
        "无法确定音像记录是否按时入库",
        "whether a recording was stored in time cannot be told",
        "对照文字记录核实录制时间，并校准记录仪时钟。",
        "compare with the written record when it was made, and set the recorder's clock.",
    ),
    "clip-due-soon": _kind(
        "记录仪上有音像记录即将超过规定时限",
        "a recording on a recorder is close to its time limit",
        "催交：现在就把记录仪送回接入。",
        "have the recorder docked now.",
    ),
    "clip-overdue": _kind(
        "音像记录已超过规定时限，仍未入库",
        "a recording is past its time limit and not stored",
        "催交：让记录仪尽快接入。",
        "have the recorder docked as soon as possible.",
    ),
    "not-returned": _kind(
        "记录仪超过规定时限未归还",
        "a recorder has been out for longer than the time limit",
        "联系使用人，把记录仪送回接入；遗失的报失（命令 recorder lost），已收回不用的登记为无人使用"
        "（recorder assign --nobody）。",
        "ask its officer to bring it back to the dock; report a lost one (recorder lost), enter one that was "
        "taken back as nobody's (recorder assign --nobody).",
    ),
    "filming-proposed": _kind(
        "此执法行为可能须全程录像，等待认定",
        "this act may have to be filmed whole; somebody has to determine it",
        "由负责人认定是否必要：finding determine ID --needed 或 --not-needed，并写明理由。",
        "a person determines whether it is necessary: finding determine ID --needed or --not-needed, with the "
        "reason.",
    ),
    "act-unfilmed": _kind(
        "执法行为没有音像记录",
        "an act has no footage",
        "查明录像在哪台记录仪上并接入；没有录像的，由所在单位说明原因。",
        "find the recorder that has it and dock it; where there is none, the unit says why.",
    ),
    "act-gaps": _kind(
        "须全程录像的执法行为有缺口",
        "an act that is to be filmed whole has gaps",
        "查明缺口期间是否另有记录仪在场；没有的，由所在单位说明原因。",
        "find out whether another recorder was there; where none was, the unit says why.",
    ),
    "act-coverage-unclear": _kind(
        "须全程录像的执法行为是否录全不能确定",
        "whether an act that is to be filmed whole is on film throughout cannot be told",
        "对照文字记录核实、补登起止时间，核对录像时间，并校准记录仪时钟。",
        "compare act and clips with the written record, enter the times that lack, set the recorder's clock.",
    ),
    "clip-unmatched": _kind(
        "录像没有对应的执法行为",
        "a recording belongs to no act",
        "在案件平台补录该行为；确与执法无关的，由监督人员写明理由后免除。",
        "enter the act in the case platform; a supervisor waives what belongs to no act and says why.",
    ),
    "speech-missing": _kind(
        "启动录制后没有语音说明",
        "nobody speaks at the beginning of a recording",
        "由执法人员补充书面说明（部门、人员、事由、时间、地点），归入案卷。",
        "the officer adds in writing what was to be said (department, people, cause, time, place).",
    ),
    "note-missing": _kind(
        "音像记录缺少文字说明",
        "a recording has no text note",
        "用 clip note 补上简要说明。",
        "add the short note with clip note.",
    ),
    "record-unsigned": _kind(
        "文字记录既无签名，也未注明拒签原因",
        "a text record is neither signed nor says why the party refused",
        "补签，或由执法人员注明拒签原因；在案件平台更正后自动消除。",
        "have it signed or note why the party refused; a correction in the case platform ends this by itself.",
    ),
    "documents-missing": _kind(
        "执法行为缺少应有的文书",
        "documents that belong to an act are missing",
        "补入缺少的文书；确实不需要的，由监督人员免除。",
        "add them; a supervisor waives what is not needed here.",
    ),
    "case-file-overdue": _kind(
        "案卷超过规定期限仍未形成",
        "a case file is past its time limit and not formed",
        "整理案卷，形成后用 case filed 登记。",
        "form the case file and enter it with case filed.",
    ),
    "case-file-late": _kind(
        "案卷超过规定期限才形成",
        "a case file was formed after its time limit",
        "由承办单位说明原因。",
        "the undertaking unit says why.",
    ),
    "decision-unpublished": _kind(
        "行政执法决定超过规定期限仍未公开",
        "a decision is past its time limit and not public",
        "公开该决定；依法不公开的，由监督人员写明依据后免除。",
        "publish it; where other law forbids that, a supervisor waives this and says which.",
    ),
    "decision-published-late": _kind(
        "行政执法决定超过规定期限才公开",
        "a decision was made public after its time limit",
        "由承办单位说明原因。",
        "the undertaking unit says why.",
    ),
    "decision-not-withdrawn": _kind(
        "已撤销、确认违法或须重作的决定仍在公开",
        "a decision that was revoked, found unlawful or is to be redone is still public",
        "立即撤下公开的信息。",
        "withdraw it from publication at once.",
    ),
    "decision-withdrawn-late": _kind(
        "应撤下的决定超过规定期限才撤下",
        "a decision was withdrawn from publication after the time limit",
        "由承办单位说明原因。",
        "the undertaking unit says why.",
    ),
    "year-figures-overdue": _kind(
        "年度执法统计超过规定日期",
        "the yearly figures are past their date",
        "报送或公开年度统计，并用 sheet given 登记。",
        "report or publish them and enter that with sheet given.",
    ),
    "inspections-unpublished": _kind(
        "随机抽查结果未按期公开",
        "results of random inspections are past their date and not public",
        "公开该月抽查情况和查处结果，并用 sheet given 登记。",
        "publish that month's inspections and results and enter that with sheet given.",
    ),
    "decided-unreviewed": _kind(
        "重大执法决定未经法制审核（或审核未通过）即作出",
        "a major decision was taken without the legal review that its rule asks for",
        "立即补办法制审核；由承办单位和审核机构说明原因。",
        "have it reviewed at once; the undertaking unit and the reviewers say why.",
    ),
    "decided-unchecked": _kind(
        "重大执法决定送审前没有合法性自查",
        "a major decision was taken without the unit's own check of lawfulness",
        "补做自查并由承办机构说明原因。",
        "do the check and say why it was left out.",
    ),
    "decided-undetermined": _kind(
        "决定已作出，是否重大执法决定未认定，也没有法制审核",
        "a case was decided without a review, and whether its decision is a major one was not determined",
        "用 case add 案号 --major yes 或 no 认定；属重大的，立即补办法制审核。",
        "determine it with case add CASE --major yes, or no; if it is major, have it reviewed at once.",
    ),
    "review-overdue": _kind(
        "法制审核超过期限仍无意见",
        "a legal review is past its limit and has no opinion",
        "由审核人员出具意见（命令 review opinion）；期限另有规定的，更正送审（review open）。",
        "the reviewer gives the opinion (review opinion); correct the limit where another holds (review open).",
    ),
    "certificate-invalid": _kind(
        "登记中没有执法人员在行为当日有效的证件",
        "the registers tell no certificate of an officer that was valid on the day of the act",
        "核实证件，在登记中补齐或更正；确无有效证件的，由审核机构评估该行为的效力。",
        "check it and complete or correct the register; where there was none, the reviewers weigh what that means.",
    ),
    "recorders-short": _kind(
        "执法记录仪数量不足",
        "there are too few recorders",
        "补配记录仪，或在登记中更正人数与台数。",
        "get more recorders, or correct the figures in the register.",
    ),
    "reviewers-short": _kind(
        "法制审核人员不足",
        "there are too few legal reviewers",
        "增配审核人员，或在登记中更正。",
        "appoint more reviewers, or correct the register.",
    ),
    "audit-overdue": _kind(
        "该月音像记录未按期随机抽查",
        "a month's recordings were not drawn for a playback audit in time",
        "用 audit draw --month 抽取该月的录像。",
        "draw from that month's recordings with audit draw --month.",
    ),
    "audit-unrevealed": _kind(
        "抽查的随机数未在期限内公开",
        "the nonce of a playback audit was not revealed in time",
        "同一范围另行抽取（audit draw）；由抽查人说明未公开的原因。",
        "make another draw of the same recordings (audit draw); the auditor says why the nonce was kept.",
    ),
    "audit-unjudged": _kind(
        "抽中的录像未按期评判",
        "clips that a playback audit drew were not judged in time",
        "调阅后用 audit judge 逐段评判；见 audit list。",
        "play them and judge each with audit judge; see audit list.",
    ),
}
"""Every kind with its sentence, in the order of a case's life."""
