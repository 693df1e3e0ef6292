"""A report as a page to print: one file of HTML in both languages, no script, nothing from elsewhere. PURE."""

from __future__ import annotations

from html import escape

from ingestd.reports.charts import Chart, svg
from ingestd.reports.document import Cell, Document, Hours, Share, Sheet, plain
from ingestd.reports.pictures import charts
from ingestd.words import Text

_STYLE = """
:root { --ink: #1a1d21; --quiet: #5b636d; --line: #d5d9de; --accent: #1f5fa8; }
* { box-sizing: border-box; }
body { margin: 2rem auto; max-width: 297mm; padding: 0 1rem; color: var(--ink);
  font: 14px/1.5 "Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", sans-serif; }
h1 { margin: 0 0 .75rem; font-size: 1.6rem; } h2 { margin: 2rem 0 .5rem; font-size: 1.15rem; }
span { color: var(--quiet); font-size: .75em; font-weight: 400; }
h1 span, h2 span, th span, p span { display: block; } dt span, dd span, td span { margin-left: .4em; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.5rem; margin: 0;
  border-left: 3px solid var(--accent); padding-left: 1rem; }
dt { font-weight: 600; } dd { margin: 0; overflow-wrap: anywhere; }
table { min-width: 50%; border-collapse: collapse; font-size: .75rem; }
th { border-bottom: 2px solid var(--ink); text-align: left; vertical-align: bottom; font-weight: 600; }
th, td { padding: .15rem .4rem; } td { border-bottom: 1px solid var(--line); vertical-align: top; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
td.number, td:first-child { white-space: nowrap; }
td .bar { display: block; height: 3px; margin-top: 2px; background: var(--accent); }
.plots { display: flex; flex-wrap: wrap; gap: 1rem 2rem; } figure { margin: 0 0 .75rem; break-inside: avoid; }
figcaption { font-weight: 600; font-size: .85rem; }
.plot { --tone: #b0574f; width: 480px; height: auto; font-size: 13px; } .plot.better { --tone: #2f7d54; }
.plot text { fill: var(--ink); } .plot .aside { fill: var(--quiet); }
.plot rect.value:not(.unsure) { fill: var(--tone); }
.plot .outlier:not(.unsure) { fill: #b3261e; } .plot .framed { fill: none; stroke: var(--tone); }
.plot .unsure { stroke: var(--tone); } .plot .ground { fill: #fff; }
.plot .stroke { stroke: var(--tone); stroke-width: 5; }
.plot .axis { stroke: var(--quiet); } .plot .level { stroke: var(--ink); stroke-dasharray: 3 3; }
p { margin: .5rem 0; color: var(--quiet); font-size: .85rem; }
@media print { @page { size: A4 landscape; margin: 12mm; } body { margin: 0; max-width: none; padding: 0;
  font-size: 10pt; } h2 { break-after: avoid; } tr { break-inside: avoid; } thead { display: table-header-group; } }
"""
_NUMBER = ' class="number"'
_EMPTY = Text("（无）", "(none)")


def as_html(document: Document) -> bytes:
    """The whole document."""
    facts = "".join(f"<dt>{_both(fact.title)}</dt><dd>{_cell(fact.value)}</dd>" for fact in document.facts)
    notes = "".join(f"<p>{_both(note)}</p>" for note in document.notes)
    drawn = charts(document)
    body = "".join(_sheet(sheet, drawn.get(sheet.key, ())) for sheet in document.sheets)
    page = (
        '<!doctype html>\n<html lang="zh-CN">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{escape(document.title.zh)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<h1>{_both(document.title)}</h1>\n<dl>{facts}</dl>\n{notes}\n{body}</body>\n</html>\n"
    )
    return page.encode("utf-8")


def _sheet(whole: Sheet, plots: tuple[Chart, ...]) -> str:
    sheet = whole.told()
    figures = "".join(
        f"<figure><figcaption>{_both(one.title)}</figcaption>{svg(one, 'zh')}</figure>" for one in plots
    )
    head = "".join(
        f"<th{_NUMBER if column.is_figure else ''}>{_both(column.title)}</th>" for column in sheet.columns
    )
    rows = "".join(f"<tr>{''.join(map(_data, row))}</tr>\n" for row in sheet.rows)
    if not rows:
        rows = f'<tr><td colspan="{len(sheet.columns)}">{_both(_EMPTY)}</td></tr>\n'
    notes = "".join(f"<p>{_both(note)}</p>" for note in sheet.notes)
    return (
        f"<h2>{_both(sheet.title)}</h2>\n"
        + (f'<div class="plots">{figures}</div>\n' if figures else "")
        + f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody>\n"
        f"</table>\n{notes}\n"
    )


def _data(cell: Cell) -> str:
    kind = _NUMBER if isinstance(cell, int | Share | Hours) else ""
    return f"<td{kind}>{_cell(cell)}</td>"


def _cell(cell: Cell) -> str:
    """A share has the numbers behind it, and a bar that starts at nothing."""
    if isinstance(cell, Text):
        return _both(cell)
    text = escape(plain(cell, "zh"))
    if isinstance(cell, Share) and cell.value is not None:
        width = f"{100 * cell.value:.1f}%"
        return f'{text} <span>{cell.part}/{cell.whole}</span><i class="bar" style="width:{width}"></i>'
    return text


def _both(text: Text) -> str:
    if text.zh == text.en:
        return escape(text.zh)
    return f'{escape(text.zh)}<span lang="en">{escape(text.en)}</span>'
