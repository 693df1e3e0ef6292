"""`value list|erase`: the personal text behind the digests of an item's chain; having one erased by two people."""

from __future__ import annotations

import argparse
from typing import Any

from rich.console import RenderableType

from ingestd import events
from ingestd.cli.acting import act, reason_argument, tell
from ingestd.cli.homes import home_argument
from ingestd.cli.parsing import Command, Parser, json_argument
from ingestd.cli.reading import OpenHome, print_json
from ingestd.cli.render import Folded, shown, spaced, stamp_text
from ingestd.errors import NotFoundError
from ingestd.index import erasures, queries
from ingestd.telling import chain
from ingestd.telling.register_views import Reader
from ingestd.words import Text


def _list_arguments(parser: Parser) -> None:
    home_argument(parser)
    parser.text_argument(
        "item",
        metavar="ITEM",
        help=Text(
            "事项，如 case:编号、subject:编号、clip:采集编号、officer:人员编号",
            "an item as the log names it: case:ID, subject:ID, clip:ACQUISITION, officer:NUMBER",
        ),
    )
    json_argument(parser)


def _item(told: str) -> str:
    """As the log names it: what people call a subject of enforcement is a ``party`` there."""
    kind, _, id_ = told.partition(":")
    return f"party:{id_}" if kind == "subject" else told


def _list(arguments: argparse.Namespace) -> int:
    opened = OpenHome(arguments)
    with opened.connection() as connection:
        told = chain.links(opened.home, connection, queries.history(connection, _item(arguments.item)))
        found = [
            {
                "digest": digest,
                "seq": entry.seq,
                "at": entry.at,
                "type": event.type,
                "erased_at": None if (gone := erasures.erasure(connection, digest)) is None else gone.at,
                "is_held": opened.values.holds(digest),
            }
            for entry, event in told
            for digest in events.values_of(event)
        ]
    if not told:
        raise NotFoundError(
            Text(
                "日志中没有事项 {i}；写法如 case:编号、subject:编号、clip:采集编号。",
                "the log has no item {i}; it is written as case:ID, subject:ID or clip:ACQUISITION.",
            ).format(i=arguments.item[:80])
        )
    if arguments.json:
        print_json(found)
        return 0
    reader = Reader(opened.values, zone=opened.zone, lang=opened.lang)
    opened.print(spaced(*(_block(opened, reader, one) for one in found)))
    return 0


def _block(opened: OpenHome, reader: Reader, one: dict[str, Any]) -> RenderableType:
    place = Text("第 {seq} 条", "entry {seq}").format(seq=one["seq"]).say(opened.lang)
    head = f"{one['digest']}  {stamp_text(one['at'], opened.zone)}  {place}  {one['type']}"
    return Folded(f"{head}\n{shown(reader.personal(one['digest']))}", hanging=4)


def _erase_arguments(parser: Parser) -> None:
    home_argument(parser)
    parser.text_argument(
        "digest",
        metavar="DIGEST",
        help=Text("摘要（value list 给出）", "its digest, as `value list` tells it"),
    )
    reason_argument(parser)
    json_argument(parser)


def _erase(arguments: argparse.Namespace) -> int:
    result = act(arguments, "value.erase", digest=arguments.digest, reason=arguments.reason)
    return tell(
        arguments,
        result,
        Text(
            "已提出删除（日志第 {seq} 条），尚未删除；须由另一人确认：ingestd confirm {action}",
            "proposed (log entry {seq}), nothing is erased yet; a second person must confirm: "
            "ingestd confirm {action}",
        ),
    )


_DIGEST = "5f2c8a41d6e0b7934c1f0a9be85d27c3fa6410b8d3927ee15c08b46a7d9f3e21"
COMMANDS = (
    Command(
        name="value list",
        help=Text("一个事项的个人信息及其摘要", "the personal values of an item, with their digests"),
        arguments=_list_arguments,
        run=_list,
        examples=("ingestd value list --home /srv/ingestd case:AJ-2026-0412",),
    ),
    Command(
        name="value erase",
        help=Text(
            "删除一份个人信息（须两人；不能恢复）", "erase a personal value (takes two people; for good)"
        ),
        arguments=_erase_arguments,
        run=_erase,
        examples=(f'ingestd value erase --home /srv/ingestd {_DIGEST} --reason "当事人申请，经批准"',),
    ),
)
