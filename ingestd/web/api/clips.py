"""A clip for programs: what its page says beside the picture. The bytes take a look (`/looks`)."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field

from ingestd.index import link_queries
from ingestd.index.items import the_clip
from ingestd.people.separation import Deed
from ingestd.web import player
from ingestd.web.api.asking import Acquisition, Reader
from ingestd.web.api.tiles import Clip, clip_of
from ingestd.words import Text

router = APIRouter(tags=["clips"])


class Said(BaseModel):
    """A verdict of a rule."""

    what: Text
    rule: str | None = Field(examples=["REC-8"])
    verdict: Text
    told: Text | None


class Whole(BaseModel):
    """A clip with everything that is known of it."""

    clip: Clip
    sha256: str = Field(examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"])
    size: int = Field(examples=[4600371])
    codecs: str = Field(examples=["H.264 + AAC"])
    way: str = Field(
        examples=["direct"], description="how it is shown: direct, preview, making (a preview), none"
    )
    content_type: str = Field(examples=["video/mp4"])
    damaged: bool
    proof: Text = Field(description="signature and place in the log, checked now; not the bytes")
    begin: int | None = Field(
        examples=[1795155140863], description="milliseconds UTC, corrected, the middle of what is possible"
    )
    doubt: Text
    state: Text = Field(description="of its custody")
    verdicts: list[Said]
    note: str | None = Field(examples=["现场检查某餐馆后厨（虚构）"])
    note_by: str | None = Field(examples=["person:104233"])
    analysis: list[Text] = Field(description="what picture and sound have in them")
    link: Text | None = Field(description="by whom or what it was linked")
    findings: list[str] = Field(examples=[["7f463e84bc8c7fa9"]], description="open ones about it")


@router.get("/clips/{acquisition}")
def one(desk: Reader, acquisition: Acquisition) -> Whole:
    """A clip: its tile, verdicts of rules, note, link, what is in it, and how its page shows it."""
    with desk.reading() as connection:
        desk.require_sight(connection, f"clip:{acquisition}", Deed.OPEN)
        clip = the_clip(connection, acquisition)
        screen = player.screen(desk, connection, clip, look="")
        facts = player.facts(desk, connection, screen, link_queries.link_of(connection, acquisition))
    return Whole(
        clip=clip_of(screen.tile),
        sha256=clip.sha256,
        size=clip.size,
        codecs=screen.codecs,
        way=screen.source.way,
        content_type=screen.source.content_type,
        damaged=clip.damaged,
        proof=screen.truth.proof,
        begin=screen.begin,
        doubt=screen.doubt,
        state=facts.state.word,
        verdicts=[
            Said(what=one.what, rule=one.rule, verdict=one.sign.word, told=one.told) for one in facts.verdicts
        ],
        note=facts.note,
        note_by=facts.note_by,
        analysis=list(facts.analysis),
        link=facts.link,
        findings=[one.finding for one in facts.findings],
    )
