"""A policy made ready for judging: what it is asked in the words of registers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ingestd.facts import Act
from ingestd.law.base import Base
from ingestd.law.engine import evaluate
from tests.law.cases import DAY, POLICIES, T0, WORLD, rulebook


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
