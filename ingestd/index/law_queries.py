"""Findings with what people have done about them; what was found in picture and sound."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, fields

from sqlalchemy import Connection, RowMapping, select

from ingestd.events import MediaAnalysed, StretchRecord
from ingestd.index.facts import Clip
from ingestd.index.law_tables import analyses, finding_steps
from ingestd.index.row_values import CLIP, clip_of
from ingestd.index.tables import clips, findings, path_digest
from ingestd.model import Interval, Millis, Sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A finding as the log tells it."""

    finding: str
    kind: str
    about: str
    rule: str | None
    layer: str | None
    section: str | None
    policy_sha256: Sha256 | None
    level: str | None
    """None: a finding of the dock, by no rule."""
    facts: tuple[tuple[str, str | int | None], ...]
    since: Interval | None
    due_at: Millis | None
    concerns: tuple[str, ...]
    state: str
    """open, acknowledged, explained, waived."""
    opened_at: Millis
    opened_seq: int
    closed_at: Millis | None
    why: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What a person did about a finding."""

    seq: int
    step: str
    reason_value: str | None
    said_by: str
    at: Millis


def open_findings(connection: Connection, kinds: Collection[str] | None = None) -> Iterator[Told]:
    """Findings that facts have not ended, waived ones too, oldest first; of some kinds only where they are named."""
    query = select(findings).where(findings.c.closed_at.is_(None)).order_by(findings.c.opened_seq)
    for row in connection.execute(query).mappings():
        if kinds is None or row["kind"] in kinds:
            yield told_of(row)


def finding(connection: Connection, id_: str) -> Told | None:
    """A finding by its id, ended ones too."""
    query = select(findings).where(findings.c.finding == id_)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else told_of(row)


def steps(connection: Connection, told: Told) -> tuple[Step, ...]:
    """What people did since it was opened (the last time), oldest first."""
    row = finding_steps.c
    query = select(row.seq, row.step, row.reason_value, row.said_by, row.at)
    query = query.where(row.finding == told.finding, row.seq > told.opened_seq).order_by(row.seq)
    return tuple(Step(**one) for one in connection.execute(query).mappings())


def analysed(connection: Connection, sha256: Sha256) -> MediaAnalysed | None:
    """What was found in these bytes, as it was told; None while nobody has looked."""
    row = connection.execute(select(analyses).where(analyses.c.sha256 == sha256)).mappings().one_or_none()
    if row is None:
        return None
    plain = {field.name: row[field.name] for field in fields(MediaAnalysed)}
    plain["stretches"] = tuple(StretchRecord(**one) for one in json.loads(row["stretches"]))
    plain["codes"] = tuple(json.loads(row["codes"]))
    return MediaAnalysed(**plain)


def without_analysis(connection: Connection, limit: int) -> tuple[Clip, ...]:
    """Recordings whose picture and sound nobody has looked at, newest first."""
    row = clips.c
    query = CLIP.where(row.analysis_due.is_(True)).order_by(row.seq.desc()).limit(limit)
    return tuple(clip_of(found) for found in connection.execute(query).mappings())


def beside(connection: Connection, clip: Clip, suffixes: Sequence[str]) -> Sha256 | None:
    """The newest file that came of the same docking under a clip's name with another ending; its digest."""
    row, stem = clips.c, clip.path.rpartition(".")[0]
    names = [path_digest(f"{stem}{suffix}".encode()) for suffix in suffixes]
    query = select(row.sha256).where(row.path_digest.in_(names), row.session == clip.session)
    return connection.scalars(query.order_by(row.seq.desc()).limit(1)).first()


_AS_IS = (
    "finding", "kind", "about", "rule", "layer", "section", "policy_sha256", "level", "due_at", "state",
    "opened_at", "opened_seq", "closed_at", "why",
)  # fmt: skip


def told_of(row: RowMapping) -> Told:
    """A row as a value."""
    since = None
    if row["since_basis"] is not None:
        since = Interval(earliest=row["since_earliest"], latest=row["since_latest"], basis=row["since_basis"])
    return Told(
        **{name: row[name] for name in _AS_IS},
        facts=tuple((name, value) for name, value in json.loads(row["facts"])),
        since=since,
        concerns=() if row["concerns"] is None else tuple(json.loads(row["concerns"])),
    )
