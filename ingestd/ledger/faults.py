"""Where the log's errors are made for people: one place translates what disk and database say."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy.exc import DBAPIError, OperationalError

from ingestd import durable
from ingestd.errors import IngestdError, LogError, NoSpaceError
from ingestd.ledger.checkpoint import CheckpointError
from ingestd.ledger.entry import EntryError
from ingestd.ledger.note import NoteError
from ingestd.ledger.proof import ProofError
from ingestd.ledger.tiles import TileError
from ingestd.words import Text

FormatError: Final = (CheckpointError, EntryError, NoteError, ProofError, TileError)

_NO_SPACE = Text(
    "磁盘已满,日志无法写入;已提交的内容保持不变,有空间后自动继续",
    "the disk is full and the log cannot be written: what was committed stays, and it goes on by itself "
    "when there is room",
)
_DISK = Text(
    "日志文件无法读写({why});已提交的内容保持不变,请检查磁盘",
    "the log's files cannot be read or written ({why}): what was committed stays; check the disk",
)
_DATABASE = Text(
    "日志数据库无法读写({why});未提交任何内容,请检查磁盘和数据库",
    "the log's database cannot be read or written ({why}): nothing was committed; check the disk and the "
    "database, or rebuild it from the log",
)
_CONTRADICTS = Text(
    "日志自相矛盾:{why}。不再写入任何内容;请保留现场,运行 ingestd log check,并从备份恢复",
    "the log contradicts itself: {why}. Nothing is written any more; leave everything as it is, run "
    "'ingestd log check', and restore from a backup",
)


def why(error: Exception) -> str:
    """What an error says: the system's words without their number, and which file where it knows one."""
    if not isinstance(error, OSError) or error.strerror is None:
        return str(error)
    return error.strerror if error.filename is None else f"{error.strerror}: {error.filename}"


def contradiction(why: Text) -> LogError:
    """The log, its database and its signature do not agree."""
    return LogError(_CONTRADICTS.format(why=why))


def is_no_space(error: Exception) -> bool:
    """Whether a file system, SQLite or PostgreSQL says that the disk is full."""
    if isinstance(error, OSError):
        return durable.is_no_space(error)
    cause = error.orig if isinstance(error, DBAPIError) else error
    return (
        getattr(cause, "sqlite_errorname", "") == "SQLITE_FULL" or getattr(cause, "sqlstate", "") == "53100"
    )


def _from_database(error: DBAPIError) -> IngestdError | None:
    """Full disk and a database that does not work; None for what is a fault of the calling code."""
    cause = error.orig
    if is_no_space(error):
        return NoSpaceError(_NO_SPACE)
    return LogError(_DATABASE.format(why=cause)) if isinstance(error, OperationalError) else None


def from_file(error: OSError) -> IngestdError:
    """A full disk, or one that does not work."""
    return NoSpaceError(_NO_SPACE) if is_no_space(error) else LogError(_DISK.format(why=why(error)))


@contextmanager
def translated() -> Iterator[None]:
    """Turn what files, database and formats raise into NoSpaceError and LogError."""
    try:
        yield
    except OSError as error:
        raise from_file(error) from error
    except DBAPIError as error:
        known = _from_database(error)
        if known is None:
            raise
        raise known from error
    except FormatError as error:
        raise contradiction(Text(str(error), str(error))) from error
