"""Custody for programs: the chain of any item, an entry with its proof, who could have touched it, a check now."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from ingestd.index.reach import reach
from ingestd.people.separation import READERS
from ingestd.web import custody
from ingestd.web.api.asking import Reader

router = APIRouter(tags=["custody"])

_CLIP = "clip:01a1fd3f-7fd2-7101-8e1f-2338ec2d6785"
_Seq = Annotated[int | None, Query(ge=0, lt=1 << 53, examples=[125])]


class Line(BaseModel):
    """One sentence of a chain."""

    at: int | None = Field(examples=[1795250165000], description="milliseconds UTC; null: of no one moment")
    seq: int | None = Field(examples=[125], description="of its log entry; null: it follows from several")
    type: str | None = Field(examples=["clip.secured"])
    zh: str = Field(examples=["已读出、回读一致、签名并入库。"])
    en: str = Field(examples=["was read, read back equal, signed and secured."])


class Chain(BaseModel):
    """Sentences in the order of time."""

    about: str = Field(examples=[_CLIP])
    entries: int = Field(examples=[9], description="of the log, in all")
    older: int | None = Field(examples=[None], description="``before`` of the part before this one")
    lines: list[Line]


class Entry(BaseModel):
    """One entry with what proves its place (RFC 9162)."""

    seq: int = Field(examples=[125])
    actor: str = Field(examples=["daemon"])
    type: str = Field(examples=["clip.secured"])
    entry: str = Field(description="its JSON")
    size: int | None = Field(examples=[211], description="entries of the checkpoint; null: not proved")
    root: str | None = Field(examples=["bf3f6ec57a300933" + "0" * 48])
    path: list[str] = Field(description="hashes beside its way up, base 16")
    fault: str | None = Field(examples=[None])


class Standing(BaseModel):
    """One account in one standing, before which the item was open."""

    account: str = Field(examples=["104288"])
    roles: list[str] = Field(examples=[["supervisor"]])
    unit: str | None = Field(examples=[None])
    since_at: int = Field(examples=[1795217749000])
    until_at: int | None = Field(examples=[None])
    ties: list[str] = Field(examples=[["wearer"]])
    barred: dict[str, str] = Field(examples=[{"judge": "SEP-2"}], description="deed: rule")


class Fault(BaseModel):
    """What does not agree."""

    kind: str = Field(examples=["bytes"])
    zh: str
    en: str
    offset: int | None = None
    length: int | None = None


class Checked(BaseModel):
    """What a check found, whatever was checked."""

    ok: bool = Field(examples=[True])
    at: int = Field(examples=[1795300000000])
    sha256: str = Field(description="as it was signed")
    size: int = Field(examples=[4600371])
    digest: str | None = Field(None, description="SHA-256 of the bytes as they were read now")
    ms: int | None = Field(None, examples=[41])
    parts: dict[str, list[Fault]] = Field(examples=[{"manifest": [], "log": [], "bytes": []}])


class CheckedClip(Checked):
    """What a check of a clip found, part by part: manifest with signature, log, bytes."""

    clip: str = Field(examples=[_CLIP[5:]])


class CheckedDocument(Checked):
    """What a check of a text record's file found, part by part: manifest with signature, log, bytes."""

    document: str = Field(examples=["01a1fd60-0000-7000-8000-000000000001"])
    record: str = Field(examples=["JL-3801-1"])


@router.get("/custody/{about}")
def chain(desk: Reader, about: str, before: _Seq = None) -> Chain:
    """The chain of a clip, recorder, case, act, text record, account, ...: ``<kind>:<id>``."""
    with desk.reading() as connection:
        of = custody.item(desk, connection, about)
        found = custody.read(desk, connection, of, before)
    lines = [
        Line(at=line.at, seq=line.seq, type=line.type, zh=line.text.zh, en=line.text.en)
        for line in found.lines
    ]
    return Chain(about=about, entries=found.entries, older=found.older, lines=lines)


@router.get("/custody/{about}/entries/{seq}")
def entry(desk: Reader, about: str, seq: int) -> Entry:
    """One entry of an item's chain with its proof of inclusion."""
    with desk.reading() as connection:
        found = custody.entry(desk, connection, custody.item(desk, connection, about), seq)
    return Entry(
        seq=found.seq,
        actor=found.actor,
        type=found.type,
        entry=found.text,
        size=found.size,
        root=found.root,
        path=list(found.path),
        fault=None if found.fault is None else found.fault.say(desk.lang),
    )


@router.get("/custody/{about}/reach")
def touched(desk: Reader, about: str) -> list[Standing]:
    """Every account, in every standing it had, before which the item was open, and what the rules barred."""
    desk.require(*READERS)
    with desk.reading() as connection:
        of = custody.item(desk, connection, about)
        found = reach(connection, of.about, desk.watch.policy) if custody.is_evidence(of) else ()
    return [
        Standing(
            account=one.standing.account,
            roles=list(one.standing.roles),
            unit=one.standing.unit,
            since_at=one.standing.since_at,
            until_at=one.standing.until_at,
            ties=sorted(one.ties),
            barred=dict(one.barred),
        )
        for one in found
    ]


@router.post("/clips/{acquisition}/check")
def check(desk: Reader, acquisition: str, whole: bool = True) -> CheckedClip:
    """Read a clip now and hold it against what was signed and logged; damage that is found is a finding."""
    told = desk.ask("clip.check", clip=acquisition, whole=whole)
    return CheckedClip.model_validate(told)


@router.post("/documents/{document}/check")
def check_document(desk: Reader, document: str, whole: bool = True) -> CheckedDocument:
    """Read a text record's file (`document` in its `files`) now, likewise; also that it is good again is logged."""
    told = desk.ask("document.check", document=document, whole=whole)
    return CheckedDocument.model_validate(told)
