"""`web`: the pages, as a process of their own."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from ingestd.addresses import listening
from ingestd.cli.homes import home_argument
from ingestd.cli.parsing import Command, Parser
from ingestd.errors import UsageError
from ingestd.service.notify import Notifier
from ingestd.vault.layout import Home
from ingestd.words import Text

_STATE_VARIABLE = "STATE_DIRECTORY"
"""Where the service manager made a folder for the process (systemd.exec, StateDirectory)."""


def _arguments(parser: Parser) -> None:
    home_argument(parser)
    parser.text_argument(
        "--listen",
        metavar="ADDRESS:PORT",
        help=Text("监听地址，默认按配置 web.listen", "where to listen, else as web.listen is configured"),
    )
    parser.text_argument(
        "--state",
        metavar="DIR",
        type=Path,
        help=Text(
            "网页自己的数据目录，默认为证据库下的 web（可随时删除）",
            "a folder for the pages' own copy of the index, else web in the home (may be deleted any time)",
        ),
    )
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)


def _web(arguments: argparse.Namespace) -> int:
    from ingestd.web import serving  # noqa: PLC0415 - the web's libraries take as long to load as all the rest

    notifier = Notifier.of_environment(os.environ)
    given = os.environ.get(_STATE_VARIABLE)
    state = arguments.state or (Path(given) if given else Home(arguments.home.resolve()).web)
    serving.serve(
        arguments.home,
        state=state,
        listen=None if arguments.listen is None else _listen(arguments.listen),
        is_child=arguments.child,
        notifier=notifier,
    )
    return 0


def _listen(text: str) -> tuple[str, int]:
    try:
        return listening(text)
    except ValueError as error:
        raise UsageError(
            Text(
                "--listen {t}：须是地址和端口，如 127.0.0.1:8787（{why}）。", "--listen {t} is {why}."
            ).format(t=text, why=error)
        ) from error


COMMANDS = (
    Command(
        name="web",
        help=Text("网页与采集站看板，独立进程", "the pages and the dock board, as a process of their own"),
        arguments=_arguments,
        run=_web,
        examples=(
            "ingestd web --home /srv/ingestd",
            "ingestd web --home /srv/ingestd --listen 0.0.0.0:8787 --state /var/lib/ingestd-web",
        ),
    ),
)
