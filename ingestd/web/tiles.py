"""A clip as a tile: strip of frames, who, where, when, which case, what the rules say. For walls, lists, cases.

One `Tile` a clip, read for all of them at once. What a person may not see (SEP-6, SEP-7) has no tile; what a label
keeps from lists (OWN-24) has one without its frames.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote

from sqlalchemy import Connection, select

from ingestd.errors import VaultError
from ingestd.facts import Act
from ingestd.index import analyses, labels, link_queries, registers, shared_bytes
from ingestd.index.facts import Clip
from ingestd.index.link_queries import Told
from ingestd.index.row_values import CLIP, clip_of
from ingestd.index.tables import STANDS, clips, findings
from ingestd.index.tie_lists import Items
from ingestd.law.deadlines import verdict
from ingestd.model import Interval, Kind, Millis
from ingestd.people.separation import Deed
from ingestd.telling import signs, terms
from ingestd.telling.finding_about import level_sign
from ingestd.telling.plain import interval_brief, interval_text
from ingestd.telling.signs import Sign
from ingestd.web.desk import Desk
from ingestd.web.sight import Sight
from ingestd.words import Lang, Text

AT_ONCE = 400
"""Clips in one query: below what SQLite and PostgreSQL allow."""
_PICTURED = (Kind.VIDEO, Kind.PHOTO)
_BEGAN = {
    Kind.VIDEO: Text("{at} 开始", "began {at}"),
    Kind.AUDIO: Text("{at} 开始", "began {at}"),
    Kind.PHOTO: Text("{at} 拍摄", "taken {at}"),
}
_QUIET = ("secured", "released")
"""States of custody that need no word of their own on a tile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One clip."""

    acquisition: str
    seq: int
    """Position in the log: newer clips have a greater one."""
    kind: Kind
    path: str
    """On the card."""
    href: str
    """Of its player."""
    strip: str | None
    """Of its frames; None: it has no picture, or a label keeps it from this list."""
    officer: str | None
    """Number; None: not known."""
    name: str | None
    unit: str | None
    unit_name: str | None
    recorder: str
    slot: str
    started: Interval
    ended: Interval
    when: Text
    """When it began, with its doubt; in full with what that rests on."""
    when_in_full: Text
    length_ms: int | None
    """As its own container counts; None: not told."""
    stored_at: Millis
    case: str | None
    act: str | None
    act_kind: Text | None
    place: str | None
    """Where the act was, as its register says."""
    is_queued: bool
    """Which act it belongs to waits for a person."""
    verdict: Sign | None
    """REC-1, whether it came in time; None: it is no recording."""
    state: Sign | None
    """Of its custody, where there is something to say."""
    is_marked: bool
    findings: tuple[Sign, ...]
    """What is open against the clip itself, by its weight."""
    labels: tuple[Text, ...]
    """Classification labels."""


def tiles(desk: Desk, connection: Connection, acquisitions: Sequence[str]) -> tuple[Tile, ...]:
    """The tiles of these clips, in this order, of those that the person may see."""
    return tiles_of(desk, connection, clips_of(connection, acquisitions))


def clips_of(connection: Connection, acquisitions: Sequence[str]) -> list[Clip]:
    """These clips, in this order, those that there are."""
    found: dict[str, Clip] = {}
    for start in range(0, len(acquisitions), AT_ONCE):
        some = clips.c.acquisition.in_(acquisitions[start : start + AT_ONCE])
        found.update(
            (row["acquisition"], clip_of(row)) for row in connection.execute(CLIP.where(some)).mappings()
        )
    return [found[one] for one in acquisitions if one in found]


def tiles_of(desk: Desk, connection: Connection, found: Sequence[Clip]) -> tuple[Tile, ...]:
    """The same for clips that were read already."""
    seen = Sight(desk, connection).clips(found)
    maker = _Maker(desk, connection, seen)
    return tuple(maker.tile(clip) for clip in seen)


class _Maker:
    """Everything around some clips, read at once."""

    def __init__(self, desk: Desk, connection: Connection, seen: Sequence[Clip]) -> None:
        self._desk = desk
        officers = {clip.officer for clip in seen if clip.officer is not None}
        self._officers = registers.stated(connection, "officer", officers)
        self._names = desk.watch.names.of(connection, officers, "full")
        units = {one.row.unit for one in self._officers.values() if one.row.unit is not None}
        self._units = registers.stated(connection, "unit", units)
        self._told = link_queries.told(connection, [clip.acquisition for clip in seen])
        acts = {one.act for one in self._told.values() if one.act is not None}
        self._acts = registers.stated(connection, "act", acts)
        self._lengths = analyses.lengths(connection, seen)
        self._findings = _findings(connection, seen)
        self._labels = labels.of_clips(connection, [clip.acquisition for clip in seen])
        self._kept = _kept(desk, connection, self._labels)
        rule = desk.watch.policy.find("REC-1")
        self._hours = None if rule is None else rule.number("hours")

    def tile(self, clip: Clip) -> Tile:
        told = self._told.get(clip.acquisition, Told())
        act: Act | None = None if told.act not in self._acts else self._acts[told.act].row
        officer = self._officers.get(clip.officer or "")
        unit = None if officer is None else officer.row.unit
        state, zone = clip.shown_state, self._desk.zone
        has_strip = clip.kind in _PICTURED and clip.acquisition not in self._kept
        return Tile(
            acquisition=clip.acquisition,
            seq=clip.seq,
            kind=clip.kind,
            path=clip.path,
            href=f"/clips/{quote(clip.acquisition)}",
            strip=f"/media/strip/{quote(clip.acquisition)}" if has_strip else None,
            officer=clip.officer,
            name=self._names.get(clip.officer or ""),
            unit=unit,
            unit_name=self._units[unit].row.name if unit in self._units else None,
            recorder=clip.recorder,
            slot=clip.slot,
            started=clip.started,
            ended=clip.ended,
            when=self._when(clip),
            when_in_full=_in_both(lambda lang: interval_text(clip.started, zone=zone, lang=lang)),
            length_ms=self._lengths.get(clip.acquisition),
            stored_at=clip.stored_at,
            case=told.case or (None if act is None else act.case),
            act=told.act,
            act_kind=None if act is None else self._act_kind(act),
            place=None if act is None else self._place(act),
            is_queued=bool(told.queued) and told.by is None,
            verdict=self._verdict(clip),
            state=None if state in _QUIET else signs.sign(terms.CLIPS, state),
            is_marked=clip.marked,
            findings=self._findings.get(clip.acquisition, ()),
            labels=tuple(terms.word(terms.LABELS, one) for one in self._labels.get(clip.acquisition, ())),
        )

    def _when(self, clip: Clip) -> Text:
        """An uncertain start is two moments, beside which its length stands: the word keeps it from being a span."""
        began, desk = clip.started, self._desk
        told = _in_both(lambda lang: interval_brief(began, now=desk.now, zone=desk.zone, lang=lang))
        word = None if (began.earliest, began.latest) == (None, None) else _BEGAN.get(clip.kind)
        return told if word is None else word.format(at=told)

    def _verdict(self, clip: Clip) -> Sign | None:
        if self._hours is None or not clip.kind.is_recording:
            return None
        commissioned_at = self._desk.watch.config.commissioned_at
        judged = verdict(clip.ended, clip.stored_at, self._hours, commissioned_at=commissioned_at)
        return signs.sign(signs.DEADLINES, judged.value)

    def _act_kind(self, act: Act) -> Text | None:
        known = next((one for one in self._desk.watch.policy.acts if one.key == act.kind), None)
        return (
            Text(act.kind, act.kind) if known is None and act.kind else None if known is None else known.name
        )

    def _place(self, act: Act) -> str | None:
        try:
            found = None if act.place_value is None else self._desk.watch.values.get(act.place_value)
        except (VaultError, OSError):
            return None  # the daemon's own checks report it
        return None if found is None else " ".join(str(part) for part in found.values())


def _in_both(say: Callable[[Lang], str]) -> Text:
    return Text(say("zh"), say("en"))


def _kept(desk: Desk, connection: Connection, labelled: Iterable[str]) -> frozenset[str]:
    """Those of these clips whose frames lists don't show to this person (OWN-24)."""
    abouts = {key: f"clip:{key}" for key in labelled}
    items = Items(connection, abouts.values())
    bars = {key: desk.against(connection, Deed.PICTURE, about, items) for key, about in abouts.items()}
    return frozenset(key for key, bar in bars.items() if bar is not None)


def _findings(connection: Connection, seen: Sequence[Clip]) -> Mapping[str, tuple[Sign, ...]]:
    """The open findings about these clips and their bytes, waived ones not."""
    row, found = findings.c, dict[str, tuple[Sign, ...]]()
    about = sorted(shared_bytes.abouts(seen))
    of_bytes = dict[str, list[str]]()
    for clip in seen:
        of_bytes.setdefault(f"bytes:{clip.sha256}", []).append(clip.acquisition)
    for start in range(0, len(about), AT_ONCE):
        query = select(row.about, row.kind, row.level).where(
            row.about.in_(about[start : start + AT_ONCE]), STANDS, row.state != "waived"
        )
        for subject, kind, level in connection.execute(query.order_by(row.opened_seq)):
            sign = replace(level_sign(level), word=terms.word(terms.FINDINGS, kind))
            for key in of_bytes.get(subject, [subject.partition(":")[2]]):
                found[key] = (*found.get(key, ()), sign)
    return found
