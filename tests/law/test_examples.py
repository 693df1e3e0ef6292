"""The worked examples of the policies, run through the engine's own rules: the two can't come apart unseen."""

from __future__ import annotations

import pytest

from ingestd.law.base import Base
from ingestd.law.engine import evaluate
from ingestd.law.facts import Determination, Recorder, WaitingFile
from ingestd.law.finding import Level
from ingestd.law.rules.filming import duties
from ingestd.model import Millis
from ingestd.policy.model import Filming
from tests.law.cases import POLICIES, T0, act, between, clip, rulebook

BOOKS = {key: rulebook(key, commissioned_at=0) for key in POLICIES}
EXAMPLES = [
    (key, rule.id, example)
    for key, book in BOOKS.items()
    for rule in book.policy.rules
    for example in rule.examples
    if example.judge == "filming" or (example.judge == "clock" and rule.id == "REC-1")
]


@pytest.mark.parametrize(
    ("key", "rule", "example"), [one for one in EXAMPLES if one[2].judge == "filming"], ids=str
)
def test_filming(key, rule, example) -> None:
    """Whether an act has to be filmed, and how, as the file's own example says."""
    facts = dict(example.facts)
    one = act(kind=facts["act"], premises=bool(facts.get("premises", False)))
    said = (
        [Determination(act=one.act, needed=bool(facts["determined"]), at=T0)] if "determined" in facts else []
    )
    base = Base([one, *said])
    found = [told for told in duties(base, one, BOOKS[key]) if told[0].rule.id == rule]
    got = "no-duty"
    if found:
        duty, level = found[0]
        by_filming = "whole" if duty.filming is Filming.WHOLE else "any"
        got = {Level.PROPOSAL: "proposal", Level.NOTICE: "notice"}.get(level, by_filming)
    assert got == example.expect


@pytest.mark.parametrize(
    ("key", "rule", "example"), [one for one in EXAMPLES if one[2].judge == "clock"], ids=str
)
def test_storing_in_time(key, rule, example) -> None:
    """REC-1 on a stored clip, or on one that waits on its recorder."""
    facts, book = dict(example.facts), BOOKS[key]
    ended = between(
        facts.get("from_earliest", facts.get("from")), facts.get("from_latest", facts.get("from"))
    )
    now = Millis(facts.get("now", facts.get("done")))
    waiting = Recorder(recorder="R1", waiting=(WaitingFile(path="p", ended=ended),))
    base = Base([clip(started=ended, ended=ended, stored_at=now) if "done" in facts else waiting])
    kinds = {found.kind for found in evaluate(base, book, now).values() if found.rule in (rule, "OWN-1")}
    words = {
        "clip-late": "late",
        "clip-time-unknown": "cannot-tell",
        "clip-overdue": "overdue",
        "clip-due-soon": "due-soon",
    }
    got = {words[kind] for kind in kinds} or {"on-time" if "done" in facts else "running"}
    assert got == {example.expect}
