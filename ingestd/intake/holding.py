"""Who had a recorder when, by what was said of its assignment. PURE.

A statement says for an interval whose the recorder is: permanently, for a shift, or ad hoc. Ad hoc goes before
a shift, a shift before permanent: who holds it for a day takes it over from whom it belongs to. Within one kind
a later statement replaces an earlier one for what lay ahead when it was said. Two statements of one kind that
were made of the same past and name different people contradict each other: then it cannot be told who had it,
and nobody is chosen. *Nobody's* ends everything that was said before.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ingestd.model import Interval, Millis

PERMANENT, SHIFT, AD_HOC = "permanent", "shift", "ad-hoc"
MODES = (PERMANENT, SHIFT, AD_HOC)
_STRONGEST_FIRST = (AD_HOC, SHIFT, PERMANENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One assignment, as it was said."""

    said_at: Millis
    officer: str | None
    """None: nobody's."""
    mode: str
    since_at: Millis
    until_at: Millis | None
    """Up to before; None: open."""

    def covers(self, at: Millis) -> bool:
        """Whether it speaks of a moment."""
        return self.since_at <= at and (self.until_at is None or at < self.until_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who had the recorder."""

    officer: str | None = None
    """None: nobody, or it cannot be told."""
    mode: str | None = None
    is_clear: bool = True
    """False: it cannot be told, by what was said."""


NOBODY = Holder()
CANNOT_TELL = Holder(is_clear=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Time in which one and the same person had it, up to the next stretch."""

    since_at: Millis | None
    """None: as long as can be thought back."""
    holder: Holder


def holder_at(said: Sequence[Statement], at: Millis) -> Holder:
    """Who had it at a moment; ``said`` in the order of the log."""
    taken_back = max(
        (n for n, one in enumerate(said) if one.officer is None and one.covers(at) and _ahead(one, at)),
        default=-1,
    )
    speaking = [one for one in said[taken_back + 1 :] if one.covers(at)]
    for mode in _STRONGEST_FIRST:
        of_kind = [one for one in speaking if one.mode == mode]
        if of_kind:
            return _of_kind(of_kind, at)
    return NOBODY


def _ahead(statement: Statement, at: Millis) -> bool:
    """Whether it was said before the moment that it speaks of (or just then)."""
    return statement.said_at <= at


def _of_kind(said: Sequence[Statement], at: Millis) -> Holder:
    """The last that was said ahead of the moment, unless something said afterwards contradicts it."""
    ahead = [one for one in said if _ahead(one, at)][-1:]
    officers = {one.officer for one in (*ahead, *(one for one in said if not _ahead(one, at)))}
    if len(officers) > 1:
        return CANNOT_TELL
    (officer,) = officers
    return NOBODY if officer is None else Holder(officer=officer, mode=said[-1].mode)


def stretches(said: Sequence[Statement], *, since: Millis | None = None) -> tuple[Stretch, ...]:
    """The whole history, or from a moment on, as stretches in the order of time; the last one is open."""
    turns = {one.since_at for one in said} | {one.until_at for one in said if one.until_at is not None}
    turns |= {one.said_at for one in said}
    found = [Stretch(since_at=since, holder=NOBODY if since is None else holder_at(said, since))]
    for at in sorted(turns):
        if since is not None and at <= since:
            continue
        holder = holder_at(said, at)
        if holder != found[-1].holder:
            found.append(Stretch(since_at=at, holder=holder))
    return tuple(found)


def holder_in(history: Sequence[Stretch], when: Interval) -> Holder:
    """Who had it in the whole of an interval; an unknown bound spans all the time on its side.

    Not clear where more than one person may have had it, or one of them and nobody: nobody is chosen.
    """
    low, high = when.earliest, when.latest
    if low is not None and history[0].since_at is not None and low < history[0].since_at:
        return CANNOT_TELL
    if low is None and history[0].since_at is not None:
        return CANNOT_TELL
    holders = [stretch.holder for stretch in within(history, low, high)]
    is_one = len({holder.officer for holder in holders}) == 1 and all(holder.is_clear for holder in holders)
    return holders[-1] if is_one else CANNOT_TELL


def span_of(started: Interval, ended: Interval) -> Interval:
    """The time of a recording that decides whose it is: from its start to as far as it certainly went.

    How long it may have run on beyond that (a clip without a readable length) makes nobody else its maker.
    """
    latest = started.latest
    if latest is not None and ended.earliest is not None:
        latest = max(latest, ended.earliest)
    return Interval(earliest=started.earliest, latest=latest, basis=started.basis)


def within(history: Sequence[Stretch], low: Millis | None, high: Millis | None) -> Iterable[Stretch]:
    """The stretches that an interval touches."""
    for stretch, following in zip(history, [*history[1:], None], strict=True):
        ends = None if following is None else following.since_at
        is_over = low is not None and ends is not None and ends <= low
        is_later = high is not None and stretch.since_at is not None and stretch.since_at > high
        if not is_over and not is_later:
            yield stretch


def officers_of(history: Iterable[Stretch]) -> frozenset[str]:
    """Everybody who had it."""
    return frozenset(stretch.holder.officer for stretch in history if stretch.holder.officer is not None)
