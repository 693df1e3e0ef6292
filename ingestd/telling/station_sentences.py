"""The sentences of events of the station itself: its log, daemon, configuration, policy, clock and disk. PURE."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ingestd import events
from ingestd.events import Event
from ingestd.telling import terms
from ingestd.telling.plain import size_text, span_text
from ingestd.telling.terms import word
from ingestd.words import Text


def _log_created(e: events.LogCreated) -> Text:
    return Text(
        f"日志建立：{e.agency}/{e.station}，规则 {e.policy}。",
        f"The log of {e.agency}/{e.station} begins, under policy {e.policy}.",
    )


def _log_recovered(e: events.LogRecovered) -> Text:
    what = word(terms.RECOVERIES, e.what)
    aside = len(e.aside)
    return Text(
        f"启动时整理日志：{what.zh}；从第 {e.size} 条继续" + (f"，{aside} 个文件移存。" if aside else "。"),
        f"The log was put in order at a start: {what.en}; it goes on from entry {e.size}"
        + (f", {aside} files set aside." if aside else "."),
    )


def _daemon_started(e: events.DaemonStarted) -> Text:
    return Text(
        f"采集服务启动，版本 {e.version}，{len(e.drivers)} 个驱动。",
        f"The daemon started, version {e.version}, with {len(e.drivers)} drivers.",
    )


def _daemon_stopped(e: events.DaemonStopped) -> Text:
    return Text(f"采集服务正常停止（{e.reason}）。", f"The daemon stopped in order ({e.reason}).")


def _configuration_changed(e: events.ConfigurationChanged) -> Text:
    short = e.configuration_sha256[:12]
    return Text(f"配置已更换（SHA-256 {short}…）。", f"The configuration changed (SHA-256 {short}…).")


def _policy_changed(e: events.PolicyChanged) -> Text:
    short = e.policy_sha256[:12]
    own = Text("，含本机关自行规定", ", with the agency's own file") if e.agency_sha256 else Text("", "")
    return Text(
        f"规则已更换：{e.policy}{own.zh}（SHA-256 {short}…）。",
        f"The policy changed: {e.policy}{own.en} (SHA-256 {short}…).",
    )


def _clock_stepped(e: events.ClockStepped) -> Text:
    zh, en = ("倒退", "back") if e.by_ms < 0 else ("跳前", "forward")
    return Text(
        f"采集站时钟{zh} {span_text(e.by_ms, 'zh')}（{e.by_ms} 毫秒）。",
        f"The station clock jumped {en} by {span_text(e.by_ms, 'en')} ({e.by_ms} ms).",
    )


def _disk_low(e: events.DiskLow) -> Text:
    if e.threshold_days == 0:
        return Text(
            f"磁盘已满（剩 {size_text(e.free_bytes)}）：采集暂停，腾出空间后自动继续。",
            f"The disk is full ({size_text(e.free_bytes)} left): intake waits until there is room.",
        )
    left = Text("天数不能确定", "days unknown")
    if e.days_left is not None:
        left = Text(f"{e.days_left} 天", f"{e.days_left} days")
    return Text(
        f"磁盘将满：剩 {size_text(e.free_bytes)}，按趋势还可用：{left.zh}。",
        f"The disk is filling: {size_text(e.free_bytes)} left, by trend enough for: {left.en}.",
    )


SENTENCES: dict[type[Event], Callable[[Any], Text]] = {
    events.LogCreated: _log_created,
    events.LogRecovered: _log_recovered,
    events.DaemonStarted: _daemon_started,
    events.DaemonStopped: _daemon_stopped,
    events.ConfigurationChanged: _configuration_changed,
    events.PolicyChanged: _policy_changed,
    events.ClockStepped: _clock_stepped,
    events.DiskLow: _disk_low,
}
"""Part of `sentences.sentence`."""
