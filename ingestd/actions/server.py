"""The daemon's end of `run/ingestd.sock`: one JSON line asks, JSON lines answer.

A request is ``{"verb": ..., "key": ..., ...}``; the last line of an answer has ``ok`` (with the facts) or
``error`` (code, exit status, both languages). Lines before it are progress. ``key`` makes an action
idempotent: the same key gives the same answer and does nothing twice. Who asks is told by the kernel, or by a
login's token in ``session`` (`actions.logins`). An error may carry facts beside its words (``rule``, ``wait_s``).
"""

from __future__ import annotations

import json
import logging
import os
import socket
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from ingestd.actions.caller import Caller, peer_uid
from ingestd.errors import IngestdError, UsageError
from ingestd.listening import Listening
from ingestd.words import Text

log = logging.getLogger(__name__)

REQUEST_LIMIT_BYTES = 1 << 20
CONNECTIONS = 64
REMEMBERED = 1000
IDLE_S = 30.0
Report = Callable[[Mapping[str, Any]], None]
Action = Callable[[Caller, Mapping[str, Any]], dict[str, Any]]
"""Who asks, with which arguments -> the JSON answer."""
Verb = Callable[[Caller, Mapping[str, Any], Report], dict[str, Any]]
"""An action that may report while it runs."""
Who = Callable[[int, Mapping[str, Any]], Caller]
"""The person behind a request, by the Unix user and what the request carries. Raises RefusedError."""


class Server:
    """Listens until closed; a thread a connection. `start` it."""

    def __init__(self, path: Path, verbs: Mapping[str, Verb], who: Who, secret: tuple[str, ...] = ()) -> None:
        """``secret``: beginnings of verbs whose answers are never kept for a second asking."""
        self._path = path
        self._verbs = verbs
        self._who = who
        self._secret = secret
        self._answers: OrderedDict[tuple[int, str, str, str], dict[str, Any]] = OrderedDict()
        self._lock = threading.Lock()
        with suppress(FileNotFoundError):
            path.unlink()
        listener = socket.socket(socket.AF_UNIX)
        _bind(listener, path)
        path.chmod(0o666)  # who may do what is checked per caller, not per file; the folder is 0750
        listener.listen(CONNECTIONS)
        self._listening = Listening(listener, self._serve, at_once=CONNECTIONS, name="actions")

    def start(self) -> None:
        """Answer from now on; who asked before has waited."""
        self._listening.start()

    @property
    def is_alive(self) -> bool:
        """Whether its thread runs."""
        return self._listening.is_alive

    def close(self) -> None:
        """Answer nobody any more."""
        self._listening.close()
        with suppress(FileNotFoundError):
            self._path.unlink()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection.makefile("rwb") as stream:
                connection.settimeout(IDLE_S)
                uid = peer_uid(connection)
                while line := stream.readline(REQUEST_LIMIT_BYTES):
                    answer = self._answer(uid, line, _reporter(stream))
                    _write(stream, answer)
        except (OSError, ValueError):
            log.debug("a caller went away", exc_info=True)

    def _answer(self, uid: int, line: bytes, report: Report) -> dict[str, Any]:
        try:
            request = json.loads(line)
            verb = self._verbs[request["verb"]]
            who = self._who(uid, request)
            name, key = request["verb"], request.get("key")
            if key is None or name.startswith(self._secret):
                return {"ok": verb(who, request, report)}
            asked = who.uid, who.actor, name, str(key)
            return self._once(asked, lambda: {"ok": verb(who, request, report)})
        except IngestdError as error:
            return _error(error)
        except (ValueError, KeyError, TypeError) as error:
            text = Text("请求格式不对：{why}", "this is no request: {why}").format(
                why=f"{type(error).__name__} {error}"
            )
            return _error(UsageError(text))
        except Exception:
            log.exception("an action failed by a fault of our own")
            return {
                "error": {
                    "code": "bug",
                    "exit": 1,
                    "zh": "程序内部错误，已记入日志",
                    "en": "an internal error; see the journal",
                }
            }

    def _once(self, asked: tuple[int, str, str, str], act: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """What was answered to who asked this verb with this key, else what is answered now."""
        with self._lock:
            known = self._answers.get(asked)
        if known is not None:
            return known
        answer = act()
        with self._lock:
            self._answers[asked] = answer
            while len(self._answers) > REMEMBERED:
                self._answers.popitem(last=False)
        return answer


def _bind(listener: socket.socket, path: Path) -> None:
    """Bind by a path of any length: sun_path holds 108 bytes, /proc/self/fd/N/name always fits."""
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        listener.bind(f"/proc/self/fd/{folder}/{path.name}")
    finally:
        os.close(folder)


def _reporter(stream: Any) -> Report:
    lock = threading.Lock()

    def report(facts: Mapping[str, Any]) -> None:
        with lock, suppress(OSError, ValueError):
            _write(stream, {"progress": facts})

    return report


def _write(stream: Any, answer: Mapping[str, Any]) -> None:
    stream.write(json.dumps(answer, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
    stream.flush()


def _error(error: IngestdError) -> dict[str, Any]:
    return {
        "error": {
            "code": error.code,
            "exit": error.exit_status,
            "zh": error.text.zh,
            "en": error.text.en,
            **error.facts,
        }
    }
