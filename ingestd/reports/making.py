"""A report made of facts: counted, compared, put on sheets. PURE."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ingestd.law.base import Base
from ingestd.law.facts import Clip, Recorder
from ingestd.law.rulebook import Rulebook
from ingestd.model import Millis
from ingestd.reports import lists
from ingestd.reports.counting import Counting, Judged
from ingestd.reports.document import Document, Fact
from ingestd.reports.outliers import compare
from ingestd.reports.period import Period
from ingestd.reports.sheets import Making
from ingestd.reports.tally import Tally
from ingestd.words import Text

READING = (
    Text(
        "录像计入其最晚可能结束的月份；不能确定的既不算按时也不算超时，比率中不计。",
        "A recording counts in the month in which it ended at the latest; what cannot be told is neither on time nor "
        "late and in no rate.",
    ),
    Text(
        "行为计入开始的月份，异常计入最近一次提出的月份，案件和决定各计入其日期；均按日志末条时间和现行规则判定。",
        "An act counts in the month of its beginning, a finding in that of its newest opening, cases and decisions "
        "by their dates; judged at the time of the newest log entry, by the rules in force.",
    ),
    Text(
        "“暂定”：期间未满，或还有录像仍在记录仪上、可能按时入库。",
        '"Provisional": the period is not over, or recordings are still on recorders and may come in time.',
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a report is made of, all from one state of the log."""

    base: Base
    clips: Iterable[Clip]
    recorders: Iterable[Recorder]
    findings: Iterable[Judged]
    audits: Iterable[lists.Audited]
    names: Mapping[str, str]
    """Of the organisations among the parties."""


def made(
    facts: Facts,
    book: Rulebook,
    period: Period,
    *,
    as_of: Millis,
    heading: tuple[Fact, ...],
    unit: str | None = None,
) -> Document:
    """The report of a period, of a unit with those below it (None: of all)."""
    scope = None if unit is None else frozenset(facts.base.below(unit))
    counting = Counting(base=facts.base, book=book, period=period, as_of=as_of)
    tally = Tally(
        item
        for item in counting.items(facts.clips, facts.recorders, facts.findings)
        if scope is None or item.keys.get("unit") in scope
    )
    units = {key: one for key, one in facts.base.units.items() if scope is None or key in scope}
    making = Making(
        tally=tally,
        units=units,
        policy=book.policy,
        months=period.months,
        now=period.month_of(as_of),
    )
    only = None
    if scope is not None:
        only = scope | {one.officer for one in facts.base.officers.values() if one.unit in scope}
        only |= {one for one in tally.by("recorder") if one is not None}
    sheets = (
        *making.sheets(),
        lists.standing_out(compare(counting.trials), facts.base, only),
        lists.staffing(facts.base, book, scope),
        lists.inspections(facts.base, period, facts.names, scope),
        lists.audits(facts.audits, period, scope),
    )
    return Document(title=_title(period, unit, facts.base), facts=heading, sheets=sheets, notes=READING)


def _title(period: Period, unit: str | None, base: Base) -> Text:
    known = None if unit is None else base.units.get(unit)
    name = "" if unit is None else (known.name if known is not None and known.name else unit)
    sort = Text("年度", "yearly") if len(period.months) > 1 else Text("月度", "monthly")
    return Text(
        f"{name}执法音像记录{sort.zh}统计（{period.label}）",
        f"Enforcement recordings, {sort.en} figures {period.label}" + (f": {name}" if name else ""),
    )
