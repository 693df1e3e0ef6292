"""The tables of a report that are no sums: random inspections, playback audits, equipment, who stands out. PURE."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from ingestd.facts import Case
from ingestd.law.base import Base
from ingestd.law.rulebook import Rulebook
from ingestd.law.rules import equipment
from ingestd.model import Millis
from ingestd.registers.words import CASE_KINDS, RESULTS
from ingestd.reports.document import Cell, Column, Share, Sheet
from ingestd.reports.outliers import LEAST_FAILURES, LEAST_TRIALS, Compared
from ingestd.reports.period import Period
from ingestd.reports.sheets import UNKNOWN, YES
from ingestd.words import Text

PRIVATE = Text("自然人", "a person")
"""Who is no organisation has no name on a sheet that is published (DIS-3)."""
SHOWN_UP_TO = 0.05
"""Comparisons whose chance alone is above this are counted and not listed."""
MEASURES = {
    "late-docking": Text("接入超时（其中有录像超时）", "late dockings (some clip of them late)"),
    "act-not-whole": Text("须全程的行为未全程", "acts to be filmed whole that are not"),
}
"""What is compared, by `outliers.Compared.measure`."""
_DIMENSIONS = {
    "unit": Text("单位", "unit"),
    "officer": Text("人员", "officer"),
    "recorder": Text("记录仪", "recorder"),
    "month": Text("月份（比以前各月）", "month (against those before)"),
}
METHOD = Text(
    "方法：Fisher 精确检验（单侧），每个对象与其余全部对象比较，最近一月与以前各月比较；共比较 {n} 次，按 Holm 法合计"
    "错误率 5%。一次接入的录像同早同晚，故以接入为单位；任一方不足 {trials} 次不比较，未达 {failures} 次不称突出。"
    "只列出单独概率不超过 5% 的。",
    "Method: Fisher's exact test, one-sided; each against all the others, the newest month against those before; {n} "
    "comparisons share one error of 5 % (Holm). What one docking brings is late together, so dockings are counted; "
    "below {trials} on either side nothing is compared, below {failures} failures nothing stands out. Listed is what "
    "is at most 5 % by itself.",
)


def _columns(*told: tuple[str, str, str]) -> tuple[Column, ...]:
    return tuple(Column(key=key, title=Text(zh, en)) for key, zh, en in told)


# --- random inspections ------------------------------------------------------------------------------


def inspections(
    base: Base, period: Period, names: Mapping[str, str], units: Collection[str] | None = None
) -> Sheet:
    """DIS-6: random inspections that were concluded in the period, for publication.

    ``names``: of the organisations among the parties, by id. ``units``: only of these (None: of all).
    """
    cases = [
        case
        for case in base.cases.values()
        if case.random_inspection and period.has(case.concluded_at) and (units is None or case.unit in units)
    ]
    return Sheet(
        key="inspections",
        title=Text("随机抽查情况和查处结果", "random inspections and their results"),
        columns=_columns(
            ("case", "案件编号", "case"),
            ("unit", "检查单位", "inspected by"),
            ("subject", "检查对象", "inspected"),
            ("kind", "案件类型", "kind"),
            ("inspected", "检查日期", "day"),
            ("result", "检查结果", "result"),
            ("decision", "处理决定", "decision"),
            ("concluded", "办结日期", "concluded"),
        ),
        rows=tuple(
            tuple(_inspection(base, case, period, names))
            for case in sorted(cases, key=lambda one: (one.concluded_at or 0, one.case))
        ),
        notes=(
            Text(
                "供公开：不含自然人姓名、证件号码和音像记录（DIS-3）。",
                "for publication: no names of persons, no id numbers, no recordings (DIS-3).",
            ),
        ),
    )


def _inspection(base: Base, case: Case, period: Period, names: Mapping[str, str]) -> Iterator[Cell]:
    acts = sorted(base.acts_of_case(case.case), key=lambda act: (act.started_at or 0, act.act))
    unit = base.units.get(case.unit or "")
    kind = CASE_KINDS.get(case.kind or "")
    results = [RESULTS[act.result].text for act in acts if act.result is not None]
    subjects = [names.get(party) for party in case.subjects]
    decisions = [one.kind for one in base.decisions_of(case.case) if one.kind is not None]
    yield case.case
    yield case.unit if unit is None else unit.name or unit.unit
    yield Text(
        "、".join(one or PRIVATE.zh for one in subjects), ", ".join(one or PRIVATE.en for one in subjects)
    )
    yield UNKNOWN if kind is None else kind.text
    yield _day(min((act.started_at for act in acts if act.started_at is not None), default=None), period)
    yield _joined(results)
    yield "、".join(decisions) or case.decision
    yield _day(case.concluded_at, period)


def _joined(words: Sequence[Text]) -> Text:
    each = list(dict.fromkeys(words))
    return Text("、".join(one.zh for one in each), ", ".join(one.en for one in each))


def _day(at: Millis | None, period: Period) -> str | None:
    if at is None:
        return None
    zone = timezone(timedelta(minutes=period.utc_offset_minutes))
    return f"{datetime.fromtimestamp(at // 1000, UTC).astimezone(zone):%Y-%m-%d}"


# --- playback audits ---------------------------------------------------------------------------------

_LACKING = (
    ("narrated", "未作开头说明", "no narration"),
    ("whole", "不完整", "not whole"),
    ("certificate", "未亮证", "no certificate"),
    ("informed", "未告知", "party not informed"),
    ("proper", "行为不当", "not proper"),
)
_VERDICTS = (("good", "合格", "good"), ("flawed", "有瑕疵", "flawed"), ("failed", "不合格", "failed"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """A random playback audit with the counts of what was said of its clips."""

    audit: str
    auditor: str
    since_at: Millis
    until_at: Millis
    unit: str | None
    drawn_at: Millis | None
    """None: its nonce was not revealed, or it was given up."""
    population: int | None
    drawn: int
    judged: int
    verdicts: Mapping[str, int]
    """By the words of `events.AuditJudged.verdict`."""
    lacking: Mapping[str, int]
    """How often the answer on an item was no, by its name there."""


def audits(told: Iterable[Audited], period: Period, units: Collection[str] | None = None) -> Sheet:
    """OWN-7, REC-15: audits of recordings that came in within the period, with what they found."""
    return Sheet(
        key="audits",
        title=Text("随机抽查调阅", "random playback audits"),
        columns=_columns(
            ("audit", "抽查编号", "audit"),
            ("since", "入库日期自", "came in from"),
            ("until", "至（不含）", "until"),
            ("unit", "单位", "unit"),
            ("auditor", "调阅人", "auditor"),
            ("drawn_on", "抽取日期", "drawn on"),
            ("population", "范围（段）", "of recordings"),
            ("drawn", "抽中", "drawn"),
            ("judged", "已评", "judged"),
            *_VERDICTS,
            *_LACKING,
        ),
        rows=tuple(
            (
                one.audit,
                _day(one.since_at, period),
                _day(one.until_at, period),
                one.unit,
                one.auditor,
                _day(one.drawn_at, period),
                one.population,
                one.drawn,
                one.judged,
                *(one.verdicts.get(key, 0) for key, *_ in _VERDICTS),
                *(one.lacking.get(key, 0) for key, *_ in _LACKING),
            )
            for one in told
            if units is None or one.unit in units
        ),
        notes=(
            Text(
                "抽取无人能左右，任何人可重做：ingestd audit redo 抽查编号。",
                "nobody steers what is drawn, and anybody can draw again: ingestd audit redo AUDIT.",
            ),
        ),
    )


# --- equipment ---------------------------------------------------------------------------------------


def staffing(base: Base, book: Rulebook, units: Collection[str] | None = None) -> Sheet:
    """REC-19 and REV-6 at the units at which they are counted, as the registers stand."""
    words = {
        "recorders-short": Text("执法记录仪", "recorders"),
        "reviewers-short": Text("法制审核人员", "legal reviewers"),
    }
    rows: list[tuple[Cell, ...]] = []
    for key in sorted(base.units):
        unit = base.units[key]
        if units is not None and key not in units:
            continue
        rows += [
            (
                unit.name or key,
                key,
                YES if unit.key_unit else None,
                words[one.kind],
                one.persons,
                one.has,
                one.needed,
                max(0, one.needed - one.has),
                one.rule.id,
                one.rule.source(),
            )
            for one in equipment.figures(base, unit, book)
        ]
    return Sheet(
        key="staffing",
        title=Text("配备：执法记录仪与法制审核人员", "recorders and legal reviewers"),
        columns=_columns(
            ("name", "单位", "unit"),
            ("unit", "单位编号", "id"),
            ("key_unit", "重点单位", "key unit"),
            ("of", "项目", "of what"),
            ("persons", "人数", "persons"),
            ("has", "现有", "has"),
            ("needed", "应有", "needs"),
            ("short", "缺", "short by"),
            ("rule", "规则", "rule"),
            ("source", "依据", "source"),
        ),
        rows=tuple(rows),
    )


# --- who stands out ----------------------------------------------------------------------------------


def standing_out(compared: Sequence[Compared], base: Base, only: Collection[str] | None = None) -> Sheet:
    """Comparisons with the numbers behind them. ``only``: units, officers and recorders of the report's unit."""
    listed = [
        one
        for one in compared
        if (one.is_outlier or one.p <= SHOWN_UP_TO)
        and (only is None or one.dimension == "month" or one.key in only)
    ]
    rows = tuple(
        (
            YES if one.is_outlier else None,
            MEASURES[one.measure],
            _DIMENSIONS[one.dimension],
            _name(base, one),
            one.failed,
            one.trials,
            Share(one.failed, one.trials),
            one.others_failed,
            one.others_trials,
            Share(one.others_failed, one.others_trials),
            f"{one.p:.2g}",
        )
        for one in listed
    )
    return Sheet(
        key="outliers",
        title=Text("趋势与突出情况", "trends and outliers"),
        columns=_columns(
            ("outlier", "突出", "stands out"),
            ("measure", "比较内容", "what"),
            ("of", "对象", "of"),
            ("who", "名称", "who"),
            ("failed", "次数", "failed"),
            ("trials", "共", "of all"),
            ("share", "比率", "share"),
            ("others_failed", "其余次数", "others failed"),
            ("others_trials", "其余共", "of all others"),
            ("others_share", "其余比率", "others' share"),
            ("p", "概率", "chance"),
        ),
        rows=rows,
        notes=(METHOD.format(n=len(compared), trials=LEAST_TRIALS, failures=LEAST_FAILURES),),
    )


def _name(base: Base, one: Compared) -> str:
    unit = base.units.get(one.key) if one.dimension == "unit" else None
    return one.key if unit is None or unit.name is None else f"{unit.name} ({unit.unit})"
