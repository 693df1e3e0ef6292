"""The clocks of a case as small dials: what they count, from when to when, by which rule, and how they stand.

The dates are the law's own (`ingestd.law.rules`): what a finding would be judged by is what a dial shows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo

from ingestd.facts import Decision
from ingestd.law.deadlines import HOUR_MS, Verdict, verdict
from ingestd.law.rulebook import Rulebook
from ingestd.law.rules import disclosure, documents, review
from ingestd.law.workdays import Due
from ingestd.model import Millis
from ingestd.telling.case_story import Story
from ingestd.telling.plain import day_text, span_text, stamp_text
from ingestd.telling.signs import CANNOT_TELL, DEADLINES, Sign, made
from ingestd.words import Text

RUNNING = made("◔", "blue", "计时中", "running")
SOON = made("◔", "yellow", "即将到期", "due soon")
OVER = made("✖", "red", "已超期", "overdue")
DONE = made("●", "green", "按时", "on time")
LATE = made("✖", "red", "逾期完成", "done late")
IDLE = made("○", "default", "未起算", "not begun")
_SOON_SHARE = 0.8
"""From this share of its time on a clock is due soon."""
_ROUND = 100.0
"""The whole dial."""
_WORKDAY_CLOCK = Text("工作日", "working days")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dial:
    """One clock."""

    name: Text
    rule: str
    source: Text
    """Where the rule stands."""
    length: Text
    """``24 小时``, ``7 个工作日``."""
    sign: Sign
    share: float
    """Of its time that is over, percent; 100: all."""
    face: Text
    """What stands in its middle: days left, or nothing more."""
    told: Text
    """From when to when, in a sentence."""
    is_provisional: bool
    """Days off are not published yet: it may move."""


def dials(
    story: Story, book: Rulebook, *, now: Millis, zone: tzinfo, formed: Mapping[str, Millis]
) -> tuple[Dial, ...]:
    """The clocks of a case that its rules know. ``formed``: when its file was formed, where it was."""
    maker = _Maker(story, book, now, zone)
    return (
        *maker.stored(),
        *maker.filed(formed.get(story.case.case)),
        *(dial for one in story.decisions for dial in maker.public(one)),
        *maker.reviewed(),
    )


class _Maker:
    def __init__(self, story: Story, book: Rulebook, now: Millis, zone: tzinfo) -> None:
        self._story, self._book, self._now, self._zone = story, book, now, zone

    def stored(self) -> Iterator[Dial]:
        """REC-1: the newest act's footage; until its time is over more may come."""
        hours, ended = self._book.number("REC-1", "hours"), [act.ended_at for act in self._story.acts]
        last = max((at for at in ended if at is not None), default=None)
        if hours is None:
            return
        name, length = Text("录像入库", "footage in"), Text(f"{hours} 小时", f"{hours} h")
        verdicts = self._verdicts(hours)
        late, untold = verdicts.count(Verdict.LATE), verdicts.count(Verdict.CANNOT_TELL)
        if last is not None and self._now < last + hours * HOUR_MS:
            due = Millis(last + hours * HOUR_MS)
            yield self._running("REC-1", name, length, since=last, until=due)
        elif not verdicts:
            nothing = Text("本案没有录像", "the case has no footage")
            yield self._dial("REC-1", name, length, sign=IDLE, share=0.0, face=Text("—", "—"), told=nothing)
        else:
            word = Verdict.LATE if late else Verdict.CANNOT_TELL if untold else Verdict.ON_TIME
            told = Text(
                f"{len(verdicts)} 段，超时 {late}，不能确定 {untold}",
                f"{len(verdicts)} clips, {late} late, {untold} cannot be told",
            )
            face = Text(str(late or untold or "✓"), str(late or untold or "✓"))
            yield self._dial("REC-1", name, length, sign=DEADLINES[word], share=_ROUND, face=face, told=told)

    def _verdicts(self, hours: int) -> Sequence[Verdict]:
        commissioned_at = self._book.commissioned_at
        shots = (shot.clip for one in self._story.footage for shot in one.shots)
        judged = (
            verdict(clip.ended, clip.stored_at, hours, commissioned_at=commissioned_at)
            for clip in shots
            if clip.kind.is_recording
        )
        return [one for one in judged if one is not Verdict.BACKLOG]

    def filed(self, formed: Millis | None) -> Iterator[Dial]:
        """REC-11: the case file."""
        days, case = self._book.number("REC-11", "days"), self._story.case
        if days is None:
            return
        name, length = Text("案卷归档", "case file"), Text(f"{days} 日", f"{days} days")
        due = documents.file_due(case, self._book)
        if due is None or case.concluded_at is None:
            told = Text("案件未终结", "the case is not concluded")
            yield self._dial("REC-11", name, length, sign=IDLE, share=0.0, face=Text("—", "—"), told=told)
        else:
            yield self._by_day("REC-11", name, length, case.concluded_at, due, done=formed)

    def public(self, one: Decision) -> Iterator[Dial]:
        """DIS-1 and DIS-2 of a decision."""
        days = disclosure.days_to_publish(one, self._story.case, self._book)
        if days is not None and one.at is not None and (one.public_at is not None or one.revoked_at is None):
            name, length = Text("决定公示", "decision public"), _workdays(days)
            due = self._book.workdays.in_workdays(one.at, days)
            yield self._by_day("DIS-1", name, length, one.at, due, done=one.public_at)
        days = self._book.number("DIS-2", "working_days")
        if days is not None and one.revoked_at is not None and one.public_at is not None:
            since = Millis(max(one.revoked_at, one.public_at))
            due = self._book.workdays.in_workdays(since, days)
            yield self._by_day(
                "DIS-2", Text("撤下公示", "withdrawn"), _workdays(days), since, due, done=one.withdrawn_at
            )

    def reviewed(self) -> Iterator[Dial]:
        """OWN-20: the newest round of review."""
        if not self._story.reviews or self._book.find("OWN-20") is None:
            return
        newest = self._story.reviews[-1]
        due = review.limit(newest, self._book)
        if due is None or newest.submitted_at is None:
            return
        days = self._book.number("OWN-20", "working_days") or 0
        length = _workdays(days) if newest.due_at is None else Text("所定期限", "the limit set")
        yield self._by_day(
            "OWN-20",
            Text("法制审核", "legal review"),
            length,
            newest.submitted_at,
            due,
            done=newest.opinion_at,
        )

    # --- one dial -----------------------------------------------------------------------------

    def _by_day(
        self, rule: str, name: Text, length: Text, since: Millis, due: Due, *, done: Millis | None
    ) -> Dial:
        if done is None:
            return self._running(
                rule,
                name,
                length,
                since=since,
                until=due.at,
                day=f"{due.day}",
                is_provisional=due.provisional,
            )
        on = day_text(done, self._zone)
        is_late = done >= due.at
        return self._dial(
            rule,
            name,
            length,
            sign=(CANNOT_TELL if due.provisional else LATE) if is_late else DONE,
            share=_ROUND,
            face=Text("✕", "✕") if is_late else Text("✓", "✓"),
            told=Text(f"{on} 完成，期限 {due.day}", f"done {on}, due {due.day}"),
            is_provisional=due.provisional,
        )

    def _running(
        self,
        rule: str,
        name: Text,
        length: Text,
        *,
        since: Millis,
        until: Millis,
        day: str | None = None,
        is_provisional: bool = False,
    ) -> Dial:
        left = until - self._now
        share = min(1.0, max(0.0, (self._now - since) / max(1, until - since)))
        when = day or stamp_text(until, self._zone)
        if left > 0:
            sign = SOON if share >= _SOON_SHARE else RUNNING
            told = Text(
                f"还剩 {span_text(left, 'zh')}，至 {when}", f"{span_text(left, 'en')} left, until {when}"
            )
        else:
            sign = CANNOT_TELL if is_provisional else OVER
            told = Text(
                f"已超 {span_text(left, 'zh')}，期限 {when}",
                f"overdue by {span_text(left, 'en')}, due {when}",
            )
        return self._dial(
            rule,
            name,
            length,
            sign=sign,
            share=share * _ROUND,
            face=_face(left),
            told=told,
            is_provisional=is_provisional,
        )

    def _dial(
        self,
        rule: str,
        name: Text,
        length: Text,
        *,
        sign: Sign,
        share: float,
        face: Text,
        told: Text,
        is_provisional: bool = False,
    ) -> Dial:
        known = self._book.find(rule)
        return Dial(
            name=name,
            rule=rule,
            source=Text("", "") if known is None else known.source(),
            length=length,
            sign=sign,
            share=round(share, 1),
            face=face,
            told=told,
            is_provisional=is_provisional,
        )


def _workdays(days: int) -> Text:
    return Text(f"{days} 个{_WORKDAY_CLOCK.zh}", f"{days} {_WORKDAY_CLOCK.en}")


def _face(left: int) -> Text:
    """Hours or days to go, or by how many it is over."""
    hours = abs(left) // HOUR_MS
    mark = "" if left > 0 else "+"
    if hours < 48:  # noqa: PLR2004 - two days: people count hours before, days after
        return Text(f"{mark}{hours} 时", f"{mark}{hours} h")
    return Text(f"{mark}{hours // 24} 天", f"{mark}{hours // 24} d")
