"""Clips by many things at once, newest first, a page at a time, with a bound on what one page may cost.

A page reads an index in its order and at most `SCAN` rows of it. Where what is asked for is so rare that those do
not fill the page, the answer says how far back it looked (`Page.looked_to`), and the next page goes on from there:
with a million clips no question takes longer than another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Connection, FromClause, Select, and_, func, or_, select
from sqlalchemy.sql.expression import exists

from ingestd.index.facts import Clip
from ingestd.index.law_tables import link_queue, links
from ingestd.index.register_tables import acts, officers
from ingestd.index.row_values import CLIP, clip_of
from ingestd.index.tables import STANDS, clips, damaged, findings
from ingestd.model import AcquisitionId, Kind, Millis

SCAN = 10_000
"""Rows of an index that one page may read."""
MANY = 2_000
"""Of so many clips that can be meant all are read; of more those in the order of the page."""
AT_ONCE = 400
LONGEST_MS = 4 * 3_600_000
"""A recording that began up to so long before a span, and ends within it, is found too."""
LINKED, UNLINKED, QUEUED = "linked", "unlinked", "queued"
LATE, DAMAGED, QUARANTINED, ANY = "late", "damaged", "quarantined", "any"
TROUBLES = (ANY, LATE, QUARANTINED, DAMAGED)
"""What can be wrong with a clip: an open finding about it, one that it came too late; how it is kept."""
_COLUMNS = (
    clips.c.seq, clips.c.acquisition, clips.c.start_key, clips.c.officer, clips.c.recorder, clips.c.kind,
    clips.c.state, clips.c.ended_latest, clips.c.sha256,
)  # fmt: skip
"""Of a clip, all that a condition asks about."""
_RECORDINGS = tuple(kind.value for kind in Kind if kind.is_recording)
_FEW = 1
"""Officers, recorders: of one, its own index is read; of several, all clips in their order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What clips have to be; what is None or empty does not matter."""

    officers: tuple[str, ...] | None = None
    recorders: tuple[str, ...] | None = None
    units: frozenset[str] | None = None
    """Their officers'."""
    seen_by: frozenset[str] | None = None
    """Units whose officers' clips the person sees; clips without an officer are asked about elsewhere."""
    case: str | None = None
    act: str | None = None
    act_kinds: tuple[str, ...] = ()
    since: Millis | None = None
    until: Millis | None = None
    kinds: tuple[Kind, ...] = ()
    link: str | None = None
    """linked, unlinked, queued."""
    trouble: str | None = None
    """A word of `TROUBLES`."""
    rule: str | None = None
    """Of an open finding about the clip."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Place:
    """Where a clip stands in the order of a list."""

    start: int
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A clip that was found."""

    place: Place
    acquisition: AcquisitionId


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The clips of one page."""

    rows: tuple[Row, ...]
    next: Place | None
    """Where the next page goes on; None: there is nothing older."""
    looked_to: Millis | None = None
    """How far back it looked, where that is not the end and the page is not full."""


def page(connection: Connection, wanted: Wanted, *, before: Place | None = None, limit: int) -> Page:
    """The newest clips that are all this, from before a place on."""
    if (known := few(connection, wanted)) is not None:
        return among(connection, wanted, known, before=before, limit=limit)
    row = clips.c
    scanned = (
        select(*_COLUMNS).where(*_driving(wanted, before)).order_by(row.start_key.desc(), row.seq.desc())
    )
    inner = scanned.limit(SCAN).subquery()
    # The order of the inner query is kept by both databases, which stop as soon as the page is full; sorting
    # outside would make them read all of it first.
    query = select(inner.c.start_key, inner.c.seq, inner.c.acquisition).where(*_residual(inner, wanted))
    found = sorted(map(_row, connection.execute(query.limit(limit + 1))), key=_newest_first)
    if len(found) > limit:
        return Page(rows=tuple(found[:limit]), next=found[limit - 1].place)
    last = connection.execute(
        select(row.start_key, row.seq)
        .where(*_driving(wanted, before))
        .order_by(row.start_key.desc(), row.seq.desc())
        .offset(SCAN - 1)
        .limit(1)
    ).one_or_none()
    if last is None:
        return Page(rows=tuple(found), next=None)
    return Page(
        rows=tuple(found), next=Place(start=last.start_key, seq=last.seq), looked_to=Millis(last.start_key)
    )


def among(
    connection: Connection,
    wanted: Wanted,
    acquisitions: Sequence[str],
    *,
    before: Place | None = None,
    limit: int | None = None,
) -> Page:
    """The same out of some thousand clips that are known."""
    found = list[Row]()
    for start in range(0, len(acquisitions), AT_ONCE):
        some = clips.c.acquisition.in_(acquisitions[start : start + AT_ONCE])
        # Limited, so that no database begins with all clips of a unit's officers instead of with these.
        these = select(*_COLUMNS).where(some).limit(AT_ONCE).subquery()
        query = select(these.c.start_key, these.c.seq, these.c.acquisition)
        query = query.where(*_before(before, these), *_span(wanted, these))
        query = query.where(*_people(wanted, these), *_residual(these, wanted))
        found += map(_row, connection.execute(query))
    found.sort(key=_newest_first)
    if limit is None or len(found) <= limit:
        return Page(rows=tuple(found), next=None)
    return Page(rows=tuple(found[:limit]), next=found[limit - 1].place)


def came_in(
    connection: Connection, *, seen_by: frozenset[str] | None, before: int | None = None, limit: int
) -> list[Clip]:
    """The recordings that were stored last, newest first, before a position of the log: of the last `SCAN`.

    ``seen_by`` as in `Wanted`: the caller asks about those without an officer.
    """
    row = clips.c
    scanned = select(row.acquisition, row.officer).where(row.kind.in_(_RECORDINGS), row.state != "superseded")
    if before is not None:
        scanned = scanned.where(row.seq < before)
    inner = scanned.order_by(row.seq.desc()).limit(SCAN).subquery()
    query = select(inner.c.acquisition).limit(limit)
    if seen_by is not None:
        query = query.where(_seen_by(inner, seen_by))
    told = connection.execute(CLIP.where(row.acquisition.in_(connection.scalars(query).all()))).mappings()
    return sorted(map(clip_of, told), key=lambda clip: -clip.seq)


# --- what is rare enough to begin with -----------------------------------------------------------------


def few(connection: Connection, wanted: Wanted) -> list[str] | None:
    """All clips that can be meant, where that are few; None where they are not, or it is not known."""
    queries: list[Select[Any] | CompoundSelect[Any]] = []
    row = links.c
    if wanted.act is not None:
        queries.append(select(row.acquisition).where(row.act == wanted.act))
    elif wanted.case is not None:
        queries.append(select(row.acquisition).where(_of_case(wanted.case)))
    if wanted.link == QUEUED:
        queries.append(select(link_queue.c.acquisition))
    if wanted.rule is not None or wanted.trouble in (ANY, LATE):
        stands, about = (findings.c.closed_at.is_(None), *_found(wanted)), findings.c.about
        of_clips = select(about).where(about >= "clip:", about < "clip;", *stands)
        of_bytes = select(clips.c.acquisition).where(about >= "bytes:", about < "bytes;", *stands)
        of_bytes = of_bytes.join_from(
            findings, clips, clips.c.sha256 == func.substr(about, len("bytes:") + 1)
        )
        queries.append(of_clips.union_all(of_bytes))
    if wanted.trouble == DAMAGED:
        rotten = select(damaged.c.sha256).where(damaged.c.repaired_at.is_(None))
        queries.append(select(clips.c.acquisition).where(clips.c.sha256.in_(rotten)))
    for query in queries:
        found = [str(one).removeprefix("clip:") for one in connection.scalars(query.limit(MANY + 1))]
        if len(found) <= MANY:
            return found
    return None


def _of_case(case: str) -> ColumnElement[bool]:
    return or_(links.c.case == case, links.c.act.in_(select(acts.c.act).where(acts.c.case == case)))


def _found(wanted: Wanted) -> list[ColumnElement[bool]]:
    """Of findings about clips and their bytes."""
    row = findings.c
    told: list[ColumnElement[bool]] = [row.state != "waived"]
    if wanted.rule is not None:
        told.append(row.rule == wanted.rule)
    if wanted.trouble == LATE:
        told.append(row.kind == "clip-late")
    return told


# --- conditions ------------------------------------------------------------------------------------------


def _driving(wanted: Wanted, before: Place | None) -> list[ColumnElement[bool]]:
    """Those that an index answers in the order of the page."""
    told = [*_before(before), *_span(wanted)]
    if wanted.officers is not None and len(wanted.officers) <= _FEW:
        told.append(clips.c.officer.in_(wanted.officers))
    if wanted.recorders is not None and len(wanted.recorders) <= _FEW:
        told.append(clips.c.recorder.in_(wanted.recorders))
    if wanted.trouble == QUARANTINED:
        told.append(clips.c.state == "quarantined")
    return told


def _before(before: Place | None, of: FromClause = clips) -> list[ColumnElement[bool]]:
    row = of.c
    if before is None:
        return []
    at_once = and_(row.start_key == before.start, row.seq < before.seq)
    # The first bound is what an index begins at; the second cuts those of the same moment.
    return [row.start_key <= before.start, or_(row.start_key < before.start, at_once)]


def _span(wanted: Wanted, of: FromClause = clips) -> list[ColumnElement[bool]]:
    told, row = list[ColumnElement[bool]](), of.c
    if wanted.since is not None:
        told.append(row.start_key >= wanted.since - LONGEST_MS)
    if wanted.until is not None:
        told.append(row.start_key < wanted.until)
    return told


def _people(wanted: Wanted, of: FromClause) -> list[ColumnElement[bool]]:
    told, row = list[ColumnElement[bool]](), of.c
    if wanted.officers is not None:
        told.append(row.officer.in_(wanted.officers))
    if wanted.recorders is not None:
        told.append(row.recorder.in_(wanted.recorders))
    if wanted.trouble == QUARANTINED:
        told.append(row.state == "quarantined")
    return told


def _residual(of: FromClause, wanted: Wanted) -> list[ColumnElement[bool]]:
    """The rest, of each row that the index gives."""
    row = of.c
    told: list[ColumnElement[bool]] = [row.state != "superseded"]
    if wanted.since is not None:
        told.append(or_(row.start_key >= wanted.since, row.ended_latest > wanted.since))
    if wanted.officers is not None and len(wanted.officers) > _FEW:
        told.append(row.officer.in_(wanted.officers))
    if wanted.recorders is not None and len(wanted.recorders) > _FEW:
        told.append(row.recorder.in_(wanted.recorders))
    if wanted.units is not None:
        told.append(row.officer.in_(_officers(wanted.units)))
    if wanted.seen_by is not None:
        told.append(_seen_by(of, wanted.seen_by))
    if wanted.kinds:
        told.append(row.kind.in_([kind.value for kind in wanted.kinds]))
    return [*told, *_of_links(row.acquisition, wanted), *_of_findings(row, wanted)]


def _seen_by(of: FromClause, units: frozenset[str]) -> ColumnElement[bool]:
    return or_(of.c.officer.is_(None), of.c.officer.in_(_officers(units)))


def _officers(units: frozenset[str]) -> Select[Any]:
    return select(officers.c.officer).where(officers.c.unit.in_(sorted(units)))


def _of_links(key: Any, wanted: Wanted) -> list[ColumnElement[bool]]:
    row, told = links.c, list[ColumnElement[bool]]()
    somewhere = exists().where(row.acquisition == key, or_(row.act.is_not(None), row.case.is_not(None)))
    if wanted.link == LINKED:
        told.append(somewhere)
    if wanted.link == UNLINKED:
        told.append(~somewhere)
    if wanted.link == QUEUED:
        told.append(exists().where(link_queue.c.acquisition == key))
    if wanted.act is not None:
        told.append(exists().where(row.acquisition == key, row.act == wanted.act))
    if wanted.case is not None:
        told.append(exists().where(row.acquisition == key, _of_case(wanted.case)))
    if wanted.act_kinds:
        kinds = acts.c.kind.in_(wanted.act_kinds)
        told.append(exists().where(row.acquisition == key, acts.c.act == row.act, kinds))
    return told


def _of_findings(row: Any, wanted: Wanted) -> list[ColumnElement[bool]]:
    told = list[ColumnElement[bool]]()
    if wanted.rule is not None or wanted.trouble in (ANY, LATE):
        about = findings.c.about.in_(["clip:" + row.acquisition, "bytes:" + row.sha256])
        told.append(exists().where(about, STANDS, *_found(wanted)))
    if wanted.trouble == DAMAGED:
        told.append(exists().where(damaged.c.sha256 == row.sha256, damaged.c.repaired_at.is_(None)))
    return told


def _row(found: Any) -> Row:
    return Row(
        place=Place(start=found.start_key, seq=found.seq), acquisition=AcquisitionId(found.acquisition)
    )


def _newest_first(row: Row) -> tuple[int, int]:
    return -row.place.start, -row.place.seq
