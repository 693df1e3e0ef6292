"""Answers that carry bytes: of a clip chunk by chunk, checked; of a preview, whole or while it is made.

Reading and hashing run in threads of their own, one chunk ahead of the network. A chunk that is not what was
signed ends the connection before a byte of it is sent.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from io import FileIO
from pathlib import Path

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from ingestd.model import CHUNK_BYTES
from ingestd.web.ranges import Span
from ingestd.web.verified import Checked, DamagedError

log = logging.getLogger(__name__)

READERS = 4
"""Threads that read and hash; BLAKE3 and reading let go of the interpreter."""
_POOL = ThreadPoolExecutor(READERS, thread_name_prefix="bytes")
_PIECE = 256 << 10
_GROWS_S = 0.15
_STALLED_S = 60.0
Sent = Callable[[int, int], None]
"""Told of every stretch that was sent."""
_PARTIAL, _UNSATISFIABLE = 206, 416


def head(span: Span | None, *, size: int, etag: str, content_type: str) -> tuple[int, dict[str, str]]:
    """Status and headers of an answer with a range of so many bytes."""
    told = {"accept-ranges": "bytes", "etag": etag}
    if span is None:
        return _UNSATISFIABLE, told | {"content-range": f"bytes */{size}", "content-length": "0"}
    told |= {"content-type": content_type, "content-length": str(span.end - span.begin)}
    if not span.is_part:
        return 200, told
    return _PARTIAL, told | {"content-range": f"bytes {span.begin}-{span.end - 1}/{size}"}


class _Stream(Response, ABC):
    """Headers, then pieces of a file until they end or the other side goes away. It closes the file."""

    def __init__(self, file: FileIO | None, status: int, headers: Mapping[str, str]) -> None:
        super().__init__(None, status, {**headers})
        self._file = file
        told = {name.lower() for name in headers}
        self.raw_headers = [one for one in self.raw_headers if one[0].decode() in told]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        gone = asyncio.ensure_future(_gone(receive))
        try:
            await send(
                {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
            )
            if scope["method"] == "HEAD" or self._file is None:
                await send({"type": "http.response.body", "body": b""})
            else:
                await self.body_to(self._file, send, gone)
        finally:
            gone.cancel()
            if self._file is not None:
                self._file.close()

    @abstractmethod
    async def body_to(self, file: FileIO, send: Send, gone: asyncio.Future[None]) -> None:
        """Send the body; return without its end to cut the connection."""


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


class Original(_Stream):
    """A range of a clip."""

    def __init__(
        self,
        checked: Checked,
        span: Span | None,
        headers: tuple[int, dict[str, str]],
        *,
        sent: Sent,
        damaged: Callable[[DamagedError], None],
    ) -> None:
        """Reads the first chunk already. Raises DamagedError: then there is an answer with words still."""
        file, self._first = None, b""
        if span is not None and span.begin < span.end:
            file = checked.open()
            try:
                self._first = checked.read(file, span.begin // CHUNK_BYTES)
            except BaseException:
                file.close()
                raise
        super().__init__(file, *headers)
        self._checked = checked
        self._span = span
        self._sent = sent
        self._damaged = damaged

    async def body_to(self, file: FileIO, send: Send, gone: asyncio.Future[None]) -> None:
        span, loop = self._span, asyncio.get_running_loop()
        assert span is not None
        index, last = span.begin // CHUNK_BYTES, (span.end - 1) // CHUNK_BYTES
        data, self._first = self._first, b""
        ahead: asyncio.Future[bytes] | None = None
        try:
            while not gone.done():
                ahead = None
                if index < last:
                    ahead = loop.run_in_executor(_POOL, self._checked.read, file, index + 1)
                await send(
                    {"type": "http.response.body", "body": self._cut(data, index), "more_body": index < last}
                )
                if not gone.done():
                    begin = index * CHUNK_BYTES
                    self._sent(max(begin, span.begin), min(begin + len(data), span.end))
                if ahead is None:
                    return
                data = await ahead
                index += 1
        except DamagedError as error:
            log.error("a clip is not what was signed: %s", error)  # noqa: TRY400 - the fault is the disk's
            self._damaged(error)
        finally:
            if ahead is not None:
                await asyncio.wait([ahead])  # the file is not closed under a thread that reads it
                ahead.exception()

    def _cut(self, data: bytes, index: int) -> bytes:
        """The part of a chunk that was asked for; whole chunks go as they are."""
        assert self._span is not None
        begin = index * CHUNK_BYTES
        left, right = max(self._span.begin - begin, 0), min(self._span.end - begin, len(data))
        return data if left == 0 and right == len(data) else data[left:right]


class Derived(_Stream):
    """A range of a preview, whose digest was looked at before."""

    def __init__(
        self, path: Path, span: Span | None, headers: tuple[int, dict[str, str]], *, sent: Sent
    ) -> None:
        super().__init__(FileIO(path, "r") if span is not None and span.begin < span.end else None, *headers)
        self._span = span
        self._sent = sent

    async def body_to(self, file: FileIO, send: Send, gone: asyncio.Future[None]) -> None:
        loop, span = asyncio.get_running_loop(), self._span
        assert span is not None
        at = span.begin
        while at < span.end and not gone.done():
            data = await loop.run_in_executor(_POOL, os.pread, file.fileno(), min(_PIECE, span.end - at), at)
            if not data:
                return
            await send({"type": "http.response.body", "body": data, "more_body": at + len(data) < span.end})
            self._sent(at, at + len(data))
            at += len(data)


class Growing(_Stream):
    """A preview while it is made: from its beginning on, for as long as it grows."""

    def __init__(self, file: FileIO, content_type: str, *, sent: Sent) -> None:
        super().__init__(file, 200, {"content-type": content_type, "accept-ranges": "none"})
        self._sent = sent

    async def body_to(self, file: FileIO, send: Send, gone: asyncio.Future[None]) -> None:
        loop, at, grew = asyncio.get_running_loop(), 0, time.monotonic()
        while not gone.done():
            # Asked first: what comes after is all there is.
            is_over = os.fstat(file.fileno()).st_nlink == 0
            data = await loop.run_in_executor(_POOL, os.pread, file.fileno(), _PIECE, at)
            if data:
                await send({"type": "http.response.body", "body": data, "more_body": True})
                self._sent(at, at + len(data))
                at, grew = at + len(data), time.monotonic()
            elif is_over or time.monotonic() - grew > _STALLED_S:
                await send({"type": "http.response.body", "body": b""})
                return
            else:
                await asyncio.sleep(_GROWS_S)
