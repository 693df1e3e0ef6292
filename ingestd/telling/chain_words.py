"""The chain of custody in sentences: what no single event says, but all of them together. PURE."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo

from ingestd.canon import timestamp
from ingestd.events import FindingClosed, FindingOpened
from ingestd.index.facts import Clip, Recorder, WaitingFile
from ingestd.intake.holding import Holder, Stretch
from ingestd.law.deadlines import Verdict
from ingestd.ledger.entry import Entry
from ingestd.model import Interval, Millis
from ingestd.telling import signs, terms
from ingestd.telling.finding_words import facts_text
from ingestd.telling.plain import interval_text, shown, size_text, span_text, stamp_text
from ingestd.telling.sentences import sentence
from ingestd.words import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One sentence of a chain."""

    at: Millis | None
    """When; None: it is of no one moment."""
    seq: int | None
    """Of the log entry that it tells; None: it follows from several."""
    text: Text
    type: str | None = None
    """Of the event."""


def plain(at: Millis | None, text: Text) -> Line:
    """A sentence that follows from several events; what comes from a card is made safe to show."""
    return Line(at=at, seq=None, text=Text(shown(text.zh), shown(text.en)))


def holder_text(holder: Holder) -> Text:
    """Who has it: a number, nobody, or that it cannot be told."""
    if not holder.is_clear:
        return Text("使用人不能确定", "who has it cannot be told")
    if holder.officer is None:
        return Text("未分配给任何人", "assigned to nobody")
    mode = terms.word(terms.MODES, holder.mode or "")
    return Text(f"由 {holder.officer} 使用（{mode.zh}）", f"with {holder.officer} ({mode.en})")


def finding_opened(entry: Entry, event: FindingOpened, zone: tzinfo) -> Line:
    """A finding with what it is about and its facts."""
    said = sentence(event, actor=entry.actor, zone=zone)
    facts = [fact for fact in event.facts if fact[1] is not None]
    below = event.about.partition("/")[2]
    if below and "#" not in below and not any(below == value for _, value in facts):
        facts = [("path", below), *facts]
    zh, en = (shown("; ".join(facts_text(facts, lang=lang, zone=zone))) for lang in ("zh", "en"))
    return Line(
        at=entry.at,
        seq=entry.seq,
        type=event.type,
        text=Text(said.zh + (f"（{zh}）" if zh else ""), said.en + (f" ({en})" if en else "")),
    )


def finding_closed(entry: Entry, kind: str, event: FindingClosed) -> Line:
    """Which finding ended, and why."""
    what = terms.word(terms.FINDINGS, kind)
    text = Text(f"异常消除：{what.zh}（{shown(event.why)}）。", f"Ended: {what.en} ({shown(event.why)}).")
    return Line(at=entry.at, seq=entry.seq, type=event.type, text=text)


def _when(interval: Interval, zone: tzinfo) -> Text:
    return Text(interval_text(interval, zone=zone, lang="zh"), interval_text(interval, zone=zone, lang="en"))


def _joined(texts: Sequence[Text]) -> Text:
    return Text("，之后".join(t.zh for t in texts), ", then ".join(t.en for t in texts))


# --- a recorder ---------------------------------------------------------------------------------


def was_out(left_at: Millis, back_at: Millis, between: Sequence[Stretch]) -> Line:
    """How long it was out before a docking, and who had it."""
    long = Text(span_text(back_at - left_at, "zh"), span_text(back_at - left_at, "en"))
    who = _joined([holder_text(stretch.holder) for stretch in between])
    return plain(
        back_at,
        Text(f"此前离开采集站 {long.zh}：{who.zh}。", f"It had been out for {long.en}: {who.en}."),
    )


def was_not_seen_leaving(back_at: Millis, slot: str, since: Millis, zone: tzinfo) -> Line:
    """A docking that follows another, with nothing between them that says that it left."""
    when = stamp_text(since, zone)
    return plain(
        back_at,
        Text(
            f"自 {when} 起是否离开过槽位 {slot} 不能确定（采集服务未运行，或由命令采集）。",
            f"Whether it had left slot {slot} since {when} cannot be told (the daemon did not run, or it was taken "
            f"in by command).",
        ),
    )


def stands(recorder: Recorder, holder: Holder, now: Millis) -> Line:
    """Where it is now, and who has it."""
    state, who = signs.sign(terms.RECORDERS, recorder.state).word, holder_text(holder)
    since = span_text(now - recorder.since_at, "zh"), span_text(now - recorder.since_at, "en")
    slot = Text(f"，在槽位 {recorder.slot}", f", in slot {recorder.slot}") if recorder.slot else Text("", "")
    return plain(
        now,
        Text(
            f"现状：{state.zh}（已 {since[0]}）{slot.zh}；{who.zh}。",
            f"Now: {state.en} (for {since[1]}){slot.en}; {who.en}.",
        ),
    )


# --- a clip -------------------------------------------------------------------------------------


def recorded(clip: Clip, zone: tzinfo) -> Line:
    """When and by which recorder, with all doubt there is."""
    start, end = _when(clip.started, zone), _when(clip.ended, zone)
    at = clip.started.earliest if clip.started.earliest is not None else clip.started.latest
    other = Text("", "")
    if clip.claimed_recorder:
        other = Text(
            f"文件自述来自另一台记录仪 {clip.claimed_recorder}；",
            f"the file names another recorder, {clip.claimed_recorder}; ",
        )
    return plain(
        at,
        Text(
            f"录制：开始 {start.zh}，结束 {end.zh}；{other.zh}由记录仪 {clip.recorder} 带来。",
            f"Recorded: begun {start.en}, ended {end.en}; {other.en}it came by recorder {clip.recorder}.",
        ),
    )


def whose(clip: Clip, *, is_named: bool, by_assignment: Holder) -> Line:
    """Who made it: as the card says, else by assignment; where both speak, both are told."""
    said = holder_text(by_assignment)
    if clip.officer is None:
        return plain(
            None,
            Text(
                f"录制人员：不能确定（卡上未写明或互相矛盾；按分配{said.zh}）。",
                f"Made by: cannot be told (the card names nobody, or disagrees; by assignment: {said.en}).",
            ),
        )
    if not is_named:
        return plain(
            None,
            Text(
                f"录制人员：{clip.officer}（按录制时的分配）。",
                f"Made by: {clip.officer} (by assignment at the time of recording).",
            ),
        )
    differs = by_assignment.officer != clip.officer
    return plain(
        None,
        Text(
            f"录制人员：{clip.officer}（卡上自述"
            + (f"；按分配{said.zh}）。" if differs else "，与分配一致）。"),
            f"Made by: {clip.officer} (as the card says"
            + (f"; by assignment: {said.en})." if differs else ", and by assignment)."),
        ),
    )


def stored(clip: Clip, verdict: Verdict | None, size: int | None) -> list[Line]:
    """Stored, secured, published."""
    judged = Text("", "")
    if verdict is not None:
        word = signs.sign(signs.DEADLINES, verdict.value).word
        judged = Text(f"，REC-1：{word.zh}", f"; REC-1: {word.en}")
    lines = [
        plain(
            clip.stored_at,
            Text(
                f"存入证据库并回读一致（{size_text(clip.size)}，SHA-256 {clip.sha256}）{judged.zh}。",
                f"Stored and read back equal ({size_text(clip.size)}, SHA-256 {clip.sha256}){judged.en}.",
            ),
        )
    ]
    if size is None or size <= clip.seq:
        lines.append(plain(None, Text("尚无日志检查点涵盖它。", "No checkpoint covers it yet.")))
    else:
        lines.append(
            plain(
                None,
                Text(
                    f"日志第 {clip.seq} 条，由 {size} 条的日志检查点涵盖并签名。",
                    f"Log entry {clip.seq}, covered by the signed checkpoint of {size} entries.",
                ),
            )
        )
    return lines


def looked_after(times: int, last_at: Millis | None, clip: Clip, zone: tzinfo) -> Line:
    """How often its bytes were read again in full."""
    if last_at is None:
        return plain(
            None,
            Text("入库后尚未复核。", "Its stored bytes have not been read again since they were secured."),
        )
    when = stamp_text(last_at, zone)
    bad = Text("；目前已损坏", "; they are damaged now") if clip.damaged else Text("", "")
    return plain(
        last_at,
        Text(
            f"入库后已完整复核 {times} 次，最近一次 {when}{bad.zh}。",
            f"Read again in full and compared {times} times since, last on {when}{bad.en}.",
        ),
    )


def waits(file: WaitingFile, zone: tzinfo) -> list[Line]:
    """A file that was seen and is not secured."""
    ended = _when(file.ended, zone)
    lines = [
        plain(
            file.first_seen_at,
            Text(
                f"在记录仪 {file.recorder} 上首次见到 {file.path}（{size_text(file.size)}）；"
                f"结束时间（自述）{ended.zh}。",
                f"{file.path} ({size_text(file.size)}) was first seen on recorder {file.recorder}; it ended, by its "
                f"own account, {ended.en}.",
            ),
        )
    ]
    if file.fault is not None:
        fault = terms.word(terms.FAULTS, file.fault)
        lines.append(plain(None, Text(f"未能采集：{fault.zh}。", f"It could not be acquired: {fault.en}.")))
    gone = (
        Text("尚未入库。", "It is not secured yet.")
        if file.gone_at is None
        else Text("未入库即已从记录仪消失。", "It is gone from the recorder and was never secured.")
    )
    lines.append(plain(file.gone_at, gone))
    return lines


def line_json(line: Line) -> dict[str, object]:
    """A sentence for scripts."""
    return {
        "at": None if line.at is None else timestamp(line.at),
        "seq": line.seq,
        "type": line.type,
        "zh": line.text.zh,
        "en": line.text.en,
    }
