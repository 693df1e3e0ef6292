"""`status`, `show`, `recorder list`, `findings`: what the log and the running daemon know.

Reads the projection and the log's files; asks the daemon only for what is live.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta, timezone
from textwrap import indent
from typing import Any

from rich.console import RenderableType
from rich.live import Live
from sqlalchemy import Connection, Engine

from ingestd import config
from ingestd.actions import client
from ingestd.cli import board_watch, findings, recorders, show, status
from ingestd.cli.homes import home_argument
from ingestd.cli.parsing import Command, Parser, json_argument
from ingestd.cli.render import open_console
from ingestd.cli.show import ChainLink, ShownClip, ShownFile
from ingestd.cli.status import LiveSlot, NewestCheckpoint
from ingestd.clock import StationClock
from ingestd.config import Config
from ingestd.errors import DaemonGoneError, KeyMaterialError, LogError, NotFoundError
from ingestd.index import analyses, erasures, inclusion, queries
from ingestd.index.database import open_database, reading
from ingestd.index.facts import Clip
from ingestd.index.law_rows import WAIVED
from ingestd.index.projection import require_current
from ingestd.index.shared_bytes import sharers
from ingestd.inforce import InForce, of_log
from ingestd.intake.turns import Wait
from ingestd.law.deadlines import SOON_MS, verdict
from ingestd.law.rulebook import Rulebook
from ingestd.ledger import table
from ingestd.ledger.entry import parse
from ingestd.telling.as_json import to_json
from ingestd.telling.finding_about import by_urgency
from ingestd.vault.blobs import Blobs
from ingestd.vault.layout import Home
from ingestd.vault.values import Values
from ingestd.words import Text

WATCH_S = 1.0
ANSWER_S = 5.0
"""A daemon that does not say for so long what is live is shown as one that does not answer."""


class OpenHome:
    """A home opened for reading: configuration, database, zone."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self.home = Home(arguments.home.resolve())
        self.config: Config = config.read(self.home.config)
        self.engine: Engine = open_database(self.home.database, create=False)
        require_current(self.engine)
        self.zone = timezone(timedelta(minutes=self.config.utc_offset_minutes))
        self.now = StationClock().now
        with reading(self.engine) as connection:
            self.policy = of_log(self.home, self.config.policy, connection)
        store = self.policy.find("REC-1")
        self.hours = None if store is None else store.number("hours")
        self.lang = arguments.lang
        self.console = open_console()

    @contextmanager
    def connection(self) -> Iterator[Connection]:
        """One read transaction."""
        with reading(self.engine) as connection:
            yield connection

    @property
    def values(self) -> Values:
        """Personal text; what was erased is told from what is missing."""
        return Values(self.home, self._is_erased)

    def _is_erased(self, digest: str) -> bool:
        with self.connection() as connection:
            return erasures.erasure(connection, digest) is not None

    def book(self) -> Rulebook:
        """The policy in force, ready for judging."""
        return InForce(self.config, self.policy).book()

    def print(self, renderable: RenderableType) -> None:
        """To the terminal, or as plain text."""
        self.console.print(renderable)


def print_json(value: Any) -> None:
    """Facts for scripts: UTF-8, two spaces."""
    print(json.dumps(value, ensure_ascii=False, indent=2))


def print_json_lists(lists: Mapping[str, Iterable[Any]], rest: Callable[[], Mapping[str, Any]]) -> None:
    """An object of long lists, each element printed as it comes; ``rest`` is asked for the other fields then."""
    print("{")
    for name, elements in lists.items():
        print(f'  "{name}": [', end="")
        between = "\n"
        for element in elements:
            text = json.dumps(element, ensure_ascii=False, indent=2)
            print(between + indent(text, "    "), end="", flush=True)
            between = ",\n"
        print("]," if between == "\n" else "\n  ],")
    print(json.dumps(rest(), ensure_ascii=False, indent=2).removeprefix("{\n"))


def _plain_arguments(parser: Parser) -> None:
    home_argument(parser)
    json_argument(parser)


# --- status -------------------------------------------------------------------------------------


def _status_arguments(parser: Parser) -> None:
    _plain_arguments(parser)
    parser.text_argument(
        "--watch", action="store_true", help=Text("持续刷新，直到 Ctrl-C", "redraw until Ctrl-C")
    )
    parser.text_argument(
        "--board",
        action="store_true",
        help=Text(
            "采集站看板：大字，中英文，可从两米外看清",
            "the dock board: large, in both languages, readable from two metres",
        ),
    )


def newest_checkpoint(home: Home) -> NewestCheckpoint:
    """The newest published checkpoint, its signature checked. Raises KeyMaterialError, LogError."""
    found = inclusion.newest(home)
    return NewestCheckpoint(size=found.size, root=found.root.hex(), text=found.text)


def _live(home: Home) -> dict[str, Any] | None:
    try:
        return client.ask(home.socket, "live", None, ANSWER_S)
    except DaemonGoneError:
        return None


def _snapshot(opened: OpenHome) -> tuple[status.Status, dict[str, Any] | None]:
    live = _live(opened.home)
    checkpoint: NewestCheckpoint | LogError | KeyMaterialError
    try:
        checkpoint = newest_checkpoint(opened.home)
    except (LogError, KeyMaterialError) as error:
        checkpoint = error
    slots = None if live is None else [_live_slot(slot) for slot in live["slots"]]
    with opened.connection() as connection:
        found = status.read_status(
            connection,
            at=opened.now(),
            hours=opened.hours,
            soon_ms=SOON_MS,
            checkpoint=checkpoint,
            live=slots,
            waits=() if live is None else tuple(Wait(**wait) for wait in live["waits"]),
        )
    return found, live


def _live_slot(facts: dict[str, Any]) -> LiveSlot:
    return LiveSlot(
        slot=facts["slot"],
        files_done=facts["files_done"],
        files_total=facts["files_total"],
        bytes_done=facts["bytes_done"],
        bytes_total=facts["bytes_total"],
        bytes_per_second=facts["bytes_per_s"],
        seconds_left=facts["seconds_left"],
        battery=facts["battery"],
    )


def _status(arguments: argparse.Namespace) -> int:
    """Exit 0; where nothing proves the log, what `log check` has for that, and the rest is told all the same."""
    opened = OpenHome(arguments)
    found, live = _snapshot(opened)
    if arguments.json:
        print_json(to_json(found) | {"live": live})
        return found.exit_status
    if arguments.board:
        board_watch.show(opened.console, opened.zone, lambda: _snapshot(opened), watch=arguments.watch)
        return 0
    if not arguments.watch:
        opened.print(status.render(found, lang=opened.lang, zone=opened.zone))
        return found.exit_status
    with Live(console=opened.console, auto_refresh=False, screen=opened.console.is_terminal) as screen:
        while True:
            screen.update(status.render(found, lang=opened.lang, zone=opened.zone), refresh=True)
            time.sleep(WATCH_S)
            found, _ = _snapshot(opened)


# --- show ---------------------------------------------------------------------------------------


def _show_arguments(parser: Parser) -> None:
    _plain_arguments(parser)
    parser.text_argument(
        "key",
        metavar="ID|SHA256|PATH-ON-CARD",
        help=Text(
            "采集编号、摘要（前 8 位即可）或卡上路径", "acquisition, digest (8 digits do) or path on the card"
        ),
    )


def find_clips(connection: Connection, key: str) -> tuple[Clip, ...]:
    """The clips of a key. Raises NotFoundError."""
    clips = queries.clip(connection, key)
    if not clips:
        raise NotFoundError(
            Text(
                "没有与“{k}”相符的记录；可用采集编号、摘要或卡上路径查找。",
                "nothing matches {k!r}: give an acquisition, a digest or a path on the card.",
            ).format(k=key)
        )
    return clips


def _view(opened: OpenHome, connection: Connection, clip: Clip) -> ShownClip:
    home, blobs = opened.home, Blobs(opened.home)
    chain = []
    for seq in queries.history(connection, f"clip:{clip.acquisition}"):
        entry = parse(table.rows(connection, seq, seq + 1)[0])
        chain.append(ChainLink(seq=seq, at=entry.at, actor=entry.actor, event=entry.event(blobs)))
    files = [
        ShownFile(role="clip", path=home.clips(clip.sha256)),
        ShownFile(role="chunks", path=home.chunks(clip.sha256)),
        ShownFile(role="manifest", path=home.manifest_named(clip.manifest)),
        ShownFile(role="signature", path=home.signature_named(clip.manifest)),
    ]
    if clip.preview is not None:
        files.append(ShownFile(role="preview", path=home.derived / clip.preview))
    judged = (
        verdict(clip.ended, clip.stored_at, opened.hours, commissioned_at=opened.config.commissioned_at)
        if clip.kind.is_recording and opened.hours is not None
        else None
    )
    return ShownClip(
        clip=clip,
        verdict=judged,
        analysis=analyses.analysed(connection, clip.sha256),
        chain=tuple(chain),
        files=tuple(files),
    )


def _show(arguments: argparse.Namespace) -> int:
    opened = OpenHome(arguments)
    with opened.connection() as connection:
        clips = find_clips(connection, arguments.key)
        views = [_view(opened, connection, clip) for clip in clips]
    if arguments.json:
        facts = [show.as_json(view) for view in views]
        print_json(facts[0] if len(facts) == 1 else facts)
    elif len(views) == 1:
        opened.print(show.render(views[0], now=opened.now(), lang=opened.lang, zone=opened.zone))
    else:
        opened.print(show.render_matches(clips, now=opened.now(), lang=opened.lang, zone=opened.zone))
    return 0


# --- lists --------------------------------------------------------------------------------------


def list_recorders(arguments: argparse.Namespace) -> int:
    """`recorder list`."""
    opened = OpenHome(arguments)
    with opened.connection() as connection:
        found = queries.recorders(connection, opened.now())
    if arguments.json:
        print_json(to_json(found))
    else:
        opened.print(recorders.render(found, now=opened.now(), lang=opened.lang, zone=opened.zone))
    return 0


def _findings_arguments(parser: Parser) -> None:
    _plain_arguments(parser)
    parser.text_argument("--all", action="store_true", help=Text("包括已免除的", "waived ones too"))


def _list_findings(arguments: argparse.Namespace) -> int:
    opened = OpenHome(arguments)
    with opened.connection() as connection:
        every = by_urgency(queries.open_findings(connection))
        clips = sharers(connection, [one.about for one in every])
    found = tuple(one for one in every if arguments.all or one.state != WAIVED)
    if arguments.json:
        shared = [findings.clips_json(clips.get(one.about, ())) for one in found]
        print_json([to_json(one) | {"clips": each} for one, each in zip(found, shared, strict=True)])
    else:
        opened.print(findings.render(found, clips, now=opened.now(), lang=opened.lang, zone=opened.zone))
    return 0


COMMANDS: Sequence[Command] = (
    Command(
        name="status",
        help=Text(
            "槽位、记录仪、记录、期限、最新日志检查点",
            "slots, recorders, clips, deadlines, newest checkpoint",
        ),
        arguments=_status_arguments,
        run=_status,
        examples=(
            "ingestd status --home /srv/ingestd",
            "ingestd status --home /srv/ingestd --watch --lang en",
            "ingestd status --home /srv/ingestd --watch --board",
        ),
    ),
    Command(
        name="show",
        help=Text(
            "一件记录：事实、保管链、文件位置", "one clip: facts, chain of custody, where its files are"
        ),
        arguments=_show_arguments,
        run=_show,
        examples=(
            "ingestd show --home /srv/ingestd 0193a5b2-7c1e-7abc-8def-0123456789ab",
            "ingestd show --home /srv/ingestd DCIM/Movie/2026_1121_090000_001.MP4 --json",
        ),
    ),
    Command(
        name="findings",
        help=Text("尚未处理的异常", "open findings"),
        arguments=_findings_arguments,
        run=_list_findings,
        examples=(
            "ingestd findings --home /srv/ingestd",
            "ingestd findings --home /srv/ingestd --all --json",
        ),
    ),
)
