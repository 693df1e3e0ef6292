"""The player: one clip, or two beside each other, with what is known of them and how it is known.

What is said of signature and log is checked anew for every page that is drawn (`ingestd.proving`): nothing under a
picture is repeated from memory.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from ingestd import proving
from ingestd.actions.statements import NOTES
from ingestd.errors import VaultError
from ingestd.events import MediaAnalysed
from ingestd.index import analyses, labels, law_queries, shared_bytes
from ingestd.index.facts import Clip
from ingestd.index.items import not_found
from ingestd.index.law_queries import Told
from ingestd.index.link_queries import Link
from ingestd.index.said_notes import SaidNote, said_notes
from ingestd.index.tables import STANDS, findings
from ingestd.media.model import Media, MediaError
from ingestd.media.playable import Showing, showing
from ingestd.model import Kind, Millis, length_between
from ingestd.people.separation import Deed
from ingestd.policy.model import Label
from ingestd.proving import Proved
from ingestd.telling import analysis_words, signs, terms
from ingestd.telling.case_footage import Teller
from ingestd.telling.plain import moment_text
from ingestd.telling.signs import CANNOT_TELL, Sign, made
from ingestd.web import truth
from ingestd.web.desk import Desk
from ingestd.web.lanes import Shot, doubt_text
from ingestd.web.tiles import Tile, tiles_of
from ingestd.web.trace import Trace, trace_of
from ingestd.web.truth import Source, Truth
from ingestd.words import Text

_HOUR_MS = 3_600_000
FRAMES_S = 25.0
"""Pictures a second where a file says nothing: what most recorders make."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """One clip as it is shown."""

    clip: Clip
    tile: Tile
    source: Source
    truth: Truth
    look: str
    """Of the log: what is watched is told to it."""
    begin: int | None
    """When it was recorded, corrected, the middle of what is possible; None: cannot be told."""
    doubt_ms: int | None
    doubt: Text
    length_ms: int
    codecs: str
    frames_s: float
    """Pictures a second, as the file says; `FRAMES_S` where it does not."""
    trace: Trace | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """A clip that a label closes to the person (OWN-24)."""

    tile: Tile
    labels: tuple[Label, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A verdict of a rule in a line."""

    what: Text
    rule: str | None
    sign: Sign
    told: Text | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What stands beside the picture."""

    state: Sign
    verdicts: tuple[Said, ...]
    note: str | None
    note_by: str | None
    note_at: Millis | None
    may_note: bool
    snapshot_bar: Text | None
    """The rule that keeps this person from taking pictures away (REC-3); None: they may."""
    findings: tuple[Told, ...]
    """Open ones about this clip."""
    analysis: tuple[Text, ...]
    link: Text | None
    """By whom or what it was linked."""
    pages: frozenset[str]
    """Which of its officer, unit and recorder have a page for this person."""


def media_of(proved: Proved) -> Media | None:
    """What the signed manifest says of the file as media."""
    told = None if proved.manifest is None else proved.manifest.media
    try:
        return None if told is None else Media.from_json(told)
    except MediaError:
        return None


def way(media: Media | None, path: str, *, as_preview: bool = False) -> Showing:
    """How a clip is shown; ``as_preview``: a browser did not take the film itself after all."""
    how = showing(media, path)
    return replace(how, way="preview") if as_preview and how.kind == "video" else how


def screen(desk: Desk, connection: Connection, clip: Clip, look: str, *, as_preview: bool = False) -> Screen:
    """A clip for the screen, with its proofs checked now. Raises NotFoundError for who may not see it."""
    tiles = tiles_of(desk, connection, [clip])
    if not tiles:
        raise not_found(clip.acquisition)
    proved = proving.prove(desk.watch.home, clip)
    media, analysed = media_of(proved), analyses.analysed(connection, clip.sha256)
    source = _source(clip, way(media, clip.path, as_preview=as_preview), look)
    length = _length(clip, media, analysed)
    shot = Shot(
        acquisition=clip.acquisition,
        recorder=clip.recorder,
        officer=clip.officer,
        kind=clip.kind,
        started=clip.started,
        ended=clip.ended,
        length_ms=length,
    )
    return Screen(
        clip=clip,
        tile=tiles[0],
        source=source,
        truth=truth.of(clip, source, proved, media),
        look=look,
        begin=shot.begin,
        doubt_ms=shot.doubt_ms,
        doubt=doubt_text(shot.doubt_ms),
        length_ms=length,
        codecs=truth.codec_text(media),
        frames_s=_frames_s(media),
        trace=_trace(desk, analysed, length),
    )


def closed(desk: Desk, connection: Connection, clips: Sequence[Clip]) -> tuple[Closed, ...]:
    """What is said of clips instead of showing them."""
    known = labels.of_clips(connection, [clip.acquisition for clip in clips])
    return tuple(
        Closed(tile=tile, labels=desk.watch.policy.borne(known[tile.acquisition]))
        for tile in tiles_of(desk, connection, clips)
        if tile.acquisition in known
    )


def _source(clip: Clip, how: Showing, look: str) -> Source:
    def made_of(way: str, element: str, url: str | None, type_: str) -> Source:
        return Source(way=way, element=element, url=url, content_type=type_)

    if how.way == "direct":
        url = f"/media/clip/{clip.acquisition}?look={look}"
        return made_of("direct", how.kind, url, how.content_type)
    if how.way == "preview":
        url = f"/media/preview/{clip.acquisition}?look={look}"
        way = "making" if clip.preview is None else "preview"
        return made_of(way, "video", url, "video/mp4")
    return made_of("none", "application", None, how.content_type)


def _length(clip: Clip, media: Media | None, analysed: MediaAnalysed | None) -> int:
    told = None if analysed is None else analysed.duration_ms
    if told is None and media is not None:
        told = media.duration_ms
    return told or length_between(clip.started, clip.ended) or 0


def _frames_s(media: Media | None) -> float:
    """Of the first film in it; a ratio is text (``30000/1001``)."""
    rates = [] if media is None else [one.fps for one in media.streams if one.kind == "video" and one.fps]
    over, _, under = (rates[0] if rates else "").partition("/")
    known = over.isdecimal() and (under or "1").isdecimal() and int(over) and int(under or 1)
    return round(int(over) / int(under or 1), 3) if known else FRAMES_S


def _trace(desk: Desk, analysed: MediaAnalysed | None, length_ms: int) -> Trace | None:
    digest = None if analysed is None else analysed.track_value
    return trace_of(value_of(desk, digest), length_ms)


def value_of(desk: Desk, digest: str | None) -> Mapping[str, Any] | None:
    """A personal value; None where there is none, or it was erased, or cannot be believed."""
    try:
        return None if digest is None else desk.watch.values.get(digest)
    except (VaultError, OSError):
        return None  # the daemon's own checks report it


# --- what is beside it ---------------------------------------------------------------------------


def facts(desk: Desk, connection: Connection, shown: Screen, link: Link | None) -> Facts:
    """What is known of the clip on the first screen."""
    clip, about = shown.clip, f"clip:{shown.clip.acquisition}"
    open_ = (findings.c.about.in_(shared_bytes.abouts([clip])), STANDS)
    found = tuple(law_queries.told_where(connection, *open_))
    analysed = analyses.analysed(connection, clip.sha256)
    said = said_notes(connection, [clip.acquisition]).get(clip.acquisition)
    barred = desk.against(connection, Deed.EXTRACT, about)
    return Facts(
        state=signs.sign(terms.CLIPS, clip.shown_state),
        verdicts=tuple(_verdicts(desk, shown, found, analysed, said)),
        note=_text_of(desk, None if said is None else said.note_value, "note"),
        note_by=None if said is None else said.said_by,
        note_at=None if said is None else said.at,
        may_note=bool(desk.visitor.roles & set(NOTES)),
        snapshot_bar=None
        if barred is None
        else Text(f"{barred.text.zh}（{barred.rule}）", f"{barred.text.en} ({barred.rule})"),
        findings=found,
        analysis=_analysed(clip, analysed),
        link=None if link is None else _why(desk, link),
        pages=_pages(desk, connection, shown.tile),
    )


def _pages(desk: Desk, connection: Connection, tile: Tile) -> frozenset[str]:
    named = (("officer", tile.officer), ("unit", tile.unit), ("recorder", tile.recorder))
    abouts = [(kind, f"{kind}:{id_}") for kind, id_ in named if id_]
    return frozenset(kind for kind, about in abouts if desk.against(connection, Deed.LOOK, about) is None)


def _text_of(desk: Desk, digest: str | None, field: str) -> str | None:
    told = desk.personal(digest, field)
    return "" if told is None and digest is not None else told


def _why(desk: Desk, link: Link) -> Text:
    zh, en = (Teller(lang, desk.zone).why(link) for lang in ("zh", "en"))
    return Text(zh, en)


def _analysed(clip: Clip, analysed: MediaAnalysed | None) -> tuple[Text, ...]:
    if not clip.kind.is_recording:
        return ()
    return (analysis_words.WAITING,) if analysed is None else tuple(analysis_words.in_full(analysed))


_SPOKEN = made("●", "green", "有", "there")
_LACKS = made("✖", "red", "缺", "missing")
_OPEN = made("○", "default", "待写", "to be written")


def _verdicts(
    desk: Desk,
    shown: Screen,
    found: tuple[Told, ...],
    analysed: MediaAnalysed | None,
    said: SaidNote | None,
) -> list[Said]:
    """Storing in time, narration, note: what a supervisor asks of every clip."""
    kinds, clip = {one.kind for one in found}, shown.clip
    lines = []
    if shown.tile.verdict is not None:
        lines.append(
            Said(what=Text("入库时限", "stored in time"), rule="REC-1", sign=shown.tile.verdict, told=None)
        )
    if desk.watch.book.find("REC-8") is None or not clip.kind.is_recording:
        return lines
    if clip.kind is not Kind.PHOTO:
        lines.append(_spoken(analysed, is_missing="speech-missing" in kinds))
    what = Text("文字说明", "note")
    if said is not None:
        lines.append(Said(what=what, rule="REC-8", sign=_SPOKEN, told=None))
    elif "note-missing" in kinds:
        lines.append(Said(what=what, rule="REC-8", sign=_LACKS, told=None))
    else:
        due = note_due(desk, clip)
        lines.append(
            Said(what=what, rule="REC-8", sign=_OPEN, told=None if due is None else _until(desk, due))
        )
    return lines


def _spoken(analysed: MediaAnalysed | None, *, is_missing: bool) -> Said:
    what = Text("语音说明", "spoken statement")
    if analysed is None or analysed.failure is not None:
        return Said(what=what, rule="REC-8", sign=CANNOT_TELL, told=None)
    if is_missing or analysed.speech_from_ms is None:
        return Said(what=what, rule="REC-8", sign=_LACKS, told=None)
    seconds = analysed.speech_from_ms // 1000
    return Said(
        what=what, rule="REC-8", sign=_SPOKEN, told=Text(f"始于第 {seconds} 秒", f"from second {seconds}")
    )


def note_due(desk: Desk, clip: Clip) -> Millis | None:
    """Until when the note of a clip is to be written (OWN-18); None: nothing says so."""
    hours = desk.watch.book.number("OWN-18", "note_hours")
    return None if hours is None else Millis(clip.stored_at + hours * _HOUR_MS)


def _until(desk: Desk, due: Millis) -> Text:
    zh, en = (moment_text(due, now=desk.now, zone=desk.zone, lang=lang) for lang in ("zh", "en"))
    return Text(f"{zh} 到期", f"due {en}")
