"""A browser for the tests of pages: Debian's chromium, driven from outside, without a network of its own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.web.office import Office

CHROMIUM = shutil.which("chromium")
expect.set_options(timeout=60_000)
"""For what is seen at once: a machine that runs other tests beside may be slow."""
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for a module's tests; each opens a context of its own."""
    if CHROMIUM is None:
        pytest.skip("no chromium here (Debian package chromium)")
    with sync_playwright() as playing:
        running = playing.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield running
        running.close()


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """An office of a module's own."""
    made = Office(tmp_path_factory.mktemp("office"))
    yield made
    made.close()
