"""What is wrong with the station now, in one place for `/healthz`, metrics and the service manager's status.

Health is the daemon's ability to do its work. Findings about recorders and clips are people's business and no
ill health: they are counted in the metrics.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ingestd.intake.ports import LiveState
from ingestd.ledger.publisher import Publisher
from ingestd.schedule import Jobs
from ingestd.service.watchdog import Watchdog
from ingestd.station import Station
from ingestd.words import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """The parts of a running daemon that are looked at."""

    station: Station
    publisher: Publisher
    jobs: Jobs
    watchdog: Watchdog
    lives: Callable[[], Sequence[LiveState]]
    days_left: Callable[[], int | None]
    """Until the disk is full by trend."""


def room(station: Station) -> int:
    """Bytes that may still be filled: free on the vault's disk, less the reserve."""
    found = os.statvfs(station.home.vault)
    return max(0, found.f_bavail * found.f_frsize - station.config.reserve_bytes)


def problems(sources: Sources) -> tuple[Text, ...]:
    """Everything that is wrong, worst first; empty where all is well."""
    return tuple(_problems(sources))


def _problems(sources: Sources) -> Iterator[Text]:
    hung = sources.watchdog.hung()
    for loop in hung:
        yield Text("{n} 无响应", "{n} hangs").format(n=loop.name)
    if hung:
        return  # whoever asks the disk now would hang with them
    if sources.publisher.error is not None:
        yield Text("日志无法公布：{why}", "the log cannot be published: {why}").format(
            why=sources.publisher.error.text
        )
    if sources.station.in_force.refused is not None:
        yield Text(
            "policy.toml 有错误，未采用，原有规则继续有效",
            "policy.toml has faults and was not taken; what was in force stays so",
        )
    if room(sources.station) == 0:
        yield Text("磁盘已满，采集暂停等待", "the disk is full; intake waits")
    for name, state in sources.jobs.state().items():
        if state.last_error is not None:
            yield Text("定期作业 {n} 失败：{why}", "job {n} failed: {why}").format(
                n=name, why=state.last_error
            )
