"""`demo`: a field office's day with four simulated recorders, watched live, then told in sentences."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import threading
from collections.abc import Sequence
from contextlib import nullcontext, suppress
from datetime import datetime, timedelta, timezone, tzinfo
from pathlib import Path
from typing import Any

from rich.live import Live

from ingestd.cli import demo_checks
from ingestd.cli.demo_board import board
from ingestd.cli.demo_story import TOLD_WHILE_IT_RUNS, Dated, Judged, Stored, heading, sentences, visits
from ingestd.cli.parsing import Command, Parser
from ingestd.cli.render import Folded, open_console
from ingestd.cli.sentences import sentence
from ingestd.clock import StationClock
from ingestd.daemon import Daemon
from ingestd.demo import stage
from ingestd.errors import EXIT_INCOMPLETE, EXIT_OK
from ingestd.events import ClipSecured
from ingestd.law.deadlines import verdict
from ingestd.vault.blobs import Blobs
from ingestd.vault.layout import Home
from ingestd.vault.manifest import parse
from ingestd.words import Lang, Text


def _arguments(parser: Parser) -> None:
    parser.text_argument(
        "--home",
        metavar="DIR",
        type=Path,
        help=Text(
            "演示用目录：空的，或以前演示用过的；不给则新建一个",
            "folder for it: empty, or of an earlier demonstration; without it a new one is made",
        ),
    )
    parser.text_argument(
        "--once",
        action="store_true",
        help=Text(
            "演示完就退出；不给则采集服务继续运行，直到 Ctrl-C",
            "end after the day; without it the daemon stays up until Ctrl-C",
        ),
    )


class Teller:
    """Says things in one language; a terminal folds, elsewhere a paragraph is a line."""

    def __init__(self, lang: Lang) -> None:
        self.lang: Lang = lang
        self.console = open_console()

    def say(self, text: Text, *, indent: int = 0, hanging: int = 0, style: str = "") -> None:
        """One paragraph, never cut."""
        self.console.print(Folded(text.say(self.lang), indent=indent, hanging=hanging, style=style))

    def copyable(self, line: str) -> None:
        """A line to be copied: left whole, whatever the terminal's width."""
        print(line, flush=True)

    def gap(self) -> None:
        """An empty line."""
        print(flush=True)


def _demo(arguments: argparse.Namespace) -> int:
    """Exit 0 when the day is over; 3 where a recorder could not be dealt with in time."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C: end in order
    clock, teller = StationClock(), Teller(arguments.lang)
    root = (arguments.home or Path(tempfile.mkdtemp(prefix="ingestd-demo-"))).resolve()
    stage.is_demo_home(Home(root))
    _introduce(teller, root)
    day = stage.prepare(root, clock, _progress(teller))
    stage.log_to_file(Home(root))
    daemon = Daemon(root, clock)
    try:
        show = Show(daemon, teller, day)
        is_over = show.play()
        show.summary(is_over=is_over)
        if arguments.once:
            return EXIT_OK if is_over else EXIT_INCOMPLETE
        teller.gap()
        teller.say(
            Text(
                "采集服务仍在运行，上面的命令可在另一个终端里试；按 Ctrl-C 结束。",
                "The daemon stays up: try the commands above in another terminal. Ctrl-C ends it.",
            )
        )
        with suppress(KeyboardInterrupt):
            threading.Event().wait()
    finally:
        daemon.close("demonstration")
    return EXIT_OK


def _introduce(teller: Teller, root: Path) -> None:
    teller.say(Text("演示：一个外勤单位的一天", "Demonstration: a field office's day"), style="bold")
    teller.say(
        Text(
            "四名执法人员回到单位，各把执法记录仪放进一个槽位。记录仪是模拟的，人员、编号和单位都是虚构的；"
            "录像是当场编码的真实文件，采集、签名和日志由真正的采集服务完成。所用规则是铜陵市郊区的工作方案。",
            "Four officers come back and put their recorders into the dock. The recorders are simulated; people, "
            "numbers and the unit are invented. The clips are real files encoded on the spot, and the real daemon "
            "does the intake, the signatures and the log. The rules are those of Tongling Jiaoqu's plan.",
        )
    )
    teller.gap()
    teller.say(
        Text(
            f"证据库：{root}（看过之后可整个删除）。以下时刻均为采集站时间，UTC+8。",
            f"Home: {root} (delete the folder when you have seen enough). Times below are the station's, UTC+8.",
        )
    )


def _progress(teller: Teller) -> Any:
    """Tells how many clips are made: on a terminal on one line, elsewhere once."""

    def told(done: int, total: int) -> None:
        text = Text(f"正在编码录像 {done}/{total}", f"encoding the clips: {done}/{total}").say(teller.lang)
        if teller.console.is_terminal:
            print(f"\r\x1b[K{text}" if done < total else "\r\x1b[K", end="", flush=True)
        elif done == total:
            teller.say(
                Text(
                    f"已编码 {total} 个文件：H.264、H.265、MJPEG 录像，录音，照片。",
                    f"{total} files were encoded: H.264, H.265 and MJPEG film, sound, a photo.",
                )
            )

    return told


class Show:
    """The day on the screen: a live board with sentences above it, then the summary."""

    def __init__(self, daemon: Daemon, teller: Teller, day: stage.Day) -> None:
        self._daemon, self._teller, self._day = daemon, teller, day
        self._station = daemon.station
        self._home, self._blobs = self._station.home, Blobs(self._station.home)
        self._next = self._station.log.size
        self._events: list[Dated] = []
        self._live: Live | None = None

    @property
    def _zone(self) -> tzinfo:
        return timezone(timedelta(minutes=self._station.config.utc_offset_minutes))

    def play(self) -> bool:
        """The day itself; False where a recorder could not be dealt with."""
        console = self._teller.console
        live = Live(console=console, auto_refresh=False) if console.is_terminal else None

        def tick() -> None:
            self._tell_new()
            if live is not None:
                shown = board(self._daemon.lives(), self._teller.lang, width=console.width)
                live.update(shown, refresh=True)

        with live or nullcontext():
            is_over = stage.Play(daemon=self._daemon, day=self._day).run(tick)
            tick()
        return is_over

    def _tell_new(self) -> None:
        end = self._station.log.size
        for entry in self._station.log.entries(self._next, end):
            event = entry.event(self._blobs)
            self._events.append(Dated(at=entry.at, event=event))
            if isinstance(event, TOLD_WHILE_IT_RUNS):
                text = sentence(event, actor=entry.actor)
                clock = f"{datetime.fromtimestamp(entry.at / 1000, self._zone):%H:%M:%S}"
                self._teller.say(Text(f"{clock}  {text.zh}", f"{clock}  {text.en}"), hanging=10)
        self._next = end

    # --- afterwards -----------------------------------------------------------------------------

    def summary(self, *, is_over: bool) -> None:
        """What happened, where to look, how an outsider checks a clip."""
        self._tell_new()
        teller, judged = self._teller, self._judged()
        rule = self._station.policy.rule("REC-1").source()
        teller.gap()
        teller.say(Text("这一天发生了什么", "What happened"), style="bold")
        for number, part in enumerate(self._day.cast):
            seen = visits(part, self._events)
            teller.gap()
            teller.say(heading(part, seen))
            for text in sentences(seen, judged, rule=rule, zone=self._zone, in_full=number == 0):
                teller.say(text, indent=3, hanging=2)
        if not is_over:
            teller.gap()
            teller.say(
                Text(
                    f"有记录仪未能按时处理完，详情见 {self._home.root / stage.FOLDER / 'daemon.log'}。",
                    f"A recorder was not dealt with in time; see {self._home.root / stage.FOLDER / 'daemon.log'}.",
                )
            )
        self._where_to_look()
        self._checks([one.clip for one in judged])

    def _judged(self) -> list[Judged]:
        hours = self._station.policy.rule("REC-1").number("hours")
        commissioned_at = self._station.config.commissioned_at
        found = []
        for one in self._events:
            clip = one.event
            if not isinstance(clip, Stored):
                continue
            manifest = parse(self._home.manifest_named(clip.manifest).read_bytes())
            judged = verdict(clip.ended, clip.stored_at, hours, commissioned_at=commissioned_at)
            found.append(
                Judged(
                    clip=clip,
                    clock_ahead_ms=manifest.recorded.clock_offset_ms,
                    verdict=judged if clip.kind.is_recording else None,
                )
            )
        return found

    def _where_to_look(self) -> None:
        teller, home = self._teller, demo_checks.quoted(self._home.root)
        program = demo_checks.program(sys.argv[0])
        teller.gap()
        teller.say(Text("到哪里看", "Where to look"), style="bold")
        for line, text in (
            (
                "status",
                Text("槽位、记录仪、期限、日志检查点", "slots, recorders, deadlines, the log's checkpoint"),
            ),
            ("findings", Text("待处理的异常", "what somebody must see to")),
            ("recorder list", Text("记录仪各在谁手里", "who has which recorder")),
            ("verify --all", Text("现在把库里每一件重新核验一遍", "check everything that is stored, now")),
        ):
            teller.copyable(f"  {program} {line} --home {home}   # {text.say(teller.lang)}")

    def _checks(self, clips: Sequence[Stored]) -> None:
        teller = self._teller
        clip = next(
            (clip for clip in clips if isinstance(clip, ClipSecured) and clip.kind.is_recording), None
        )
        if clip is None:
            return
        program = demo_checks.program(sys.argv[0])
        show = f"  {program} show {clip.acquisition} --home {demo_checks.quoted(self._home.root)}"
        remark = Text("一段录像：事实、保管链、文件位置", "one clip: facts, custody, where its files are")
        teller.copyable(f"{show}   # {remark.say(teller.lang)}")
        teller.gap()
        teller.say(
            Text(
                f"外人怎样核验这一段（{clip.path}）：不用本程序，也不用联网",
                f"How an outsider checks this clip ({clip.path}): without this program, without a network",
            ),
            style="bold",
        )
        for line in demo_checks.commands(self._home.root, clip, program=program, lang=teller.lang):
            teller.copyable(f"  {line}")


COMMANDS: tuple[Command, ...] = (
    Command(
        name="demo",
        help=Text(
            "演示：四台模拟记录仪的一天（人员虚构）", "a day with four simulated recorders (people invented)"
        ),
        arguments=_arguments,
        run=_demo,
        examples=("ingestd demo", "ingestd demo --once --home /tmp/ingestd-demo --lang en"),
    ),
)
