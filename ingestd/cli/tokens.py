"""`token add|list|end`: what programs act with, for an account."""

from __future__ import annotations

import argparse

from ingestd.actions.tokens import SCOPES
from ingestd.cli import user_shows
from ingestd.cli.acting import tell
from ingestd.cli.asking import act
from ingestd.cli.homes import home_argument
from ingestd.cli.parsing import Command, Parser, json_argument
from ingestd.words import Text


def _home_arguments(parser: Parser) -> None:
    home_argument(parser)
    json_argument(parser)


def _add_arguments(parser: Parser) -> None:
    _home_arguments(parser)
    parser.text_argument("account", metavar="ID", help=Text("账号", "the account's id"))
    scopes = Text(
        "；".join(f"{name} {scope.help.zh}" for name, scope in SCOPES.items()),
        "; ".join(f"{name}: {scope.help.en}" for name, scope in SCOPES.items()),
    )
    parser.text_argument("--scope", action="append", choices=tuple(SCOPES), required=True, help=scopes)
    parser.text_argument(
        "--days", type=int, default=90, help=Text("有效天数（默认 90）", "good for so many days (90)")
    )
    parser.text_argument("--label", metavar="TEXT", help=Text("用途", "what it is for"))


def _list_arguments(parser: Parser) -> None:
    _home_arguments(parser)
    parser.text_argument("--account", metavar="ID", help=Text("只列此账户的", "of this account only"))


def _end_arguments(parser: Parser) -> None:
    _home_arguments(parser)
    parser.text_argument("token", metavar="TOKEN-ID", help=Text("令牌编号", "the token's id"))


def _add(arguments: argparse.Namespace) -> int:
    result = act(
        arguments,
        "token.add",
        account=arguments.account,
        scopes=arguments.scope,
        days=arguments.days,
        label=arguments.label,
    )
    done = Text("令牌 {id}（只显示这一次）：\n{token}", "the token {id} (shown this once):\n{token}")
    return tell(arguments, result, done)


def _end(arguments: argparse.Namespace) -> int:
    done = Text("令牌 {id} 已作废。", "the token {id} is void.")
    return tell(arguments, act(arguments, "token.end", id=arguments.token), done)


COMMANDS = (
    Command(
        name="token add",
        help=Text("为账户签发接口令牌", "make a token of an account, for a program"),
        arguments=_add_arguments,
        run=_add,
        examples=("ingestd token add --home /srv/ingestd platform-1 --scope registers --label 案件平台",),
    ),
    Command(
        name="token list",
        help=Text("列出令牌", "list the tokens"),
        arguments=_list_arguments,
        run=user_shows.tokens,
        examples=("ingestd token list --home /srv/ingestd",),
    ),
    Command(
        name="token end",
        help=Text("作废令牌", "end a token"),
        arguments=_end_arguments,
        run=_end,
        examples=("ingestd token end --home /srv/ingestd 0193a5b2-7c1e-7abc-8def-0123456789ab",),
    ),
)
