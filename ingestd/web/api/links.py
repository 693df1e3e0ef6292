"""Where clips belong, for programs: the queue of those that wait for a person's choice, a person's word on one."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from ingestd.actions.links import LINKS
from ingestd.index import link_queries
from ingestd.index.items import the_clip
from ingestd.telling.as_json import to_json
from ingestd.web.api.asking import Acquisition, Done, Reader, do, require_clip
from ingestd.web.api.moments import Between, Moment
from ingestd.web.api.stated import ActId, CaseNumber, Digest
from ingestd.web.sight import Sight
from ingestd.words import Text

router = APIRouter(tags=["cases"])

_CLIP = "01a20054-d847-7b98-8668-daed94fb65b2"


class Term(BaseModel):
    """One term of a score."""

    what: str = Field(examples=["officer"], description="prior, officer, time, neighbour, elsewhere, ...")
    weight: int = Field(examples=[2660], description="thousandths; below 0 it speaks against")
    text: Text


class Candidate(BaseModel):
    """An act that a clip may be of."""

    act: ActId
    case: CaseNumber | None
    score: int = Field(examples=[1651], description="thousandths: the sum of the reasons' weights")
    reasons: list[Term]


class Belonging(BaseModel):
    """Where a clip belongs, and by whom."""

    act: ActId | None
    case: CaseNumber | None
    by: str = Field(
        examples=["machine"], description="machine, person; a person's with neither act nor case: to none"
    )
    score: int | None = Field(examples=[1651], description="thousandths; null: a person's")
    margin: int | None = Field(examples=[14027], description="thousandths, before the next best")
    reasons: list[Term]
    reason_value: Digest | None = Field(description="SHA-256 of a person's reason")
    said_by: str = Field(examples=["person:204102"])
    at: Moment


class UnreadBytes(BaseModel):
    """Bytes that could not be read from the recorder: zeros stand for them."""

    offset: int = Field(examples=[1048576])
    length: int = Field(examples=[4096])


class KeptClip(BaseModel):
    """A clip, all that its entry said and what has become of it."""

    seq: int = Field(examples=[147], description="of its entry in the log")
    acquisition: str = Field(examples=[_CLIP])
    state: str = Field(
        examples=["secured"], description="secured, quarantined, released, missing, superseded"
    )
    damaged: bool = Field(description="the stored bytes do not match their digest, and no copy replaced them")
    secured_at: Moment
    stored_at: Moment
    session: str = Field(examples=["01a20054-d824-7edc-a395-d66952b93382"], description="of its docking")
    recorder: str = Field(examples=["KD01502"])
    slot: str = Field(examples=["4"])
    officer: str | None = Field(examples=["104301"])
    manifest: str = Field(examples=[f"2026/11/21/{_CLIP}"], description="where its manifest lies")
    manifest_sha256: Digest
    sha256: Digest
    size: int = Field(examples=[960138], description="bytes")
    path: str = Field(examples=["DCIM/common/20261122/104301_0002.wav"], description="on the recorder")
    path_b64: str | None = Field(examples=[None], description="its bytes, where they are no text; base64")
    mtime_us: int | None = Field(examples=[1795325578000000], description="microseconds since 1970")
    kind: str = Field(examples=["audio"], description="video, audio, photo")
    marked: bool = Field(description="by its officer, as important")
    sequence: int | None = Field(examples=[2], description="its number on the recorder")
    started: Between
    ended: Between
    flags: list[str] = Field(examples=[["clock-doubtful"]], description="what is remarkable in it")
    duplicate_of: str | None = Field(examples=[None])
    supersedes: list[str] = Field(examples=[[]])
    superseded_by: str | None = Field(examples=[None])
    fault: str | None = Field(examples=["read-error"])
    bad_ranges: list[UnreadBytes]
    partial: bool = Field(description="only its beginning is held")
    released_at: Moment | None = Field(description="when the recorder's own copy was deleted")
    claimed_recorder: str | None = Field(
        examples=[None], description="the recorder that the file names, where that is another"
    )
    preview: str | None = Field(examples=[None], description="where its preview lies")


class Queued(BaseModel):
    """A clip that waits for a person's choice."""

    clip: KeptClip
    why: Text
    candidates: list[Candidate] = Field(description="the likeliest first")
    at: Moment


class Link(BaseModel):
    """Where a clip belongs, as a person says."""

    act: str | None = Field(None, examples=["XW-3802"], max_length=64)
    case: str | None = Field(None, examples=["铜郊罚〔2026〕38号"], max_length=64)
    reason: str | None = Field(
        None,
        examples=["看画面为另一现场"],
        description="where it was linked to something else",
        max_length=2000,
    )


class Unlink(BaseModel):
    """Why a clip belongs to no act."""

    reason: str = Field(examples=["设备测试"], min_length=1, max_length=2000)


class Decided(Done):
    """Where the clip belongs now, by a person's word."""

    clip: str = Field(examples=[_CLIP])
    act: ActId | None
    case: CaseNumber | None


@router.get("/queue")
def queue(
    desk: Reader,
    limit: Annotated[int, Query(ge=1, le=100)] = 25,
    clip: Annotated[str | None, Query(max_length=64, description="this one alone")] = None,
) -> list[Queued]:
    """Clips that wait for a person's choice, with their candidates and reasons, recorded first in front."""
    desk.require(*LINKS)
    with desk.reading() as connection:
        if clip is not None:
            desk.require_sight(connection, f"clip:{clip}")
        first = (
            link_queries.first_waiting(connection, limit) if clip is None else [the_clip(connection, clip)]
        )
        seen = Sight(desk, connection).clips(first)
        found = [one for clip in seen for one in link_queries.queue(connection, clip.acquisition)]
    return [Queued.model_validate(to_json(one)) for one in found]


@router.put("/clips/{acquisition}/link")
def link(desk: Reader, acquisition: Acquisition, said: Link) -> Decided:
    """Say to which act or case a clip belongs. To take it from another takes a fresh second factor."""
    require_clip(desk, acquisition)
    told = {name: value for name, value in said.model_dump().items() if value is not None}
    return Decided(**do(desk, "link.set", clip=acquisition, **told))


@router.post("/clips/{acquisition}/unlink")
def unlink(desk: Reader, acquisition: Acquisition, said: Unlink) -> Decided:
    """Say that a clip belongs to no act; takes a fresh second factor."""
    require_clip(desk, acquisition)
    return Decided(**do(desk, "link.remove", clip=acquisition, reason=said.reason))
