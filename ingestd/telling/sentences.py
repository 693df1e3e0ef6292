"""Each event as one sentence in both languages: the chain of an item as people read it. PURE.

Names of people stand in value files and not in events, so a sentence has numbers and ids only. Words are
those of the screens (`terms`); what comes from a card is made safe to show.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, tzinfo
from typing import Any

from ingestd import events
from ingestd.events import Event
from ingestd.model import UNIDENTIFIED
from ingestd.telling import (
    account_sentences,
    audit_sentences,
    law_sentences,
    look_sentences,
    register_sentences,
    signs,
    station_sentences,
    terms,
)
from ingestd.telling.plain import shown, size_text, stamp_text
from ingestd.telling.terms import word
from ingestd.words import Text


def sentence(event: Event, *, actor: str, zone: tzinfo = UTC) -> Text:
    """What happened, who did it (``daemon`` is the station itself), with what result; moments in a zone."""
    kind = type(event)
    text = _WITH_TIMES[kind](event, zone) if kind in _WITH_TIMES else _SENTENCES[kind](event)
    if actor != "daemon":
        text = Text(f"{actor}：{text.zh}", f"{actor}: {text.en}")
    return Text(shown(text.zh), shown(text.en))


def _recorder_enrolled(e: events.RecorderEnrolled) -> Text:
    if e.family is None:
        return Text(
            f"记录仪 {e.recorder} 登记，型式待接入时识别。",
            f"Recorder {e.recorder} is known from now on; its family will show when it is docked.",
        )
    return Text(
        f"记录仪 {e.recorder} 登记（型式 {e.family}）。",
        f"Recorder {e.recorder} is known from now on (family {e.family}).",
    )


def _recorder_assigned(e: events.RecorderAssigned, zone: tzinfo) -> Text:
    since = "" if e.since_at is None else stamp_text(e.since_at, zone)
    until = "" if e.until_at is None else stamp_text(e.until_at, zone)
    zh = (f"，自 {since} 起" if since else "") + (f"，至 {until}" if until else "")
    en = (f", from {since}" if since else "") + (f", until {until}" if until else "")
    if e.officer is None:
        return Text(
            f"记录仪 {e.recorder} 不再分配给任何人{zh}。",
            f"Recorder {e.recorder} is assigned to nobody{en}.",
        )
    mode = word(terms.MODES, e.mode)
    return Text(
        f"记录仪 {e.recorder} 分配给 {e.officer}（{mode.zh}{zh}）。",
        f"Recorder {e.recorder} is assigned to {e.officer} ({mode.en}{en}).",
    )


def _recorder_docked(e: events.RecorderDocked) -> Text:
    battery = "" if e.battery is None else f"{e.battery}%"
    return Text(
        f"记录仪 {e.recorder} 接入槽位 {e.slot}" + (f"，电量 {battery}。" if battery else "。"),
        f"Recorder {e.recorder} was put into slot {e.slot}" + (f", battery {battery}." if battery else "."),
    )


def _recorder_clear(e: events.RecorderClear) -> Text:
    return Text(
        f"记录仪 {e.recorder} 全部入库并已清除，可取走。",
        f"Everything of recorder {e.recorder} is secured and gone from it: it may be taken.",
    )


def _recorder_problem(e: events.RecorderProblem) -> Text:
    problem, detail = word(signs.PROBLEMS, e.problem), e.detail
    return Text(
        f"记录仪 {e.recorder} 异常：{problem.zh}" + (f"（{detail}）。" if detail else "。"),
        f"Problem with recorder {e.recorder}: {problem.en}" + (f" ({detail})." if detail else "."),
    )


def _recorder_pulled_early(e: events.RecorderPulledEarly) -> Text:
    return Text(
        f"记录仪 {e.recorder} 提前取走，{e.unsecured} 个文件尚未入库。",
        f"Recorder {e.recorder} was taken too early: {e.unsecured} files were not secured.",
    )


def _recorder_handed_out(e: events.RecorderHandedOut) -> Text:
    return Text(
        f"记录仪 {e.recorder} 由 {e.proposed_by} 提出、{e.confirmed_by} 确认后发还，隔离的记录仍在其上。",
        f"Recorder {e.recorder} was handed out with its quarantined clips still on it: proposed by "
        f"{e.proposed_by}, confirmed by {e.confirmed_by}.",
    )


def _recorder_undocked(e: events.RecorderUndocked, zone: tzinfo) -> Text:
    if e.recorder == UNIDENTIFIED:
        return Text(f"槽位 {e.slot} 中的设备已取走。", f"What stood in slot {e.slot} was taken from it.")
    to = _issued_to(e.issued_to)
    when = Text("", "")
    if e.not_before_at is not None:
        since = stamp_text(e.not_before_at, zone)
        when = Text(
            f"，时间在 {since} 之后（其间无人看管槽位）", f", some time after {since} (nobody watched)"
        )
    return Text(
        f"记录仪 {e.recorder} 从槽位 {e.slot} 取走{to.zh}{when.zh}。",
        f"Recorder {e.recorder} was taken from slot {e.slot}{to.en}{when.en}.",
    )


def _issued_to(issued: events.IssuedTo | None) -> Text:
    if issued is None:
        return Text("", "")
    if not issued.is_clear:
        return Text("，交由谁使用不能确定", "; to whom it was issued cannot be told")
    if issued.officer is None:
        return Text("，未分配给任何人", ", assigned to nobody")
    mode = word(terms.MODES, issued.mode or "")
    return Text(f"，交由 {issued.officer} 使用（{mode.zh}）", f", issued to {issued.officer} ({mode.en})")


def _recorder_lost(e: events.RecorderLost) -> Text:
    return Text(f"记录仪 {e.recorder} 报失。", f"Recorder {e.recorder} was reported lost.")


def _recorder_urged(e: events.RecorderUrged) -> Text:
    if e.path is None:
        return Text(f"催交记录仪 {e.recorder}，优先采集。", f"Recorder {e.recorder} is wanted first.")
    return Text(
        f"催交记录仪 {e.recorder} 上的 {e.path}，优先采集。",
        f"{e.path} on recorder {e.recorder} is wanted first.",
    )


def _device_refused(e: events.DeviceRefused) -> Text:
    gate = word(terms.GATES, e.gate)
    names = ", ".join(c.text for c in e.claims if c.text and c.what in ("usb_id", "model"))
    return Text(
        f"槽位 {e.slot} 中的设备被拒绝：{gate.zh}" + (f"（{names}）。" if names else "。"),
        f"What was put into slot {e.slot} was refused: {gate.en}" + (f" ({names})." if names else "."),
    )


def _session_opened(e: events.SessionOpened) -> Text:
    return Text(
        f"槽位 {e.slot} 有设备接入（驱动 {e.driver}）。",
        f"Something appeared in slot {e.slot} (driver {e.driver}).",
    )


def _card_listed(e: events.CardListed) -> Text:
    wanted = sum(file.plan == "acquire" for file in e.files)
    zh, en = ("", "") if e.complete else ("；有目录未能列出", "; a folder could not be listed")
    return Text(
        f"存储卡共 {len(e.files)} 项，其中 {wanted} 项待采集{zh}。",
        f"The card has {len(e.files)} entries, {wanted} of them to be acquired{en}.",
    )


def _session_closed(e: events.SessionClosed) -> Text:
    outcome = word(terms.OUTCOMES, e.outcome)
    return Text(
        f"本次接入结束：{outcome.zh}（入库 {e.secured}，隔离 {e.quarantined}，清除 {e.released}，"
        f"留存 {e.left}，共 {size_text(e.bytes)}）。",
        f"The docking ended: {outcome.en} ({e.secured} secured, {e.quarantined} quarantined, "
        f"{e.released} released, {e.left} left, {size_text(e.bytes)}).",
    )


def _clip_secured(e: events.ClipSecured) -> Text:
    zh = "；字节与已有采集相同" if e.duplicate_of else ""
    en = "; an earlier acquisition has the same bytes" if e.duplicate_of else ""
    zh += "；取代先前隔离的采集" if e.supersedes else ""
    en += "; it supersedes a quarantined read" if e.supersedes else ""
    zh += f"；文件自述来自另一台记录仪 {e.claimed_recorder}" if e.claimed_recorder else ""
    en += f"; the file names another recorder, {e.claimed_recorder}" if e.claimed_recorder else ""
    return Text(
        f"{e.path}（{size_text(e.size)}）已读出、回读一致、签名并入库{zh}。",
        f"{e.path} ({size_text(e.size)}) was read, read back equal, signed and secured{en}.",
    )


def _clip_quarantined(e: events.ClipQuarantined) -> Text:
    fault, bad = word(terms.FAULTS, e.fault), sum(one.length for one in e.bad_ranges)
    zh = "只有开头部分" if e.partial else f"有 {size_text(bad)} 未能读出"
    en = "only its beginning is held" if e.partial else f"{size_text(bad)} could not be read"
    return Text(
        f"{e.path} 隔离入库：{fault.zh}，{zh}。",
        f"{e.path} was stored in quarantine: {fault.en}, {en}.",
    )


def _clip_failed(e: events.ClipFailed) -> Text:
    fault, detail = word(terms.FAULTS, e.fault), e.detail
    return Text(
        f"{e.path} 本次未能采集：{fault.zh}" + (f"（{detail}）。" if detail else "。"),
        f"{e.path} could not be acquired this time: {fault.en}" + (f" ({detail})." if detail else "."),
    )


def _clip_released(e: events.ClipReleased) -> Text:
    if e.observed:
        return Text(
            "再次接入时见其已从记录仪清除（上次清除曾中断）。",
            "At a later docking it was seen to be gone from the recorder (its release had been interrupted).",
        )
    if e.remnant:
        return Text(
            "上次清除中断，记录仪上只剩文件名、内容已读不出；本次核对库中副本完好后清除完毕。",
            "An interrupted release had left only its name on the recorder, unreadable; the held copy was read "
            "again in full, and the deletion was completed.",
        )
    return Text("已从记录仪清除。", "It was deleted from the recorder, and is gone from it.")


def _clip_missing(e: events.ClipMissing) -> Text:
    return Text(
        f"已入库的记录未经清除流程就从记录仪 {e.recorder} 上消失。",
        f"The secured clip is gone from recorder {e.recorder} without a release: removed elsewhere.",
    )


def _clip_damaged(e: events.ClipDamaged) -> Text:
    by, detail = word(_FOUND_BY, e.found_by), e.detail
    return Text(
        f"{by.zh}时发现库中字节与其摘要不符" + (f"（{detail}）。" if detail else "。"),
        f"The stored bytes do not match their digest, found by {by.en}"
        + (f" ({detail})." if detail else "."),
    )


def _clip_repaired(e: events.ClipRepaired) -> Text:
    if e.acquisition is None:
        return Text(
            "曾损坏的字节已重新完整读取，与入库时一致。",
            "The damaged bytes are as stored again: read in full.",
        )
    return Text(
        f"损坏的字节已由采集 {e.acquisition} 的完好副本替换，损坏件另存。",
        f"Acquisition {e.acquisition} replaced the damaged bytes by a good copy; the damaged are kept.",
    )


def _document_damaged(e: events.DocumentDamaged) -> Text:
    by, detail = word(_FOUND_BY, e.found_by), e.detail
    return Text(
        f"{by.zh}时发现文字记录 {e.record} 的文件与入库、签名时不符"
        + (f"（{detail}）。" if detail else "。"),
        f"The file of text record {e.record} is not what was stored and signed, found by {by.en}"
        + (f" ({detail})." if detail else "."),
    )


def _document_repaired(e: events.DocumentRepaired) -> Text:
    return Text(
        f"文字记录 {e.record} 的文件已恢复：重新读取，与入库、签名时一致。",
        f"The file of text record {e.record} was read again and is what was stored and signed.",
    )


def _release_started(e: events.ReleaseStarted) -> Text:
    return Text(
        f"开始从记录仪 {e.recorder} 清除 {len(e.acquisitions)} 段已入库的记录。",
        f"The release of {len(e.acquisitions)} secured clips from recorder {e.recorder} began.",
    )


def _release_failed(e: events.ReleaseFailed) -> Text:
    why, detail = word(_RELEASE_FAULTS, e.why), e.detail
    return Text(
        f"记录仪 {e.recorder} 上 {len(e.acquisitions)} 段未清除：{why.zh}"
        + (f"（{detail}）。" if detail else "。"),
        f"{len(e.acquisitions)} clips were not deleted from recorder {e.recorder}: {why.en}"
        + (f" ({detail})." if detail else "."),
    )


def _finding_opened(e: events.FindingOpened) -> Text:
    kind = word(terms.FINDINGS, e.kind)
    rule = f" ({e.rule}, {e.layer})" if e.rule and e.layer else f" ({e.rule})" if e.rule else ""
    return Text(f"异常：{kind.zh}{rule}。", f"Finding: {kind.en}{rule}.")


def _finding_closed(e: events.FindingClosed) -> Text:
    return Text(f"异常消除：{e.why}。", f"A finding ended: {e.why}.")


def _action_proposed(e: events.ActionProposed) -> Text:
    return Text(
        f"提出操作 {e.verb}（{e.about}），待第二人确认，编号 {e.action}。",
        f"{e.verb} of {e.about} was proposed and waits for a second person, id {e.action}.",
    )


def _value_erased(e: events.ValueErased) -> Text:
    return Text(
        f"个人信息 {e.digest[:12]}… 已删除：{e.proposed_by} 提出，{e.confirmed_by} 确认；摘要仍在日志中。",
        f"The personal value {e.digest[:12]}… was erased: proposed by {e.proposed_by}, confirmed by "
        f"{e.confirmed_by}; its digest stays in the log.",
    )


def _action_refused(e: events.ActionRefused) -> Text:
    told = ", ".join(said for said in (e.rule, e.layer) if said is not None)
    zh, en = (f"（规则 {told}）", f" (rule {told})") if told else ("", "")
    why = Text((e.why_zh or e.why).removesuffix("。"), e.why.removesuffix("."))
    return Text(
        f"操作 {e.verb}（{e.about}）被拒绝 {e.count} 次{zh}：{why.zh}。",
        f"{e.verb} of {e.about} was refused, {e.count} times{en}: {why.en}.",
    )


def _vault_verified(e: events.VaultVerified) -> Text:
    also = [Text(f"、文字记录的文件 {n} 件", f", {n} files of text records") for n in (e.documents,) if n]
    also += [Text(f"、个人信息 {n} 份", f", {n} personal values") for n in (e.values,) if n]
    zh, en = ("".join(one.say(lang) for one in also) for lang in ("zh", "en"))
    return Text(
        f"复核库存 {e.clips} 件{zh}（{size_text(e.bytes)}），{e.faults} 处不符。",
        f"{e.clips} stored items{en} ({size_text(e.bytes)}) were read again and compared: {e.faults} faults.",
    )


def _preview_made(e: events.PreviewMade) -> Text:
    return Text(
        f"已生成预览件（{e.tool}），原件未动。",
        f"A preview was made ({e.tool}); the original is untouched.",
    )


def _preview_failed(e: events.PreviewFailed) -> Text:
    return Text(f"无法生成预览件：{e.why}。", f"No preview can be made: {e.why}.")


_FOUND_BY = {
    "duplicate": Text("比对重复记录", "comparison with a duplicate"),
    "verification": Text("定期复核", "re-verification"),
    "release": Text("清除前核对", "the check before a release"),
    "person": Text("人工核验", "a person's check"),
    "look": Text("查看时的核验", "the check of a look"),
}
_RELEASE_FAULTS = {**signs.PROBLEMS, **terms.FAULTS}

_SENTENCES: dict[type[Event], Callable[[Any], Text]] = {
    **station_sentences.SENTENCES,
    **account_sentences.SENTENCES,
    **look_sentences.SENTENCES,
    events.RecorderEnrolled: _recorder_enrolled,
    events.RecorderDocked: _recorder_docked,
    events.RecorderClear: _recorder_clear,
    events.RecorderProblem: _recorder_problem,
    events.RecorderPulledEarly: _recorder_pulled_early,
    events.RecorderHandedOut: _recorder_handed_out,
    events.RecorderLost: _recorder_lost,
    events.RecorderUrged: _recorder_urged,
    events.DeviceRefused: _device_refused,
    events.SessionOpened: _session_opened,
    events.CardListed: _card_listed,
    events.SessionClosed: _session_closed,
    events.ClipSecured: _clip_secured,
    events.ClipQuarantined: _clip_quarantined,
    events.ClipFailed: _clip_failed,
    events.ClipReleased: _clip_released,
    events.ClipMissing: _clip_missing,
    events.ClipDamaged: _clip_damaged,
    events.ClipRepaired: _clip_repaired,
    events.DocumentDamaged: _document_damaged,
    events.DocumentRepaired: _document_repaired,
    events.ReleaseStarted: _release_started,
    events.ReleaseFailed: _release_failed,
    events.FindingOpened: _finding_opened,
    events.FindingClosed: _finding_closed,
    events.ActionProposed: _action_proposed,
    events.ActionRefused: _action_refused,
    events.ValueErased: _value_erased,
    events.VaultVerified: _vault_verified,
    events.PreviewMade: _preview_made,
    events.PreviewFailed: _preview_failed,
    **law_sentences.SENTENCES,
    **audit_sentences.SENTENCES,
}

_WITH_TIMES: dict[type[Event], Callable[[Any, tzinfo], Text]] = {
    events.RecorderAssigned: _recorder_assigned,
    events.RecorderUndocked: _recorder_undocked,
    **register_sentences.SENTENCES,
    **account_sentences.WITH_TIMES,
    **audit_sentences.WITH_TIMES,
}
