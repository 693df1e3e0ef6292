"""`report year|month|unit`: figures of a period, on the terminal, as JSON, CSV, XLSX or a page to print.

Everything is read in one transaction and judged at the time of its newest entry: the same size of the log gives the
same bytes, whenever it is asked.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.table import Table as RichTable
from rich.text import Text as Styled

from ingestd.cli.homes import home_argument
from ingestd.cli.parsing import Command, Parser, json_argument
from ingestd.cli.reading import OpenHome, newest_checkpoint, print_json
from ingestd.cli.render import Folded, cell, shown, stamp_text, table
from ingestd.errors import UsageError, system_text
from ingestd.ledger.files import LogFiles
from ingestd.reports.document import Document, Sheet, only, plain, to_json
from ingestd.reports.period import Period, period
from ingestd.reports.printing import as_html
from ingestd.reports.writing import as_csv, as_xlsx
from ingestd.station import log_home
from ingestd.telling import reporting
from ingestd.vault.values import Values
from ingestd.words import Lang, Text

PUBLISHED_WITHIN_S = 2.0
"""A running daemon publishes within a quarter of a second."""


# --- reading -----------------------------------------------------------------------------------------


def _document(opened: OpenHome, wanted: Period, unit: str | None) -> Document:
    source = reporting.Source(
        config=opened.config,
        policy=opened.policy,
        book=opened.book(),
        values=Values(opened.home),
        root=lambda size: _root(opened, size),
    )
    with opened.connection() as connection:
        return reporting.document(connection, source, wanted, unit=unit)


def _root(opened: OpenHome, size: int) -> str | Text:
    """Of the tree of so many entries, as its checkpoint has it; waits for the publication of the last ones."""
    until = time.monotonic() + PUBLISHED_WITHIN_S
    while newest_checkpoint(opened.home).size < size:
        if time.monotonic() > until:
            return Text("尚未发布", "not published yet")
        time.sleep(PUBLISHED_WITHIN_S / 20)
    return LogFiles(log_home(opened.home)).edge(size).root().hex()


# --- commands ----------------------------------------------------------------------------------------


def _out_arguments(parser: Parser) -> None:
    parser.add_argument(
        "--format",
        choices=("csv", "xlsx", "html"),
        help=Text("写成文件：表格，或供打印的网页", "as a spreadsheet, or a page to print").say(parser.lang),
    )
    parser.text_argument(
        "--out",
        metavar="FILE",
        type=Path,
        help=Text("文件（默认标准输出）", "the file (standard output by default)"),
    )
    parser.text_argument(
        "--sheet",
        metavar="SHEET",
        help=Text(
            "只要一张表，如 units、outliers、inspections", "one table only: units, outliers, inspections, ..."
        ),
    )
    json_argument(parser)


def _period_arguments(zh: str, en: str, metavar: str) -> Callable[[Parser], None]:
    def declare(parser: Parser) -> None:
        home_argument(parser)
        parser.text_argument("period", metavar=metavar, help=Text(zh, en))
        _out_arguments(parser)

    return declare


def _unit_arguments(parser: Parser) -> None:
    home_argument(parser)
    parser.text_argument("unit", metavar="UNIT", help=Text("单位编号", "id of the unit"))
    parser.text_argument(
        "--period",
        metavar="PERIOD",
        help=Text("2026 或 2026-10（默认日志末条所在年）", "2026 or 2026-10 (the year of the newest entry)"),
    )
    _out_arguments(parser)


def _year(arguments: argparse.Namespace) -> int:
    return _report(arguments, arguments.period, digits=4)


def _month(arguments: argparse.Namespace) -> int:
    return _report(arguments, arguments.period, digits=7)


def _unit(arguments: argparse.Namespace) -> int:
    return _report(arguments, arguments.period, unit=arguments.unit)


def _report(
    arguments: argparse.Namespace, label: str | None, *, digits: int | None = None, unit: str | None = None
) -> int:
    opened = OpenHome(arguments)
    wanted = _period(opened, label, digits)
    document = _document(opened, wanted, unit)
    if arguments.sheet is not None:
        document = only(document, arguments.sheet)
    if arguments.format is not None:
        _write(arguments, document)
    elif arguments.json:
        print_json(to_json(document))
    else:
        _print(opened, document)
    return 0


def _period(opened: OpenHome, label: str | None, digits: int | None) -> Period:
    if label is None:
        with opened.connection() as connection:
            label = stamp_text(reporting.newest_at(connection), opened.zone)[:4]
    found = period(label, opened.config.utc_offset_minutes)
    if found is None or digits not in (None, len(label)):
        raise UsageError(
            Text("期间写成 2026（年）或 2026-10（月）。", "a period is 2026 (year) or 2026-10 (month).")
        )
    return found


def _write(arguments: argparse.Namespace, document: Document) -> None:
    lang: Lang = arguments.lang
    data = {
        "csv": lambda: as_csv(document, lang),
        "xlsx": lambda: as_xlsx(document, lang),
        "html": lambda: as_html(document),
    }[arguments.format]()
    if arguments.out is None:
        sys.stdout.buffer.write(data)
        return
    try:
        arguments.out.write_bytes(data)
    except OSError as error:
        raise UsageError(
            Text("无法写入 {p}：{why}", "{p} cannot be written: {why}").format(
                p=arguments.out, why=system_text(error)
            )
        ) from error
    print(Text("已写入 {p}。", "written: {p}.").format(p=arguments.out).say(lang))


# --- on the terminal ---------------------------------------------------------------------------------


def _print(opened: OpenHome, document: Document) -> None:
    lang = opened.lang
    opened.print(Styled(document.title.say(lang), style="bold"))
    for fact in document.facts:
        opened.print(cell(f"{fact.title.say(lang)}  {plain(fact.value, lang)}"))
    _print_notes(opened, document.notes)
    for sheet in document.sheets:
        opened.print("")
        if sheet.rows:
            opened.print(_table(sheet.told(), lang))
        else:
            opened.print(cell(Text("{t}：无", "{t}: none").format(t=sheet.title).say(lang)))
        _print_notes(opened, sheet.notes)


def _print_notes(opened: OpenHome, notes: Sequence[Text]) -> None:
    for note in notes:
        opened.print(Folded(shown(note.say(opened.lang)), hanging=2, style="dim"))


def _table(sheet: Sheet, lang: Lang) -> RichTable:
    made = table(lang, sheet.title, *(column.title for column in sheet.columns))
    for at, column in enumerate(sheet.columns):
        made.columns[at].justify = "right" if column.is_figure else "left"
    for row in sheet.rows:
        made.add_row(*(cell(plain(one, lang)) for one in row))
    return made


COMMANDS = (
    Command(
        name="report year",
        help=Text("年度统计（DIS-4、REC-16）", "the yearly figures (DIS-4, REC-16)"),
        arguments=_period_arguments("年份，如 2026", "the year, such as 2026", "YEAR"),
        run=_year,
        examples=(
            "ingestd report year --home /srv/ingestd 2026",
            "ingestd report year --home /srv/ingestd 2026 --format xlsx --out 2026.xlsx",
        ),
    ),
    Command(
        name="report month",
        help=Text(
            "月度统计，含随机抽查表（DIS-6）", "the monthly figures, with the sheet of inspections (DIS-6)"
        ),
        arguments=_period_arguments("月份，如 2026-10", "the month, such as 2026-10", "MONTH"),
        run=_month,
        examples=(
            "ingestd report month --home /srv/ingestd 2026-10",
            "ingestd report month --home /srv/ingestd 2026-10 --sheet inspections --format csv --out 抽查.csv",
        ),
    ),
    Command(
        name="report unit",
        help=Text("一个单位（含下级）的统计", "the figures of one unit with those below it"),
        arguments=_unit_arguments,
        run=_unit,
        examples=("ingestd report unit --home /srv/ingestd 340711-03 --period 2026-10",),
    ),
)
