"""The daemon's end of a slot worker: start it, ask it, abandon it when its device hangs.

A worker that hangs in the kernel can't be killed until its device answers: it is sent SIGKILL, its channel
is closed and it is forgotten; a new one serves the slot. Nobody ever waits for it.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from typing import Any

from ingestd.errors import DeviceError, DeviceGone, DeviceHung, NoSpaceError, VaultError
from ingestd.intake.channel import Channel, ChannelClosed
from ingestd.intake.disk import FAILED, FULL
from ingestd.words import Text

log = logging.getLogger(__name__)

Answer = dict[str, Any]
_ENOSPC, _EDQUOT = 28, 122
_BOOT = (
    "import sys, json; sys.path[:] = json.loads(sys.argv[2]);from ingestd.intake.worker import main; main()"
)


class WorkerHandle:
    """One child process. Requests are answered in order; `stop` may be called from another thread."""

    def __init__(
        self,
        driver: str,
        *,
        hang_s: Callable[[], float],
        resting: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        """``driver`` is ``module:Class``; ``hang_s`` is how long a device may be silent (seconds), now.

        While it waits for the device it is within ``resting``: a hung recorder is no hung daemon.
        """
        self._driver = driver
        self._resting = resting
        self._hang_s = hang_s
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-I", "-S", "-X", "utf8", "-c", _BOOT),
                    *(str(theirs.fileno()), json.dumps([p for p in sys.path if p])),
                ],
                pass_fds=(theirs.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env={"PATH": os.environ.get("PATH", "")},
                cwd="/",
                start_new_session=True,
            )
        self._channel = Channel(ours)
        self._session = ""
        self._stopped = threading.Event()

    @property
    def pid(self) -> int:
        """Process id of the child."""
        return self._process.pid

    def begin(self, session: str) -> None:
        """Answers of other sessions are ignored from now on."""
        self._session = session

    def ask(
        self,
        verb: str,
        *,
        heard: Callable[[Answer], None] | None = None,
        patient: bool = False,
        **request: Any,
    ) -> Answer:
        """One request, its final answer: `send` and `answer`, whose errors it raises."""
        self.send(verb, **request)
        return self.answer(heard=heard, patient=patient)

    def send(self, verb: str, **request: Any) -> None:
        """One request; its answer comes after those of the requests before it.

        Raises DeviceHung, DeviceError.
        """
        with self._giving_up(), self._resting():
            self._channel.send(
                within_s=self._hang_s(), do=verb, session=self._session, driver=self._driver, **request
            )

    def answer(self, *, heard: Callable[[Answer], None] | None = None, patient: bool = False) -> Answer:
        """The final answer to the oldest request that has none. ``heard`` gets what is reported before it.

        ``patient`` requests may be silent for ever. Raises DeviceHung, DeviceGone, DeviceError, and of the
        vault's disk NoSpaceError, VaultError.
        """
        with self._giving_up():
            while True:
                with self._resting():
                    answer = self._channel.receive(None if patient else self._hang_s())
                if answer["session"] != self._session:
                    continue
                if answer["event"] == "done":
                    return answer
                if answer["event"] == "failed":
                    raise _error_of(answer)
                if heard is not None:
                    heard(answer)

    @contextmanager
    def _giving_up(self) -> Iterator[None]:
        """Abandon the worker where it is silent for too long or ends."""
        try:
            yield
        except TimeoutError as error:
            self.abandon()
            raise DeviceHung(
                Text(
                    "设备 {s} 秒没有回应，已放弃读取。已入库的不受影响，其余仍在记录仪上；请拔下后重新接入。",
                    "the device did not answer for {s} s and was given up. What is secured stays secured, "
                    "the rest is still on the recorder; unplug it and dock it again.",
                ).format(s=round(self._hang_s()))
            ) from error
        except (ChannelClosed, ValueError, OSError) as error:
            self.abandon()
            raise DeviceError(
                Text(
                    "读取进程意外结束（{why}）。已入库的不受影响，其余仍在记录仪上；请重新接入。",
                    "the reading process ended unexpectedly ({why}). What is secured stays secured, "
                    "the rest is still on the recorder; dock it again.",
                ).format(why="stopped" if self._stopped.is_set() else error)
            ) from error

    @property
    def is_gone(self) -> bool:
        """Whether this worker was abandoned: a new one is needed."""
        return self._stopped.is_set()

    @property
    def is_running(self) -> bool:
        """Whether the process is there."""
        return self._process.poll() is None

    def abandon(self) -> None:
        """Kill without waiting; safe to call twice and from another thread."""
        if self._stopped.is_set():
            return
        self._stopped.set()
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        with suppress(OSError):
            self._channel.shutdown()
        threading.Thread(target=self._reap, daemon=True, name=f"reap-{self.pid}").start()

    def _reap(self) -> None:
        """Wait for the end, however long it takes; only then nobody uses the channel any more."""
        self._process.wait()
        self._channel.close()


def _error_of(answer: Answer) -> Exception:
    text = Text(answer["zh"], answer["en"])
    if answer["code"] == DeviceGone.code:
        return DeviceGone(text)
    if answer["code"] == DeviceHung.code:
        return DeviceHung(text)
    if answer.get("errno") in (_ENOSPC, _EDQUOT) and answer["code"] == "sink":
        return NoSpaceError(FULL)
    if answer["code"] == "sink":
        return VaultError(FAILED.format(why=text.en))
    return DeviceError(text)
