"""`run`: the daemon."""

from __future__ import annotations

import argparse
from contextlib import nullcontext

from ingestd import daemon
from ingestd.cli.homes import home_argument
from ingestd.cli.parsing import Command, Parser
from ingestd.clock import StationClock
from ingestd.web.beside import Beside
from ingestd.words import Text


def _run_arguments(parser: Parser) -> None:
    home_argument(parser)
    parser.text_argument(
        "--with-web",
        action="store_true",
        help=Text("同时运行网页（子进程）", "run the pages too, as a child process"),
    )


def _run(arguments: argparse.Namespace) -> int:
    with Beside(arguments.home) if arguments.with_web else nullcontext():
        daemon.run(arguments.home, StationClock())
    return 0


COMMANDS = (
    Command(
        name="run",
        help=Text("运行守护进程：看管槽位，直到 SIGTERM", "run the daemon: watch the slots until SIGTERM"),
        arguments=_run_arguments,
        run=_run,
        examples=("ingestd run --home /srv/ingestd", "ingestd run --home /srv/ingestd --with-web"),
    ),
)
