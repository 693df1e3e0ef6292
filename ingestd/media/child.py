"""A child process for hostile media, and our end of its socket.

Python without environment, site or working directory, with nothing open but a socket; its limits it sets itself
(`confine`). A question is JSON with read-only descriptors, an answer is JSON. What it says is not believed:
whoever asks checks it.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import ingestd
from ingestd.durable import StrPath

START_S = 60.0
"""A child imports its parser in 0.2 s; on a station that is short of everything it may take this long, and a clip
that is stored unanalysed stays so. Less than what the watchdog takes for a hang."""
ANSWER_BYTES = 64 * 1024
READY = b"ready"
"""Begins its greeting; what follows is the version of what it parses with, where it says so."""
_BOOT = (
    "import sys; sys.path.insert(0, sys.argv[1]); from importlib import import_module; "
    "import_module(sys.argv[2]).main(0)"
)


class Child:
    """One process, and what it was asked."""

    def __init__(self, module: str) -> None:
        """Start ``main(0)`` of a module, which answers on descriptor 0."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-B", "-c", _BOOT, str(Path(ingestd.__file__).parents[1]), module],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={},
                cwd="/",
            )
        self._socket = ours
        self.version = ""
        """Of its library, once it has greeted."""
        self.asked = 0
        """Files, so far; with each question, a number that its answer has to repeat."""

    def greets(self) -> bool:
        """Whether it came up; a child that does not says nothing of any file."""
        try:
            word, _, version = self.answer(START_S).partition(b" ")
        except TimeoutError:
            return False
        self.version = version.decode("ascii", "replace")
        return word == READY

    def ask(self, question: Mapping[str, object], descriptors: Sequence[int], *, timeout_s: float) -> None:
        """Ask about these files; a child that died is told by its answer. Raises TimeoutError."""
        self.asked += len(descriptors)
        self._socket.settimeout(timeout_s)
        with suppress(ConnectionError):
            data = json.dumps({"n": self.asked, **question}).encode()
            socket.send_fds(self._socket, [data], descriptors)

    def answer(self, timeout_s: float) -> bytes:
        """Its answer, b"" where it died; raises TimeoutError, and may be called again."""
        self._socket.settimeout(timeout_s)
        try:
            return self._socket.recv(ANSWER_BYTES)
        except ConnectionError:
            return b""

    def halt(self, is_halted: bool) -> None:
        """Let it stand still, or go on."""
        self._process.send_signal(signal.SIGSTOP if is_halted else signal.SIGCONT)

    def close(self) -> None:
        """End it at once; it holds nothing worth waiting for."""
        self._socket.close()
        with suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGKILL)
        self._process.wait()


class Kept:
    """A child kept between questions: begun when one is due, replaced after so many files. For one thread."""

    def __init__(self, module: str, most_files: int) -> None:
        self._module, self._most_files = module, most_files
        self._child: Child | None = None

    def ready(self) -> Child | None:
        """One to ask; None where it does not come up."""
        if self._child is not None and self._child.asked >= self._most_files:
            self.end()
        if self._child is None:
            self._child = Child(self._module)
            if not self._child.greets():
                self.end()
        return self._child

    def end(self) -> None:
        """Stop it; the next question begins another."""
        if self._child is not None:
            self._child.close()
            self._child = None


@contextmanager
def opened(paths: Sequence[StrPath]) -> Iterator[list[int]]:
    """Read-only descriptors of our own copies."""
    with ExitStack() as opened:
        descriptors = []
        for path in paths:
            descriptors.append(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC))
            opened.callback(os.close, descriptors[-1])
        yield descriptors
