"""`intake`: one docking by command."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ingestd import config
from ingestd.actions import client
from ingestd.actions.caller import caller
from ingestd.cli.homes import home_argument
from ingestd.cli.parsing import Command, Parser, json_argument
from ingestd.cli.progress import ProgressLine, docking_sentences
from ingestd.clock import StationClock
from ingestd.errors import BusyError, UsageError
from ingestd.intake.docking import check_location, session_json
from ingestd.intake.ports import Live, LiveState
from ingestd.intake.slot import dock_once
from ingestd.model import SlotName
from ingestd.station import Station
from ingestd.telling.plain import shown_lines
from ingestd.vault.layout import Home
from ingestd.words import Text


def _intake_arguments(parser: Parser) -> None:
    home_argument(parser)
    parser.text_argument(
        "path",
        metavar="PATH",
        type=Path,
        help=Text("记录仪存储卷的根目录", "the root of a recorder's volume"),
    )
    parser.text_argument("--slot", metavar="NAME", required=True, help=Text("槽位名", "name of the slot"))
    release = parser.add_mutually_exclusive_group()
    release.add_argument(
        "--release",
        action="store_true",
        default=None,
        dest="release",
        help=Text("入库并核验后从记录仪删除", "delete from the recorder what is secured and proved").say(
            parser.lang
        ),
    )
    release.add_argument(
        "--no-release",
        action="store_false",
        default=None,
        dest="release",
        help=Text("不从记录仪删除任何文件", "delete nothing from the recorder").say(parser.lang),
    )
    json_argument(parser)


def _intake(arguments: argparse.Namespace) -> int:
    """Through a running daemon, or alone where there is none."""
    if not config.is_slot_name(arguments.slot):
        raise UsageError(
            Text(
                "槽位名 {n} 不合规：1 至 32 个字母、数字、点、横线。",
                "{n} is no slot name: 1 to 32 letters, digits, dots, hyphens.",
            ).format(n=arguments.slot)
        )
    location = check_location(arguments.path, arguments.home)
    home = Home(arguments.home.resolve())
    progress = ProgressLine(arguments.lang, quiet=arguments.json)
    if client.is_up(home.socket):
        result = client.ask(
            home.socket,
            "intake",
            progress.show,
            path=str(location),
            slot=arguments.slot,
            release=arguments.release,
        )
    else:
        try:
            result = _alone(arguments, location, progress)
        except BusyError:
            if not client.is_up(home.socket):
                raise
            result = client.ask(
                home.socket,
                "intake",
                progress.show,
                path=str(location),
                slot=arguments.slot,
                release=arguments.release,
            )
    progress.end()
    if arguments.json:
        print(json.dumps(result, ensure_ascii=False, indent=2))
    else:
        for line in docking_sentences(result):
            print(line.say(arguments.lang))
        if result["error"] is not None:
            print(f"ingestd: {shown_lines(result['error'][arguments.lang])}", file=sys.stderr)
    return int(result["exit"])


def _alone(arguments: argparse.Namespace, location: Path, progress: ProgressLine) -> dict[str, Any]:
    station = Station.open(arguments.home, StationClock())
    try:
        caller(os.getuid(), station.config).require("dock-keeper", "administrator")
        station.recover()
        driver = station.driver("folder")
        live = Live(LiveState(slot=SlotName(arguments.slot)))
        with progress.watching(lambda: _facts(live)):
            session = dock_once(
                station.services,
                name=SlotName(arguments.slot),
                driver=driver.record.name,
                target=driver.target,
                location=str(location),
                hang_s=station.config.hang_s,
                release=arguments.release,
                live=live,
            )
        station.say_stopped("intake")
        return session_json(session)
    finally:
        station.close()


def _facts(live: Live) -> Mapping[str, Any]:
    return asdict(live.state) | {"seconds_left": live.state.seconds_left}


COMMANDS = (
    Command(
        name="intake",
        help=Text(
            "采集一个记录仪的存储卷（一次完整接入）", "take in one recorder's volume: one whole docking"
        ),
        arguments=_intake_arguments,
        run=_intake,
        examples=(
            "ingestd intake --home /srv/ingestd /media/card --slot 3",
            "ingestd intake --home /srv/ingestd /media/card --slot 3 --no-release --json",
        ),
    ),
)
