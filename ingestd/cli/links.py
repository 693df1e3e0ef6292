"""`link list|set|remove`: clips that wait for a choice, with their candidates; where a clip belongs, by a person."""

from __future__ import annotations

import argparse
from datetime import tzinfo
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text as Styled

from ingestd.cli.acting import act, reason_argument, tell
from ingestd.cli.homes import home_argument
from ingestd.cli.parsing import Command, Parser, json_argument
from ingestd.cli.reading import OpenHome, print_json
from ingestd.cli.render import Folded, interval_text, shown, spaced
from ingestd.index import link_queries
from ingestd.index.facts import Clip
from ingestd.index.link_queries import Candidate, Queued
from ingestd.linking.weights import DAY_MS
from ingestd.model import Millis
from ingestd.telling.as_json import to_json
from ingestd.words import Lang, Text

UNMATCHED_DAYS = 31
"""Clips without any candidate are listed for so long; OWN-13's finding stays."""
_THOUSAND = 1000


def _list_arguments(parser: Parser) -> None:
    home_argument(parser)
    json_argument(parser)


def _list(arguments: argparse.Namespace) -> int:
    opened = OpenHome(arguments)
    since = Millis(opened.now() - UNMATCHED_DAYS * DAY_MS)
    with opened.connection() as connection:
        waiting = link_queries.queue(connection)
        unmatched = link_queries.unmatched(connection, since)
    if arguments.json:
        print_json(
            {"waiting": [_queued_json(one) for one in waiting], "unmatched": list(map(to_json, unmatched))}
        )
        return 0
    parts: list[RenderableType] = [_block(one, opened.lang, opened.zone) for one in waiting]
    if unmatched:
        parts.append(_without(unmatched, opened.lang, opened.zone))
    if not parts:
        parts.append(Styled(f"✔ {Text('没有待归属的录像', 'no clip waits').say(opened.lang)}", style="green"))
    opened.print(spaced(*parts))
    return 0


def _queued_json(one: Queued) -> dict[str, Any]:
    told: dict[str, Any] = to_json(one)
    return told


def _block(one: Queued, lang: Lang, zone: tzinfo) -> RenderableType:
    lines: list[RenderableType] = [
        Folded(f"▲ {_clip(one.clip, lang, zone)}", style="yellow", hanging=2),
        Folded(shown(one.why.say(lang)), indent=4),
    ]
    for number, candidate in enumerate(one.candidates, 1):
        lines.append(Folded(f"{number}. {_candidate(candidate, lang)}", indent=4, hanging=3))
    return Group(*lines)


def _clip(clip: Clip, lang: Lang, zone: tzinfo) -> str:
    told = [shown(clip.path), interval_text(clip.started, zone=zone, lang=lang), clip.recorder]
    told += [] if clip.officer is None else [clip.officer]
    return " · ".join([*told, clip.acquisition])


def _candidate(one: Candidate, lang: Lang) -> str:
    case = "" if one.case is None else Text(f"（案件 {one.case}）", f" (case {one.case})").say(lang)
    reasons = Text("；", "; ").say(lang).join(_reason(r.text.say(lang), r.weight) for r in one.reasons)
    return f"{shown(one.act)}{case}  {one.score / _THOUSAND:+.1f}: {reasons}"


def _reason(text: str, weight: int) -> str:
    return f"{shown(text)} ({weight / _THOUSAND:+.1f})"


def _without(clips: tuple[Clip, ...], lang: Lang, zone: tzinfo) -> RenderableType:
    heading = Text("没有候选执法行为的录像", "clips for which no act is a candidate").say(lang)
    return Group(
        Styled(heading, style="bold"), *(Folded(_clip(one, lang, zone), indent=2, hanging=2) for one in clips)
    )


def _clip_argument(parser: Parser) -> None:
    home_argument(parser)
    parser.text_argument(
        "clip", metavar="CLIP", help=Text("采集编号、摘要或路径", "acquisition, digest or path")
    )


def _set_arguments(parser: Parser) -> None:
    _clip_argument(parser)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument(
        "act", nargs="?", metavar="ACT", help=Text("执法行为编号", "id of the act").say(parser.lang)
    )
    where.add_argument(
        "--case", metavar="CASE", help=Text("只归入案件", "to a case, to none of its acts").say(parser.lang)
    )
    parser.text_argument(
        "--reason",
        metavar="TEXT",
        help=Text(
            "理由（录像已有其他归属时必须写明）", "the reason (needed where it is linked to something else)"
        ),
    )
    json_argument(parser)


def _set(arguments: argparse.Namespace) -> int:
    result = act(
        arguments,
        "link.set",
        clip=arguments.clip,
        act=arguments.act,
        case=arguments.case,
        reason=arguments.reason,
    )
    done = Text(
        "已归入（日志第 {seq} 条）；程序不再更改。", "linked (log entry {seq}); no program changes it."
    )
    return tell(arguments, result, done)


def _remove_arguments(parser: Parser) -> None:
    _clip_argument(parser)
    reason_argument(parser)
    json_argument(parser)


def _remove(arguments: argparse.Namespace) -> int:
    result = act(arguments, "link.remove", clip=arguments.clip, reason=arguments.reason)
    done = Text("已取消归属（日志第 {seq} 条）。", "unlinked (log entry {seq}).")
    return tell(arguments, result, done)


_CLIP = "0193a5b2-7c1e-7abc-8def-0123456789ab"
COMMANDS = (
    Command(
        name="link list",
        help=Text("待归属的录像，候选按可能性排列", "clips that wait for a choice, candidates ranked"),
        arguments=_list_arguments,
        run=_list,
        examples=("ingestd link list --home /srv/ingestd", "ingestd link list --home /srv/ingestd --json"),
    ),
    Command(
        name="link set",
        help=Text(
            "把录像归入执法行为或案件（录制人、行为人员不能）",
            "link a clip (never its wearer or one on the act)",
        ),
        arguments=_set_arguments,
        run=_set,
        examples=(
            f"ingestd link set --home /srv/ingestd {_CLIP} 行为-2026-0041",
            f"ingestd link set --home /srv/ingestd {_CLIP} --case 案〔2026〕12",
        ),
    ),
    Command(
        name="link remove",
        help=Text("认定录像不属于任何执法行为", "say that a clip belongs to no act"),
        arguments=_remove_arguments,
        run=_remove,
        examples=(f'ingestd link remove --home /srv/ingestd {_CLIP} --reason "设备测试"',),
    ),
)
