"""`custody RECORDER|CLIP|account:ID`: its chain in sentences, in the order of time, with doubt as doubt."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from datetime import tzinfo

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text as Styled
from sqlalchemy import Connection

from ingestd.cli.homes import home_argument
from ingestd.cli.parsing import Command, Parser, json_argument
from ingestd.cli.reading import OpenHome, find_clips, newest_checkpoint, print_json
from ingestd.cli.render import stamp_text
from ingestd.errors import NotFoundError
from ingestd.index import chains, hands, queries
from ingestd.model import RecorderId
from ingestd.telling import chain, chain_words
from ingestd.telling.chain import Place
from ingestd.telling.chain_words import Line, line_json
from ingestd.telling.finding_about import subject_text
from ingestd.words import Lang, Text

_ACCOUNT = "account:"
_NO_ACCOUNT = Text(
    "日志中没有账户 {a}；ingestd user list 列出账户。",
    "the log knows no account {a}; ingestd user list names them.",
)

# --- the command ----------------------------------------------------------------------------------


def _arguments(parser: Parser) -> None:
    home_argument(parser)
    parser.text_argument(
        "key",
        metavar="RECORDER|CLIP|account:ID",
        help=Text(
            "记录仪编号；记录的采集编号、摘要、卡上路径；account: 加账户编号",
            "id of a recorder; acquisition, digest or path on the card of a clip; account: with an account's number",
        ),
    )
    json_argument(parser)


def _chains(opened: OpenHome, connection: Connection, key: str) -> list[tuple[str, list[Line]]]:
    """A heading and its chain, for each thing that a key names. Raises NotFoundError."""
    if key.startswith(_ACCOUNT):
        return [(key, _of_account(opened, connection, key))]
    now, checkpoint = opened.now(), newest_checkpoint(opened.home)
    place = Place(
        home=opened.home,
        zone=opened.zone,
        hours=opened.hours,
        commissioned_at=opened.config.commissioned_at,
        published=checkpoint.size,
    )
    recorder = queries.recorder(connection, RecorderId(key.upper()), now)
    if recorder is not None:
        positions = chains.recorder_history(connection, recorder.recorder)
        told = chain.of_recorder(place, connection, recorder, now, positions)
        return [(f"recorder:{recorder.recorder}", told)]
    waiting = hands.waiting_at(connection, key)
    found = [
        (f"recorder:{file.recorder}/{file.path}", chain_words.waits(file, opened.zone)) for file in waiting
    ]
    if found and not queries.clip(connection, key):
        return found
    clips = find_clips(connection, key)
    return found + [(f"clip:{clip.acquisition}", chain.of_clip(place, connection, clip)) for clip in clips]


def _of_account(opened: OpenHome, connection: Connection, about: str) -> list[Line]:
    """Everything that was logged about an account: no evidence, so nothing but its entries."""
    positions = queries.history(connection, about)
    if not positions:
        raise NotFoundError(_NO_ACCOUNT.format(a=about.removeprefix(_ACCOUNT)))
    return chain.lines(chain.links(opened.home, connection, positions), opened.zone)


def render(heading: str, lines: Iterable[Line], *, lang: Lang, zone: tzinfo) -> RenderableType:
    """One chain for a terminal: when, where in the log, what."""
    made = Table.grid(padding=(0, 2))
    for line in lines:
        at = "" if line.at is None else stamp_text(line.at, zone)
        place = Text("", "") if line.seq is None else Text(f"第 {line.seq} 条", f"entry {line.seq}")
        made.add_row(
            Styled(at, style="dim"), Styled(place.say(lang), style="dim"), Styled(line.text.say(lang))
        )
    return Group(Styled(subject_text(heading).say(lang), style="bold"), made)


def _custody(arguments: argparse.Namespace) -> int:
    opened = OpenHome(arguments)
    with opened.connection() as connection:
        found = _chains(opened, connection, arguments.key)
    if arguments.json:
        told = [{"about": about, "chain": [line_json(line) for line in lines]} for about, lines in found]
        print_json(told[0] if len(told) == 1 else told)
        return 0
    for heading, lines in found:
        opened.print(render(heading, lines, lang=opened.lang, zone=opened.zone))
    return 0


COMMANDS = (
    Command(
        name="custody",
        help=Text(
            "保管链：记录仪或记录由谁、在何处、做了什么；账户的经过",
            "the chain of custody of a recorder, a clip or an account, in sentences",
        ),
        arguments=_arguments,
        run=_custody,
        examples=(
            "ingestd custody --home /srv/ingestd KD01234",
            "ingestd custody --home /srv/ingestd 0193a5b2-7c1e-7abc-8def-0123456789ab --lang en",
            "ingestd custody --home /srv/ingestd account:104301",
        ),
    ),
)
