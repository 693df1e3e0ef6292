"""Reads of random playback audits: draws with their state, the clips that were drawn, what was said of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

from sqlalchemy import Connection, RowMapping, func, select

from ingestd.index.audit_tables import audit_clips, audits, judgements
from ingestd.index.tables import clips
from ingestd.law.facts import Audit, RecordedMonth
from ingestd.law.months import begin_of, later, month_of
from ingestd.model import AcquisitionId, Kind, Millis, Sha256

COMMITTED, SEEDED, DRAWN, VOIDED, EXPIRED = "committed", "seeded", "drawn", "voided", "expired"
"""A draw's states. Expired: its nonce was not revealed in time."""
ITEMS = ("narrated", "whole", "certificate", "informed", "proper")
"""What is asked of each clip that was drawn, as fields of `Judgement`."""
_PERSON = "person:"
_DAY_MS = 86_400_000
_RECORDINGS = tuple(kind.value for kind in Kind if kind.is_recording)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """A random playback audit as the log tells it."""

    audit: str
    commitment: Sha256
    since_at: Millis
    until_at: Millis
    unit: str | None
    percent: int
    at_least: int
    strata: tuple[str, ...]
    reveal_by_at: Millis
    rule: str
    layer: str
    policy_sha256: Sha256
    committed_by: str
    committed_at: Millis
    committed_seq: int
    seeded_at: Millis | None
    seeded_seq: int | None
    size: int | None
    nonce: str | None
    revealed_at: Millis | None
    drawn_at: Millis | None
    drawn_seq: int | None
    population: int | None
    drawn: int | None
    voided_at: Millis | None
    voided_by: str | None
    reason_value: str | None
    judged: int
    """Of the drawn clips so many have a judgement."""

    def state(self, now: Millis) -> str:
        """In which step it is."""
        if self.voided_at is not None:
            return VOIDED
        if self.drawn_at is not None:
            return DRAWN
        if now > self.reveal_by_at:
            return EXPIRED
        return COMMITTED if self.seeded_at is None else SEEDED

    def is_open(self, now: Millis) -> bool:
        """Whether its nonce is still to be revealed."""
        return self.state(now) in (COMMITTED, SEEDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The last word on a clip that was drawn."""

    seq: int
    narrated: str
    whole: str
    certificate: str
    informed: str
    proper: str
    verdict: str
    note_value: str | None
    judged_by: str
    at: Millis


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnClip:
    """A clip that was drawn."""

    place: int
    """In the order of the lots, from 0."""
    acquisition: AcquisitionId
    path: str | None
    """None: the log of the station does not have it (never, where the draw is right)."""
    officer: str | None
    recorder: str | None
    judgement: Judgement | None


def _judged() -> Any:
    """How many of a draw's clips have a judgement."""
    row = judgements.c
    said = select(func.count(func.distinct(row.acquisition)))
    drawn = audit_clips.c
    said = said.where(
        row.audit == audits.c.audit, row.audit == drawn.audit, row.acquisition == drawn.acquisition
    )
    return said.correlate(audits).scalar_subquery().label("judged")


_NAMES = tuple(field.name for field in fields(Draw) if field.name != "judged")


def _draw(row: RowMapping) -> Draw:
    told = {name: row[name] for name in _NAMES} | {"strata": tuple(json.loads(row["strata"]))}
    return Draw(**told, judged=row["judged"])


def draws(connection: Connection) -> tuple[Draw, ...]:
    """All draws, oldest first."""
    query = select(audits, _judged()).order_by(audits.c.committed_seq)
    return tuple(_draw(row) for row in connection.execute(query).mappings())


def draw(connection: Connection, audit: str) -> Draw | None:
    """A draw by its id."""
    query = select(audits, _judged()).where(audits.c.audit == audit)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else _draw(row)


def unseeded(connection: Connection) -> Sequence[tuple[str, int]]:
    """Draws, with the place of their commitment in the log, that no checkpoint was appended for."""
    row = audits.c
    query = select(row.audit, row.committed_seq).where(row.seeded_seq.is_(None), row.voided_at.is_(None))
    return [(one.audit, one.committed_seq) for one in connection.execute(query.order_by(row.committed_seq))]


def drawn_clips(
    connection: Connection, audit: str, begin: int = 0, limit: int | None = None
) -> tuple[DrawnClip, ...]:
    """What was drawn, in the order of the lots, with the last word on each; from a place on, so many at most."""
    drawn, clip = audit_clips.c, clips.c
    query = (
        select(drawn.place, drawn.acquisition, clip.path, clip.officer, clip.recorder)
        .join_from(audit_clips, clips, clip.acquisition == drawn.acquisition, isouter=True)
        .where(drawn.audit == audit, drawn.place >= begin)
        .order_by(drawn.place)
        .limit(limit)
    )
    said = _words(connection, audit)
    return tuple(
        DrawnClip(**row, judgement=said.get(row["acquisition"]))
        for row in connection.execute(query).mappings()
    )


def results(connection: Connection, audit: str) -> tuple[int, tuple[Judgement, ...]]:
    """How many clips were drawn, and the last word on each of those that were judged."""
    drawn = set(connection.scalars(select(audit_clips.c.acquisition).where(audit_clips.c.audit == audit)))
    said = _words(connection, audit)
    return len(drawn), tuple(word for acquisition, word in said.items() if acquisition in drawn)


def _words(connection: Connection, audit: str) -> dict[str, Judgement]:
    row, names = judgements.c, [field.name for field in fields(Judgement)]
    query = select(row.acquisition, *(row[name] for name in names)).where(row.audit == audit)
    return {
        acquisition: Judgement(**dict(zip(names, said, strict=True)))
        for acquisition, *said in connection.execute(query.order_by(row.seq))
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Auditor:
    """What a person judged."""

    person: str
    clips: int
    good: int
    flawed: int
    failed: int
    last_at: Millis


def auditors(connection: Connection, since: Millis) -> tuple[Auditor, ...]:
    """Who judged how much since a moment, the busiest first; a word that was changed counts as its last."""
    row = judgements.c
    newest = select(func.max(row.seq)).where(row.at >= since).group_by(row.audit, row.acquisition)
    query = select(row.judged_by, row.verdict, func.count(), func.max(row.at))
    query = query.where(row.seq.in_(newest)).group_by(row.judged_by, row.verdict)
    found: dict[str, dict[str, int]] = {}
    last: dict[str, int] = {}
    for person, verdict, count, at in connection.execute(query):
        found.setdefault(person, {})[verdict] = count
        last[person] = max(at, last.get(person, 0))
    told = (
        Auditor(
            person=person,
            clips=sum(words.values()),
            good=words.get("good", 0),
            flawed=words.get("flawed", 0),
            failed=words.get("failed", 0),
            last_at=Millis(last[person]),
        )
        for person, words in found.items()
    )
    return tuple(sorted(told, key=lambda one: (-one.clips, one.person)))


def facts(connection: Connection) -> Iterator[Audit]:
    """All draws as the engine judges them: one asks whether another took its place."""
    for one in draws(connection):
        is_person = one.committed_by.startswith(_PERSON)
        yield Audit(
            audit=one.audit,
            since_at=one.since_at,
            until_at=one.until_at,
            unit=one.unit,
            auditor=one.committed_by.removeprefix(_PERSON) if is_person else None,
            committed_at=one.committed_at,
            reveal_by_at=one.reveal_by_at,
            voided_at=one.voided_at,
            drawn_at=one.drawn_at,
            drawn=one.drawn or 0,
            judged=one.judged,
        )


def recorded(
    connection: Connection, months: Iterable[str], utc_offset_minutes: int
) -> Iterator[RecordedMonth]:
    """Of these months those in which recordings came in."""
    row = clips.c
    for month in months:
        begin, end = (begin_of(one, utc_offset_minutes) for one in (month, later(month, 1)))
        within = (row.secured_at >= begin, row.secured_at < end, row.kind.in_(_RECORDINGS))
        # From the newest on: mostly it is this month that is asked for.
        if connection.scalar(select(row.seq).where(*within).order_by(row.seq.desc()).limit(1)) is not None:
            yield RecordedMonth(month=month)


def months(connection: Connection) -> set[str]:
    """Every month in which something may have come in, in whatever zone: reads all clips."""
    row = clips.c
    return {
        month
        for at in connection.scalars(select(func.min(row.secured_at)).group_by(row.secured_at // _DAY_MS))
        for month in near(at)
    }


def near(at: int) -> set[str]:
    """The months that a moment, and the day around it, may belong to in whatever zone."""
    return {month_of(Millis(at + by), 0) for by in (-_DAY_MS, 0, 2 * _DAY_MS)}
