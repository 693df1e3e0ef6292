"""Running the FFmpeg program: in a child with limits, in its own process group, killed whole.

The command is built by ffmpeg-python; the program is the one in imageio-ffmpeg's wheel. Limits are set by
util-linux's prlimit and ionice and by nice, which replace themselves by the program: no code of ours runs
between fork and exec, which a daemon with threads could not do safely.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
import time
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import ffmpeg  # type: ignore[import-untyped]  # it has none
import imageio_ffmpeg  # type: ignore[import-untyped]  # it has none

from ingestd.words import Text

MEMORY_BYTES = 3 << 29
OUTPUT_BYTES = 4 << 30
POLL_S = 0.05
SAID_BYTES = 400

_TIMED_OUT = Text("超过时限 {seconds} 秒", "it took longer than {seconds} s")
_STOPPED = Text("被中止, 稍后再做", "it was stopped; it is made later")
_FAILED = Text("FFmpeg 失败 (状态 {status}): {said}", "FFmpeg failed (status {status}): {said}")
_NOT_STARTED = Text("FFmpeg 无法启动: {why}", "FFmpeg does not start: {why}")


@cache
def program() -> str:
    """The FFmpeg executable in the wheel."""
    return str(imageio_ffmpeg.get_ffmpeg_exe())


def tool() -> str:
    """Name and version of the program, for events."""
    return f"ffmpeg {imageio_ffmpeg.get_ffmpeg_version()}"


def _limited(cpu_s: int) -> list[str]:
    """The wrapping commands; ionice only where it is installed (it only spares others)."""
    idle = ["ionice", "-c", "3"] if shutil.which("ionice") else []
    return [
        *("nice", "-n", "19"),
        *idle,
        "prlimit",
        f"--as={MEMORY_BYTES}",
        f"--cpu={cpu_s}",
        f"--fsize={OUTPUT_BYTES}",
        *("--core=0", "--nofile=64", "--"),
        program(),
    ]


def run(
    stream: Any,
    *,
    folder: Path,
    timeout_s: float,
    stop: threading.Event | None = None,
    hidden: Path | None = None,
) -> Text | None:
    """Run a built command; None where it ended well, else why not. ``folder`` takes what it says.

    The path ``hidden`` is kept out of the reason, which goes into the log.
    """
    command = ffmpeg.compile(
        stream.global_args("-hide_banner", "-nostdin", "-loglevel", "error"),
        cmd=_limited(int(timeout_s) + 1),
        overwrite_output=True,
    )
    said = folder / "said"
    try:
        with said.open("wb") as errors:
            child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                env={"PATH": os.environ.get("PATH", "/usr/bin:/bin")},
                cwd=folder,
                start_new_session=True,
            )
        stopped = _wait(child, timeout_s, stop)
        if stopped is None and child.returncode != 0:
            return _FAILED.format(status=child.returncode, said=_last(said, hidden))
    except OSError as error:
        return _NOT_STARTED.format(why=error.strerror)
    finally:
        said.unlink(missing_ok=True)
    return stopped


def _wait(child: subprocess.Popen[bytes], timeout_s: float, stop: threading.Event | None) -> Text | None:
    """Until it ended: None; or the reason for which it was killed with all its group."""
    end = time.monotonic() + timeout_s
    reason = None
    while reason is None:
        with suppress(subprocess.TimeoutExpired):
            child.wait(POLL_S)
            return None
        if time.monotonic() > end:
            reason = _TIMED_OUT.format(seconds=int(timeout_s))
        elif stop is not None and stop.is_set():
            reason = _STOPPED
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
    return reason


def _last(said: Path, hidden: Path | None) -> str:
    """The end of what it said, as one line without control characters."""
    with said.open("rb") as file:
        file.seek(max(said.stat().st_size - SAID_BYTES, 0))
        text = file.read().decode("utf-8", "replace")
    text = text if hidden is None else text.replace(str(hidden), "clip")
    return "".join(c if c.isprintable() else " " for c in " | ".join(text.split("\n")).strip(" |"))
