"""A policy made ready for judging: what it is asked in the words of registers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ingestd.facts import Act, TextRecord
from ingestd.law.base import Base
from ingestd.law.engine import evaluate
from ingestd.law.facts import Fact
from ingestd.law.finding import Finding
from ingestd.law.rulebook import Rulebook
from ingestd.model import Millis
from ingestd.policy import catalog
from ingestd.policy.model import AGENCY
from tests.law.cases import DAY, POLICIES, T0, WORLD, act, rulebook


@pytest.mark.parametrize("key", POLICIES)
def test_a_platform_may_call_an_act_by_its_name(key: str) -> None:
    """Kinds of acts by key or by the catalogue's name in either language: the same findings."""
    book = rulebook(key)
    names = {one.key: one.name for one in book.policy.acts}

    def found(kinds: dict[str | None, str]) -> set[tuple[str, str]]:
        world = [replace(one, kind=kinds.get(one.kind)) if isinstance(one, Act) else one for one in WORLD]
        return {(one.kind, one.about) for one in evaluate(Base(world), book, T0 + 40 * DAY).values()}

    as_key = found({one: one for one in names})
    assert found({one: name.zh for one, name in names.items()}) == as_key
    assert found({one: name.en for one, name in names.items()}) == as_key
    for word in range(max(len(one.also) for one in book.policy.acts)):
        assert (
            found({one.key: [*one.also, one.key][min(word, len(one.also))] for one in book.policy.acts})
            == as_key
        )
    assert found({}) != as_key


BY = 'by = "法制科"\nreason = "实践中争议多"\n'


@pytest.mark.parametrize(
    ("key", "rule", "added", "fact", "texts"),
    [
        ("tongling-jiaoqu", "REC-6", 'acts = ["sampling"]', act(kind="sampling"), act(kind="hearing")),
        ("wujin-yingji", "REC-5a", 'acts = ["service"]', act(kind="service"), act(kind="hearing")),
        (
            "tongling-jiaoqu",
            "REC-6",
            'acts = ["service"]',
            act(kind="service", result="mailed"),
            act(kind="service", result="left"),
        ),
        (
            "lingchuan-gongxin",
            "REC-10",
            'list = "records"\nitems = ["抽样笔录"]',
            TextRecord(record="t1", case="k1", kind="抽样笔录", signed="no"),
            TextRecord(record="t1", case="k1", kind="询问笔录", signed="no"),
        ),
    ],
)
def test_a_finding_says_who_lists_it(key: str, rule: str, added: str, fact: Fact, texts: Fact) -> None:
    """What the agency added to an open list is told as the agency's, with who and why; the text's as the text's."""
    own = f'[[extend]]\nrule = "{rule}"\n{added}\n{BY}'
    book = Rulebook(catalog.load(key, own.encode()), commissioned_at=Millis(0))

    def found(one: Fact) -> Finding:
        told = evaluate(Base([one]), book, Millis(T0 + 2 * DAY)).values()
        return next(finding for finding in told if finding.rule == rule)

    mine, theirs = found(fact), found(texts)
    assert (mine.layer, mine.section) == (AGENCY, "own")
    assert "法制科：实践中争议多" in mine.text().zh
    facts = dict(mine.facts)
    assert (facts["added_by"], facts["added_reason"]) == ("法制科", "实践中争议多")
    assert facts.get("why", "added") == "added"
    assert (theirs.layer, theirs.section) == (key, book.policy.rule(rule).section)
    assert not {"added_by", "added_reason"} & dict(theirs.facts).keys()
    assert mine.level == theirs.level


@pytest.mark.parametrize("key", POLICIES)
def test_words_of_the_field_mean_one_kind_of_act(key: str) -> None:
    """What texts and platforms say for an act of the catalogue is known; what means two of them is not."""
    book = rulebook(key)
    words = [word for one in book.policy.acts for word in set(one.called)]
    assert len(set(words)) == len(words)
    assert {one: book.kind(one) for one in ("扣押", "送达", "举行听证", "监督检查", "采取强制措施")} == {
        "扣押": "impounding",
        "送达": "service",
        "举行听证": "hearing",
        "监督检查": "inspection",
        "采取强制措施": "coercive-measure",
    }
    assert not any(book.has_kind(one) for one in ("留置和公告送达", "采取强制措施和强制执行", "喝茶"))
