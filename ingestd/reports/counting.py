"""From facts to what is counted: recordings, acts, findings, cases, decisions, reviews. PURE.

Our readings: a recording counts in the month in which it ended at the latest; a rate leaves out what cannot be
told, which is neither on time nor late; an act counts in the month of its beginning, a finding in that of its newest
opening. What is still on a recorder, and an act whose clips may still come in time, is open: its figures are
provisional.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ingestd.facts import Act, Case, Decision, Review, TextRecord
from ingestd.law.base import Base
from ingestd.law.coverage import Verdict as Covered
from ingestd.law.deadlines import Verdict, verdict
from ingestd.law.facts import Clip, Recorder, WaitingFile
from ingestd.law.finding import Level
from ingestd.law.rulebook import Rulebook
from ingestd.law.rules import filming, review
from ingestd.law.spans import length
from ingestd.model import Millis
from ingestd.policy.model import Filming
from ingestd.reports.period import Period
from ingestd.reports.tally import Item

_IN_TIME = {
    Verdict.ON_TIME: "on_time",
    Verdict.LATE: "late",
    Verdict.CANNOT_TELL: "untold",
    Verdict.BACKLOG: "backlog",
}
_ON_FILM = {
    Covered.WHOLE: "whole",
    Covered.GAPS: "gaps",
    Covered.NONE: "unfilmed",
    Covered.CANNOT_TELL: "film_untold",
    Covered.NOT_YET: "film_open",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A finding as it stands, with the recorder that it is about."""

    kind: str
    about: str
    rule: str | None
    layer: str | None
    level: str | None
    state: str
    opened_at: Millis
    is_closed: bool
    officers: tuple[str, ...]
    recorder: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """Something that went well or not, for comparing who does better: a docking, an act."""

    measure: str
    """late-docking, act-not-whole."""
    keys: tuple[tuple[str, str], ...]
    """Dimension and key of each to whom it counts."""
    failed: bool


@dataclass(slots=True)
class _Docking:
    keys: tuple[tuple[str, str], ...]
    is_late: bool = False


@dataclass(slots=True)
class Counting:
    """Counts the facts of one period. `base` holds the registers, and the clips of the period's acts."""

    base: Base
    book: Rulebook
    period: Period
    as_of: Millis
    """The time of the newest entry: what has not happened in the log has not happened."""
    trials: list[Trial] = field(default_factory=list)
    _dockings: dict[str, _Docking] = field(default_factory=dict)

    def items(
        self, clips: Iterable[Clip], recorders: Iterable[Recorder], findings: Iterable[Judged]
    ) -> Iterator[Item]:
        """Everything that counts. ``clips`` may be more than those of the period."""
        yield from filter(None, map(self._clip, clips))
        self.trials += [
            Trial(measure="late-docking", keys=one.keys, failed=one.is_late)
            for one in self._dockings.values()
        ]
        for recorder in recorders:
            yield from filter(None, (self._waiting(recorder, file) for file in recorder.waiting))
        yield from filter(None, map(self._act, self.base.acts.values()))
        yield from filter(None, map(self._finding, findings))
        yield from self._cases()

    # --- recordings ---------------------------------------------------------------------------

    def _clip(self, clip: Clip) -> Item | None:
        at = clip.stored_at if clip.ended.latest is None else clip.ended.latest
        if not self.period.has(at):
            return None
        figures = {"clips": 1, "clip_ms": _shortest(clip)}
        hours = self.book.number("REC-1", "hours")
        told = None
        if hours is not None:
            told = verdict(clip.ended, clip.stored_at, hours, commissioned_at=self.book.commissioned_at)
            figures[_IN_TIME[told]] = 1
        if clip.ended.earliest is None or self._month(clip.ended.earliest) != self._month(at):
            figures["month_unsure"] = 1
        act = None if clip.link is None or clip.link.act is None else self.base.acts.get(clip.link.act)
        if clip.link is None or (clip.link.act is None and clip.link.case is None):
            figures["unlinked"] = 1
        unit = self._unit_of(clip.officer) or (None if act is None else self._unit_of_case(act.case))
        self._docked(clip, unit, told, self._month(at))
        keys = {"unit": unit, "officer": clip.officer, "recorder": clip.recorder, "month": self._month(at)}
        return Item(figures=figures, keys=keys | ({} if act is None else {"act": self._kind(act)}))

    def _docked(self, clip: Clip, unit: str | None, told: Verdict | None, month: str) -> None:
        """What one docking brings is late together or not: it is one trial, by its first clip that can be told."""
        if told not in (Verdict.ON_TIME, Verdict.LATE):
            return
        known = (("unit", unit), ("officer", clip.officer), ("recorder", clip.recorder), ("month", month))
        keys = tuple((name, key) for name, key in known if key is not None)
        docking = self._dockings.setdefault(clip.session, _Docking(keys))
        docking.is_late |= told is Verdict.LATE

    def _waiting(self, recorder: Recorder, file: WaitingFile) -> Item | None:
        """A recording that was seen and is not stored, where it may be one of the period."""
        earliest, latest = file.ended.earliest, file.ended.latest
        if (earliest is not None and earliest >= self.period.end) or (
            latest is not None and latest < self.period.begin
        ):
            return None
        month = None if latest is None or not self.period.has(latest) else self._month(latest)
        unit = self._unit_of(recorder.officer)
        keys = {"unit": unit, "officer": recorder.officer, "recorder": recorder.recorder, "month": month}
        return Item(figures={"waiting": 1}, keys=keys)

    # --- acts ---------------------------------------------------------------------------------

    def _act(self, act: Act) -> Item | None:
        if act.started_at is None or not self.period.has(act.started_at):
            return None
        figures = {"acts": 1}
        clips = self.base.clips_of_act(act.act)
        figures |= {"acts_with_footage": 1} if clips else {}
        duties = filming.duties(self.base, act, self.book)
        wanted = {level for one, level in duties if one.filming is Filming.WHOLE}
        if Level.PROPOSAL in wanted:
            figures["proposed"] = 1
        unit, month = self._unit_of_act(act), self._month(act.started_at)
        if Level.VIOLATION in wanted and not self._is_before_commissioning(act):
            figures["due"] = 1
            figures |= self._on_film(act, clips)
            if figures.keys() & {"whole", "gaps", "unfilmed"}:
                known = (("unit", unit), ("month", month), *(("officer", one) for one in act.officers))
                keys = tuple((name, key) for name, key in known if key is not None)
                self.trials.append(Trial(measure="act-not-whole", keys=keys, failed="whole" not in figures))
        told = {"unit": unit, "act": self._kind(act), "month": month}
        return Item(figures=figures, keys=told, officers=act.officers)

    def _on_film(self, act: Act, clips: list[Clip]) -> dict[str, int]:
        if act.started_at is None or act.ended_at is None or act.ended_at < act.started_at:
            return {"film_open": 1}
        may_come = self.as_of <= act.ended_at + (self.book.store_ms or 0)
        told = filming.covered(act, clips, self.book, more_may_come=may_come)
        figures = {_ON_FILM[told.verdict]: 1}
        if told.verdict is not Covered.NOT_YET:
            figures |= {"due_ms": told.length, "covered_ms": length(told.covered)}
        return figures

    def _kind(self, act: Act) -> str | None:
        """The catalogue's key, however a file spells it: one kind is one row."""
        return self.book.kind(act.kind) or None

    def _is_before_commissioning(self, act: Act) -> bool:
        since = self.book.commissioned_at
        return since is not None and act.ended_at is not None and act.ended_at < since

    # --- findings -----------------------------------------------------------------------------

    def _finding(self, one: Judged) -> Item | None:
        if not self.period.has(one.opened_at):
            return None
        figures = {"findings": 1}
        if one.level is not None:
            figures[f"level_{one.level}"] = 1
        figures["ended" if one.is_closed else "waived" if one.state == "waived" else "standing"] = 1
        act, case = self._concerned(one.about)
        unit = self._unit_of_act(act) if act is not None else self._unit_of_case(case)
        sort, _, id_ = one.about.partition(":")
        for officer in one.officers:
            unit = unit or self._unit_of(officer)
        keys = {
            "unit": id_ if sort == "unit" else unit,
            "month": self._month(one.opened_at),
            "rule": one.rule,
        }
        keys |= {} if one.recorder is None else {"recorder": one.recorder}
        keys |= {} if act is None else {"act": self._kind(act)}
        return Item(figures=figures, keys=keys, officers=one.officers)

    def _concerned(self, about: str) -> tuple[Act | None, str | None]:
        """The act, or the case, that a subject belongs to."""
        sort, _, id_ = about.partition(":")
        base = self.base
        row: TextRecord | Decision | None = None
        match sort:
            case "act":
                return base.acts.get(id_.partition("/")[0]), None
            case "case":
                return None, id_
            case "text-record":
                row = base.records.get(id_)
            case "decision":
                row = base.decisions.get(id_)
            case _:
                pass
        return None, None if row is None else row.case

    # --- cases --------------------------------------------------------------------------------

    def _cases(self) -> Iterator[Item]:
        base = self.base
        for case in base.cases.values():
            yield from self._dated(case, opened=case.opened_at, decided=self._decided_at(case))
            yield from self._dated(case, concluded=case.concluded_at)
        for decision in base.decisions.values():
            case = base.cases.get(decision.case or "") or Case(case=decision.case or "")
            yield from self._dated(case, decisions=decision.at, published=decision.public_at)
            yield from self._dated(case, revoked=decision.revoked_at, withdrawn=decision.withdrawn_at)
        for one in base.reviews.values():
            yield from self._review(one)

    def _decided_at(self, case: Case) -> Millis | None:
        moments = [one.at for one in self.base.decisions_of(case.case) if one.at is not None]
        moments += [] if case.decided_at is None else [case.decided_at]
        return min(moments, default=None)

    def _dated(self, case: Case, **moments: Millis | None) -> Iterator[Item]:
        """What happened to a case in the period, each by its own moment."""
        for name, at in moments.items():
            if at is None or not self.period.has(at):
                continue
            figures = {name: 1}
            if name == "decided" and review.major(self.base, case, self.book):
                figures["major"] = 1
                missing = review.barring(self.base, case.case, self.book, at)
                figures |= {"major_barred": 1} if missing else {}
            if name == "concluded" and case.random_inspection:
                figures["inspections"] = 1
            keys = {"unit": case.unit, "month": self._month(at), "case-kind": case.kind}
            yield Item(figures=figures, keys=keys)

    def _review(self, one: Review) -> Iterator[Item]:
        case = self.base.cases.get(one.case or "") or Case(case=one.case or "")
        yield from self._dated(case, reviews=one.submitted_at)
        if one.opinion is not None:
            yield from self._dated(case, **{f"opinion_{one.opinion}": one.opinion_at})

    # --- whose it is --------------------------------------------------------------------------

    def _unit_of(self, officer: str | None) -> str | None:
        """As the register has it now: where somebody was before is not kept apart."""
        known = None if officer is None else self.base.officers.get(officer)
        return None if known is None else known.unit

    def _unit_of_case(self, case: str | None) -> str | None:
        known = None if case is None else self.base.cases.get(case)
        return None if known is None else known.unit

    def _unit_of_act(self, act: Act) -> str | None:
        found = self._unit_of_case(act.case)
        for officer in act.officers:
            found = found or self._unit_of(officer)
        return found

    def _month(self, at: Millis) -> str:
        return self.period.month_of(at)


def _shortest(clip: Clip) -> int:
    """How long a recording is at least, milliseconds; both its ends are off by one clock."""
    pairs = ((clip.started.earliest, clip.ended.earliest), (clip.started.latest, clip.ended.latest))
    return max(
        0, min((end - begin for begin, end in pairs if begin is not None and end is not None), default=0)
    )
