"""What a monitoring system reads: Prometheus' text format 0.0.4, written by hand.

`METRICS` is the one table of names and meanings (docs/operations.md is compared with it). No name of a person,
recorder or clip is ever a label: what leaves here carries counts only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from ingestd import __version__
from ingestd.index import queries
from ingestd.index.database import reading
from ingestd.law.deadlines import SOON_MS, Standing, standing
from ingestd.service import health
from ingestd.service.health import Sources
from ingestd.words import Text

DEADLINES = 10_000
"""Waiting recordings that are judged at a time, the most urgent first."""
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One family of numbers."""

    name: str
    help: Text
    label: str | None = None
    kind: str = "gauge"


def _metric(name: str, zh: str, en: str, label: str | None = None, kind: str = "gauge") -> Metric:
    return Metric(name=f"ingestd_{name}", help=Text(zh, en), label=label, kind=kind)


METRICS = (
    _metric("build_info", "运行中的版本", "the version that runs", "version"),
    _metric("healthy", "1 为正常，同 /healthz", "1 where all is well, as /healthz says"),
    _metric("problems", "现有问题数，同 /healthz", "what is wrong now, as /healthz names it"),
    _metric(
        "loop_silent_seconds",
        "各循环已沉默多少秒，过久即判为挂起",
        "for how long a loop should have gone on and did not; above the limit it hangs",
        "loop",
    ),
    _metric("clips", "按状态计的采集件数", "acquisitions by state", "state"),
    _metric("clip_bytes", "按状态计的字节数", "their bytes by state", "state"),
    _metric("damaged", "库中已损坏的内容", "stored contents that are damaged now"),
    _metric("files_waiting", "已见未入库的文件", "files seen on a recorder and not secured"),
    _metric("files_gone", "未入库即已离开的文件", "files that left a recorder without being secured"),
    _metric(
        "deadlines",
        "未入库录像的时限状态（REC-1），至多计 10000 件",
        "recordings seen and not secured by the standing of their deadline (REC-1); at most 10000 are judged",
        "standing",
    ),
    _metric("findings_open", "未结异常", "open findings", "kind"),
    _metric("actions_pending", "待第二人确认的操作", "actions that wait for a second person"),
    _metric("slots", "按阶段计的槽位", "slots by what happens in them", "phase"),
    _metric("received_bytes_per_second", "接收速度合计", "speed of all slots together"),
    _metric("queue_recorders", "排队等待读取的记录仪", "recorders that wait for their turn to be read"),
    _metric("disk_room_bytes", "可用空间（已扣除保留）", "room on the vault's disk, less the reserve"),
    _metric(
        "disk_days_left", "按趋势磁盘还够多少天", "days until the disk is full by trend, where one is known"
    ),
    _metric("log_entries", "已提交的日志条数", "entries committed", kind="counter"),
    _metric("log_published_entries", "已公布的日志条数", "entries that a checkpoint covers", kind="counter"),
    _metric("checkpoint_age_seconds", "最新日志检查点的年龄", "age of the newest checkpoint"),
    _metric("job_runs_total", "定期作业的运行次数", "runs of a job since the start", "job", "counter"),
    _metric("job_failures_total", "定期作业的失败次数", "of these failed", "job", "counter"),
    _metric(
        "job_last_end_timestamp_seconds",
        "定期作业上次结束的时刻（Unix 秒）",
        "when a job ended last (Unix time)",
        "job",
    ),
    _metric("clock_synchronised", "1 为采集站时钟已同步", "1 where the station's clock is synchronised"),
    _metric("clock_uncertainty_seconds", "时钟的不确定度", "how far off the clock may be"),
)
"""Every metric, in the order in which they are written."""

Values = Mapping[str, float]
"""By label; under "" for a metric without one."""


def render(sources: Sources) -> str:
    """All metrics as of now. Reads the index once."""
    found = collect(sources)
    lines = []
    for metric in METRICS:
        values = found.get(metric.name.removeprefix("ingestd_"), {})
        if values:
            lines += [f"# HELP {metric.name} {metric.help.en}", f"# TYPE {metric.name} {metric.kind}"]
            lines += [_line(metric, label, value) for label, value in values.items()]
    return "\n".join(lines) + "\n"


def _line(metric: Metric, label: str, value: float) -> str:
    if metric.label is None:
        return f"{metric.name} {value:.17g}"
    escaped = label.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
    return f'{metric.name}{{{metric.label}="{escaped}"}} {value:.17g}'


def collect(sources: Sources) -> dict[str, Values]:
    """The numbers by the metric's name without its prefix."""
    wrong = health.problems(sources)
    found: dict[str, Values] = {
        "build_info": {__version__: 1},
        "healthy": {"": not wrong},
        "problems": {"": len(wrong)},
        "loop_silent_seconds": {loop.name: loop.silent_s for loop in sources.watchdog.loops()},
    }
    with reading(sources.station.engine) as connection:
        found.update(_held(connection, sources))
    found.update(_live(sources))
    found.update(_jobs(sources))
    return found


def _held(connection: Connection, sources: Sources) -> Iterator[tuple[str, Values]]:
    """What the index knows."""
    counts, station = queries.counts(connection), sources.station
    now, hours = station.clock.now(), station.in_force.store_hours
    waiting = queries.next_deadlines(connection, DEADLINES)
    judged = Counter(
        standing(file.ended, now, hours, soon_ms=SOON_MS) for file in waiting if hours is not None
    )
    yield "clips", {state: tally.clips for state, tally in counts.clips}
    yield "clip_bytes", {state: tally.bytes for state, tally in counts.clips}
    yield "damaged", _one(counts.damaged)
    yield "files_waiting", _one(counts.waiting)
    yield "files_gone", _one(counts.gone)
    yield "deadlines", {each.value: judged[each] for each in Standing}
    yield "findings_open", _tally(finding.kind for finding in queries.open_findings(connection))
    yield "actions_pending", _one(counts.actions)


def _live(sources: Sources) -> Iterator[tuple[str, Values]]:
    """What the running daemon knows."""
    station, lives, days = sources.station, sources.lives(), sources.days_left()
    clock, now = station.clock.state(), station.clock.now()
    written = (station.home.log / "checkpoint").stat().st_mtime
    yield "slots", _tally(live.phase for live in lives)
    yield "received_bytes_per_second", _one(sum(live.bytes_per_s for live in lives))
    yield "queue_recorders", _one(station.services.turns.waiting)
    yield "disk_room_bytes", _one(health.room(station))
    yield "disk_days_left", {} if days is None else _one(days)
    yield "log_entries", _one(station.log.size)
    yield "log_published_entries", _one(station.log.checkpoint.size)
    yield "checkpoint_age_seconds", _one(max(0.0, now / 1000 - written))
    yield "clock_synchronised", _one(clock.synchronised)
    yield "clock_uncertainty_seconds", _one(clock.uncertainty_ms / 1000)


def _jobs(sources: Sources) -> Iterator[tuple[str, Values]]:
    states = sources.jobs.state()
    ended = {name: one.last_ended / 1000 for name, one in states.items() if one.last_ended is not None}
    yield "job_runs_total", {name: state.runs for name, state in states.items()}
    yield "job_failures_total", {name: state.failures for name, state in states.items()}
    yield "job_last_end_timestamp_seconds", ended


def _one(value: float) -> Values:
    return {"": value}


def _tally(words: Iterable[str]) -> Values:
    return dict(sorted(Counter(words).items()))
