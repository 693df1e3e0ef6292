"""What ``ingestd status`` shows: is anything wrong, what must I do, how do I know it is true."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import tzinfo

from rich.console import Group, RenderableType
from rich.text import Text as Styled
from sqlalchemy import Connection

from ingestd.cli import findings, qr
from ingestd.cli.render import (
    Folded,
    cell,
    moment_text,
    shown,
    size_text,
    spaced,
    span_text,
    stamp_text,
    styled,
    table,
)
from ingestd.cli.waits import order_lines
from ingestd.errors import EXIT_OK, KeyMaterialError, LogError
from ingestd.index import hands, queries
from ingestd.index.facts import (
    Counts,
    Finding,
    PendingAction,
    Recorder,
    Slot,
    Station,
    Urge,
)
from ingestd.index.law_rows import WAIVED
from ingestd.intake.turns import Wait
from ingestd.model import Millis
from ingestd.telling import signs, terms
from ingestd.telling.as_json import to_json
from ingestd.telling.deadlines import Deadline, deadline
from ingestd.telling.plain import recorder_name
from ingestd.words import Lang, Text

DEADLINES_SHOWN = 10
FINDINGS_SHOWN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveSlot:
    """What only the running daemon knows of a slot; no evidence, gone when it stops."""

    slot: str
    files_done: int
    files_total: int
    bytes_done: int
    bytes_total: int
    bytes_per_second: int
    seconds_left: int | None
    battery: int | None

    @property
    def percent(self) -> int:
        """Of the bytes; of the files where there are no bytes to copy."""
        done, total = self.bytes_done, self.bytes_total
        if not total:
            done, total = self.files_done, self.files_total
        return 100 * done // total if total else 100


@dataclass(frozen=True, slots=True, kw_only=True)
class NewestCheckpoint:
    """The newest published checkpoint: copied by hand, it catches a rewritten history."""

    size: int
    root: str
    text: str
    """The signed note."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFault:
    """Why the log cannot be trusted, or not be checked."""

    text: Text
    exit_status: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Everything that the status shows, as of one moment."""

    at: Millis
    station: Station | None
    is_running: bool
    slots: tuple[Slot, ...]
    live: tuple[LiveSlot, ...]
    waits: tuple[Wait, ...]
    """Why slots wait for their turn, in the order in which they will be served."""
    urges: tuple[Urge, ...]
    recorders: tuple[Recorder, ...]
    counts: Counts
    deadlines: tuple[Deadline, ...]
    findings: tuple[Finding, ...]
    actions: tuple[PendingAction, ...]
    checkpoint: NewestCheckpoint | None
    log_fault: LogFault | None
    """Why there is no checkpoint to trust."""

    @property
    def exit_status(self) -> int:
        """Of the command that tells it."""
        return EXIT_OK if self.log_fault is None else self.log_fault.exit_status


def read_status(
    connection: Connection,
    *,
    at: Millis,
    hours: int | None,
    soon_ms: int,
    checkpoint: NewestCheckpoint | LogError | KeyMaterialError,
    live: Iterable[LiveSlot] | None,
    waits: tuple[Wait, ...] = (),
) -> Status:
    """The status from one read transaction; ``live`` None means that no daemon answers.

    ``hours`` is the policy's limit for storing a recording (REC-1); None where it sets none.
    """
    fault = None if isinstance(checkpoint, NewestCheckpoint) else checkpoint
    return Status(
        at=at,
        station=queries.station(connection),
        is_running=live is not None,
        slots=queries.slots(connection, at),
        live=tuple(live or ()),
        waits=waits,
        urges=hands.open_urges(connection),
        recorders=queries.recorders(connection, at),
        counts=queries.counts(connection),
        deadlines=tuple(
            deadline(file, at, hours, soon_ms=soon_ms)
            for file in queries.next_deadlines(connection, DEADLINES_SHOWN)
            if hours is not None
        ),
        findings=tuple(one for one in queries.open_findings(connection) if one.state != WAIVED),
        actions=queries.pending_actions(connection),
        checkpoint=checkpoint if isinstance(checkpoint, NewestCheckpoint) else None,
        log_fault=None if fault is None else LogFault(text=fault.text, exit_status=fault.exit_status),
    )


def render(status: Status, *, lang: Lang, zone: tzinfo) -> RenderableType:
    """The status for a terminal, also for redrawing it in place (``--watch``)."""
    parts: list[RenderableType] = [
        _head(status, lang, zone),
        Group(*_attention(status, lang, zone)),
        _slots(status, lang, zone),
    ]
    order = order_lines(status.waits, status.urges, now=status.at, lang=lang, zone=zone)
    if order:
        parts.append(Group(*order))
    if status.deadlines:
        parts.append(_deadlines(status, lang, zone))
    parts.append(_held(status, lang))
    if status.checkpoint is not None:
        parts.append(_checkpoint(status.checkpoint, lang))
    return spaced(*parts)


def _head(status: Status, lang: Lang, zone: tzinfo) -> RenderableType:
    name = f"{status.station.agency}/{status.station.station}" if status.station else "?"
    when = stamp_text(status.at, zone)
    if status.is_running:
        return Styled(f"{name}  {when}", style="bold")
    stopped = status.station.stopped_at if status.station else None
    since = "" if stopped is None else moment_text(stopped, now=status.at, zone=zone, lang=lang)
    gone = Text(f"采集服务未运行 {since}", f"the daemon is not running {since}").say(lang).rstrip()
    return Styled.assemble((f"{name}  {when}  ", "bold"), (f"▲ {gone}", "red"))


def _attention(status: Status, lang: Lang, zone: tzinfo) -> list[RenderableType]:
    """What is wrong and what to do, first; one line that says so where there is nothing."""
    counts = status.counts
    lines = [
        (
            counts.damaged,
            Text("件库中字节已损坏：ingestd verify --all", "stored items are damaged: ingestd verify --all"),
        ),
        (counts.gone, Text("个文件未入库就已离开记录仪", "files left a recorder without being secured")),
        (len(status.actions), Text("项操作待第二人确认：", "actions wait for a second person:")),
    ]
    told: list[RenderableType] = [
        Styled(f"▲ {count} {text.say(lang)}", style="red") for count, text in lines if count
    ]
    if status.log_fault is not None:
        told.insert(0, Folded(f"▲ {shown(status.log_fault.text.say(lang))}", hanging=2, style="red"))
    told += [
        cell(f"    ingestd confirm {action.action}  ({action.verb} {action.about}, {action.proposed_by})")
        for action in status.actions
    ]
    if status.findings or not told:
        told.append(
            findings.render_short(status.findings, FINDINGS_SHOWN, now=status.at, lang=lang, zone=zone)
        )
    return told


def _slots(status: Status, lang: Lang, zone: tzinfo) -> RenderableType:
    made = table(
        lang,
        Text("槽位", "slots"),
        Text("槽位", "slot"),
        Text("状态", "state"),
        Text("记录仪", "recorder"),
        Text("人员", "officer"),
        Text("进度", "progress"),
        Text("自", "since"),
    )
    live = {one.slot: one for one in status.live}
    for slot in status.slots:
        made.add_row(
            cell(slot.slot),
            styled(signs.sign(signs.SLOTS, slot.state), lang),
            cell("—") if slot.recorder is None else cell(recorder_name(slot.recorder).say(lang)),
            cell(slot.officer or "—"),
            _progress(live.get(slot.slot), lang) if slot.state == "receiving" else "",
            moment_text(slot.since_at, now=status.at, zone=zone, lang=lang),
        )
    return made


def _progress(live: LiveSlot | None, lang: Lang) -> str:
    if live is None:
        return ""
    told = f"{live.percent}%  {live.files_done}/{live.files_total}  {size_text(live.bytes_per_second)}/s"
    if live.seconds_left is not None:
        left = span_text(live.seconds_left * 1000, lang)
        told += "  " + Text(f"剩余 {left}", f"{left} left").say(lang)
    return told


def _deadlines(status: Status, lang: Lang, zone: tzinfo) -> RenderableType:
    made = table(
        lang,
        Text(
            "未入库，按记录仪自报时间到期（REC-1）", "not stored yet, due by the recorder's own time (REC-1)"
        ),
        Text("到期", "due"),
        Text("状态", "state"),
        Text("记录仪", "recorder"),
        Text("文件", "file"),
    )
    for due in status.deadlines:
        made.add_row(
            moment_text(due.due_at, now=status.at, zone=zone, lang=lang),
            styled(signs.sign(signs.DEADLINES, due.standing.value), lang),
            cell(recorder_name(due.file.recorder).say(lang)),
            cell(due.file.path),
        )
    return made


def _held(status: Status, lang: Lang) -> RenderableType:
    made = table(
        lang, Text("音像记录", "clips"), Text("状态", "state"), Text("件", "clips"), Text("大小", "size")
    )
    for state, tally in status.counts.clips:
        sign = styled(signs.sign(terms.CLIPS, state), lang)
        made.add_row(sign, str(tally.clips), size_text(tally.bytes))
    if status.counts.waiting:
        waiting = Text("已见，尚未入库", "seen, not secured yet").say(lang)
        made.add_row(Styled(f"◔ {waiting}"), str(status.counts.waiting), "")
    if status.counts.unanalysed:
        waiting = Text("待分析画面与声音", "picture and sound to be analysed").say(lang)
        made.add_row(Styled(f"◔ {waiting}"), str(status.counts.unanalysed), "")
    return made


def _checkpoint(newest: NewestCheckpoint, lang: Lang) -> RenderableType:
    title = Text(
        f"日志检查点（{newest.size} 条；请另行抄存）",
        f"newest checkpoint ({newest.size} entries; keep a copy elsewhere)",
    )
    note = Styled(newest.text.rstrip())
    return Group(Styled(title.say(lang), style="italic"), note, qr.Code(newest.text))


def as_json(status: Status) -> dict[str, object]:
    """The same facts for scripts; clips are counted by their state."""
    plain: dict[str, object] = to_json(status)
    counts = to_json(status.counts)
    return plain | {"counts": counts | {"clips": dict(counts["clips"])}}
