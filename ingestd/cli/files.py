"""Files that a command is told to read."""

from __future__ import annotations

from pathlib import Path

from ingestd.errors import UsageError, system_text
from ingestd.words import Text


def content(path: Path, *, at_most: int = -1) -> bytes:
    """The bytes of a file, or its first ``at_most``. Raises UsageError where it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(at_most)
    except OSError as error:
        raise UsageError(
            Text("无法读取 {p}：{why}", "{p} cannot be read: {why}").format(p=path, why=system_text(error))
        ) from error
