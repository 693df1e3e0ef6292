"""The tables of a report, out of its sums: what stands in which column, and in which words. PURE."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from ingestd.facts import Unit
from ingestd.policy.model import Policy
from ingestd.registers.words import CASE_KINDS
from ingestd.reports.document import Cell, Column, Hours, Share, Sheet
from ingestd.reports.tally import Tally, in_tree_order, with_below
from ingestd.words import Text

MINUTE_MS = 60_000
Figures = Counter[str]
Row = tuple[tuple[Cell, ...], Figures]
"""The labels of a row, and its sums."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One column of figures: its words, and how it comes out of the sums."""

    column: Column
    of: Callable[[Figures], Cell]


def _count(key: str, zh: str, en: str, *names: str) -> Figure:
    """A plain number: the sum of these figures (its own key where none is named)."""
    return Figure(
        column=Column(key=key, title=Text(zh, en), is_figure=True),
        of=lambda sums: sum(sums[name] for name in names or (key,)),
    )


def _share(key: str, zh: str, en: str, part: str, *whole: str) -> Figure:
    return Figure(
        column=Column(key=key, title=Text(zh, en), is_figure=True),
        of=lambda sums: Share(sums[part], sum(sums[name] for name in whole)),
    )


def _hours(key: str, zh: str, en: str, name: str) -> Figure:
    return Figure(
        column=Column(key=key, title=Text(zh, en), is_figure=True), of=lambda sums: Hours(sums[name])
    )


IN_TIME = (
    _count("clips", "音像记录", "recordings"),
    _hours("hours", "时长（小时）", "hours", "clip_ms"),
    _count("on_time", "按时入库", "on time"),
    _count("late", "超时入库", "late"),
    _share("late_share", "超时率", "late share", "late", "late", "on_time"),
    _count("untold", "不能确定", "cannot tell"),
    _count("waiting", "仍在记录仪上", "still on recorders"),
)
MORE_OF_CLIPS = (
    _count("backlog", "启用前积存", "backlog"),
    _count("unlinked", "未对应行为或案件", "linked to nothing"),
    _count("month_unsure", "月份不能确定", "month in doubt"),
)
ON_FILM = (
    _count("acts", "执法行为", "acts"),
    _count("acts_with_footage", "有音像记录", "with footage"),
    _count("due", "须全程录像", "to be filmed whole"),
    _count("whole", "已全程", "whole"),
    _count("gaps", "有缺口", "with gaps"),
    _count("unfilmed", "未录", "not filmed"),
    _count("film_untold", "全程与否不能确定", "whole or not: cannot tell"),
    _count("film_open", "尚待入库", "clips may still come"),
    _share("whole_share", "全程率", "whole share", "whole", "whole", "gaps", "unfilmed"),
    _count("proposed", "待认定", "to be determined"),
)
FILM = (
    _count("acts", "执法行为", "acts"),
    _count("due", "须全程录像", "to be filmed whole"),
    _count("whole", "已全程", "whole"),
    _count("not_whole", "有缺口或未录", "with gaps, or not filmed", "gaps", "unfilmed"),
    _share("whole_share", "全程率", "whole share", "whole", "whole", "gaps", "unfilmed"),
    _count("film_untold", "不能确定", "cannot tell"),
    _count("film_open", "尚待入库", "clips may still come"),
)
"""The same in fewer columns, for tables that have others beside it."""
COVERED = (
    _hours("due_hours", "应录（小时）", "hours due", "due_ms"),
    _hours("covered_hours", "确已录到（小时）", "hours surely on film", "covered_ms"),
    Figure(
        column=Column(key="covered_share", title=Text("覆盖率（分钟）", "covered (minutes)"), is_figure=True),
        of=lambda sums: Share(sums["covered_ms"] // MINUTE_MS, sums["due_ms"] // MINUTE_MS),
    ),
)
ANSWERED = (
    _count("findings", "异常", "findings"),
    _count("violations", "违反", "violations", "level_violation"),
    _count("standing", "未结", "standing"),
    _count("waived", "已免除", "waived"),
    _count("ended", "已消除", "ended by facts"),
)
LEVELS = (
    _count("unclear", "不能确定", "cannot tell", "level_unclear"),
    _count("notices", "提示", "notices", "level_notice"),
    _count("proposals", "待认定", "proposals", "level_proposal"),
)
CASES = (
    _count("opened", "立案", "opened"),
    _count("decided", "作出决定", "decided"),
    _count("concluded", "办结", "concluded"),
    _count("decisions", "决定书", "decisions"),
    _count("published", "公开", "published"),
    _count("revoked", "撤销等", "revoked"),
    _count("withdrawn", "撤下", "withdrawn"),
    _count("major", "重大决定", "major decisions"),
    _count("major_barred", "重大决定缺审核", "major, without its review"),
    _count("reviews", "送审", "submitted for review"),
    _count("opinion_agree", "审核同意", "opinion: agree"),
    _count("opinion_correct", "审核纠正", "opinion: correct"),
    _count("opinion_transfer", "审核移送", "opinion: transfer"),
    _count("inspections", "随机抽查", "random inspections"),
)
PARTS: tuple[tuple[Text, tuple[Figure, ...]], ...] = (
    (Text("入库时限（REC-1）", "stored in time (REC-1)"), (*IN_TIME, *MORE_OF_CLIPS)),
    (Text("全程记录（REC-4、5）", "filmed whole (REC-4, 5)"), (*ON_FILM, *COVERED)),
    (Text("异常", "findings"), (*ANSWERED, *LEVELS)),
    (Text("案件与审核", "cases and reviews"), CASES),
)
_OPEN = ("waiting", "film_open")
_PROVISIONAL = Column(key="provisional", title=Text("暂定", "provisional"))
YES = Text("是", "yes")
UNKNOWN = Text("（不详）", "(not known)")
TOTAL = Text("合计", "all")


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """What all tables are made of."""

    tally: Tally
    units: Mapping[str, Unit]
    """Those that the report is about."""
    policy: Policy
    months: tuple[str, ...]
    """Of the period."""
    now: str
    """The month of the newest entry: what is not over by then is provisional."""

    def sheets(self) -> Iterator[Sheet]:
        """All tables that are sums."""
        yield self.summary()
        yield self.by_unit()
        if len(self.months) > 1:
            yield from self.by_month()
        yield self.by_officer()
        yield self.by_recorder()
        yield self.by_act()
        yield self.by_rule()
        yield self.by_case_kind()

    def summary(self) -> Sheet:
        """Everything, a figure a row."""
        columns = (
            Column(key="part", title=Text("部分", "part")),
            Column(key="figure", title=Text("指标", "figure")),
            Column(key="value", title=Text("数值", "value")),
        )
        rows = tuple(
            (part, one.column.title, one.of(self.tally.total)) for part, every in PARTS for one in every
        )
        return Sheet(key="summary", title=Text("总表", "summary"), columns=columns, rows=rows)

    def by_unit(self) -> Sheet:
        """Each unit with all that is below it: a unit's row has its own and its lower units' figures."""
        own = self.tally.by("unit")
        sums = with_below(own, self.units)
        rows: list[Row] = [
            ((depth + 1, unit.name or unit.unit, unit.unit), sums[unit.unit])
            for depth, unit in in_tree_order(self.units)
        ]
        others = _sum(figures for unit, figures in own.items() if unit not in self.units)
        rows += [((None, UNKNOWN, None), others)] if others else []
        return self._table(
            "units",
            Text("按单位（含下级）", "by unit, with those below"),
            (("level", "层级", "level"), ("name", "单位", "unit"), ("unit", "单位编号", "id")),
            [*rows, ((None, TOTAL, None), self.tally.total)],
            (*IN_TIME, *FILM, *ANSWERED),
            note=Text(
                "人员所属单位以现有登记为准；记录归使用人所在单位。",
                "officers count for the unit in which the register has them now, a recording for its officer's.",
            ),
        )

    def by_month(self) -> Iterator[Sheet]:
        """Every month of the period that has begun, or in which something is said to be."""
        by = self.tally.by("month")
        begun = (month for month in self.months if month <= self.now or month in by)
        rows: list[Row] = [((month,), by.get(month, Figures())) for month in begun]
        rows += [((UNKNOWN,), by[None])] if None in by else []
        head = (("month", "月份", "month"),)
        figures = (*IN_TIME, *FILM, *ANSWERED)
        yield self._table("months", Text("按月", "by month"), head, rows, figures)
        title = Text("案件、决定与法制审核（按月）", "cases, decisions, reviews by month")
        yield self._table("case-months", title, head, rows, CASES, is_open=False)

    def by_officer(self) -> Sheet:
        """Each officer."""
        return self._table(
            "officers",
            Text("按人员", "by officer"),
            (("officer", "人员编号", "officer"),),
            self._rows("officer"),
            (*IN_TIME, *FILM, *ANSWERED),
            note=Text(
                "数人共同的行为和异常对每人各计一次，故各行之和可大于总数。",
                "acts and findings of several persons count for each: the rows may add up to more than there is.",
            ),
        )

    def by_recorder(self) -> Sheet:
        """Each recorder."""
        head = (("recorder", "执法记录仪", "recorder"),)
        figures = (*IN_TIME, *ANSWERED)
        return self._table(
            "recorders", Text("按执法记录仪", "by recorder"), head, self._rows("recorder"), figures
        )

    def by_act(self) -> Sheet:
        """Each kind of act; a word that is not in the catalogue has no key."""
        names = {act.key: act.name for act in self.policy.acts}
        rows: list[Row] = [
            ((UNKNOWN if kind is None else names.get(kind, kind), kind if kind in names else None), figures)
            for kind, figures in _ordered(self.tally.by("act"))
        ]
        head = (("name", "行为类型", "kind of act"), ("act", "代码", "key"))
        figures = (*ON_FILM, *COVERED, *ANSWERED)
        return self._table("acts", Text("按执法行为类型", "by kind of act"), head, rows, figures)

    def by_rule(self) -> Sheet:
        """Each rule with what it found; what the dock tells by no rule is a row too."""
        rows: list[Row] = []
        for rule_id, figures in _ordered(self.tally.by("rule")):
            rule = None if rule_id is None else self.policy.find(rule_id)
            source = Text("（采集站）", "(the station's own)") if rule is None else rule.source()
            said = None if rule is None else rule.said
            rows.append(((rule_id or "", source, said), figures))
        head = (("rule", "规则", "rule"), ("source", "依据", "source"), ("said", "内容", "what it says"))
        return self._table(
            "rules", Text("按规则", "by rule"), head, rows, (*ANSWERED, *LEVELS), is_open=False
        )

    def by_case_kind(self) -> Sheet:
        """Cases, decisions and reviews by kind of case (DIS-4: our share of the yearly figures)."""
        words = {kind: word.text for kind, word in CASE_KINDS.items()}
        rows: list[Row] = [
            ((UNKNOWN if kind is None else words.get(kind, kind),), figures)
            for kind, figures in _ordered(self.tally.by("case-kind"))
        ]
        title = Text("案件、决定与法制审核", "cases, decisions, reviews")
        head = (("kind", "案件类型", "kind of case"),)
        total = _sum(figures for _, figures in rows)
        return self._table("cases", title, head, [*rows, ((TOTAL,), total)], CASES, is_open=False)

    def _rows(self, dimension: str) -> list[Row]:
        by = _ordered(self.tally.by(dimension))
        return [((UNKNOWN if key is None else key,), figures) for key, figures in by]

    def _table(
        self,
        key: str,
        title: Text,
        head: tuple[tuple[str, str, str], ...],
        rows: Iterable[Row],
        figures: tuple[Figure, ...],
        *,
        is_open: bool = True,
        note: Text | None = None,
    ) -> Sheet:
        """``is_open``: its figures may still change by what has not come in, and the rows say so."""
        columns = [Column(key=name, title=Text(zh, en)) for name, zh, en in head]
        columns += [one.column for one in figures]
        made = []
        for labels, sums in rows:
            until = labels[0] if labels[0] in self.months else self.months[-1]
            is_provisional = str(until) >= self.now or any(sums[name] for name in _OPEN)
            mark = ((YES if is_provisional else None),) if is_open else ()
            made.append((*labels, *(one.of(sums) for one in figures), *mark))
        return Sheet(
            key=key,
            title=title,
            columns=(*columns, *((_PROVISIONAL,) if is_open else ())),
            rows=tuple(made),
            notes=() if note is None else (note,),
        )


def _ordered(by: Mapping[str | None, Figures]) -> list[tuple[str | None, Figures]]:
    """By key, what nobody knows last."""
    return sorted(by.items(), key=lambda one: (one[0] is None, one[0] or ""))


def _sum(all_of: Iterable[Figures]) -> Figures:
    total = Figures()
    for figures in all_of:
        total.update(figures)
    return total
