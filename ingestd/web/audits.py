"""Random playback audits as their pages show them: draws, what waits for a judgement, who judged how much."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import Connection, or_

from ingestd.errors import NotFoundError, UsageError, VaultError
from ingestd.index import audits, law_queries, playing, report_facts
from ingestd.index.audits import DRAWN, Auditor, Draw, DrawnClip
from ingestd.index.authority import Bar
from ingestd.index.law_queries import Told
from ingestd.index.playing import Played
from ingestd.index.tables import STANDS, findings
from ingestd.index.tie_lists import Items
from ingestd.law import months
from ingestd.law.rules.audits import DAY_MS, RULE
from ingestd.model import Millis
from ingestd.people.separation import Deed
from ingestd.reports import lists
from ingestd.reports.document import Sheet
from ingestd.reports.period import period
from ingestd.telling import terms
from ingestd.telling.audit_sentences import STATES, state_of
from ingestd.telling.plain import shown, shown_lines
from ingestd.telling.signs import Sign
from ingestd.web.desk import Desk
from ingestd.web.tiles import Tile, clips_of, tiles, tiles_of
from ingestd.words import Text

AUDITORS = ("supervisor", "outside-supervisor")
SHOWN = 60
"""Draws on the page; a year has twelve of the whole station."""
WORK = 30
"""Clips that wait, on one page."""
ON_A_PAGE = 30
"""Clips of a draw."""
_YEAR_DAYS, _MONTHS = 365, 12
_NO_DATE = Text("请选择月份，或填写起止日期。", "choose a month, or give both dates.")
_ABOUT = ("audit", "month")
"""What findings of audits are about; the character after ":" bounds them, as the index reads them."""
FINDINGS = ("audit-overdue", "audit-unrevealed", "audit-unjudged")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A draw with how it stands."""

    draw: Draw
    state: str
    sign: Sign
    due_at: Millis | None
    """By when its next step has to be done; None: nothing is due."""
    is_late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A clip that waits for a judgement."""

    audit: str
    due_at: Millis | None
    tile: Tile | None
    """None: the person may not see it."""
    acquisition: str
    begin: int
    """Where the draw's page that has it begins."""
    barred: Bar | None
    """The rule that keeps this person from judging it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One drawn clip with what was said of it."""

    drawn: DrawnClip
    tile: Tile | None
    note: str | None
    barred: Bar | None
    played: Played | None
    """How much of it this person has played, by the log; None: it is not asked (OWN-23)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """A month in which recordings came in and that nobody drew from yet."""

    month: str
    due_at: Millis
    is_late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The page of all audits."""

    rows: tuple[Row, ...]
    waiting: Row | None
    """The draw whose nonce is still to be revealed."""
    work: tuple[Work, ...]
    missing: Missing | None
    late: tuple[Told, ...]
    """Findings that stand."""
    auditors: tuple[Auditor, ...]
    months: tuple[str, ...]
    """With a sheet, the newest first; from the first one nobody can draw yet."""


def overview(desk: Desk, connection: Connection) -> Overview:
    """Everything of the page of all audits."""
    rows = tuple(row(desk, one) for one in reversed(audits.draws(connection)[-SHOWN:]))
    offset = desk.watch.config.utc_offset_minutes
    this = months.month_of(desk.now, offset)
    return Overview(
        rows=rows,
        waiting=next((one for one in rows if one.draw.is_open(desk.now)), None),
        work=tuple(_work(desk, connection, rows)),
        missing=_missing(desk, connection, rows),
        late=tuple(
            law_queries.told_where(
                connection,
                STANDS,
                or_(*(findings.c.about.between(f"{one}:", f"{one};") for one in _ABOUT)),
                findings.c.kind.in_(FINDINGS),
                findings.c.state != "waived",
            )
        ),
        auditors=audits.auditors(connection, Millis(desk.now - _YEAR_DAYS * DAY_MS)),
        months=tuple(months.later(this, -by) for by in range(_MONTHS + 1)),
    )


def row(desk: Desk, draw: Draw) -> Row:
    """A draw with its state and what is due next."""
    state, due = state_of(draw, desk.now), None
    if draw.is_open(desk.now):
        due = draw.reveal_by_at
    elif state == DRAWN and draw.drawn_at is not None:
        due = _judged_by(desk, draw.drawn_at)
    return Row(
        draw=draw,
        state=state,
        sign=STATES[state],
        due_at=due,
        is_late=due is not None and desk.now > due,
    )


def _judged_by(desk: Desk, drawn_at: Millis) -> Millis | None:
    days = desk.watch.book.number(RULE, "judge_days")
    return None if days is None else Millis(drawn_at + days * DAY_MS)


def one(desk: Desk, connection: Connection, audit: str) -> Row:
    """A draw by its id. Raises NotFoundError."""
    found = audits.draw(connection, audit)
    if found is None:
        raise NotFoundError(Text("没有抽查 {a}。", "there is no audit {a}.").format(a=shown(audit)[:40]))
    return row(desk, found)


def clips(desk: Desk, connection: Connection, audit: str, begin: int) -> tuple[Judged, ...]:
    """A page of what was drawn, from a place in the order of the lots, as far as this person may see it."""
    drawn = audits.drawn_clips(connection, audit, begin, ON_A_PAGE)
    items = Items(connection, [f"clip:{one.acquisition}" for one in drawn])
    found = clips_of(connection, [one.acquisition for one in drawn])
    shown_ = {tile.acquisition: tile for tile in tiles_of(desk, connection, found)}
    is_asked = desk.watch.policy.find(playing.RULE) is not None
    played = playing.played_of_each(connection, desk.visitor.person, found) if is_asked else {}
    return tuple(
        Judged(
            drawn=one,
            tile=shown_.get(one.acquisition),
            note=_note(desk, one),
            barred=desk.against(connection, Deed.JUDGE, f"clip:{one.acquisition}", items),
            played=played.get(one.acquisition),
        )
        for one in drawn
    )


def _note(desk: Desk, clip: DrawnClip) -> str | None:
    digest = None if clip.judgement is None else clip.judgement.note_value
    if digest is None:
        return None
    try:
        found: Mapping[str, Any] | None = desk.watch.values.get(digest)
    except VaultError as error:
        return error.say(desk.lang)
    return None if found is None else shown_lines(" ".join(map(str, found.values())))


def _work(desk: Desk, connection: Connection, rows: Iterable[Row]) -> Iterator[Work]:
    """The oldest draw first: its time ends first."""
    waiting = [
        (one, clip)
        for one in sorted(rows, key=lambda one: one.draw.committed_seq)
        if one.state == DRAWN
        for clip in audits.drawn_clips(connection, one.draw.audit)
        if clip.judgement is None
    ][:WORK]
    seen = {
        tile.acquisition: tile for tile in tiles(desk, connection, [clip.acquisition for _, clip in waiting])
    }
    items = Items(connection, [f"clip:{clip.acquisition}" for _, clip in waiting])
    for found, clip in waiting:
        yield Work(
            audit=found.draw.audit,
            due_at=found.due_at,
            tile=seen.get(clip.acquisition),
            acquisition=clip.acquisition,
            begin=clip.place - clip.place % ON_A_PAGE,
            barred=desk.against(connection, Deed.JUDGE, f"clip:{clip.acquisition}", items),
        )


def _missing(desk: Desk, connection: Connection, rows: Iterable[Row]) -> Missing | None:
    """Last month, where nobody drew from all of it."""
    offset, days = desk.watch.config.utc_offset_minutes, desk.watch.book.number(RULE, "draw_days")
    month = months.later(months.month_of(desk.now, offset), -1)
    begin, end = (months.begin_of(one, offset) for one in (month, months.later(month, 1)))
    if days is None or end <= desk.watch.config.commissioned_at:
        return None
    if not any(audits.recorded(connection, [month], offset)):
        return None
    whole = (one.draw for one in rows if one.draw.drawn_at is not None and one.draw.unit is None)
    if any(draw.since_at <= begin and end <= draw.until_at for draw in whole):
        return None
    due = Millis(end + days * DAY_MS)
    return Missing(month=month, due_at=due, is_late=desk.now >= due)


def sheet(desk: Desk, connection: Connection, label: str) -> Sheet:
    """The results of a month's or year's audits (REC-15). Raises NotFoundError for no period."""
    found = period(label, desk.watch.config.utc_offset_minutes)
    if found is None:
        raise NotFoundError(
            Text("“{p}”不是月份或年份。", "{p} is no month and no year.").format(p=shown(label)[:20])
        )
    return lists.audits(report_facts.audits_of(connection, found), found)


def span(desk: Desk, month: str, since: str, until: str) -> tuple[Millis, Millis]:
    """The period of a draw: a month, else from one day up to before another. Raises UsageError."""
    offset = desk.watch.config.utc_offset_minutes
    try:
        if month:
            return months.begin_of(month, offset), months.begin_of(months.later(month, 1), offset)
        days = [date.fromisoformat(one) for one in (since, until)]
    except ValueError as error:
        raise UsageError(_NO_DATE) from error
    begin, end = (datetime.combine(day, time(), desk.zone).timestamp() for day in days)
    return Millis(round(begin * 1000)), Millis(round(end * 1000))


def finding_word(told: Told) -> Text:
    """What a finding says."""
    return terms.word(terms.FINDINGS, told.kind)
