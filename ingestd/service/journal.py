"""Logging into systemd's journal with its own fields, where standard error is the journal's.

Its native protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL): one datagram an entry, ``KEY=value`` lines, a value with
line breaks by its length; what is too large for a datagram goes as a sealed memory file. What a log call passes
as ``extra`` becomes fields: ``extra={"slot": "1"}`` is ``INGESTD_SLOT=1``, which `journalctl INGESTD_SLOT=1` finds.
"""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import socket
import struct
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

SOCKET = Path("/run/systemd/journal/socket")
FIELDS = ("slot", "recorder", "session", "outcome", "loop", "job")
"""What a log call may pass as ``extra``; anything else is no field."""
_PRIORITIES = (
    (logging.CRITICAL, 2),
    (logging.ERROR, 3),
    (logging.WARNING, 4),
    (logging.INFO, 6),
    (logging.NOTSET, 7),
)
"""Levels as syslog's (RFC 5424, 6.2.1)."""
_SEALS = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SEAL


def is_standard_error(environment: Mapping[str, str]) -> bool:
    """Whether standard error goes to the journal: JOURNAL_STREAM names its device and inode."""
    device, _, inode = environment.get("JOURNAL_STREAM", "").partition(":")
    try:
        found = os.fstat(sys.stderr.fileno())
    except (OSError, ValueError):
        return False
    return (device, inode) == (str(found.st_dev), str(found.st_ino))


class JournalHandler(logging.Handler):
    """Sends records to the journal's socket."""

    def __init__(self, path: Path = SOCKET) -> None:
        """Raises OSError where no journal listens there."""
        super().__init__()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        try:
            self._socket.connect(str(path))
        except OSError:
            self._socket.close()
            raise

    def emit(self, record: logging.LogRecord) -> None:
        """One entry. What the journal does not take goes to standard error (`handleError`)."""
        try:
            self._send(encoded(dict(self._entry(record))))
        except OSError:
            self.handleError(record)

    def close(self) -> None:
        """Let go of the socket."""
        self._socket.close()
        super().close()

    def _entry(self, record: logging.LogRecord) -> Iterator[tuple[str, str]]:
        yield "MESSAGE", self.format(record)
        yield "PRIORITY", str(next(p for level, p in _PRIORITIES if record.levelno >= level))
        yield "SYSLOG_IDENTIFIER", "ingestd"
        yield "LOGGER", record.name
        yield "THREAD_NAME", record.threadName or ""
        yield "CODE_FILE", record.pathname
        yield "CODE_LINE", str(record.lineno)
        yield "CODE_FUNC", record.funcName
        for name in FIELDS:
            value = getattr(record, name, None)
            if value is not None:
                yield f"INGESTD_{name.upper()}", str(value)

    def _send(self, entry: bytes) -> None:
        try:
            self._socket.send(entry)
        except OSError as error:
            if error.errno not in (errno.EMSGSIZE, errno.ENOBUFS):
                raise
            self._send_file(entry)

    def _send_file(self, entry: bytes) -> None:
        """By a memory file that nobody can change any more, as the protocol asks for."""
        file = os.memfd_create("journal-entry", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        try:
            with os.fdopen(os.dup(file), "wb") as writing:
                writing.write(entry)
            fcntl.fcntl(file, fcntl.F_ADD_SEALS, _SEALS)
            socket.send_fds(self._socket, [b""], [file])
        finally:
            os.close(file)


def encoded(fields: Mapping[str, str]) -> bytes:
    """An entry as its datagram: values with line breaks by their length (64 bit, little-endian)."""
    entry = b""
    for name, text in fields.items():
        value = text.encode("utf-8", "backslashreplace")
        if b"\n" in value:
            entry += name.encode() + b"\n" + struct.pack("<Q", len(value)) + value + b"\n"
        else:
            entry += name.encode() + b"=" + value + b"\n"
    return entry
