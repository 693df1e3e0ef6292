"""`demo`: a field office's yesterday with four simulated recorders, and what the rules say of it today."""

from __future__ import annotations

import argparse
import signal
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

from ingestd.cli import demo_summary
from ingestd.cli.demo_show import Show, Teller
from ingestd.cli.demo_story import TOLD_TODAY, TOLD_YESTERDAY
from ingestd.cli.parsing import Command, Parser
from ingestd.daemon import Daemon
from ingestd.demo import stage
from ingestd.demo.play import Today, Yesterday
from ingestd.errors import EXIT_INCOMPLETE, EXIT_OK
from ingestd.vault.layout import Home
from ingestd.web.beside import Beside
from ingestd.words import Text


def _arguments(parser: Parser) -> None:
    parser.text_argument(
        "--home",
        metavar="DIR",
        type=Path,
        help=Text(
            "演示用目录，须为空；不给则新建一个",
            "an empty folder for it; without it a new one is made",
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


def _demo(arguments: argparse.Namespace) -> int:
    """Exit 0 when the day is over; 3 where a recorder could not be dealt with in time."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C: end in order
    teller = Teller(arguments.lang)
    root = (arguments.home or Path(tempfile.mkdtemp(prefix="ingestd-demo-"))).resolve()
    stage.require_empty(root)
    _introduce(teller, root)
    day = stage.prepare(root, _progress(teller))
    stage.log_to_file(Home(root))
    show = Show(teller)
    daemon = Daemon(root, day.clock)
    try:
        acts, today = Yesterday(daemon=daemon, day=day), Today(daemon=daemon)
        is_over, docked = show.play(daemon, Text("昨天", "Yesterday"), TOLD_YESTERDAY, acts.run)
        stage.pass_night(day)
        is_judged, _ = show.play(daemon, Text("今天", "Today"), TOLD_TODAY, today.run)
        is_over = is_over and is_judged
        demo_summary.tell(teller, daemon.station, docked, today.refused, is_over=is_over)
        if arguments.once:
            return EXIT_OK if is_over else EXIT_INCOMPLETE
        with Beside(root):
            demo_summary.tell_pages(teller, daemon.station)
            with suppress(KeyboardInterrupt):
                threading.Event().wait()
    finally:
        daemon.close("demonstration")
    return EXIT_OK


def _introduce(teller: Teller, root: Path) -> None:
    teller.say(Text("演示：一个外勤单位的一天", "Demonstration: a field office's day"), style="bold")
    teller.say(
        Text(
            "昨天，四名执法人员回到单位，各把执法记录仪放进一个槽位；案件平台导出当天的案件。"
            "今天，24 小时的期限已过，看各案件的结果。记录仪是模拟的，人员、编号、单位和案件都是虚构的；"
            "录像是当场编码的真实文件，采集、签名、日志和判断由真正的采集服务完成，只有时钟是拨过的。"
            "所用规则是铜陵市郊区的工作方案。",
            "Yesterday four officers came back and put their recorders into the dock, and the case platform "
            "exported the day's cases. Today the 24 hours are over, and the rules say what came of each case. The "
            "recorders are simulated; people, numbers, the unit and the cases are invented. The clips are real "
            "files encoded on the spot, and the real daemon does the intake, the signatures, the log and the "
            "judging; only the clock is moved. The rules are those of Tongling Jiaoqu's plan.",
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


COMMANDS: tuple[Command, ...] = (
    Command(
        name="demo",
        help=Text(
            "演示：四台模拟记录仪和八起案件（均为虚构）",
            "four simulated recorders and eight cases (all invented)",
        ),
        arguments=_arguments,
        run=_demo,
        examples=("ingestd demo", "ingestd demo --once --home /tmp/ingestd-demo --lang en"),
    ),
)
