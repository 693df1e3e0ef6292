"""Classification labels of clips and text records (REC-17): what each event does to the rows, and reads of them."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from ingestd import canon
from ingestd.events import ClipLabelled, TextRecordLabelled
from ingestd.index.law_facts import portions
from ingestd.index.paper_tables import labels
from ingestd.index.position import Position
from ingestd.model import Millis


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """The labels that an item has, and who said so last."""

    labels: tuple[str, ...]
    reason_value: str | None
    said_by: str
    at: Millis


def labelled(connection: Connection, entry: Position, event: ClipLabelled | TextRecordLabelled) -> None:
    """An item's labels; none leaves the word that there are none."""
    connection.execute(delete(labels).where(labels.c.about == event.subject))
    row = {
        "about": event.subject,
        "labels": canon.encode(list(event.labels)).decode(),
        "reason_value": event.reason_value,
        "said_by": entry.actor,
        "at": entry.at,
    }
    connection.execute(insert(labels), row)


def labels_of(connection: Connection, abouts: Collection[str]) -> dict[str, Labelled]:
    """The labels of these items (``clip:…``, ``text-record:…``), of those that anybody labelled."""
    found, row = dict[str, Labelled](), labels.c
    for some in portions(abouts):
        for one in connection.execute(select(labels).where(row.about.in_(some))).mappings():
            found[one["about"]] = Labelled(
                labels=tuple(json.loads(one["labels"])),
                reason_value=one["reason_value"],
                said_by=one["said_by"],
                at=one["at"],
            )
    return found


def of_clips(connection: Connection, acquisitions: Collection[str]) -> dict[str, tuple[str, ...]]:
    """By acquisition, the labels of those of these clips that bear any."""
    return _of(connection, "clip", acquisitions)


def of_records(connection: Connection, records: Collection[str]) -> dict[str, tuple[str, ...]]:
    """By text record, the same."""
    return _of(connection, "text-record", records)


def _of(connection: Connection, kind: str, ids: Collection[str]) -> dict[str, tuple[str, ...]]:
    found = labels_of(connection, [f"{kind}:{key}" for key in ids])
    return {about.partition(":")[2]: one.labels for about, one in found.items() if one.labels}


def borne_by(connection: Connection, about: str) -> tuple[str, ...]:
    """The labels of one item."""
    found = labels_of(connection, [about]).get(about)
    return () if found is None else found.labels
