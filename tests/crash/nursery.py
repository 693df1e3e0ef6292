"""Runs `ingestd`'s command line in forked children under supervision, many a minute.

``python -m tests.crash.nursery`` imports the program once and forks a child a request, which does what the
console script does: `main(arguments)` in a process of its own. The child (and its slot workers) may be killed
before the nth durable step, before the first that a pattern fits, or after a time: by SIGKILL to all of them at
once, to the writer alone, or together with the power of the file system that holds the home. Steps may be made
to fail, or be answered with a lie.

Requests and answers are JSON lines. `Nursery` is the client. A request has ``arguments``, ``roots`` (steps below
them count) and optionally ``kill_at`` (number, from 1), ``kill_on`` (pattern of "call path"), ``kill_after_s``,
``who`` (all, writer), ``power`` (a mount point), ``refuse`` ({number or call: errno}), ``pretend`` (calls),
``pid_file``.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import re
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.crash.steps import Listener, watch_me

_SUBREAPER, _DIE_WITH_PARENT = 36, 1
_SHUTDOWN, _NO_LOG_FLUSH = 0x8004587D, 2
"""FS_IOC_SHUTDOWN (ext4, XFS): the file system loses its device's power; nothing more is written."""
POWER, ALL, WRITER = "power", "all", "writer"


class Supervisor:
    """One run of one child."""

    def __init__(self, request: dict[str, Any]) -> None:
        self._roots = tuple(os.path.realpath(root) for root in request["roots"])
        self._kill_at, self._kill_after = request.get("kill_at"), request.get("kill_after_s")
        self._who = request.get("who", ALL)
        self._power = request.get("power")
        self._kill_on = re.compile(request.get("kill_on") or "(?!)")
        self._refuse: dict[str, int] = request.get("refuse") or {}
        self._pretend: list[str] = request.get("pretend") or []
        self._pid_file = request.get("pid_file")
        self._steps: list[str] = []
        self._child = 0
        self._killed = False
        self._is_reaped = False
        """Its number may be another process's by now: not to be killed."""

    def run(self, arguments: list[str], output: tuple[Any, Any]) -> dict[str, Any]:
        """Fork, supervise to the end."""
        ours, theirs = socket.socketpair()
        begun = time.monotonic()
        self._child = os.fork()
        if self._child == 0:
            ours.close()
            _be_ingestd(arguments, theirs, output)
        theirs.close()
        if self._pid_file:
            Path(self._pid_file).write_text(str(self._child))
        _, descriptors, _, _ = socket.recv_fds(ours, 1, 1)
        ours.close()
        listener = Listener(descriptors[0])
        deadline = None if self._kill_after is None else begun + self._kill_after
        try:
            status = self._supervise(listener, deadline)
        finally:
            os.close(listener.descriptor)
        return {
            "steps": self._steps,
            "killed": self._killed,
            "exit": os.waitstatus_to_exitcode(status),
            "seconds": time.monotonic() - begun,
        }

    def _supervise(self, listener: Listener, deadline: float | None) -> int:
        poll = select.poll()
        poll.register(listener.descriptor, select.POLLIN)
        status: int | None = None
        while True:
            timeout = None if deadline is None or self._killed else max(0.0, deadline - time.monotonic())
            events = poll.poll(None if timeout is None else timeout * 1000)
            if not events:
                self._kill()
            elif events[0][1] & select.POLLIN:
                step = listener.receive()
                if step is not None:
                    self._serve(listener, step)
            else:  # nobody is left who could take a step
                break
            status = self._reap(status)
        while status is None:
            _, status = os.waitpid(self._child, 0)
        return status

    def _reap(self, status: int | None) -> int | None:
        with suppress(ChildProcessError):
            while (found := os.waitpid(-1, os.WNOHANG))[0]:
                if found[0] == self._child:
                    status, self._is_reaped = found[1], True
        return status

    def _serve(self, listener: Listener, step: Any) -> None:
        if not step.path.startswith(self._roots):
            listener.allow(step)
            return
        self._steps.append(f"{step.call} {step.path}")
        if not self._killed and (self._kill_at == len(self._steps) or self._kill_on.search(self._steps[-1])):
            self._kill()
        errno = self._refuse.get(str(len(self._steps))) or self._refuse.get(step.call)
        if errno:
            listener.refuse(step, errno)
        elif step.call in self._pretend:
            listener.pretend(step)
        elif not self._killed or self._who == WRITER:
            listener.allow(step)

    def _kill(self) -> None:
        self._killed = True
        if self._power:
            descriptor = os.open(self._power, os.O_RDONLY)
            fcntl.ioctl(descriptor, _SHUTDOWN, struct.pack("=I", _NO_LOG_FLUSH))
            os.close(descriptor)
        others = [] if self._who == WRITER else _descendants(os.getpid())
        for pid in dict.fromkeys(others if self._is_reaped else [self._child, *others]):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def _descendants(of: int) -> list[int]:
    parents: dict[int, list[int]] = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdecimal():
            with suppress(OSError):
                fields = Path(entry.path, "stat").read_text().rpartition(")")[2].split()
                parents.setdefault(int(fields[1]), []).append(int(entry.name))
    found, todo = [], [of]
    while todo:
        children = parents.get(todo.pop(), [])
        found += children
        todo += children
    return found


def _be_ingestd(arguments: list[str], to_supervisor: socket.socket, output: tuple[Any, Any]) -> None:
    """The child: never returns."""
    status = 70
    try:
        os.setsid()
        _die_with_parent()
        os.dup2(output[0].fileno(), 1)
        os.dup2(output[1].fileno(), 2)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        listener = watch_me()
        socket.send_fds(to_supervisor, [b"x"], [listener])
        os.close(listener)
        to_supervisor.close()
        status = _main(arguments)
        sys.stdout.flush()
        sys.stderr.flush()
    except SystemExit as exit_:
        status = exit_.code if isinstance(exit_.code, int) else 70
    finally:
        import threading

        for thread in threading.enumerate():  # as the interpreter's own end does
            if thread is not threading.current_thread() and not thread.daemon:
                thread.join()
        os._exit(status)


def _die_with_parent() -> None:
    """Nobody is left behind where a test run is killed."""
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)


def _main(arguments: list[str]) -> int:
    from ingestd.cli import main

    return main(arguments)


def serve() -> None:
    """Answer requests until standard input ends."""
    from ingestd.cli import commands

    commands()  # imported once, for all children

    ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)
    _die_with_parent()
    for line in sys.stdin:
        request = json.loads(line)
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            answer = Supervisor(request).run(request["arguments"], (out, err))
            for name, file in (("stdout", out), ("stderr", err)):
                file.seek(0)
                answer[name] = file.read().decode("utf-8", "replace")
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


class Run:
    """What came of one run."""

    def __init__(self, answer: dict[str, Any]) -> None:
        self.steps: list[str] = answer["steps"]
        self.killed: bool = answer["killed"]
        self.exit: int = answer["exit"]
        self.seconds: float = answer["seconds"]
        self.stdout: str = answer["stdout"]
        self.stderr: str = answer["stderr"]

    @property
    def said(self) -> str:
        """Everything it printed, for messages of tests."""
        return f"exit {self.exit}\n{self.stdout}\n{self.stderr}"


class Nursery:
    """Client of one server process. `close` it."""

    def __init__(self) -> None:
        self._server = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.nursery"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )

    def run(self, *arguments: object, roots: list[Path], **how: Any) -> Run:
        """``ingestd *arguments``; durable steps below ``roots`` are counted. Further: see `Supervisor`."""
        request = {"arguments": [str(a) for a in arguments], "roots": [str(r) for r in roots], **how}
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(json.dumps(request) + "\n")
        self._server.stdin.flush()
        return Run(json.loads(self._server.stdout.readline()))

    def close(self) -> None:
        """End the server."""
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.close()
        self._server.wait()
        self._server.stdout.close()


if __name__ == "__main__":
    serve()
