"""Clips by what they are and by the words around them: their notes, acts, cases, and whom those concern.

A page of answers is bounded as in `index.clip_search`: common words are followed from the newest text back, in
rounds, and where rounds run out the page says how far it looked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, or_, select

from ingestd.index import clip_search
from ingestd.index.clip_search import AT_ONCE, LONGEST_MS, Page, Place, Row, Wanted
from ingestd.index.law_tables import links
from ingestd.index.register_tables import acts, case_parties
from ingestd.index.tables import clips
from ingestd.model import Millis
from ingestd.web import texts
from ingestd.web.grams import has

ROUNDS, A_ROUND = 5, 1000
"""Notes that one page follows: so many times so many."""
ABOUT_MOST = 300
"""Acts, cases, subjects that words are about: the clips of so many, the newest, are looked at."""
_LOOK = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A page of clips, and whether words are about more cases than were looked at."""

    page: Page
    is_partial: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """A text beside a clip."""

    kind: str
    """A word of `texts.KINDS`."""
    text: str


def found(
    connection: Connection, wanted: Wanted, terms: Sequence[str], *, before: Place | None, limit: int
) -> Found:
    """The newest clips that are all this and have all these words around them, from before a place on."""
    if not terms:
        return Found(page=clip_search.page(connection, wanted, before=before, limit=limit))
    known = clip_search.few(connection, wanted)
    if known is not None:
        whole = clip_search.among(connection, wanted, known, before=before)
        return Found(page=_cut(_with_words(connection, whole.rows, terms, limit + 1), limit))
    rows, at, is_partial = list[Row](), before, False
    for _ in range(ROUNDS):
        one = _round(connection, wanted, terms, at, limit + 1 - len(rows))
        rows += one.page.rows
        is_partial |= one.is_partial
        at = one.page.next
        if at is None or len(rows) > limit:
            break
    page = _cut(rows, limit)
    if page.next is None and at is not None:
        page = replace(page, next=at, looked_to=Millis(at.start))
    return Found(page=page, is_partial=is_partial)


def _cut(rows: Sequence[Row], limit: int) -> Page:
    return Page(rows=tuple(rows[:limit]), next=rows[limit - 1].place if len(rows) > limit else None)


def _round(
    connection: Connection, wanted: Wanted, terms: Sequence[str], before: Place | None, limit: int
) -> Found:
    """One step back through the texts that have the rarest of the words; ``next`` is where it stopped."""
    below = _below(wanted, before)
    hits = {term: texts.find(connection, texts.NOTE, term, below=below, limit=A_ROUND) for term in terms}
    rarest = min(terms, key=lambda term: len(hits[term]))
    notes, floor = hits[rarest], _floor(wanted)
    horizon = None
    if len(notes) == A_ROUND and texts.moment_of(notes[-1].key) >= floor:
        horizon = _place_of(connection, notes[-1].item)
    about, is_partial = _about(connection, rarest)
    candidates = dict.fromkeys((*(hit.item for hit in notes), *about))
    rows = clip_search.among(connection, wanted, list(candidates), before=before).rows
    if horizon is not None:
        rows = tuple(row for row in rows if row.place >= horizon)
    return Found(
        page=Page(rows=tuple(_with_words(connection, rows, terms, limit)), next=horizon),
        is_partial=is_partial,
    )


def _below(wanted: Wanted, before: Place | None) -> int | None:
    bounds = [] if wanted.until is None else [texts.key_of(wanted.until, 0)]
    bounds += [] if before is None else [texts.key_of(before.start, before.seq)]
    return min(bounds, default=None)


def _floor(wanted: Wanted) -> int:
    return 0 if wanted.since is None else wanted.since - LONGEST_MS


def _place_of(connection: Connection, acquisition: str) -> Place | None:
    row = clips.c
    found_ = connection.execute(select(row.start_key, row.seq).where(row.acquisition == acquisition)).first()
    return None if found_ is None else Place(start=found_.start_key, seq=found_.seq)


def _about(connection: Connection, term: str) -> tuple[list[str], bool]:
    """Clips of acts and cases that a word is about, and whether there are more of these."""

    def items(kind: str) -> list[str]:
        return [hit.item for hit in texts.find(connection, kind, term, limit=ABOUT_MOST + 1)]

    of_acts = [*items(texts.PLACE), *items(texts.REMARK)]
    of_cases = [*items(texts.NUMBER), *items(texts.TITLE)]
    subjects = items(texts.SUBJECT)
    is_partial = max(map(len, (of_acts, of_cases, subjects))) > ABOUT_MOST
    row = case_parties.c
    of_cases += connection.scalars(select(row.case).where(row.party.in_(subjects[:ABOUT_MOST])))
    return list(_linked(connection, of_acts, of_cases)), is_partial


def _linked(connection: Connection, of_acts: Sequence[str], of_cases: Sequence[str]) -> Iterable[str]:
    row = links.c
    for start in range(0, len(of_cases), AT_ONCE):
        some = of_cases[start : start + AT_ONCE]
        theirs = select(acts.c.act).where(acts.c.case.in_(some))
        yield from connection.scalars(
            select(row.acquisition).where(or_(row.case.in_(some), row.act.in_(theirs)))
        )
    for start in range(0, len(of_acts), AT_ONCE):
        some = of_acts[start : start + AT_ONCE]
        yield from connection.scalars(select(row.acquisition).where(row.act.in_(some)))


def _with_words(connection: Connection, rows: Sequence[Row], terms: Sequence[str], limit: int) -> list[Row]:
    """Of these rows the first that have all words in the texts around them."""
    kept = list[Row]()
    for start in range(0, len(rows), _LOOK):
        some = rows[start : start + _LOOK]
        near = around(connection, [row.acquisition for row in some])
        kept += [row for row in some if _has_all(near.get(row.acquisition, ()), terms)]
        if len(kept) >= limit:
            break
    return kept[:limit]


def _has_all(near: Sequence[Around], terms: Sequence[str]) -> bool:
    return all(any(has(one.text, term) for one in near) for term in terms)


def around(connection: Connection, acquisitions: Sequence[str]) -> Mapping[str, list[Around]]:
    """The texts beside some hundred clips: their notes, what their acts and cases say."""
    row = links.c
    query = select(row.acquisition, row.act, row.case, acts.c.case.label("act_case")).join_from(
        links, acts, acts.c.act == row.act, isouter=True
    )
    linked = connection.execute(query.where(row.acquisition.in_(acquisitions))).all()
    cases = {one.case or one.act_case for one in linked} - {None}
    by_act = _texts(connection, (texts.PLACE, texts.REMARK), {one.act for one in linked} - {None})
    by_case = _texts(connection, (texts.NUMBER, texts.TITLE), cases)
    for case, some in _subjects(connection, cases).items():
        by_case.setdefault(case, []).extend(some)
    near = _texts(connection, (texts.NOTE,), acquisitions)
    for one in linked:
        told = near.setdefault(one.acquisition, [])
        told += [*by_act.get(one.act, ()), *by_case.get(one.case or one.act_case, ())]
    return near


def _subjects(connection: Connection, cases: Iterable[str]) -> dict[str, list[Around]]:
    row = case_parties.c
    pairs = connection.execute(select(row.case, row.party).where(row.case.in_(sorted(cases)))).all()
    names = _texts(connection, (texts.SUBJECT,), {party for _, party in pairs})
    found_ = dict[str, list[Around]]()
    for case, party in pairs:
        found_.setdefault(case, []).extend(names.get(party, ()))
    return found_


def _texts(connection: Connection, kinds: Iterable[str], items: Iterable[str]) -> dict[str, list[Around]]:
    found_, wanted = dict[str, list[Around]](), sorted(set(items))
    for kind in kinds:
        for item, text in texts.named(connection, kind, wanted).items():
            found_.setdefault(item, []).append(Around(kind=kind, text=text))
    return found_
