"""What happened in the demonstration, in sentences: told from the log, not from the script. PURE."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import tzinfo

from ingestd.cli.render import interval_text, shown, size_text, span_text
from ingestd.demo.cast import Part
from ingestd.events import (
    ClipQuarantined,
    ClipSecured,
    Event,
    FindingOpened,
    RecorderClear,
    RecorderDocked,
    RecorderProblem,
    RecorderPulledEarly,
    SessionClosed,
)
from ingestd.law.deadlines import Verdict
from ingestd.model import AcquisitionId, Flag, Interval, Millis
from ingestd.vault.manifest import Offset
from ingestd.words import Lang, Text

Stored = ClipSecured | ClipQuarantined
TOLD_WHILE_IT_RUNS = (
    RecorderDocked,
    ClipSecured,
    ClipQuarantined,
    RecorderPulledEarly,
    RecorderClear,
    RecorderProblem,
    FindingOpened,
)
"""Events worth a line while they happen."""
CLOCK_REMARKABLE_MS = 30_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated:
    """An event and when it was logged."""

    at: Millis
    event: Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A stored file with what its manifest and the policy say of it."""

    clip: Stored
    clock_ahead_ms: Offset
    verdict: Verdict | None
    """None: no recording, no deadline."""


@dataclass(slots=True)
class Visit:
    """One docking."""

    docked_at: Millis
    closed_at: Millis | None = None
    stored: list[AcquisitionId] = field(default_factory=list)
    pulled: RecorderPulledEarly | None = None
    closed: SessionClosed | None = None

    def take(self, at: Millis, event: Stored | RecorderPulledEarly | SessionClosed) -> None:
        """One more thing that happened at this docking."""
        if isinstance(event, RecorderPulledEarly):
            self.pulled = event
        elif isinstance(event, SessionClosed):
            self.closed, self.closed_at = event, at
        else:
            self.stored.append(event.acquisition)


def visits(part: Part, events: Iterable[Dated]) -> tuple[Visit, ...]:
    """The dockings of one recorder, in order."""
    found: dict[str, Visit] = {}
    for one in events:
        event = one.event
        if isinstance(event, RecorderDocked) and event.recorder == part.serial:
            found[event.session] = Visit(one.at)
        elif isinstance(event, Stored | RecorderPulledEarly | SessionClosed) and event.session in found:
            found[event.session].take(one.at, event)
    return tuple(found.values())


def heading(part: Part, seen: Sequence[Visit]) -> Text:
    """Whose recorder, where, and whether it may be taken."""
    last = seen[-1].closed if seen else None
    if last is None:
        sign = Text("◔ 尚未结束", "◔ not finished")
    elif last.outcome == "clear":
        sign = Text("✔ 可取走", "✔ may be taken")
    else:
        sign = Text("▲ 异常，勿取", "▲ problem, do not take")
    return Text(
        f"{sign.zh}  {part.slot} 号槽 · {part.name}（警号 {part.officer}）· 记录仪 {part.serial}",
        f"{sign.en}  slot {part.slot} · {part.name} (officer {part.officer}) · recorder {part.serial}",
    )


def sentences(
    seen: Sequence[Visit], judged: Sequence[Judged], *, rule: Text, zone: tzinfo, in_full: bool
) -> Iterator[Text]:
    """What happened to one recorder; ``in_full`` where it is the first that is told of."""
    mine = {acquisition for visit in seen for acquisition in visit.stored}
    stored = [one for one in judged if one.clip.acquisition in mine]
    yield from _pull_out(seen)
    yield _taken_in(seen, stored, in_full=in_full)
    for one in stored:
        yield from _late(one, rule)
        yield from _faults(one)
    yield from _clock(stored, zone)


def _pull_out(seen: Sequence[Visit]) -> Iterator[Text]:
    for number, visit in enumerate(seen[:-1]):
        if visit.pulled is None:
            continue
        away = span_text(seen[number + 1].docked_at - (visit.closed_at or visit.docked_at), "zh")
        away_en = span_text(seen[number + 1].docked_at - (visit.closed_at or visit.docked_at), "en")
        yield Text(
            f"读到一半被取走：{len(visit.stored)} 个文件已经入库，{visit.pulled.unsecured} 个还没有。"
            f"屏幕变红并记为异常；{away}后放回，从未入库的文件接着采集，一个字节也没有丢。",
            f"It was taken half-way: {len(visit.stored)} files were secured, {visit.pulled.unsecured} were not. "
            f"The screen turned red and a finding was opened; {away_en} later it was back in its slot and intake "
            "went on with what was missing. Not a byte was lost.",
        )


def _taken_in(seen: Sequence[Visit], stored: Sequence[Judged], *, in_full: bool) -> Text:
    """``in_full`` spells out what *secured* means: once is enough."""
    count, size = len(stored), size_text(sum(one.clip.size for one in stored))
    last = seen[-1].closed if seen else None
    released = sum(visit.closed.released for visit in seen if visit.closed)
    text = Text(f"{count} 个文件（{size}）全部入库", f"All {count} files ({size}) are secured")
    if in_full:
        text = Text(
            f"{count} 个文件（{size}）逐字节采集，从磁盘回读一致，签名，写入日志：这叫“已入库”",
            f"{count} files ({size}) were copied byte for byte, read back from the disk and found equal, signed, "
            "and entered in the log: that is what 'secured' means",
        )
    if last is not None and last.outcome == "clear":
        return Text(
            f"{text.zh}；在那之后才从记录仪删除 {released} 个，记录仪可以取走。",
            f"{text.en}. Only after that were {released} deleted from the recorder, which may be taken now.",
        )
    held = sum(isinstance(one.clip, ClipQuarantined) for one in stored)
    return Text(
        f"{count} 个文件（{size}）已采集，其中 {held} 个隔离；完好的 {released} 个已从记录仪删除，其余留在记录仪上。",
        f"{count} files ({size}) are stored, {held} of them in quarantine. The {released} good ones were deleted "
        "from the recorder, the rest stays on it.",
    )


def _late(one: Judged, rule: Text) -> Iterator[Text]:
    if one.verdict is not Verdict.LATE or one.clip.ended.latest is None:
        return
    after = one.clip.stored_at - one.clip.ended.latest
    path = shown(one.clip.path)
    yield Text(
        f"▲ 超时：{path} 录完至少 {span_text(after, 'zh')}后才入库，规定为 24 小时"
        f"（规则 REC-1，{rule.zh}）。",
        f"▲ late: {path} was stored at least {span_text(after, 'en')} after it was recorded, the limit is 24 h "
        f"(rule REC-1, {rule.en}).",
    )


def _faults(one: Judged) -> Iterator[Text]:
    clip, path = one.clip, shown(one.clip.path)
    if isinstance(clip, ClipQuarantined):
        lost = size_text(sum(bad.length for bad in clip.bad_ranges))
        yield Text(
            f"▲ 坏扇区：{path} 有 {lost} 读不出来。能读的都已保存，缺口以零填满并逐一列明（隔离）；"
            "原件留在记录仪上，须两人同意才能放行（ingestd recorder hand-out）。",
            f"▲ bad sector: {lost} of {path} cannot be read. Everything else of it is stored, the hole is filled "
            "with zeros and listed (quarantine); the original stays on the recorder, which is handed out only if "
            "two people agree (ingestd recorder hand-out).",
        )
    if Flag.UNREADABLE_MEDIA in clip.flags:
        yield Text(
            f"● 未写完：{path} 没有索引（录制时断电），照原样保存并标明，不修补、不丢弃。",
            f"● unfinished: {path} has no index (the power failed while recording). It is stored as it is and "
            "marked: nothing is repaired and nothing is thrown away.",
        )


def _clock(stored: Sequence[Judged], zone: tzinfo) -> Iterator[Text]:
    """A recorder whose clock is off: by how much, and what follows for one clip."""
    for one in stored:
        ahead = one.clock_ahead_ms
        if not one.clip.kind.is_recording or ahead.earliest is None or ahead.latest is None:
            continue
        middle, doubt = (ahead.earliest + ahead.latest) // 2, (ahead.latest - ahead.earliest) // 2
        if abs(middle) < CLOCK_REMARKABLE_MS:
            continue
        zh, en = ("快", "fast") if middle > 0 else ("慢", "slow")
        began = one.clip.started

        def times(lang: Lang, began: Interval = began) -> str:
            return interval_text(replace(began, basis=""), zone=zone, lang=lang)

        yield Text(
            f"● 时钟不准：记录仪的时钟{zh} {span_text(_rounded(middle), 'zh')}（± {span_text(doubt, 'zh')}）。"
            f"录制时间按此换算成范围：{shown(one.clip.path)} 开始于 {times('zh')}。文件本身和文件名一概不改。",
            f"● clock off: the recorder's clock is {span_text(_rounded(middle), 'en')} {en} "
            f"(± {span_text(doubt, 'en')}). Times are reckoned from that, as ranges: {shown(one.clip.path)} began "
            f"{times('en')}. The file and its name are left as they are.",
        )
        return


def _rounded(ms: int) -> int:
    """Whole seconds: the doubt beside it is larger."""
    return round(ms / 1000) * 1000
