"""Every event reads as one sentence in both languages, whatever a card put into it."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given, settings

from ingestd.events import EVENTS, ActStated, ClipReleased, DecisionStated, Event, OfficerStated
from ingestd.model import Millis
from ingestd.telling.sentences import sentence
from tests.event_samples import ANY_EVENT, events_of, quarantined, secured


@pytest.mark.parametrize("cls", EVENTS.values(), ids=EVENTS.keys())
def test_every_event_type_has_a_sentence(cls: type[Event]) -> None:
    """A new event type can't be forgotten."""

    @settings(max_examples=25)
    @given(events_of(cls))
    def check(event: Event) -> None:
        text = sentence(event, actor="daemon")
        assert text.zh.endswith("。")
        assert text.en.endswith(".")

    check()


@given(ANY_EVENT)
def test_no_text_of_a_card_reaches_the_terminal_raw(event: Event) -> None:
    """No control, no direction change, no line end: what is printed is what is there."""
    for line in (sentence(event, actor="\x1b[2J").zh, sentence(event, actor="li").en):
        assert not {unicodedata.category(char) for char in line} & {"Cc", "Cf", "Zl", "Zp"}


def test_sentences_say_what_matters() -> None:
    """Examples as people read them."""
    clip = secured(0, size=8_400_000_000, duplicate_of="x")
    assert sentence(clip, actor="daemon").en == (
        "DCIM/0000.MP4 (8.4 GB) was read, read back equal, signed and secured; "
        "an earlier acquisition has the same bytes."
    )
    bad = quarantined(0, partial=True, fault="pulled")
    assert sentence(bad, actor="daemon").zh == "DCIM/0000.MP4 隔离入库：读取时被拔出，只有开头部分。"
    gone = ClipReleased(acquisition="a", session="s", observed=False)
    assert sentence(gone, actor="li").zh == "li：已从记录仪清除。"


def test_a_day_is_told_as_a_day() -> None:
    """Midnight of a register is the day that was told, as an end the day before; of an act it is a time."""
    china = timezone(timedelta(hours=8))
    midnight = Millis(int(datetime(2026, 1, 4, tzinfo=china).timestamp()) * 1000)
    officer = OfficerStated(officer="104233", valid_until=midnight)
    assert sentence(officer, actor="daemon", zone=china).zh.endswith("，证件有效至 2026-01-03。")
    decision = DecisionStated(decision="d1", at=midnight, public_at=Millis(midnight + 1000))
    told = "made 2026-01-04, published 2026-01-04 00:00:01 UTC+8."
    assert sentence(decision, actor="daemon", zone=china).en.endswith(told)
    act = ActStated(act="a1", started_at=midnight)
    assert sentence(act, actor="daemon", zone=china).en.endswith("from 2026-01-04 00:00:00 UTC+8.")


def test_an_unknown_word_is_shown_as_it_is() -> None:
    """A newer log stays readable."""
    assert "solar-flare" in sentence(quarantined(0, fault="solar-flare"), actor="daemon").en
