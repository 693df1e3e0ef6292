"""The facts of linking: rows of the index, with what the manifests and notes of clips say beside them.

What a recorder's clock showed and what a file itself says of its officer stand in the manifest, not in the event.
A manifest or note that can't be read says nothing; linking then knows less, and nothing wrong.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, and_, func, or_, select

from ingestd.device.identity import OFFICER, id_text
from ingestd.errors import IngestdError
from ingestd.facts import E6, Act
from ingestd.index import hands, registers
from ingestd.index.law_tables import analyses, links, notes
from ingestd.index.link_queries import PERSON
from ingestd.index.register_tables import acts, officers
from ingestd.index.tables import clips, sessions
from ingestd.intake.holding import Stretch, stretches
from ingestd.linking.facts import ActFact, ClipFact, Decision, OfficerClaim, Track, TrackPoint
from ingestd.linking.recordings import DockingKey, Reach
from ingestd.linking.weights import DAY_MS, MINUTE_MS, OPEN_MS, REACH_MS
from ingestd.model import UNIDENTIFIED, AcquisitionId, Flag, Interval, Kind, Millis, RecorderId, SessionId
from ingestd.vault.layout import Home
from ingestd.vault.manifest import Manifest, ManifestError, parse
from ingestd.vault.values import Values

AT_ONCE = 400
"""Values in one query: below what SQLite and PostgreSQL allow."""
TOLD_WITHIN_MS = 10 * MINUTE_MS
"""An act's times are written down afterwards, mostly to the next five minutes (as `tests.linking.generator`)."""
LONGEST_ACT_MS = 31 * DAY_MS
"""Acts that last longer are met by what is recorded in their first month."""
_RECORDINGS = tuple(kind.value for kind in Kind if kind.is_recording)
_BY_NAME = frozenset({"name", "folder"})
"""Where a file's own claims stand: in its name, else in what the recorder wrote about it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Docked:
    """A clip with when its docking began."""

    fact: ClipFact
    docked_at: Millis


@dataclass(frozen=True, slots=True, kw_only=True)
class _Carried:
    """What is known of a recorder from its assignments."""

    history: tuple[Stretch, ...]
    unit: str | None
    """Where all to whom it was ever assigned are of one unit."""


_CLIPS: Select[tuple[object, ...]] = (
    select(
        clips.c.acquisition, clips.c.recorder, clips.c.session, clips.c.officer, clips.c.manifest,
        clips.c.sequence, clips.c.flags, clips.c.started_earliest, clips.c.started_latest,
        clips.c.started_basis, clips.c.ended_earliest, clips.c.ended_latest, clips.c.ended_basis,
        sessions.c.opened_at, analyses.c.codes, analyses.c.track_value,
        notes.c.note_value,
    )
    .join_from(clips, sessions, sessions.c.session == clips.c.session)
    .join(analyses, analyses.c.sha256 == clips.c.sha256, isouter=True)
    .join(notes, notes.c.acquisition == clips.c.acquisition, isouter=True)
    .where(clips.c.kind.in_(_RECORDINGS), clips.c.state != "superseded")
)  # fmt: skip


class Facts:
    """One state of the index, read."""

    def __init__(self, connection: Connection, home: Home) -> None:
        self._connection = connection
        self._home = home
        self._values = Values(home)
        self._carried: dict[RecorderId, _Carried] = {}
        self._cases: tuple[str, ...] | None = None
        self._unit_of: dict[str, str] | None = None

    # --- clips ------------------------------------------------------------------------------------

    def docked(self, since: Millis, until: Millis | None = None) -> Iterator[ClipFact]:
        """The recordings of all dockings that began in a stretch of time."""
        row = sessions.c
        within = [row.opened_at >= since] + ([] if until is None else [row.opened_at < until])
        first = self._connection.scalar(select(func.min(row.seq)).where(*within))
        if first is not None:
            yield from (one.fact for one in self._clips(*within, clips.c.seq >= first))

    def clips(self, acquisitions: Iterable[str]) -> dict[str, Docked | None]:
        """Clips by id, with those that they superseded or that share their bytes; None: not linked any more."""
        asked = list(dict.fromkeys(acquisitions))
        wanted: dict[str, None] = dict.fromkeys(asked)
        for some in _portions(asked):
            query = select(clips.c.sha256, clips.c.supersedes).where(clips.c.acquisition.in_(some))
            told = self._connection.execute(query).all()
            wanted |= dict.fromkeys(old for one in told for old in json.loads(one.supersedes))
            shared = select(clips.c.acquisition).where(clips.c.sha256.in_({one.sha256 for one in told}))
            wanted |= dict.fromkeys(self._connection.scalars(shared))
        found: dict[str, Docked | None] = dict.fromkeys(wanted)
        for some in _portions(list(wanted)):
            found |= {one.fact.acquisition: one for one in self._clips(clips.c.acquisition.in_(some))}
        return found

    def clips_of(self, recorders: Iterable[str], since: Millis) -> list[ClipFact]:
        """The recordings that some recorders' dockings brought since a moment."""
        found: list[ClipFact] = []
        for some in _portions(sorted(recorders)):
            where = (clips.c.recorder.in_(some), sessions.c.opened_at >= since)
            found += (one.fact for one in self._clips(*where))
        return found

    def dockings_of(self, acquisitions: Iterable[str], before: Millis) -> dict[DockingKey, Millis]:
        """The dockings that brought these clips, those that began before a moment, with when they began."""
        found: dict[DockingKey, Millis] = {}
        for some in _portions(list(acquisitions)):
            found |= self._dockings(clips.c.acquisition.in_(some), sessions.c.opened_at < before)
        return found

    def dockings_at(self, act: ActFact, before: Millis) -> dict[DockingKey, Millis]:
        """Dockings that began before a moment and brought what may have been recorded at the time of an act."""
        span, row = span_of(act), clips.c
        if span is None or span[0] - REACH_MS > before:
            return {}
        met = (row.start_key <= span[1] + REACH_MS, row.ended_latest >= span[0] - REACH_MS)
        return self._dockings(*met, sessions.c.opened_at < before)

    def dockings_by(self, recorder: str, since: Millis, before: Millis) -> dict[DockingKey, Millis]:
        """A recorder's dockings that began in a stretch of time."""
        return self._dockings(
            clips.c.recorder == recorder, sessions.c.opened_at >= since, sessions.c.opened_at < before
        )

    def _dockings(self, *where: ColumnElement[bool]) -> dict[DockingKey, Millis]:
        row = clips.c
        query = select(row.recorder, row.session, sessions.c.opened_at).distinct()
        query = query.join_from(clips, sessions, sessions.c.session == row.session).where(*where)
        return {
            DockingKey(_own(one.recorder, one.session), one.session): one.opened_at
            for one in self._connection.execute(query)
        }

    def _clips(self, *where: ColumnElement[bool]) -> Iterator[Docked]:
        query = _CLIPS.where(*where).execution_options(yield_per=1000)
        for row in self._connection.execute(query).mappings():
            yield Docked(fact=self._clip(row), docked_at=row["opened_at"])

    def _clip(self, row: RowMapping) -> ClipFact:
        manifest = self._manifest(row["manifest"])
        carried = self._carried_by(row["recorder"])
        flags = json.loads(row["flags"])
        started, ended = _interval(row, "started"), _interval(row, "ended")
        return ClipFact(
            acquisition=row["acquisition"],
            recorder=_own(row["recorder"], row["session"]),
            session=row["session"],
            started=started,
            ended=ended if _has_length(manifest) else started,
            claimed=_claimed(started, manifest),
            clock_doubtful=Flag.CLOCK_RESET in flags or Flag.CLOCK_DOUBTFUL in flags,
            unit=carried.unit,
            sequence=row["sequence"],
            officers=tuple(_claims(row["officer"], manifest, carried.history)),
            track=self._track(row["track_value"]),
            codes=() if row["codes"] is None else tuple(json.loads(row["codes"])),
            note=self._noted(row["note_value"]),
        )

    def _track(self, digest: str | None) -> Track | None:
        """Where it was recorded; None too where the value was erased or is damaged."""
        try:
            told = None if digest is None else self._values.get(digest)
            return None if told is None else track_of(told)
        except IngestdError:
            return None

    def _manifest(self, name: str) -> Manifest | None:
        try:
            return parse(self._home.manifest_named(name).read_bytes())
        except (OSError, ManifestError):
            return None

    def _carried_by(self, recorder: RecorderId) -> _Carried:
        if recorder not in self._carried:
            said = hands.statements(self._connection, recorder)
            units = self._units(one.officer for one in said if one.officer is not None)
            unit = next(iter(units)) if len(units) == 1 else None
            self._carried[recorder] = _Carried(history=stretches(said), unit=unit)
        return self._carried[recorder]

    def _units(self, of: Iterable[str]) -> frozenset[str]:
        if self._unit_of is None:
            row = officers.c
            told = self._connection.execute(select(row.officer, row.unit).where(row.unit.is_not(None)))
            self._unit_of = {one.officer: one.unit for one in told}
        return frozenset(self._unit_of[officer] for officer in of if officer in self._unit_of)

    def _noted(self, digest: str | None) -> str | None:
        """The case that a note names: of several the longest, which no shorter id can be a part of."""
        if digest is None:
            return None
        try:
            told = self._values.get(digest)
        except IngestdError:
            return None
        text = "" if told is None else str(told.get("note", ""))
        if self._cases is None:
            self._cases = tuple(sorted(registers.ids(self._connection, "case"), key=len, reverse=True))
        return next((case for case in self._cases if case in text), None)

    # --- acts and decisions -----------------------------------------------------------------------

    def acts(self, ids: Iterable[str]) -> list[ActFact]:
        """Acts by id, those that are known."""
        return [self._act(one.row) for one in registers.stated(self._connection, "act", ids).values()]

    def acts_in(self, reach: Reach, *, without: frozenset[str] | set[str]) -> list[ActFact]:
        """The acts that are in reach of a docking, but for those that are known already."""
        row, wanted = acts.c, set(reach.acts)
        for low, high in reach.windows:
            early, late = low - TOLD_WITHIN_MS, high + TOLD_WITHIN_MS
            begun = and_(row.started_at >= early - LONGEST_ACT_MS, row.started_at <= late)
            goes_on = or_(
                row.ended_at >= early, and_(row.ended_at.is_(None), row.started_at >= early - OPEN_MS)
            )
            no_begin = and_(row.started_at.is_(None), row.ended_at >= early, row.ended_at <= late + OPEN_MS)
            met = or_(and_(begun, goes_on), no_begin)
            wanted |= set(self._connection.scalars(select(row.act).where(met)))
        for some in _portions(sorted(reach.cases)):
            wanted |= set(self._connection.scalars(select(row.act).where(row.case.in_(some))))
        return self.acts(sorted(wanted - without))

    def _act(self, act: Act) -> ActFact:
        return ActFact(
            act=act.act,
            case=act.case or "",
            kind=act.kind or "",
            started=_told(act.started_at),
            ended=_told(act.ended_at),
            officers=act.officers,
            units=tuple(sorted(self._units(act.officers))),
            lat=act.lat,
            lon=act.lon,
            premises=act.premises,
        )

    def linked_to(self, ids: Iterable[str]) -> list[str]:
        """The clips that are linked to these acts."""
        found: list[str] = []
        for some in _portions(list(ids)):
            found += self._connection.scalars(select(links.c.acquisition).where(links.c.act.in_(some)))
        return found

    def decisions(self, acquisitions: Iterable[str]) -> dict[AcquisitionId, tuple[Decision, ...]]:
        """What people decided of these clips, or of a worse read of the same file: an act, or none.

        A case alone leaves the act open.
        """
        row, asked = links.c, list(dict.fromkeys(acquisitions))
        found: dict[AcquisitionId, tuple[Decision, ...]] = {AcquisitionId(one): () for one in asked}
        said = select(row.act, row.case).where(row.by == PERSON)
        for some in _portions(asked):
            old = clips.c.acquisition == row.acquisition
            of_old = said.add_columns(clips.c.superseded_by.label("acquisition")).join(clips, old)
            of_own = said.add_columns(row.acquisition)
            for query in (
                of_old.where(clips.c.superseded_by.in_(some)),
                of_own.where(row.acquisition.in_(some)),
            ):
                for one in self._connection.execute(query):
                    if one.act is not None or one.case is None:
                        decision = Decision(acquisition=one.acquisition, act=one.act, linked=True)
                        found[one.acquisition] = (decision,)
        return found


def span_of(act: ActFact) -> tuple[int, int] | None:
    """The earliest and latest moment that an act states; None where it states none."""
    moments = [at for one in (act.started, act.ended) for at in (one.earliest, one.latest) if at is not None]
    return (min(moments), max(moments)) if moments else None


def _portions(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(keys), AT_ONCE):
        yield keys[start : start + AT_ONCE]


def _own(recorder: RecorderId, session: SessionId) -> RecorderId:
    """Cards that name no recorder share no clock and no carrier."""
    return RecorderId(f"{recorder}/{session}") if recorder == UNIDENTIFIED else recorder


def track_of(told: Mapping[str, Any]) -> Track:
    """The fields of a track's value file (`ingestd.analysing`): time, millionths of a degree, decimetres."""
    points = [
        TrackPoint(at=at, lat=lat / E6, lon=lon / E6, accuracy_m=accuracy_dm / 10)
        for at, lat, lon, accuracy_dm in told["points"]
    ]
    return Track(points=tuple(points), timed_by=told["timed_by"])


def _interval(row: RowMapping, name: str) -> Interval:
    return Interval(
        earliest=row[f"{name}_earliest"], latest=row[f"{name}_latest"], basis=row[f"{name}_basis"]
    )


def _told(at: Millis | None) -> Interval:
    if at is None:
        return Interval(earliest=None, latest=None, basis="none")
    return Interval(
        earliest=Millis(at - TOLD_WITHIN_MS), latest=Millis(at + TOLD_WITHIN_MS), basis="register"
    )


def _claimed(started: Interval, manifest: Manifest | None) -> Millis | None:
    """What the clock showed: the latest possible start is the claim less the smallest possible offset."""
    least = None if manifest is None else manifest.recorded.clock_offset_ms.earliest
    if started.latest is None or least is None:
        return None
    return Millis(started.latest + least)


def _has_length(manifest: Manifest | None) -> bool:
    """Whether the file tells how long it is; where not, its latest possible end is that of its docking."""
    return manifest is None or (manifest.media or {}).get("duration_ms") is not None


def _claims(
    officer: str | None, manifest: Manifest | None, history: tuple[Stretch, ...]
) -> Iterator[OfficerClaim]:
    """Who is said to have had the recorder: by the file, by the recorder's setting, by the assignments."""
    own = () if manifest is None else manifest.source.claims
    by_file = {id_text(one.text): one.source for one in own if one.what == OFFICER and one.text}
    for named, source in sorted(by_file.items()):
        yield OfficerClaim(officer=named, basis="file-name" if source in _BY_NAME else "card")
    holders = {one.holder.officer for one in history}
    if officer is not None and officer not in by_file and officer not in holders:
        yield OfficerClaim(officer=officer, basis="card")
    for one, after in zip(history, [*history[1:], None], strict=True):
        if one.holder.officer is not None:
            until = None if after is None else after.since_at
            yield OfficerClaim(
                officer=one.holder.officer, basis="assignment", since=one.since_at, until=until
            )
