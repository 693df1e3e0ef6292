"""A case with all that is known of it, for one page: clocks, acts with their film, papers, findings, history."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from sqlalchemy import Connection, select

from ingestd.errors import IngestdError
from ingestd.events import ClipLinked, ClipQueued, ClipUnlinked
from ingestd.facts import Act, Case
from ingestd.index import labels, law_facts, link_queries, papers, queries
from ingestd.index.law_tables import notes
from ingestd.index.papers import Document
from ingestd.law.base import Base
from ingestd.law.rules import review
from ingestd.ledger import table
from ingestd.ledger.entry import parse
from ingestd.model import Millis
from ingestd.registers import words
from ingestd.telling import case_story, terms
from ingestd.telling.case_footage import Footage, Teller
from ingestd.telling.case_story import Sayer, Story
from ingestd.telling.finding_about import by_urgency
from ingestd.telling.plain import shown
from ingestd.telling.register_sentences import word
from ingestd.telling.register_views import Reader
from ingestd.telling.sentences import sentence
from ingestd.telling.signs import Sign, made
from ingestd.vault.blobs import Blobs
from ingestd.vault.document_types import TYPES
from ingestd.web import cases, coverage
from ingestd.web.cards import Card, cards
from ingestd.web.clocks import Dial, dials
from ingestd.web.coverage import Bar
from ingestd.web.desk import Desk
from ingestd.web.tiles import Tile, tiles
from ingestd.words import Text

_OF_CLIPS = (ClipLinked, ClipUnlinked, ClipQueued)
"""Entries in a case's chain that are about one of its clips: the history names its file."""
HISTORY = 60
"""Sentences of the history that the page has; the custody page has all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody on an act, or a subject."""

    id: str
    name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """A clip with what people and programs said of it."""

    tile: Tile
    why: str
    """On what its link rests."""
    is_by_person: bool
    note: str | None
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActRow:
    """One act."""

    act: str
    href: str
    kind: Text
    stage: Text | None
    begun: Millis | None
    ended: Millis | None
    place: str
    officers: tuple[Person, ...]
    result: Text | None
    note: str
    bar: Bar | None
    """None: nobody told when it began and ended."""
    shots: tuple[Shot, ...]
    unseen: int
    """Clips that the person may not see."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A document's file."""

    document: str
    name: str
    kind: Text
    size: int
    sha256: str
    at: Millis
    by: str
    seq: int
    href: str
    damaged: bool
    """Its bytes, its manifest or its signature were found damaged, and are not good again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRow:
    """A text record."""

    record: str
    href: str
    kind: str
    told: str
    """Its sentence."""
    signed: Sign
    labels: tuple[str, ...]
    papers: tuple[Paper, ...]
    is_elsewhere: bool
    """A file is named by its digest and is not stored here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An entry of the history."""

    seq: int
    at: Millis
    sentence: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePage:
    """The whole page."""

    case: Case
    title: str
    kind: Text
    unit_name: str | None
    progress: Sign
    major: Text
    parties: tuple[Person, ...]
    party_kinds: Mapping[str, Text]
    dials: tuple[Dial, ...]
    acts: tuple[ActRow, ...]
    loose: ActRow | None
    """Clips of the case, of none of its acts."""
    records: tuple[RecordRow, ...]
    decisions: tuple[str, ...]
    reviews: tuple[str, ...]
    gate: Text
    is_barred: bool
    findings: tuple[Card, ...]
    history: tuple[Told, ...]
    has_more_history: bool
    formed_at: Millis | None


def case_page(desk: Desk, connection: Connection, case_id: str) -> CasePage | None:
    """The page of a case; None where nothing is known of it. The caller asks whether the person may see it."""
    book, home = desk.watch.book, desk.watch.home
    story = case_story.read(connection, home, case_id, book, desk.now)
    return None if story is None else _Maker(desk, connection, story).page()


def clocks(desk: Desk, connection: Connection, story: Story) -> tuple[Dial, ...]:
    """What runs for a case, by the rules in force."""
    case = story.case.case
    formed = {one.case: one.formed_at for one in law_facts.filed(connection, [case])}
    return dials(story, desk.watch.book, now=desk.now, zone=desk.zone, formed=formed)


class _Maker:
    def __init__(self, desk: Desk, connection: Connection, story: Story) -> None:
        self._desk, self._connection, self._story = desk, connection, story
        self._reader = Reader(desk.watch.values, zone=desk.zone, lang=desk.lang)
        self._sayer = Sayer(story, self._reader)
        self._book = desk.watch.book

    def page(self) -> CasePage:
        story, desk = self._story, self._desk
        case = story.case
        formed = {one.case: one.formed_at for one in law_facts.filed(self._connection, [case.case])}
        base = Base([case, *story.acts, *story.reviews])
        is_major = review.major(base, case, self._book)
        barred = review.barring(base, case.case, self._book, desk.now) if is_major else ()
        history, has_more = self._history()
        rows = self._acts()
        return CasePage(
            case=case,
            title=shown(self._reader.parts(case.title_value).get("title", "")),
            kind=word(words.CASE_KINDS, case.kind),
            unit_name=None if story.unit is None else story.unit.name,
            progress=cases.progress(case),
            major=_major(is_major),
            parties=tuple(self._party(one.party, one.party_value) for one in story.parties),
            party_kinds={one.party: word(words.PARTY_KINDS, one.kind) for one in story.parties if one.kind},
            dials=clocks(desk, self._connection, story),
            acts=tuple(row for row in rows if row.act),
            loose=next((row for row in rows if not row.act), None),
            records=self._records(),
            decisions=tuple(map(self._sayer.decision, story.decisions)),
            reviews=tuple(map(self._sayer.review, story.reviews)),
            gate=case_story.gate(case, is_major, barred),
            is_barred=bool(barred) and case.decided_at is None,
            findings=cards(desk, self._connection, by_urgency(story.findings)),
            history=history,
            has_more_history=has_more,
            formed_at=formed.get(case.case),
        )

    def _party(self, party: str, value: str | None) -> Person:
        return Person(id=party, name=shown(self._reader.parts(value).get("name", "")) or None)

    # --- acts and their film --------------------------------------------------------------------

    def _acts(self) -> list[ActRow]:
        story, found = self._story, list[ActRow]()
        bars = coverage.of_footage(story.footage, story.acts, self._desk.zone)
        every = [shot.clip.acquisition for one in story.footage for shot in one.shots]
        drawn = {one.acquisition: one for one in tiles(self._desk, self._connection, every)}
        said = self._said(every), labels.of_clips(self._connection, every)
        known = {act.act: act for act in story.acts}
        for one in story.footage:
            shots = tuple(self._shots(one, drawn, *said))
            act = known.get(one.act or "")
            if act is not None or one.shots:
                found.append(self._act(act, one, shots, bars))
        return found

    def _act(
        self, act: Act | None, footage: Footage, shots: tuple[Shot, ...], bars: Mapping[str, Bar]
    ) -> ActRow:
        told = act or Act(act="")
        return ActRow(
            act=told.act,
            href=f"/acts/{quote(told.act)}",
            kind=self._book.named(self._book.kind(told.kind))
            if told.kind
            else Text("类型未说明", "kind not told"),
            stage=None if told.stage is None else word(words.STAGES, told.stage),
            begun=told.started_at,
            ended=told.ended_at,
            place=shown(self._reader.personal(told.place_value)),
            officers=tuple(self._officer(one) for one in told.officers),
            result=None if told.result is None else word(words.RESULTS, told.result),
            note=self._reader.lines(told.note_value),
            bar=bars.get(told.act),
            shots=shots,
            unseen=len(footage.shots) - len(shots),
        )

    def _officer(self, number: str) -> Person:
        known = self._story.officers.get(number)
        name = None if known is None else self._reader.parts(known.name_value).get("name")
        return Person(id=number, name=None if name is None else shown(name))

    def _shots(
        self,
        footage: Footage,
        drawn: Mapping[str, Tile],
        said: Mapping[str, str],
        borne: Mapping[str, tuple[str, ...]],
    ) -> Iterable[Shot]:
        teller = Teller(self._desk.lang, self._desk.zone)
        for one in footage.shots:
            acquisition = one.clip.acquisition
            if acquisition in drawn:
                yield Shot(
                    tile=drawn[acquisition],
                    why=teller.why(one.link),
                    is_by_person=one.link.by == "person",
                    note=said.get(acquisition),
                    labels=borne.get(acquisition, ()),
                )

    def _said(self, acquisitions: Sequence[str]) -> dict[str, str]:
        """The notes of clips (REC-8)."""
        found = dict[str, str]()
        for some in law_facts.portions(acquisitions):
            rows = self._connection.execute(
                select(notes.c.acquisition, notes.c.note_value).where(notes.c.acquisition.in_(some))
            )
            found.update((key, self._reader.lines(value)) for key, value in rows)
        return found

    # --- papers, history ------------------------------------------------------------------------

    def _records(self) -> tuple[RecordRow, ...]:
        keys = [one.record for one in self._story.records]
        by_record: dict[str, list[Document]] = {}
        for one in papers.documents_of(self._connection, self._story.case.case, keys):
            by_record.setdefault(one.record, []).append(one)
        bad = papers.damaged_of(self._connection, by_record)
        borne = labels.of_records(self._connection, keys)
        return tuple(
            RecordRow(
                record=one.record,
                href=f"/documents/{quote(one.record)}",
                kind=shown(one.kind or ""),
                told=shown(self._sayer.record(one)),
                signed=_signed(one.signed, one.refusal_value),
                labels=borne.get(one.record, ()),
                papers=tuple(paper(self._reader, two, bad) for two in by_record.get(one.record, ())),
                is_elsewhere=one.sha256 is not None
                and one.sha256 not in {two.sha256 for two in by_record.get(one.record, ())},
            )
            for one in self._story.records
        )

    def _history(self) -> tuple[tuple[Told, ...], bool]:
        seqs = queries.history(self._connection, f"case:{self._story.case.case}")
        return told_of(self._desk, self._connection, seqs[-HISTORY:]), len(seqs) > HISTORY


SIGNED: Mapping[str | None, Sign] = {
    "yes": made("●", "green", "已签名", "signed"),
    "refused": made("◒", "default", "拒签，已注明原因", "refused, reason noted"),
    "no": made("✖", "red", "未签名", "not signed"),
    None: made("◐", "magenta", "签名未说明", "signature not told"),
}
"""How a text record stands (REC-10)."""
_NO_REASON = made("✖", "red", "拒签，未注明原因", "refused, no reason noted")


def _signed(told: str | None, reason: str | None) -> Sign:
    return _NO_REASON if told == "refused" and reason is None else SIGNED.get(told, SIGNED[None])


def told_of(desk: Desk, connection: Connection, seqs: Sequence[int]) -> tuple[Told, ...]:
    """Entries of the log as sentences, the newest first."""
    blobs, found = Blobs(desk.watch.home), []
    for entry in map(parse, table.some(connection, seqs[::-1])):
        try:
            found.append((entry, entry.event(blobs)))
        except IngestdError:
            continue  # its data rotted: the daemon's own checks report it
    files = link_queries.names_of(
        connection, [event.acquisition for _, event in found if isinstance(event, _OF_CLIPS)]
    )
    told = []
    for entry, event in found:
        said = sentence(event, actor=entry.actor, zone=desk.zone)
        if isinstance(event, _OF_CLIPS) and (name := shown(files.get(event.acquisition, ""))):
            said = Text(f"{name}：{said.zh}", f"{name}: {said.en}")
        told.append(Told(seq=entry.seq, at=entry.at, sentence=said))
    return tuple(told)


def paper(reader: Reader, one: Document, bad: Collection[str]) -> Paper:
    """A document as pages show it; ``bad``: the damaged ones (`papers.damaged_of`)."""
    known = TYPES.get(one.media)
    return Paper(
        document=one.document,
        name=paper_name(reader, one),
        kind=Text(one.media, one.media) if known is None else known.text,
        size=one.size,
        sha256=one.sha256,
        at=one.at,
        by=one.said_by,
        seq=one.seq,
        href=f"/media/document/{one.sha256}",
        damaged=one.document in bad,
    )


def paper_name(reader: Reader, one: Document) -> str:
    """What it was called when it was sent; its id where that was erased."""
    return shown(reader.parts(one.name_value).get("name", "")) or one.document


def label_words(keys: Iterable[str]) -> tuple[tuple[str, Text], ...]:
    """Labels with their words; one that is not known any more by its key."""
    return tuple((one, terms.word(terms.LABELS, one)) for one in keys)


def _major(is_major: bool | None) -> Text:
    if is_major is None:
        return Text("是否重大未认定", "major or not: not determined")
    return Text("重大执法决定", "major decision") if is_major else Text("非重大", "not major")
