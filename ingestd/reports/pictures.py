"""Which charts a report has, out of its sheets: the same numbers as in the tables. PURE."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from ingestd.reports.charts import Bar, Chart
from ingestd.reports.document import Cell, Document, Share, Sheet
from ingestd.reports.lists import MEASURES
from ingestd.reports.sheets import UNKNOWN, YES
from ingestd.words import Text

MOST_BARS = 12
"""More are left to the table."""
MOST_PEERS = 5
"""The worst of them, below the one that a chart is about."""
Row = Mapping[str, Cell]

_LATE = Text("超时入库率，按{by}", "share stored late, by {by}")
_WHOLE = Text("全程录像率，按{by}", "share filmed whole, by {by}")
_UNIT = Text("单位", "unit")
_OF_ALL = Text("全部 {p}", "all {p}")


def charts(document: Document) -> Mapping[str, tuple[Chart, ...]]:
    """By the key of the sheet that has their numbers; sheets without one are not in it."""
    sheets = {sheet.key: sheet for sheet in document.sheets}
    outliers = frozenset(_standing_out(sheets["outliers"])) if "outliers" in sheets else frozenset()
    drawn: Mapping[str, Callable[[Sheet], Iterator[Chart]]] = {
        "months": _months,
        "units": lambda sheet: _units(sheet, outliers),
        "officers": lambda sheet: _each(sheet, "officer", Text("人员", "officer"), outliers),
        "recorders": lambda sheet: _each(sheet, "recorder", Text("执法记录仪", "recorder"), outliers),
        "acts": _acts,
        "rules": _rules,
    }
    made = {key: tuple(one for one in drawn[key](sheets[key]) if one.bars) for key in drawn if key in sheets}
    return {key: found for key, found in made.items() if found}


def rows_of(sheet: Sheet) -> list[Row]:
    """Rows by the keys of their columns."""
    keys = [column.key for column in sheet.columns]
    return [dict(zip(keys, row, strict=True)) for row in sheet.rows]


def percent(share: Cell) -> str:
    """A share as text; nothing where nothing can be said."""
    if not isinstance(share, Share) or share.value is None:
        return ""
    return f"{100 * share.value:.1f}%"


def _standing_out(sheet: Sheet) -> Iterator[tuple[str, str]]:
    """Dimension (in English) and id of those who are late more often than their peers."""
    for row in rows_of(sheet):
        of, who = row["of"], row["who"]
        is_late = row["outlier"] == YES and row["measure"] == MEASURES["late-docking"]
        if is_late and isinstance(of, Text) and isinstance(who, str):
            yield of.en, who.rpartition("(")[2].rstrip(")")


def _share_bar(label: Text, share: Cell, *, is_marked: bool = False, is_open: bool = False) -> Bar | None:
    """None where nothing can be said: a bar of no length would say nought."""
    if not isinstance(share, Share) or share.value is None:
        return None
    told = f"{percent(share)} · {share.part}/{share.whole}"
    return Bar(label=label, value=share.value, told=Text(told, told), is_marked=is_marked, is_open=is_open)


def _known(bars: Iterable[Bar | None]) -> list[Bar]:
    return [bar for bar in bars if bar is not None]


def _longest(bars: Sequence[Bar]) -> tuple[tuple[Bar, ...], int]:
    """The longest, longest first; those that stand out are always among them."""
    ordered = sorted(bars, key=lambda bar: (not bar.is_marked, -(bar.value or 0.0)))
    kept = sorted(ordered[:MOST_BARS], key=lambda bar: -(bar.value or 0.0))
    return tuple(kept), max(0, len(bars) - MOST_BARS)


def _same(text: str) -> Text:
    return Text(text, text)


# --- by month ----------------------------------------------------------------------------------------


def _months(sheet: Sheet) -> Iterator[Chart]:
    rows = [row for row in rows_of(sheet) if row["month"] != UNKNOWN]
    for key, title, about, is_bad in (
        (
            "late_share",
            Text("超时入库率，按月", "share stored late, by month"),
            Text("录像未在时限内入库的比率（REC-1）。", "Recordings that were not stored in time (REC-1)."),
            True,
        ),
        (
            "whole_share",
            Text("全程录像率，按月", "share filmed whole, by month"),
            Text(
                "须全程录像的行为中已全程的比率（REC-4、5）。",
                "Of the acts to be filmed whole, those that are (REC-4, 5).",
            ),
            False,
        ),
    ):
        if any(percent(row[key]) for row in rows):
            bars = tuple(_month(row, key) for row in rows)
            yield Chart(
                key=f"months-{key}", title=title, about=about, bars=bars, is_upright=True, is_bad=is_bad
            )


def _month(row: Row, key: str) -> Bar:
    """A month without anything has its place and no bar."""
    share, month = row[key], str(row["month"])
    label = Text(f"{int(month[5:])} 月", month[5:])
    if not isinstance(share, Share) or share.value is None:
        return Bar(label=label, value=None, told=_same("–"))
    told = _same(f"{percent(share)}\n{share.part}/{share.whole}")
    return Bar(label=label, value=share.value, told=told, is_open=row["provisional"] == YES)


# --- by unit, person, recorder -----------------------------------------------------------------------


def _units(sheet: Sheet, outliers: frozenset[tuple[str, str]]) -> Iterator[Chart]:
    rows = rows_of(sheet)
    total = rows[-1]
    named = [row for row in rows[:-1] if row["unit"] is not None]
    for key, title, about, is_bad in (
        (
            "late_share",
            _LATE,
            Text("每个单位含其下级（REC-1）。", "Each unit with those below (REC-1)."),
            True,
        ),
        (
            "whole_share",
            _WHOLE,
            Text("每个单位含其下级（REC-4、5）。", "Each unit with those below (REC-4, 5)."),
            False,
        ),
    ):
        bars = _known(
            _share_bar(
                _same(str(row["name"])),
                row[key],
                is_marked=is_bad and ("unit", str(row["unit"])) in outliers,
            )
            for row in named
        )
        words = title.format(by=_UNIT), about
        yield from _compared(f"units-{key}", words, bars, total[key], is_bad=is_bad)


def _each(sheet: Sheet, key: str, word: Text, outliers: frozenset[tuple[str, str]]) -> Iterator[Chart]:
    rows = rows_of(sheet)
    known = [row for row in rows if row[key] != UNKNOWN]
    bars = _known(
        _share_bar(_same(str(row[key])), row["late_share"], is_marked=(key, str(row[key])) in outliers)
        for row in known
    )
    shares = [row["late_share"] for row in rows if isinstance(row["late_share"], Share)]
    whole = Share(sum(one.part for one in shares), sum(one.whole for one in shares))
    title = _LATE.format(by=word)
    about = Text(
        "超时的录像占能判定的录像（REC-1）。", "Late recordings among those that can be told (REC-1)."
    )
    yield from _compared(f"{sheet.key}-late", (title, about), bars, whole)


def _compared(
    key: str, words: tuple[Text, Text], bars: Sequence[Bar], total: Cell, *, is_bad: bool = True
) -> Iterator[Chart]:
    title, about = words
    kept, left_out = _longest(bars)
    is_told = isinstance(total, Share) and total.value is not None and len(bars) > 1
    yield Chart(
        key=key,
        title=title,
        about=about,
        bars=kept,
        level=total.value if is_told and isinstance(total, Share) else None,
        level_told=_OF_ALL.format(p=percent(total)) if is_told else None,
        left_out=left_out,
        is_bad=is_bad,
    )


def peers(rows: Sequence[Row], dimension: str, key: str, year: str) -> Chart | None:
    """How often the recordings of one of these were late, beside its peers'; None where nothing can be said."""
    named = [(row, str(row["name"] if "name" in row else row[dimension])) for row in rows]
    told = [
        (str(row[dimension]), bar)
        for row, name in named
        if (bar := _share_bar(_same(name), row["late_share"])) is not None
    ]
    own = [replace(bar, is_own=True) for one, bar in told if one == key]
    if not own:
        return None
    others = sorted((bar for one, bar in told if one != key), key=lambda bar: -(bar.value or 0.0))
    shares = [row["late_share"] for row in rows if isinstance(row["late_share"], Share)]
    whole = Share(sum(one.part for one in shares), sum(one.whole for one in shares))
    is_tree = dimension == "unit"
    return Chart(
        key=f"peers-{dimension}",
        title=Text(f"{year} 年超时入库率，与同类相比", f"share stored late in {year}, beside its peers"),
        about=Text(
            "超时的录像占能判定的录像（REC-1）。", "Late recordings among those that can be told (REC-1)."
        ),
        bars=(*own, *others[:MOST_PEERS]),
        level=None if is_tree else whole.value,
        level_told=None if is_tree or whole.value is None else _OF_ALL.format(p=percent(whole)),
        left_out=max(0, len(others) - MOST_PEERS),
    )


# --- by act, by rule ---------------------------------------------------------------------------------


def _acts(sheet: Sheet) -> Iterator[Chart]:
    """How many of the minutes due are surely on film."""
    bars = []
    for row in rows_of(sheet):
        share, name = row["covered_share"], row["name"]
        if isinstance(share, Share) and share.value is not None:
            told = f"{percent(share)} · {share.part}/{share.whole}"
            label = name if isinstance(name, Text) else _same(str(name))
            bars.append(
                Bar(
                    label=label,
                    value=float(share.whole),
                    part=float(share.part),
                    told=Text(f"{told} 分钟", f"{told} min"),
                )
            )
    kept, left_out = _longest(bars)
    yield Chart(
        key="acts-covered",
        title=Text(
            "须全程录像的行为：应录与确已录到的分钟", "acts to be filmed whole: minutes due and on film"
        ),
        about=Text(
            "框为应录，实为确已录到（REC-4、5）。", "Outline: due. Filled: surely on film (REC-4, 5)."
        ),
        bars=kept,
        left_out=left_out,
        is_bad=False,
    )


def _rules(sheet: Sheet) -> Iterator[Chart]:
    bars = []
    for row in rows_of(sheet):
        count, standing = row["findings"], row["standing"]
        if isinstance(count, int) and isinstance(standing, int) and count:
            rule = str(row["rule"] or "")
            bars.append(
                Bar(
                    label=_same(rule) if rule else Text("采集站", "the station"),
                    value=float(count),
                    part=float(standing),
                    told=Text(f"{count} 项，未结 {standing}", f"{count}, {standing} standing"),
                )
            )
    kept, left_out = _longest(bars)
    yield Chart(
        key="rules-findings",
        title=Text("异常，按规则", "findings, by rule"),
        about=Text("框为全部，实为未结。", "Outline: all. Filled: still standing."),
        bars=kept,
        left_out=left_out,
    )
