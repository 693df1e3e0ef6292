"""The child that looks through clips: as `probe_child`, but it decodes, one file a question.

No environment, no file but the descriptor it gets, nothing written, bounded memory and processor time. Started
by `run`; it holds numpy, the detector of speech and the reader of codes, 100 MB in all, and ends with its work.
"""

from __future__ import annotations

import json
import os
import resource
import socket
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import av
from av.error import FFmpegError

from ingestd.media.analysis.look import NothingReadableError, look, look_at_photo
from ingestd.media.confine import allow_cpu, confine

MEMORY_BYTES = 2 << 30
"""Above what the libraries reserve as they are loaded (by the number of cores); a 4K clip takes 0.6 GB."""
QUESTION_BYTES = 4096


def main(descriptor: int) -> None:
    """Answer questions until the other end goes away."""
    confine(_mapped_bytes() + MEMORY_BYTES)
    with socket.socket(fileno=descriptor) as peer:
        peer.send(f"ready {_version()}".encode("ascii"))
        while True:
            question, received, _, _ = socket.recv_fds(peer, QUESTION_BYTES, 2)
            if not question:
                return
            asked = json.loads(question)
            allow_cpu(asked["cpu_s"])
            peer.send(json.dumps({"n": asked["n"], "found": _answer(asked, *received)}).encode())


def _version() -> str:
    libavcodec = ".".join(str(number) for number in av.library_versions["libavcodec"])
    return f"{av.__version__} (libavcodec {libavcodec})"


def _mapped_bytes() -> int:
    return int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()


def _answer(asked: dict[str, Any], descriptor: int, beside: int | None = None) -> dict[str, Any]:
    with ExitStack() as opened:
        file, track = (
            None if one is None else opened.enter_context(os.fdopen(one, "rb", buffering=0))
            for one in (descriptor, beside)
        )
        try:
            found = look_at_photo(file) if asked["photo"] else look(file, track, asked["lead_ms"])
        except (FFmpegError, NothingReadableError):
            return {"failure": "no-media"}
        except MemoryError:
            return {"failure": "too-large"}
        return {"analysis": found}
