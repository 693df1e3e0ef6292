"""A command's end of `run/ingestd.sock`."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ingestd.errors import DaemonGoneError, IngestdError
from ingestd.words import Text

GONE = Text(
    "采集服务无应答（{why}）。已入库的证据不受影响；请用 ingestd status 查看，必要时重新启动。",
    "the daemon does not answer ({why}). Secured evidence is not affected; look with ingestd status, and start "
    "it again if need be.",
)


class RemoteError(IngestdError):
    """What the daemon answered with: its words; its code and exit status as the daemon gave them."""

    def __init__(self, raw: Mapping[str, Any]) -> None:
        super().__init__(_words(raw))
        self.remote_code: str = raw["code"]
        self.remote_exit: int = raw["exit"]
        self.remote_facts = {k: v for k, v in raw.items() if k not in ("code", "exit", "zh", "en")}


def _words(raw: Mapping[str, Any]) -> Text:
    """What the daemon said, with the seconds to wait where it told some: nobody has to guess when to try again."""
    seconds = raw.get("wait_s")
    if not isinstance(seconds, int) or seconds <= 0:
        return Text(raw["zh"], raw["en"])
    return Text(f"{raw['zh']}（还须 {seconds} 秒）", f"{raw['en']} ({seconds} s to go)")


def is_up(path: Path) -> bool:
    """Whether a daemon answers on this socket."""
    try:
        _connect(path).close()
    except OSError:
        return False
    return True


def ask(
    daemon: Path,
    verb: str,
    heard: Callable[[Mapping[str, Any]], None] | None = None,
    wait_s: float | None = None,
    /,
    **arguments: Any,
) -> dict[str, Any]:
    """One action and its answer from the daemon of a socket; progress goes to ``heard``.

    ``wait_s``: no answer for so long counts as none at all. Raises RemoteError, DaemonGoneError.
    """
    try:
        with _connect(daemon, wait_s) as connection, connection.makefile("rwb") as stream:
            stream.write(json.dumps({"verb": verb, **arguments}).encode() + b"\n")
            stream.flush()
            for line in stream:
                answer = json.loads(line)
                if "progress" in answer:
                    if heard is not None:
                        heard(answer["progress"])
                elif "error" in answer:
                    raise RemoteError(answer["error"])
                else:
                    result: dict[str, Any] = answer["ok"]
                    return result
    except (OSError, ValueError) as error:
        raise DaemonGoneError(GONE.format(why=error)) from error
    raise DaemonGoneError(GONE.format(why="connection closed"))


def _connect(path: Path, wait_s: float | None = None) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(wait_s)
    try:
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            connection.connect(f"/proc/self/fd/{folder}/{path.name}")
        finally:
            os.close(folder)
    except OSError:
        connection.close()
        raise
    return connection
