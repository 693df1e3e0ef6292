"""`recorder ...`, `urge` and `confirm`: actions on recorders, through the daemon or alone."""

from __future__ import annotations

import argparse

from ingestd.cli import reading
from ingestd.cli.acting import act, tell
from ingestd.cli.homes import home_argument
from ingestd.cli.moments import moment, station_zone
from ingestd.cli.parsing import Command, Parser, json_argument
from ingestd.clock import StationClock
from ingestd.intake.holding import AD_HOC
from ingestd.words import Text


def _recorder_arguments(parser: Parser) -> None:
    home_argument(parser)
    parser.text_argument("recorder", metavar="RECORDER", help=Text("记录仪编号", "id of the recorder"))
    json_argument(parser)


def _enroll_arguments(parser: Parser) -> None:
    _recorder_arguments(parser)
    parser.text_argument("--family", metavar="KEY", help=Text("卡片类别", "card family"))


def _enroll(arguments: argparse.Namespace) -> int:
    result = act(arguments, "recorder.enroll", recorder=arguments.recorder, family=arguments.family)
    return tell(
        arguments,
        result,
        Text(
            "记录仪 {recorder} 已登记（日志第 {seq} 条）。",
            "recorder {recorder} is enrolled (log entry {seq}).",
        ),
    )


def _assign_arguments(parser: Parser) -> None:
    _recorder_arguments(parser)
    who = parser.add_mutually_exclusive_group(required=True)
    who.add_argument(
        "officer",
        metavar="OFFICER",
        nargs="?",
        help=Text("使用人员的警号或证号", "number of the officer").say(parser.lang),
    )
    who.add_argument(
        "--nobody",
        action="store_true",
        help=Text("收回，不属于任何人", "take it back: nobody's").say(parser.lang),
    )
    parser.text_argument(
        "--from",
        dest="since",
        metavar="TIME",
        help=Text(
            "自何时起（本地时间 2026-11-21T08:00 或 08:00；默认现在）",
            "since when (local time, 2026-11-21T08:00 or 08:00; now where it is left out)",
        ),
    )
    parser.text_argument(
        "--until",
        metavar="TIME",
        help=Text("至何时止：当班分配，到时自动结束", "until when: for a shift, which ends by itself"),
    )
    parser.text_argument(
        "--ad-hoc",
        action="store_true",
        help=Text(
            "临时使用：至 --until，或至取走后再次接入",
            "ad hoc: until --until, or until the recorder, once taken, is docked again",
        ),
    )


def _assign(arguments: argparse.Namespace) -> int:
    zone, now = station_zone(arguments.home), StationClock().now()
    result = act(
        arguments,
        "recorder.assign",
        recorder=arguments.recorder,
        officer=arguments.officer,
        mode=AD_HOC if arguments.ad_hoc else None,
        since=moment(arguments.since, zone=zone, now=now),
        until=moment(arguments.until, zone=zone, now=now),
    )
    return tell(
        arguments,
        result,
        Text(
            "记录仪 {recorder} 的分配已更新（日志第 {seq} 条）。",
            "recorder {recorder} is assigned (log entry {seq}).",
        ),
    )


def _lost_arguments(parser: Parser) -> None:
    _recorder_arguments(parser)
    parser.text_argument("--reason", required=True, metavar="TEXT", help=Text("经过", "how it came about"))


def _lost(arguments: argparse.Namespace) -> int:
    result = act(arguments, "recorder.lost", recorder=arguments.recorder, reason=arguments.reason)
    return tell(
        arguments,
        result,
        Text(
            "记录仪 {recorder} 已报失（日志第 {seq} 条）；再次接入即为找回。",
            "recorder {recorder} is reported lost (log entry {seq}); docking it finds it again.",
        ),
    )


def _urge_arguments(parser: Parser) -> None:
    home_argument(parser)
    parser.text_argument(
        "key",
        metavar="RECORDER|CLIP",
        help=Text("记录仪编号，或文件在卡上的路径", "id of a recorder, or a file's path on its card"),
    )
    json_argument(parser)


def _urge(arguments: argparse.Namespace) -> int:
    result = act(arguments, "urge", what=arguments.key)
    if not result["changed"] and not arguments.json:
        done = Text("已经入库，无需催交。", "it is secured already: there is nothing to urge.")
        print(done.say(arguments.lang))
        return 0
    whole = Text("记录仪 {recorder}", "recorder {recorder}")
    file = Text("记录仪 {recorder} 上的 {path}", "{path} on recorder {recorder}")
    what = file if result["path"] else whole
    told = Text(
        f"已催交{what.zh}，优先采集，入库后自动解除（日志第 {{seq}} 条）。",
        f"{what.en} goes first until it is secured (log entry {{seq}}).",
    )
    return tell(arguments, result, told)


def _hand_out_arguments(parser: Parser) -> None:
    _recorder_arguments(parser)
    parser.text_argument("--reason", required=True, metavar="TEXT", help=Text("理由", "the reason"))


def _hand_out(arguments: argparse.Namespace) -> int:
    result = act(arguments, "recorder.hand-out", recorder=arguments.recorder, reason=arguments.reason)
    return tell(
        arguments,
        result,
        Text(
            "已提出放行（日志第 {seq} 条）；须由另一人确认：ingestd confirm {action}",
            "proposed (log entry {seq}); a second person must confirm: ingestd confirm {action}",
        ),
    )


def _confirm_arguments(parser: Parser) -> None:
    home_argument(parser)
    parser.text_argument("action", metavar="ID", help=Text("待确认操作的编号", "id of the action"))
    json_argument(parser)


def _confirm(arguments: argparse.Namespace) -> int:
    result = act(arguments, "confirm", action=arguments.action)
    return tell(arguments, result, _ERASED if "digest" in result else _RELEASED)


_RELEASED = Text(
    "已确认，记录仪 {recorder} 放行（日志第 {seq} 条）。",
    "confirmed: recorder {recorder} may be handed out (log entry {seq}).",
)
_ERASED = Text(
    "已确认，个人信息 {digest} 已删除，不能恢复；摘要仍在日志中（第 {seq} 条）。",
    "confirmed: the personal value {digest} is erased for good; its digest stays in the log (entry {seq}).",
)


def _list_arguments(parser: Parser) -> None:
    home_argument(parser)
    json_argument(parser)


COMMANDS = (
    Command(
        name="recorder list",
        help=Text("列出记录仪", "list the recorders"),
        arguments=_list_arguments,
        run=reading.list_recorders,
        examples=("ingestd recorder list --home /srv/ingestd",),
    ),
    Command(
        name="recorder enroll",
        help=Text("登记记录仪", "make a recorder known"),
        arguments=_enroll_arguments,
        run=_enroll,
        examples=("ingestd recorder enroll --home /srv/ingestd KD01234 --family e12-new",),
    ),
    Command(
        name="recorder assign",
        help=Text("分配给人员", "say whose it is"),
        arguments=_assign_arguments,
        run=_assign,
        examples=(
            "ingestd recorder assign --home /srv/ingestd KD01234 104233",
            "ingestd recorder assign --home /srv/ingestd KD01234 104198 --from 08:00 --until 17:30",
            "ingestd recorder assign --home /srv/ingestd KD01234 104198 --ad-hoc",
            "ingestd recorder assign --home /srv/ingestd KD01234 --nobody",
        ),
    ),
    Command(
        name="recorder lost",
        help=Text("报失记录仪", "report a recorder lost"),
        arguments=_lost_arguments,
        run=_lost,
        examples=('ingestd recorder lost --home /srv/ingestd KD01234 --reason "执法途中遗失"',),
    ),
    Command(
        name="urge",
        help=Text(
            "催交：优先采集一台记录仪或其上一个文件", "have a recorder, or one file on it, taken in first"
        ),
        arguments=_urge_arguments,
        run=_urge,
        examples=(
            "ingestd urge --home /srv/ingestd KD01234",
            "ingestd urge --home /srv/ingestd DCIM/Movie/2026_1121_090000_001.MP4",
        ),
    ),
    Command(
        name="recorder hand-out",
        help=Text("放行被扣留的记录仪（须两人）", "let a blocked recorder go (takes two people)"),
        arguments=_hand_out_arguments,
        run=_hand_out,
        examples=('ingestd recorder hand-out --home /srv/ingestd KD01234 --reason "送修读卡"',),
    ),
    Command(
        name="confirm",
        help=Text("第二人确认", "confirm as the second person"),
        arguments=_confirm_arguments,
        run=_confirm,
        examples=("ingestd confirm --home /srv/ingestd 0193a5b2-7c1e-7abc-8def-0123456789ab",),
    ),
)
