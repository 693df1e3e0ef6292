"""Classification labels (REC-17) of clips and text records: which there are, stating them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, Field

from ingestd.facts import ID_CHARS
from ingestd.index.labels import borne_by
from ingestd.web.api.asking import Acquisition, Done, Reader, do, require_clip

router = APIRouter(tags=["labels"])

RecordId = Annotated[
    str, Path(max_length=ID_CHARS, examples=["JL-3801-1"], description="id of the text record")
]


class Labelled(BaseModel):
    """Classification labels."""

    labels: list[str] = Field(examples=[["privacy"]], description="state, work, trade, privacy")


class RelabelledClip(Done, Labelled):
    """The labels that a clip has now."""

    clip: str = Field(examples=["0193a5b2-7c1e-7abc-8def-0123456789ab"])


class RelabelledRecord(Done, Labelled):
    """The labels that a text record has now."""

    record: str = Field(examples=["JL-3801-1"])


class Labels(BaseModel):
    """All labels from now on."""

    labels: list[str] = Field(examples=[["privacy"]], max_length=8)
    reason: str | None = Field(
        None, examples=["复核后不涉及隐私"], description="where a label goes", max_length=2000
    )


@router.get("/clips/{acquisition}/labels")
def of_clip(desk: Reader, acquisition: Acquisition) -> Labelled:
    """A clip's classification labels (REC-17)."""
    require_clip(desk, acquisition)
    with desk.reading() as connection:
        return Labelled(labels=list(borne_by(connection, f"clip:{acquisition}")))


@router.put("/clips/{acquisition}/labels")
def label_clip(desk: Reader, acquisition: Acquisition, said: Labels) -> RelabelledClip:
    """All classification labels of a clip from now on (REC-17)."""
    require_clip(desk, acquisition)
    told = do(desk, "clip.label", clip=acquisition, labels=said.labels, reason=said.reason)
    return RelabelledClip(**told)


@router.put("/documents/{record:path}/labels")
def label_record(desk: Reader, record: RecordId, said: Labels) -> RelabelledRecord:
    """All classification labels of a text record, and so of its files, from now on (REC-17)."""
    with desk.reading() as connection:
        desk.require_sight(connection, f"text-record:{record}")
    told = do(desk, "record.label", record=record, labels=said.labels, reason=said.reason)
    return RelabelledRecord(**told)
