"""`show` and `list` of registers, and `case explain`: what they hold, read from the index and the values."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from ingestd.cli import case_story
from ingestd.cli.homes import home_argument
from ingestd.cli.parsing import Parser, json_argument
from ingestd.cli.reading import OpenHome, print_json
from ingestd.cli.render import Folded, cell, moment_text, shown, table
from ingestd.errors import NotFoundError
from ingestd.index import registers
from ingestd.registers.columns import CASE, OFFICER, SUBJECT, Register
from ingestd.telling.case_story import read
from ingestd.telling.register_views import Reader, history, label_of, said_json, stated_json
from ingestd.words import Text

LISTED = {
    "unit": ("unit", "name", "parent", "key_unit", "persons", "recorders"),
    "officer": ("officer", "name_value", "unit", "role", "certificate", "valid_until", "active"),
    "subject": ("party", "kind", "party_value"),
    "case": ("case", "unit", "kind", "title_value", "opened_at", "decided_at", "concluded_at", "major"),
    "act": ("act", "case", "kind", "started_at", "ended_at", "officers", "result"),
}
"""Which fields a list shows."""


def key_arguments(parser: Parser) -> None:
    """One row by its id."""
    home_argument(parser)
    parser.text_argument("key", metavar="ID", help=Text("编号", "its id"))
    json_argument(parser)


def missing(register: Register, key: str) -> NotFoundError:
    """That a register has no row of an id."""
    return NotFoundError(
        Text("{w}登记中没有 {k}。", "{k} is not among the {w}.").format(w=register.words, k=key)
    )


def show(register: Register) -> Callable[[argparse.Namespace], int]:
    """`show`: one row and its statements; of a subject its cases too (REC-12)."""

    def run(arguments: argparse.Namespace) -> int:
        opened = OpenHome(arguments)
        reader = Reader(opened.values, zone=opened.zone, lang=opened.lang)
        with opened.connection() as connection:
            found = registers.one(connection, register.name, arguments.key)
            if found is None:
                raise missing(register, arguments.key)
            subject = registers.subject_of(register.name, arguments.key)
            said = [one for one in history(connection, opened.home, subject) if one.register == register.name]
            cases = registers.cases_of_party(connection, arguments.key) if register is SUBJECT else ()
        if arguments.json:
            of_subject = {"cases": cases} if register is SUBJECT else {}
            print_json(stated_json(reader, found) | of_subject | {"statements": said_json(reader, said)})
            return 0
        for label, value in reader.fields(register.name, found.row):
            opened.print(Folded(f"{label}  {value}", hanging=2))
        if cases:
            opened.print(Folded(f"{CASE.words.say(opened.lang)}  {', '.join(cases)}", hanging=2))
        opened.print("")
        for one in said:
            at = moment_text(one.at, now=opened.now(), zone=opened.zone, lang=opened.lang)
            first = Text("首次登记", "first stated").say(opened.lang)
            changes = [] if one.before is None else reader.change(one)
            what = Text("；", "; ").say(opened.lang).join(changes) or first
            opened.print(Folded(shown(f"{at} {one.actor} · {what}{reader.source(one.event)}"), hanging=2))
        return 0

    return run


def list_arguments(register: Register) -> Callable[[Parser], None]:
    """A list, of one unit where rows have units."""

    def declare(parser: Parser) -> None:
        home_argument(parser)
        if register in (OFFICER, CASE):
            parser.text_argument("--unit", metavar="UNIT", help=Text("只列一个单位的", "of one unit only"))
        json_argument(parser)

    return declare


def list_rows(register: Register) -> Callable[[argparse.Namespace], int]:
    """`list`: every row."""

    def run(arguments: argparse.Namespace) -> int:
        opened = OpenHome(arguments)
        reader = Reader(opened.values, zone=opened.zone, lang=opened.lang)
        with opened.connection() as connection:
            found = registers.listed(connection, register.name, unit=getattr(arguments, "unit", None))
        if arguments.json:
            print_json([stated_json(reader, one) for one in found])
            return 0
        names = LISTED[register.name]
        made = table(opened.lang, register.words, *(label_of(register, name) for name in names))
        for one in found:
            made.add_row(*(cell(reader.field(register.name, n, getattr(one.row, n))) for n in names))
        opened.print(made)
        return 0

    return run


def explain(arguments: argparse.Namespace) -> int:
    """`case explain`."""
    opened = OpenHome(arguments)
    reader = Reader(opened.values, zone=opened.zone, lang=opened.lang)
    with opened.connection() as connection:
        story = read(connection, opened.home, arguments.key, opened.book(), opened.now())
    if story is None:
        raise missing(CASE, arguments.key)
    if arguments.json:
        print_json(case_story.as_json(story, reader))
    else:
        opened.print(case_story.render(story, reader, opened.now()))
    return 0
