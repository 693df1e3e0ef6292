"""What a proposal makes of what the log tells of a clip: the events between the two. PURE."""

from __future__ import annotations

from collections.abc import Iterator

from ingestd.events import ClipLinked, ClipQueued, ClipUnlinked, Event, LinkCandidate, LinkReason
from ingestd.index.link_queries import MACHINE, PERSON, Told
from ingestd.linking.facts import Candidate, Proposal, Reason

SHOWN = 3
"""Candidates told of a clip that waits for a choice."""


def news(proposal: Proposal, told: Told) -> Iterator[Event]:
    """Nothing against a person's word; nothing again that is told; a wrong link taken back before the right one."""
    if told.by == PERSON:
        return
    winner = next((one for one in proposal.candidates if one.act == proposal.winner), None)
    is_linked = told.by == MACHINE
    if winner is not None and is_linked and told.act == winner.act:
        return
    if is_linked:
        yield ClipUnlinked(
            acquisition=proposal.acquisition, act=told.act, case=told.case, by=MACHINE, reason_value=None
        )
    if winner is not None:
        yield _linked(proposal, winner)
        return
    if proposal.decided:
        return  # of an earlier read of the same file: a person said that it belongs to none
    candidates = tuple(_candidate(one) for one in proposal.candidates[:SHOWN] if one.act is not None)
    if tuple(one.act for one in candidates) != told.queued:
        why = proposal.why
        yield ClipQueued(acquisition=proposal.acquisition, zh=why.zh, en=why.en, candidates=candidates)


def _linked(proposal: Proposal, winner: Candidate) -> ClipLinked:
    others = [one.score for one in (proposal.none, *proposal.candidates) if one.act != winner.act]
    return ClipLinked(
        acquisition=proposal.acquisition,
        act=winner.act,
        case=winner.case or None,
        by=MACHINE,
        score=_thousandths(winner.score),
        reasons=_reasons(winner),
        margin=_thousandths(winner.score - max(others)),
    )


def _candidate(one: Candidate) -> LinkCandidate:
    return LinkCandidate(
        act=str(one.act), case=one.case or None, score=_thousandths(one.score), reasons=_reasons(one)
    )


def _reasons(one: Candidate) -> tuple[LinkReason, ...]:
    """The heaviest first."""
    heaviest = sorted(one.reasons, key=lambda reason: -abs(reason.weight))
    return tuple(_reason(reason) for reason in heaviest)


def _reason(one: Reason) -> LinkReason:
    return LinkReason(what=one.what, weight=_thousandths(one.weight), zh=one.text.zh, en=one.text.en)


def _thousandths(value: float) -> int:
    return round(value * 1000)
