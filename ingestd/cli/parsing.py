"""One command line in two languages: argparse with help, headings and errors in Chinese or English."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from ingestd.errors import UsageError
from ingestd.words import Lang, Text

LANG_VARIABLE = "INGESTD_LANG"

_HEADINGS = {
    "usage: ": "用法: ",
    "positional arguments": "参数",
    "options": "选项",
    "subcommands": "命令",
}
_ERRORS = (
    (r"argument (?:COMMAND|命令): invalid choice: '(.*)' \(choose from (.*)\)", "没有命令 {0}；可用：{1}"),
    (r"the following arguments are required: (.*)", "缺少参数：{0}"),
    (r"unrecognized arguments: (.*)", "无法识别的参数：{0}"),
    (r"argument (.*): invalid choice: (.*) \(choose from (.*)\)", "参数 {0} 不能是 {1}；可选：{2}"),
    (r"argument (.*): expected one argument", "参数 {0} 需要一个值"),
    (r"argument (.*): invalid (.*) value: (.*)", "参数 {0} 的值 {2} 不合规"),
    (r"argument (.*): not allowed with argument (.*)", "参数 {0} 不能与 {1} 同时使用"),
)


def wanted_language(arguments: Sequence[str]) -> Lang:
    """``--lang`` wherever it stands, else INGESTD_LANG, else Chinese."""
    for at, argument in enumerate(arguments):
        value = (
            argument.removeprefix("--lang=")
            if argument.startswith("--lang=")
            else arguments[at + 1]
            if argument == "--lang" and at + 1 < len(arguments)
            else None
        )
        if value in ("zh", "en"):
            return "en" if value == "en" else "zh"
    return "en" if os.environ.get(LANG_VARIABLE) == "en" else "zh"


class _Formatter(argparse.RawDescriptionHelpFormatter):
    lang: Lang = "zh"

    def add_usage(self, usage: str | None, actions: Any, groups: Any, prefix: str | None = None) -> None:
        # argparse asks with an empty prefix where it makes the names of subcommands
        wanted = _HEADINGS["usage: "] if prefix is None and self.lang == "zh" else prefix
        super().add_usage(usage, actions, groups, wanted)

    def start_section(self, heading: str | None) -> None:
        super().start_section(_HEADINGS.get(heading or "", heading) if self.lang == "zh" else heading)


class _ChineseFormatter(_Formatter):
    lang = "zh"


class _EnglishFormatter(_Formatter):
    lang = "en"


class Parser(argparse.ArgumentParser):
    """An argument parser that speaks one language and raises UsageError."""

    def __init__(self, *, lang: Lang = "zh", **options: Any) -> None:
        formatter = _ChineseFormatter if lang == "zh" else _EnglishFormatter
        super().__init__(formatter_class=formatter, add_help=False, allow_abbrev=False, **options)
        self.lang = lang
        self.add_argument("-h", "--help", action="help", help=Text("显示帮助", "show this help").say(lang))
        self.add_argument(
            "--lang",
            choices=("zh", "en"),
            default=lang,
            help=Text("语言（也可用环境变量 INGESTD_LANG）", "language (or the variable INGESTD_LANG)").say(
                lang
            ),
        )

    def text_argument(self, *names: str, help: Text, **options: Any) -> None:  # noqa: A002 - argparse's word
        """An argument with help in both languages."""
        self.add_argument(*names, help=help.say(self.lang), **options)

    def error(self, message: str) -> NoReturn:
        """Raises UsageError with the message in both languages."""
        matches = ((re.fullmatch(pattern, message), template) for pattern, template in _ERRORS)
        chinese = next((form.format(*found.groups()) for found, form in matches if found), message)
        hint = self.prog
        raise UsageError(Text(f"{chinese}。详见 {hint} --help", f"{message}; see {hint} --help"))


def json_argument(parser: Parser) -> None:
    """``--json``, as every command has it that prints facts."""
    parser.text_argument("--json", action="store_true", help=Text("输出 JSON", "print JSON"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One verb: its words, its arguments, what it does, examples."""

    name: str
    help: Text
    arguments: Callable[[Parser], None]
    run: Callable[[argparse.Namespace], int]
    examples: tuple[str, ...]


def build(commands: Sequence[Command], lang: Lang, *, version: str) -> Parser:
    """The whole command line in one language."""
    parser = Parser(
        lang=lang,
        prog="ingestd",
        description=Text(
            "执法音像记录采集：逐字节采集、校验、签名、入日志，然后才清除记录仪。",
            "Evidence intake for enforcement recorders: copied, read back, signed, logged, and only then freed.",
        ).say(lang),
    )
    parser.add_argument(
        "--version",
        action="version",
        version=f"ingestd {version}",
        help=Text("显示版本", "show the version").say(lang),
    )
    verbs = parser.add_subparsers(
        title="subcommands",
        metavar=Text("命令", "COMMAND").say(lang),
        dest="verb",
        required=True,
    )
    groups: dict[str, Any] = {}
    for command in commands:
        first, _, second = command.name.partition(" ")
        within = verbs
        if second:
            if first not in groups:
                group = verbs.add_parser(first, lang=lang, help=_GROUPS[first].say(lang))
                groups[first] = group.add_subparsers(
                    title="subcommands",
                    metavar=Text("命令", "COMMAND").say(lang),
                    dest="second",
                    required=True,
                )
            within = groups[first]
        one = within.add_parser(
            second or first,
            lang=lang,
            help=command.help.say(lang),
            description=command.help.say(lang),
            epilog=Text("示例:\n", "examples:\n").say(lang) + "\n".join(f"  {e}" for e in command.examples),
        )
        command.arguments(one)
        one.set_defaults(command=command)
    return parser


_GROUPS = {
    "log": Text("日志：核验（check）", "the log: check it"),
    "recorder": Text(
        "记录仪：列出、登记、分配、报失、放行、导入排班",
        "recorders: list, enrol, assign, lose, hand out, import a roster",
    ),
    "policy": Text(
        "规则：列出、检查、说明、比较、试算、打印", "the rules: list, check, explain, diff, test, print"
    ),
    "unit": Text("单位：导入、登记、查看、列出", "units: import, add, show, list"),
    "officer": Text("执法人员：导入、登记、查看、列出", "officers: import, add, show, list"),
    "subject": Text("当事人：导入、登记、查看、列出", "subjects of enforcement: import, add, show, list"),
    "case": Text(
        "案件：导入、登记、查看、列出；文字记录、决定、说明",
        "cases: import, add, show, list; text records, decisions, the whole story",
    ),
    "report": Text("统计：年度、月度、单位", "figures: of a year, a month, a unit"),
    "review": Text("法制审核：送审、意见、提请协调、查看", "legal review: open, opinion, escalate, show"),
    "act": Text("执法行为：导入、登记、查看、列出", "acts of enforcement: import, add, show, list"),
    "user": Text(
        "账户：建立、角色、密码、双因素、锁定", "accounts: make, roles, password, second factor, lock"
    ),
    "token": Text("接口令牌：签发、列出、作废", "tokens for programs: make, list, end"),
    "link": Text("录像归入执法行为", "what clips belong to"),
    "value": Text("个人信息", "personal values behind the digests of the log"),
    "finding": Text(
        "异常：查看、受理、说明、免除、认定", "findings: show, acknowledge, explain, waive, determine"
    ),
    "clip": Text("音像记录：文字说明", "clips: their text note"),
    "sheet": Text("统计报表：登记已报送或公开", "sheets: state that they were given out"),
    "audit": Text(
        "随机抽查：抽取、列出、评判、作废、重算", "playback audits: draw, list, judge, give up, draw again"
    ),
    "slot": Text("槽位：列出、认识、改名", "slots: list, learn, name"),
}
