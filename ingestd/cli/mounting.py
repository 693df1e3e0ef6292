"""`mount-unit`: the mount unit, as its service starts it."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from ingestd.cli.homes import home_argument
from ingestd.cli.parsing import Command, Parser
from ingestd.mounts.protocol import SOCKET
from ingestd.words import Text

MOUNTS = "/run/ingestd/mnt"
_BOOT = (
    "import sys, json, runpy; sys.path[:] = json.loads(sys.argv.pop(1)); "
    "runpy.run_module('ingestd.mounts', run_name='__main__', alter_sys=True)"
)
"""A fresh interpreter that loads the unit and nothing else: it runs as root."""


def _arguments(parser: Parser) -> None:
    home_argument(parser)
    parser.text_argument(
        "--socket",
        metavar="PATH",
        type=Path,
        default=Path(SOCKET),
        help=Text("监听的套接字", "the socket to listen on"),
    )
    parser.text_argument(
        "--mounts",
        metavar="DIR",
        type=Path,
        default=Path(MOUNTS),
        help=Text("挂载点所在目录", "the folder of the mount points"),
    )
    parser.text_argument(
        "--user",
        metavar="NAME",
        default="ingestd",
        help=Text("守护进程的系统用户", "the daemon's system user"),
    )


def _run(arguments: argparse.Namespace) -> int:
    paths = json.dumps([path for path in sys.path if path])
    options = (
        *("--home", str(arguments.home), "--socket", str(arguments.socket)),
        *("--mounts", str(arguments.mounts), "--user", arguments.user),
    )
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, "-B", "-I", "-S", "-X", "utf8", "-c", _BOOT, paths, *options])  # noqa: S606 - ourselves


COMMANDS = (
    Command(
        name="mount-unit",
        help=Text(
            "挂载服务（由 root 运行）：只读挂载采集口上的记录仪，按守护进程的要求逐个删除文件",
            "the mount unit (run as root): mounts recorders at dock ports read-only, deletes single files as the "
            "daemon asks",
        ),
        arguments=_arguments,
        run=_run,
        examples=("ingestd mount-unit --home /srv/ingestd --user ingestd",),
    ),
)
