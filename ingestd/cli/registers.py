"""`unit`, `officer`, `subject`, `case`, `act`: import, add, show, list; `case record|decide|explain`.

The options of `add` are the columns of the register (`registers.columns`). What is stated goes through the
running daemon, or alone under the writer's lock.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
from collections.abc import Callable
from pathlib import Path

from ingestd.actions import client
from ingestd.actions.refusals import Refusals
from ingestd.actions.registers import RegisterActions
from ingestd.actions.uploads import PART_BYTES
from ingestd.cli.acting import act, alone, tell
from ingestd.cli.files import content
from ingestd.cli.homes import home_argument
from ingestd.cli.parsing import Command, Parser, json_argument
from ingestd.cli.reading import print_json
from ingestd.cli.register_shows import explain, key_arguments, list_arguments, list_rows, show
from ingestd.cli.render import shown
from ingestd.errors import EXIT_INCOMPLETE
from ingestd.registers.columns import (
    ACT,
    ASSIGNMENT,
    CASE,
    DECISION,
    OFFICER,
    RECORD,
    SUBJECT,
    UNIT,
    Register,
)
from ingestd.registers.report import lines_of
from ingestd.registers.table import FILE_BYTES
from ingestd.station import Station
from ingestd.vault.layout import Home
from ingestd.words import Text


def _actions(station: Station) -> RegisterActions:
    return RegisterActions(station, Refusals(station.books, station.clock))


# --- import -------------------------------------------------------------------------------------


def _import_arguments(parser: Parser) -> None:
    home_argument(parser)
    parser.text_argument(
        "file",
        metavar="FILE",
        type=Path,
        help=Text("CSV 或 JSON 文件（UTF-8 或 GBK）", "a CSV or JSON file (UTF-8 or GBK)"),
    )
    json_argument(parser)


def _case_import_arguments(parser: Parser) -> None:
    _import_arguments(parser)
    parser.text_argument(
        "--register",
        choices=_OF_CASES,
        help=Text("文件是哪一种登记表（默认由表头判断）", "which register it is (told by its header)"),
    )


_OF_CASES = ("subject", "case", "act", "record", "decision", "review")


def _import(among: tuple[str, ...]) -> Callable[[argparse.Namespace], int]:
    def run(arguments: argparse.Namespace) -> int:
        chosen = getattr(arguments, "register", None)
        given = {"name": arguments.file.name, "among": [chosen] if chosen else list(among)}
        data = content(arguments.file, at_most=FILE_BYTES + 1)
        home = Home(arguments.home.resolve())
        if client.is_up(home.socket):
            for offset in range(0, max(1, len(data)), PART_BYTES):
                part = base64.b64encode(data[offset : offset + PART_BYTES]).decode()
                client.ask(home.socket, "register.part", part=part, offset=offset)
            result = client.ask(home.socket, "register.import", **given)
        else:
            result = alone(
                arguments, lambda station, who: _actions(station).take(who, given, data, lambda _: None)
            )
        if arguments.json:
            print_json(result)
        else:
            for line in lines_of(result, arguments.lang):
                print(shown(line))
        return EXIT_INCOMPLETE if any(one["refused"] for one in result["tables"]) else 0

    return run


# --- add ----------------------------------------------------------------------------------------


def _add_arguments(register: Register, *, fixed: tuple[str, ...] = ()) -> Callable[[Parser], None]:
    """Options of every column; ``fixed``: those that stand as arguments, the id where none is named."""
    places = fixed or ((register.key.key,) if register.key.is_required else ())

    def declare(parser: Parser) -> None:
        home_argument(parser)
        columns = {column.key: column for column in register.columns}
        for key in places:
            parser.text_argument(key, metavar=key.upper(), help=columns[key].help)
        for key, column in columns.items():
            if key not in places:
                parser.text_argument(column.option, dest=key, metavar="TEXT", help=column.help)
        json_argument(parser)

    return declare


def _add(register: Register) -> Callable[[argparse.Namespace], int]:
    def run(arguments: argparse.Namespace) -> int:
        cells = {column.key: getattr(arguments, column.key, None) for column in register.columns}
        return _state(arguments, register, {key: cell for key, cell in cells.items() if cell is not None})

    return run


def _state(arguments: argparse.Namespace, register: Register, said: dict[str, str]) -> int:
    result = act(arguments, "register.add", register=register.name, said=said)
    return tell(
        arguments, result, Text("{key} 已登记（日志第 {seq} 条）。", "{key} is registered (log entry {seq}).")
    )


def _record_arguments(parser: Parser) -> None:
    _add_arguments(RECORD, fixed=("case",))(parser)
    parser.text_argument(
        "--file",
        metavar="FILE",
        type=Path,
        help=Text("文书文件：登记其 SHA-256（文件本身不入库）", "the document's file: its SHA-256 is stated"),
    )


def _record(arguments: argparse.Namespace) -> int:
    cells = {column.key: getattr(arguments, column.key, None) for column in RECORD.columns}
    if arguments.file is not None:
        cells["sha256"] = hashlib.sha256(content(arguments.file)).hexdigest()
    return _state(arguments, RECORD, {key: cell for key, cell in cells.items() if cell is not None})


# --- the commands -------------------------------------------------------------------------------

_EXAMPLES = {
    "unit": '340711-03 --name "城管执法三中队" --parent 340711 --key-unit yes',
    "officer": '104233 --name "张建国" --unit 340711-03 --certificate 34071104233 --valid-until 2027-12-31',
    "subject": '--name "铜都某餐饮店" --kind organisation --case "铜郊罚〔2026〕012号"',
    "case": '"铜郊罚〔2026〕012号" --kind penalty --unit 340711-03 --opened-at 2026-11-21',
    "act": 'A-0121 --case "铜郊罚〔2026〕012号" --kind inspection --started-at "2026-11-21 09:10" --officers 104233',
}


def _four(register: Register) -> tuple[Command, ...]:
    """import, add, show and list of a register."""
    name, words = register.name, register.words
    of_case = register is CASE
    return (
        Command(
            name=f"{name} import",
            help=Text("由 CSV 或 JSON 文件导入{w}", "import {w} from a CSV or JSON file").format(w=words),
            arguments=_case_import_arguments if of_case else _import_arguments,
            run=_import(_OF_CASES if of_case else (name,)),
            examples=(f"ingestd {name} import --home /srv/ingestd {name}.csv",),
        ),
        Command(
            name=f"{name} add",
            help=Text("登记或更正一行（未写的字段不变）", "state or correct one (fields left out stay)"),
            arguments=_add_arguments(register),
            run=_add(register),
            examples=(f"ingestd {name} add --home /srv/ingestd {_EXAMPLES[name]}",),
        ),
        Command(
            name=f"{name} show",
            help=Text("一行的现状与全部更正", "one with all its corrections"),
            arguments=key_arguments,
            run=show(register),
            examples=(f"ingestd {name} show --home /srv/ingestd {_SHOWN[name]}",),
        ),
        Command(
            name=f"{name} list",
            help=Text("列出{w}", "list the {w}").format(w=words),
            arguments=list_arguments(register),
            run=list_rows(register),
            examples=(f"ingestd {name} list --home /srv/ingestd",),
        ),
    )


_SHOWN = {
    "unit": "340711-03",
    "officer": "104233",
    "subject": "0193a5b2-7c1e-7abc-8def-0123456789ab",
    "case": '"铜郊罚〔2026〕012号"',
    "act": "A-0121",
}

_CASE = "--home /srv/ingestd 铜郊罚〔2026〕012号"

COMMANDS = (
    *_four(UNIT),
    *_four(OFFICER),
    *_four(SUBJECT),
    *_four(CASE),
    Command(
        name="case record",
        help=Text("登记一份文字记录（笔录、清单等）", "state a text record of the case"),
        arguments=_record_arguments,
        run=_record,
        examples=(
            f"ingestd case record {_CASE} --kind 现场检查笔录 --signed yes",
            f"ingestd case record {_CASE} --record T-9 --signed refused --refusal 当事人不识字",
        ),
    ),
    Command(
        name="case decide",
        help=Text(
            "登记执法决定；重大决定须先经法制审核",
            "state the decision of the case; a major one needs its review",
        ),
        arguments=_add_arguments(DECISION, fixed=("case",)),
        run=_add(DECISION),
        examples=(f"ingestd case decide {_CASE} --decision 铜郊罚决〔2026〕9号 --kind 罚款 --at 2026-11-21",),
    ),
    Command(
        name="case explain",
        help=Text("一个案件的全部情况与更正，逐句说明", "everything known of a case, in sentences"),
        arguments=key_arguments,
        run=explain,
        examples=('ingestd case explain --home /srv/ingestd "铜郊罚〔2026〕012号"',),
    ),
    *_four(ACT),
    Command(
        name="recorder import",
        help=Text("由排班表文件导入执法记录仪的配发", "import whose the recorders are, from a roster file"),
        arguments=_import_arguments,
        run=_import((ASSIGNMENT.name,)),
        examples=("ingestd recorder import --home /srv/ingestd roster.csv",),
    ),
)
