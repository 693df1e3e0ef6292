"""Paper, narrow screens and enlarged text lose nothing of a page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

import pytest
from playwright.sync_api import Page

from tests.web.office import ADMINISTRATOR, REVIEWER, SUPERVISOR

TABLET, ENLARGED = (768, 1024), (683, 384)
"""Upright; 1366x768 at 200 %."""
_LINES = """all => all.map(one => {
  const range = document.createRange();
  range.selectNodeContents(one);
  const high = parseFloat(getComputedStyle(one).fontSize) * 2;
  return [one.textContent.trim(), range.getBoundingClientRect().height < high];
}).filter(([text, isOne]) => text && !isOne)"""
"""Texts that take more than one line."""


@pytest.fixture
def at(browser, office) -> Iterator:
    """Opens pages as somebody, in a size; all are closed at the end."""
    contexts = []

    def open_(path: str, account: str | None = SUPERVISOR, size=TABLET, lang: str = "zh") -> Page:
        context = office.context(browser, account, lang=lang)
        contexts.append(context)
        page = context.new_page()
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.goto(path)
        return page

    yield open_
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def clips(office) -> list[str]:
    """Recordings of the day."""
    with office.client(SUPERVISOR) as client:
        return [one["acquisition"] for one in client.get("/api/v1/wall").json()["clips"]]


def test_printed_custody_has_every_command(at, clips):
    """What an outsider types stands whole on paper."""
    page = at(f"/custody/clip:{clips[0]}")
    page.emulate_media(media="print")
    assert page.locator("pre.commands").evaluate("one => one.scrollHeight <= one.clientHeight + 1")


def test_enlarged_custody_does_not_scroll_sideways(at, clips):
    """Long paths and digests break, whatever stands after them."""
    page = at("/home", size=ENLARGED)
    for clip in clips:
        page.goto(f"/custody/clip:{clip}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), clip


@pytest.mark.parametrize("size", [TABLET, ENLARGED, (1366, 768)])
def test_hours_of_a_time_line_stand_apart(at, clips, size):
    """Labels that there is no room for are left out."""
    page = at("/home", size=size)
    for clip in clips:
        page.goto(f"/clips/{clip}")
        texts = page.locator("#line .hour:visible, #line .day:visible")
        boxes = texts.evaluate_all(
            "all => all.filter(one => one.textContent).map(one => one.getBoundingClientRect())"
        )
        boxes = sorted((one["left"], one["right"]) for one in boxes)
        assert boxes
        assert all(one[1] <= after[0] for one, after in pairwise(boxes)), (clip, boxes)


def test_short_words_and_numbers_do_not_break(at, office, clips):
    """The button of a log-in, an account's number, the hours of an act."""
    page = at("/me", size=(420, 800))
    assert page.locator(".rows b, .rows button").evaluate_all(_LINES) == []
    page = at(f"/people/{SUPERVISOR}", ADMINISTRATOR, size=(420, 800))
    assert page.locator(".rows b, .rows button").evaluate_all(_LINES) == []
    page = at(f"/custody/clip:{clips[0]}")
    assert page.locator("td a.mono").evaluate_all(_LINES) == []
    with office.client(REVIEWER) as client:
        case = re.search(r'href="(/reviews/%[^"]+)"', client.get("/reviews").text)
    assert case is not None
    page = at(case[1], REVIEWER)
    hours = page.locator(".coverage .ends span:not(.told)")
    assert hours.count() > 0
    assert hours.evaluate_all(_LINES) == []


def test_the_board_names_everybody_whose_notes_are_missing(at):
    """In English, on a small screen: none is cut off."""
    page = at("/board", None, size=(1024, 768), lang="en")
    names = page.locator("#lacking li")
    assert names.count() > 1
    listed = page.locator("#lacking ul")
    assert listed.evaluate(
        "one => one.scrollWidth <= one.clientWidth && one.scrollHeight <= one.clientHeight"
    )
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
