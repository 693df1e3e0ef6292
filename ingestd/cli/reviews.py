"""`review open|opinion|escalate|show`: the legal review of a case, and whether its decision is open."""

from __future__ import annotations

import argparse

from rich.console import Group

from ingestd.cli.acting import act, tell
from ingestd.cli.homes import home_argument
from ingestd.cli.parsing import Command, Parser, json_argument
from ingestd.cli.reading import OpenHome, print_json
from ingestd.cli.register_shows import missing
from ingestd.cli.render import Folded, shown
from ingestd.law.base import Base
from ingestd.law.rules import review
from ingestd.registers.columns import CASE, REVIEW
from ingestd.telling import case_story
from ingestd.telling.as_json import to_json
from ingestd.telling.register_views import Reader
from ingestd.words import Text

_OPENED = ("self_checked_at", "submitted_at", "due_at")


def _case_arguments(parser: Parser) -> None:
    home_argument(parser)
    parser.text_argument("case", metavar="CASE", help=Text("案件编号", "id of the case"))
    json_argument(parser)


def _open_arguments(parser: Parser) -> None:
    _case_arguments(parser)
    columns = {column.key: column for column in REVIEW.columns}
    for key in _OPENED:
        parser.text_argument(columns[key].option, dest=key, metavar="DATE", help=columns[key].help)


def _open(arguments: argparse.Namespace) -> int:
    result = act(
        arguments, "review.open", case=arguments.case, **{key: getattr(arguments, key) for key in _OPENED}
    )
    done = Text("第 {round} 轮已送审（日志第 {seq} 条）。", "round {round} is submitted (log entry {seq}).")
    return tell(arguments, result, done)


def _opinion_arguments(parser: Parser) -> None:
    _case_arguments(parser)
    parser.text_argument(
        "opinion",
        metavar="OPINION",
        help=Text(
            "agree 同意、correct 纠正（或本地规则所称，如“存在问题”）、transfer 移送",
            "agree, correct, transfer, or the words that the policy has for them (REV-4)",
        ),
    )
    parser.text_argument("--reason", required=True, metavar="TEXT", help=Text("理由", "the reasons"))


def _opinion(arguments: argparse.Namespace) -> int:
    result = act(
        arguments, "review.opinion", case=arguments.case, opinion=arguments.opinion, reason=arguments.reason
    )
    done = Text(
        "第 {round} 轮审核意见已出具（日志第 {seq} 条）。",
        "the opinion of round {round} is given (log entry {seq}).",
    )
    code = tell(arguments, result, done)
    if result["unqualified"] and not arguments.json:
        note = Text(
            "审核人员的法律职业资格未登记（REV-11）。",
            "the register does not say that the reviewer has the legal qualification (REV-11).",
        )
        print(note.say(arguments.lang))
    return code


def _escalate(arguments: argparse.Namespace) -> int:
    result = act(arguments, "review.escalate", case=arguments.case)
    done = Text("已提请协调（日志第 {seq} 条）。", "the disagreement is taken further (log entry {seq}).")
    return tell(arguments, result, done)


# --- show --------------------------------------------------------------------------------------------


def _show(arguments: argparse.Namespace) -> int:
    opened = OpenHome(arguments)
    reader, book = Reader(opened.values, zone=opened.zone, lang=opened.lang), opened.book()
    with opened.connection() as connection:
        story = case_story.read(connection, opened.home, arguments.case, book, opened.now())
    if story is None:
        raise missing(CASE, arguments.case)
    base = Base([story.case, *story.acts, *story.reviews])
    is_major = review.major(base, story.case, book)
    barred = review.barring(base, story.case.case, book, opened.now()) if is_major else ()
    if arguments.json:
        print_json(
            {
                "case": story.case.case,
                "major": is_major,
                "reviews": to_json(story.reviews),
                "barred": [
                    {"rule": rule.id, "layer": rule.layer, "lacking": list(lacking)}
                    for rule, lacking in barred
                ],
            }
        )
        return 0
    lines = [
        *case_story.review_sentences(story, reader),
        case_story.gate(story.case, is_major, barred).say(opened.lang),
    ]
    opened.print(Group(*(Folded(shown(line), hanging=2) for line in lines)))
    return 0


_CASE = "--home /srv/ingestd 铜郊罚〔2026〕012号"
COMMANDS = (
    Command(
        name="review open",
        help=Text(
            "送审：新的一轮法制审核（或更正未出意见的一轮）",
            "submit a round of legal review, or correct the open one",
        ),
        arguments=_open_arguments,
        run=_open,
        examples=(f"ingestd review open {_CASE} --self-checked-at 2026-11-20 --due-at 2026-11-27",),
    ),
    Command(
        name="review opinion",
        help=Text("出具审核意见（本案执法人员、送审人不能）", "give the opinion (never who is on the case)"),
        arguments=_opinion_arguments,
        run=_opinion,
        examples=(
            f"ingestd review opinion {_CASE} agree --reason 事实清楚，证据充分",
            f"ingestd review opinion {_CASE} correct --reason 裁量有误",
        ),
    ),
    Command(
        name="review escalate",
        help=Text("对意见不一致，提请协调（REV-9）", "the unit disagrees: take it further (REV-9)"),
        arguments=_case_arguments,
        run=_escalate,
        examples=(f"ingestd review escalate {_CASE}",),
    ),
    Command(
        name="review show",
        help=Text("各轮审核，以及决定能否作出", "the rounds, and whether the case may be decided"),
        arguments=_case_arguments,
        run=_show,
        examples=(f"ingestd review show {_CASE}",),
    ),
)
