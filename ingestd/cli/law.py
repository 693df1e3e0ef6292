"""`finding show|ack|explain|waive|determine`, `clip note`, `case filed`, `sheet given`: answering the rules."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from rich.text import Text as Styled

from ingestd.cli import findings
from ingestd.cli.acting import act, reason_argument, tell
from ingestd.cli.homes import home_argument
from ingestd.cli.moments import moment, station_zone
from ingestd.cli.parsing import Command, Parser, json_argument
from ingestd.cli.reading import OpenHome, print_json
from ingestd.cli.render import Folded, moment_text, shown, spaced
from ingestd.clock import StationClock
from ingestd.errors import NotFoundError
from ingestd.index import law_queries
from ingestd.index.shared_bytes import sharers
from ingestd.law.facts import SHEETS
from ingestd.telling.finding_about import STEPS
from ingestd.telling.plain import in_one_line
from ingestd.vault.values import Values
from ingestd.words import Text

# --- findings ----------------------------------------------------------------------------------------


def _finding_arguments(parser: Parser) -> None:
    home_argument(parser)
    parser.text_argument("finding", metavar="ID", help=Text("异常编号", "id of the finding"))
    json_argument(parser)


def _reasoned_arguments(parser: Parser) -> None:
    _finding_arguments(parser)
    reason_argument(parser)


def _determine_arguments(parser: Parser) -> None:
    _reasoned_arguments(parser)
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument(
        "--needed",
        action="store_true",
        help=Text("有必要：须全程录像", "necessary: to be filmed whole").say(parser.lang),
    )
    which.add_argument(
        "--not-needed", action="store_true", help=Text("没有必要", "not necessary").say(parser.lang)
    )


def _show(arguments: argparse.Namespace) -> int:
    opened = OpenHome(arguments)
    with opened.connection() as connection:
        told = law_queries.finding(connection, arguments.finding)
        steps = () if told is None else law_queries.steps(connection, told)
        clips = sharers(connection, () if told is None else [told.about])
    if told is None:
        raise NotFoundError(
            Text("没有编号为 {id} 的异常。", "there is no finding {id}.").format(id=arguments.finding[:40])
        )
    values = opened.values
    reasons = [None if one.reason_value is None else values.get(one.reason_value) for one in steps]
    if arguments.json:
        print_json(
            findings.told_json(told, clips.get(told.about, ()), list(zip(steps, reasons, strict=True)))
        )
        return 0
    lines = [
        Folded(
            f"{moment_text(one.at, now=opened.now(), zone=opened.zone, lang=opened.lang)}  "
            f"{STEPS[one.step].say(opened.lang)}  {shown(one.said_by)}"
            + (
                f"  {shown(in_one_line(_words(values, one.reason_value, reason).say(opened.lang)))}"
                if one.reason_value
                else ""
            ),
            indent=4,
        )
        for one, reason in zip(steps, reasons, strict=True)
    ]
    block = findings.render(
        [findings.of_told(told)], clips, now=opened.now(), lang=opened.lang, zone=opened.zone
    )
    ended = Styled("")
    if told.closed_at is not None:
        at = moment_text(told.closed_at, now=opened.now(), zone=opened.zone, lang=opened.lang)
        ended = Styled(f"✔ {Text('已由事实消除', 'ended by facts').say(opened.lang)}  {at}", style="green")
    opened.print(spaced(block, *lines, ended) if lines or told.closed_at is not None else block)
    return 0


def _words(values: Values, digest: str, fields: Mapping[str, Any] | None) -> Text:
    """A reason, or what stands in its place where it is not here."""
    told = None if fields is None else str(fields.get("reason", ""))
    return values.absent(digest) if told is None else Text(told, told)


def _acknowledge(arguments: argparse.Namespace) -> int:
    result = act(arguments, "finding.acknowledge", finding=arguments.finding)
    done = Text("已受理（日志第 {seq} 条）。", "acknowledged (log entry {seq}).")
    return tell(arguments, result, done)


def _explain(arguments: argparse.Namespace) -> int:
    result = act(arguments, "finding.explain", finding=arguments.finding, reason=arguments.reason)
    done = Text("已说明（日志第 {seq} 条）。", "explained (log entry {seq}).")
    return tell(arguments, result, done)


def _waive(arguments: argparse.Namespace) -> int:
    result = act(arguments, "finding.waive", finding=arguments.finding, reason=arguments.reason)
    done = Text("已免除（日志第 {seq} 条）。", "waived (log entry {seq}).")
    return tell(arguments, result, done)


def _determine(arguments: argparse.Namespace) -> int:
    result = act(
        arguments,
        "finding.determine",
        finding=arguments.finding,
        needed=arguments.needed,
        reason=arguments.reason,
    )
    done = Text("已认定（日志第 {seq} 条）。", "determined (log entry {seq}).")
    return tell(arguments, result, done)


# --- statements --------------------------------------------------------------------------------------


def _at_argument(parser: Parser) -> None:
    parser.text_argument(
        "--at",
        metavar="TIME",
        help=Text("何时（本地时间；默认现在）", "when (local time; now where it is left out)"),
    )


def _note_arguments(parser: Parser) -> None:
    home_argument(parser)
    parser.text_argument(
        "clip", metavar="CLIP", help=Text("采集编号、摘要或路径", "acquisition, digest or path")
    )
    parser.text_argument("--text", required=True, metavar="TEXT", help=Text("简要说明", "the short note"))
    json_argument(parser)


def _note(arguments: argparse.Namespace) -> int:
    result = act(arguments, "clip.note", clip=arguments.clip, text=arguments.text)
    done = Text("已补上文字说明（日志第 {seq} 条）。", "the note was entered (log entry {seq}).")
    return tell(arguments, result, done)


def _filed_arguments(parser: Parser) -> None:
    home_argument(parser)
    parser.text_argument("case", metavar="CASE", help=Text("案件编号", "id of the case"))
    _at_argument(parser)
    json_argument(parser)


def _moment(arguments: argparse.Namespace) -> int | None:
    return moment(arguments.at, zone=station_zone(arguments.home), now=StationClock().now())


def _filed(arguments: argparse.Namespace) -> int:
    result = act(arguments, "case.filed", case=arguments.case, at=_moment(arguments))
    done = Text(
        "案卷已登记为形成（日志第 {seq} 条）。", "the case file was entered as formed (log entry {seq})."
    )
    return tell(arguments, result, done)


def _sheet_arguments(parser: Parser) -> None:
    home_argument(parser)
    parser.add_argument("sheet", choices=SHEETS, help=Text("报表", "the sheet").say(parser.lang))
    parser.text_argument("period", metavar="PERIOD", help=Text("期别：2026 或 2026-03", "2026 or 2026-03"))
    _at_argument(parser)
    json_argument(parser)


def _sheet(arguments: argparse.Namespace) -> int:
    result = act(
        arguments, "sheet.given", sheet=arguments.sheet, period=arguments.period, at=_moment(arguments)
    )
    done = Text("已登记（日志第 {seq} 条）。", "entered (log entry {seq}).")
    return tell(arguments, result, done)


_ID = "4f1c2a9b7d3e8f60"
COMMANDS = (
    Command(
        name="finding show",
        help=Text("一项异常：规则、事实、经过", "one finding: rule, facts, what was done"),
        arguments=_finding_arguments,
        run=_show,
        examples=(f"ingestd finding show --home /srv/ingestd {_ID}",),
    ),
    Command(
        name="finding ack",
        help=Text("受理异常", "acknowledge a finding"),
        arguments=_finding_arguments,
        run=_acknowledge,
        examples=(f"ingestd finding ack --home /srv/ingestd {_ID}",),
    ),
    Command(
        name="finding explain",
        help=Text("所在单位说明原因", "its unit says how it came about"),
        arguments=_reasoned_arguments,
        run=_explain,
        examples=(f'ingestd finding explain --home /srv/ingestd {_ID} --reason "电池耗尽，由另一台补录"',),
    ),
    Command(
        name="finding waive",
        help=Text("监督人员免除（当事人不能）", "a supervisor lets it be (never the person concerned)"),
        arguments=_reasoned_arguments,
        run=_waive,
        examples=(f'ingestd finding waive --home /srv/ingestd {_ID} --reason "设备故障，已有书面记录"',),
    ),
    Command(
        name="finding determine",
        help=Text("认定是否须全程录像", "determine whether an act has to be filmed whole"),
        arguments=_determine_arguments,
        run=_determine,
        examples=(f'ingestd finding determine --home /srv/ingestd {_ID} --needed --reason "涉及重大财产"',),
    ),
    Command(
        name="clip note",
        help=Text("补上音像记录的文字说明", "enter a clip's short text note"),
        arguments=_note_arguments,
        run=_note,
        examples=(
            'ingestd clip note --home /srv/ingestd 0193a5b2-7c1e-7abc-8def-0123456789ab --text "现场检查"',
        ),
    ),
    Command(
        name="case filed",
        help=Text("登记案卷已形成", "state that a case's file was formed"),
        arguments=_filed_arguments,
        run=_filed,
        examples=("ingestd case filed --home /srv/ingestd 案〔2026〕12 --at 2026-11-20T17:00",),
    ),
    Command(
        name="sheet given",
        help=Text("登记统计已报送或公开", "state that figures of a period were given out"),
        arguments=_sheet_arguments,
        run=_sheet,
        examples=(
            "ingestd sheet given --home /srv/ingestd year-public 2026",
            "ingestd sheet given --home /srv/ingestd inspections-public 2026-10",
        ),
    ),
)
