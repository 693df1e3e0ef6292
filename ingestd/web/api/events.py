"""Events as a feed (INF-1): every entry of the log in order, from any position, each provable by what the log signed.

A follower keeps one number: the position after the last entry that it has. Entries hold no personal text (that lies
in value files, the log has digests of it), but they tell of all units: only who sees the whole agency follows them.
"""

from __future__ import annotations

import asyncio
import base64
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query
from fastapi import Path as InPath
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from ingestd import merkle
from ingestd.errors import LogError, NotFoundError, UsageError
from ingestd.ledger import table
from ingestd.ledger.checkpoint import Checkpoint
from ingestd.ledger.faults import translated
from ingestd.ledger.proof import Tree
from ingestd.web.api.asking import Follower, require_whole
from ingestd.web.copy import log_files
from ingestd.web.desk import Desk
from ingestd.words import Text

router = APIRouter(tags=["events"])

MOST = 1000
"""Entries in an answer."""
BYTES = 4 << 20
"""So much of them at most; a follower asks again for the rest."""
WAIT_S = 25
WAITING = 100
"""Followers that wait at once."""
_LOOK_S = 0.1
_waiting: set[object] = set()
"""A token of each; only the event loop's thread has to do with it."""
_LARGEST = (1 << 53) - 1
_NOT_YET = Text("日志尚未读完，请稍后再试。", "the log is not read yet; try again in a moment.")


class LogEntry(BaseModel):
    """One entry of the log."""

    seq: int = Field(examples=[17], description="its position, from 0")
    entry: str = Field(
        examples=['{"actor":"daemon","at":"2026-11-22T01:13:20.000Z","data":{},"seq":17,"v":1}'],
        description=(
            "its bytes as text: canonical JSON (RFC 8785). The leaf's hash is SHA-256 over one zero byte and "
            "exactly these bytes (UTF-8)."
        ),
    )
    leaf: str = Field(
        examples=["q1dGVTsbMCwaK1dQqSJEXlE4xWOC+rx3tXUTgKrcnWk="], description="that hash, base64"
    )
    proof: list[str] | None = Field(
        default=None,
        examples=[["qz0wIbL9kYB1bTOYJOpDMg3cC6MTyPlxgXwzA6xkUYk="]],
        description="its audit path in the tree of the answer's checkpoint (RFC 6962), base64, from the leaf up",
    )


class Signed(BaseModel):
    """What the log's key signed."""

    size: int = Field(examples=[181], description="entries that it covers")
    root: str = Field(examples=["L60G/9bQsozI61IaQFo5UPZFhYW0P2Z7Nexbyo5T0kM="], description="base64")
    note: str = Field(
        examples=["demo/north-1\n181\nL60G/9bQsozI61IaQFo5UPZFhYW0P2Z7Nexbyo5T0kM=\n\n— demo/north-1 ...\n"],
        description="the signed note (C2SP tlog-checkpoint)",
    )


class Feed(BaseModel):
    """A stretch of the log."""

    entries: list[LogEntry]
    next: int = Field(
        examples=[18], description="ask from here the next time; nothing is left out or told twice"
    )
    checkpoint: Signed


def signed(seen: Checkpoint) -> Signed:
    """A checkpoint for programs."""
    return Signed(size=seen.size, root=base64.b64encode(seen.root).decode(), note=seen.text)


def newest(desk: Desk) -> Checkpoint:
    """The checkpoint that was followed last. Raises LogError."""
    seen = desk.watch.known.checkpoint
    if seen is None:
        raise LogError(_NOT_YET)
    return seen


@router.get("/events")
async def feed(
    desk: Follower,
    start: Annotated[
        int, Query(alias="from", ge=0, le=_LARGEST, description="position of the first entry", examples=[0])
    ] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST, description="entries at most", examples=[100])] = 100,
    wait: Annotated[
        int,
        Query(
            ge=0, le=WAIT_S, description="seconds to wait where there is none yet (long poll)", examples=[0]
        ),
    ] = 0,
    proof: Annotated[bool, Query(description="with the audit path of each", examples=[True])] = False,
) -> Feed:
    """Entries from a position on, in order; with ``wait`` an answer comes as soon as there is one.

    Published entries only: what is told here is covered by the signed checkpoint in the same answer, and can be
    proved by it. An answer may hold fewer entries than asked for: go on at ``next``.
    """
    await run_in_threadpool(require_whole, desk)
    await _wait(desk, start, wait)
    return await run_in_threadpool(_read, desk, start, limit, is_proved=proof)


@router.get("/events/{seq}")
def entry(
    desk: Follower, seq: Annotated[int, InPath(ge=0, le=_LARGEST, description="its position", examples=[0])]
) -> Feed:
    """One entry with its audit path."""
    require_whole(desk)
    if seq >= newest(desk).size:
        raise NotFoundError(Text("日志中还没有这一条。", "the log has no such entry yet."))
    return _read(desk, seq, 1, is_proved=True)


async def _wait(desk: Desk, start: int, seconds: int) -> None:
    """Until there is an entry at a position, or the time is over."""
    if not seconds:
        return
    if len(_waiting) >= WAITING:
        raise HTTPException(503)
    token, end = object(), asyncio.get_running_loop().time() + seconds
    _waiting.add(token)
    try:
        while newest(desk).size == start and not desk.watch.is_ending:
            if asyncio.get_running_loop().time() > end or await desk.request.is_disconnected():
                return
            await asyncio.sleep(_LOOK_S)
    finally:
        _waiting.discard(token)


def _read(desk: Desk, start: int, limit: int, *, is_proved: bool) -> Feed:
    seen = newest(desk)
    if start > seen.size:
        raise UsageError(
            Text(
                "日志只有 {n} 条，没有位置 {s}；若曾读到更多，日志可能被截短。",
                "the log has {n} entries, there is no position {s}; if there were more before, it was cut back.",
            ).format(n=seen.size, s=start)
        )
    with desk.reading() as connection:
        found = table.rows(connection, start, min(start + limit, seen.size))
    kept: list[bytes] = []
    left = BYTES
    for data in found:
        if kept and len(data) > left:
            break
        kept.append(data)
        left -= len(data)
    with translated():
        tree = Tree(seen.size, log_files(desk.watch.home).tile)
        told = [
            LogEntry(
                seq=seq,
                entry=data.decode(),
                leaf=base64.b64encode(merkle.leaf_hash(data)).decode(),
                proof=[base64.b64encode(one).decode() for one in tree.inclusion(seq)] if is_proved else None,
            )
            for seq, data in enumerate(kept, start)
        ]
    return Feed(entries=told, next=start + len(told), checkpoint=signed(seen))
