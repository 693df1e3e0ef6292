"""Legal review as its pages show it: which cases wait, the rounds of one, whether it may be decided."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from ingestd.errors import NotFoundError
from ingestd.facts import Case, Review
from ingestd.index import registers, review_queries
from ingestd.index.authority import Bar
from ingestd.index.review_queries import Waiting
from ingestd.law.base import Base
from ingestd.law.rules import review
from ingestd.law.workdays import Due
from ingestd.model import Millis
from ingestd.people.separation import Deed
from ingestd.registers import words
from ingestd.telling import case_story
from ingestd.telling.plain import shown
from ingestd.telling.register_sentences import word
from ingestd.telling.register_views import Reader
from ingestd.telling.signs import Sign, made
from ingestd.web import sufficiency
from ingestd.web.desk import Desk
from ingestd.web.sight import Sight
from ingestd.web.sufficiency import Sufficiency
from ingestd.words import Text

SHOWN = 100
GIVEN = 20
_DAY_MS = 86_400_000
_WAITS = made("◔", "yellow", "待审核", "waits for its opinion")
_LATE = made("✖", "red", "逾期未审", "overdue")
_NEW = made("○", "default", "待送审", "to be submitted")
_AGAIN = Text("{said}，待再送审", "{said}: to be submitted again")
_GIVEN = {
    "agree": made("✔", "green", "同意", "agree"),
    "correct": made("◐", "yellow", "纠正", "correct"),
    "transfer": made("→", "blue", "移送", "transfer"),
}
"""Whose word is the jurisdiction's own where it has one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A case of the list."""

    case: str
    title: str
    kind: Text
    unit: str | None
    round: int | None
    submitted_at: Millis | None
    due: Due | None
    opinion_at: Millis | None
    reviewer: str | None
    sign: Sign


@dataclass(frozen=True, slots=True, kw_only=True)
class Lists:
    """The page of all reviews."""

    in_review: tuple[Row, ...]
    to_submit: tuple[Row, ...]
    given: tuple[Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One round with its opinion in words."""

    review: Review
    due: Due | None
    sign: Sign
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseReview:
    """The page of one case."""

    case: Case
    title: str
    kind: Text
    unit: str | None
    rounds: tuple[Round, ...]
    open: Round | None
    gate: Text
    is_barred: bool
    """Whether its decision may not be taken now."""
    table: Sufficiency
    opinions: tuple[tuple[str, Text], ...]
    """Those that the jurisdiction has (REV-4)."""
    bar: Bar | None
    """The rule that keeps this person from an opinion on it."""


def lists(desk: Desk, connection: Connection) -> Lists:
    """What waits, by when it is due, and what had an opinion last; of the units that the person sees."""
    units = Sight(desk, connection).units
    maker = _Maker(desk, connection)
    waiting = maker.rows(review_queries.in_review(connection, units, SHOWN))
    return Lists(
        in_review=tuple(sorted(waiting, key=lambda row: (row.due.at if row.due else desk.now, row.case))),
        to_submit=tuple(maker.rows(review_queries.to_submit(connection, units, SHOWN))),
        given=tuple(maker.rows(review_queries.given(connection, units, GIVEN))),
    )


def one(desk: Desk, connection: Connection, case_id: str) -> CaseReview:
    """The review of one case. Raises NotFoundError, or RemoteError where the person may not see it."""
    desk.require_sight(connection, f"case:{case_id}")
    case = registers.case(connection, case_id)
    if case is None:
        raise NotFoundError(Text("没有案件 {c}。", "there is no case {c}.").format(c=shown(case_id)[:80]))
    maker, book = _Maker(desk, connection), desk.watch.book
    keys = [one.review for one in registers.reviews_of(connection, case_id)]
    rounds = tuple(map(maker.round, (registers.stated(connection, "review", keys)[key].row for key in keys)))
    acts = registers.acts_of(connection, case_id)
    base = Base([case, *acts, *(one.review for one in rounds)])
    is_major = review.major(base, case, book)
    barred = review.barring(base, case_id, book, desk.now) if is_major else ()
    return CaseReview(
        case=case,
        title=maker.title(case),
        kind=word(words.CASE_KINDS, case.kind),
        unit=maker.unit(case.unit),
        rounds=rounds,
        open=next((one for one in rounds if one.review.opinion is None), None),
        gate=case_story.gate(case, is_major, barred),
        is_barred=case.decided_at is None and (is_major is None or bool(barred)),
        table=sufficiency.read(desk, connection, case),
        opinions=tuple(review.opinions(book).items()),
        bar=desk.against(connection, Deed.OPINION, f"case:{case_id}"),
    )


class _Maker:
    """Words around cases."""

    def __init__(self, desk: Desk, connection: Connection) -> None:
        self._desk, self._connection = desk, connection
        self._reader = Reader(desk.watch.values, zone=desk.zone, lang=desk.lang)
        self._opinions = review.opinions(desk.watch.book)

    def title(self, case: Case) -> str:
        """What the case is called."""
        return shown(self._reader.parts(case.title_value).get("title", ""))

    def unit(self, unit: str | None) -> str | None:
        """A unit's name, else its id."""
        found = None if unit is None else registers.one(self._connection, "unit", unit)
        return unit if found is None or found.row.name is None else str(found.row.name)

    def rows(self, found: Iterable[Waiting]) -> list[Row]:
        """A row a case."""
        return [self._row(one) for one in found]

    def _row(self, waiting: Waiting) -> Row:
        case, newest = waiting.case, waiting.round
        due = None if newest is None else review.limit(newest, self._desk.watch.book)
        sign = self._sign(newest, due)
        if case.decided_at is None and newest is not None and newest.opinion == "correct":
            sign = replace(sign, word=_AGAIN.format(said=sign.word))
        return Row(
            case=case.case,
            title=self.title(case),
            kind=word(words.CASE_KINDS, case.kind),
            unit=self.unit(case.unit),
            round=None if newest is None else newest.round,
            submitted_at=None if newest is None else newest.submitted_at,
            due=due,
            opinion_at=None if newest is None else newest.opinion_at,
            reviewer=None if newest is None else newest.reviewer,
            sign=sign,
        )

    def round(self, one: Review) -> Round:
        """One round of a case."""
        due = review.limit(one, self._desk.watch.book)
        reason = self._reader.lines(one.reason_value) if one.reason_value is not None else None
        return Round(review=one, due=due, sign=self._sign(one, due), reason=reason)

    def _sign(self, one: Review | None, due: Due | None) -> Sign:
        if one is None:
            return _NEW
        if one.opinion is not None:
            sign = _GIVEN.get(one.opinion, made("?", "default", one.opinion, one.opinion))
            return replace(sign, word=self._opinions.get(one.opinion, sign.word))
        return _LATE if due is not None and self._desk.now >= due.at else _WAITS
