"""What intake says when the vault's own disk is full or fails."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ingestd import durable
from ingestd.errors import NoSpaceError, VaultError
from ingestd.words import Text

FULL = Text(
    "磁盘已满，采集停在原处；记录仪上的文件没有改动。请腾出空间，采集服务会自动继续；单独运行的 intake 请再次执行。",
    "the disk is full: intake stopped where it was and nothing on the recorder was changed. Make room: the "
    "daemon goes on by itself, an intake of its own is run again.",
)
FAILED = Text(
    "证据库磁盘出错（{why}）：采集停在原处，记录仪上的文件没有改动。请检查磁盘。",
    "the vault's disk failed ({why}): intake stopped where it was and nothing on the recorder was changed. "
    "Check the disk.",
)
NO_ROOM = Text(
    "磁盘剩余空间不足（需要 {need}，可用 {free}）：放得下的已采集，其余仍在记录仪上，没有改动。"
    "请腾出空间，采集服务会自动继续；单独运行的 intake 请再次执行。",
    "the disk has too little room ({need} are needed, {free} are free): what fits was taken in, the rest is "
    "on the recorder, unchanged. Make room: the daemon goes on by itself, an intake of its own is run again.",
)


@contextmanager
def disk() -> Iterator[None]:
    """Errors of the vault's disk in our words: NoSpaceError where it is full, else VaultError."""
    try:
        yield
    except OSError as error:
        if durable.is_no_space(error):
            raise NoSpaceError(FULL) from error
        raise VaultError(FAILED.format(why=error)) from error
