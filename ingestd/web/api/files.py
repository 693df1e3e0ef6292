"""A file as the body of a request."""

from __future__ import annotations

from collections.abc import AsyncIterator
from tempfile import SpooledTemporaryFile
from typing import Annotated, Any, BinaryIO, cast

from fastapi import Depends, Request

_IN_MEMORY_BYTES = 1 << 20
"""What is longer lies in a temporary file of this process."""


async def _sent(request: Request) -> AsyncIterator[BinaryIO]:
    """The body, whole, to be read from its beginning."""
    with SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES) as file:
        async for piece in request.stream():
            file.write(piece)
        file.seek(0)
        yield cast("BinaryIO", file)


Sent = Annotated[BinaryIO, Depends(_sent)]
"""A parameter after the desk: nothing is read for who is not let in."""


def file_of(*types: str) -> dict[str, Any]:
    """How an operation that takes a file of these types describes its body."""
    content = {one: {"schema": {"type": "string", "format": "binary"}} for one in types}
    return {"requestBody": {"required": True, "content": content}}
