"""From opening a clip's page to its first picture, measured in the browser, over the demonstration's home.

Everything is in it: the look that is logged and published first, signature and log proved, the page, the script,
checked chunks, decoding. The clip is an H.264 MP4; the browser is Debian's chromium, its cache empty each time.
"""

from __future__ import annotations

import shutil
import statistics
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, sync_playwright

from ingestd.index import queries
from ingestd.index.database import open_database, reading
from tests.bench.report import Row
from tests.web.conftest import FLAGS
from tests.web.office import SUPERVISOR, Office

PART = "firstframe"
MOST_S = 1.0
"""Issue 5, 4: at the median."""
TIMES = {False: 9, True: 40}
PATIENCE_MS = 30_000
_WATCH = """
addEventListener("loadeddata", () => {
  const video = document.querySelector("video");
  video.requestVideoFrameCallback((now) => { window.firstFrame = now; });
  // A film that stands shows its first picture without any further call.
  requestAnimationFrame(() => requestAnimationFrame((now) => { window.firstFrame ??= now; }));
}, { capture: true, once: true });
"""


def measure(*, full: bool) -> list[Row]:
    """Seconds from the navigation's start to the first picture."""
    chromium = shutil.which("chromium")
    if chromium is None:
        return [
            Row(part=PART, what="to first picture", value=0.0, note="not measured: there is no chromium here")
        ]
    with TemporaryDirectory(prefix="ingestd-bench-") as folder:
        office = Office(Path(folder))
        try:
            with sync_playwright() as playing:
                browser = playing.chromium.launch(executable_path=chromium, args=list(FLAGS))
                found = sorted(_once(browser, office, _film(office)) for _ in range(TIMES[full]))
                browser.close()
        finally:
            office.close()
    spread = found[0], found[-1]
    middle = statistics.median(found)
    return [Row(part=PART, what="page to first picture", value=middle, unit="s", most=MOST_S, spread=spread)]


def _film(office: Office) -> str:
    """An H.264 MP4 of the day."""
    engine = open_database(office.home.root / "index.db")
    with reading(engine) as connection:
        films = [one for one in queries.clips(connection) if one.path.endswith("mp4") and one.size > 1 << 20]
    engine.dispose()
    return films[-1].acquisition


def _once(browser: Browser, office: Office, film: str) -> float:
    context = office.context(browser, SUPERVISOR)
    try:
        page = context.new_page()
        page.add_init_script(_WATCH)
        page.goto(f"/clips/{film}", timeout=PATIENCE_MS)
        page.locator(".controls").wait_for(timeout=PATIENCE_MS)
        waited = 0
        while (found := page.evaluate("window.firstFrame")) is None and waited < PATIENCE_MS:
            page.wait_for_timeout(50)
            waited += 50
        return float(found) / 1000 if found is not None else PATIENCE_MS / 1000
    finally:
        context.close()
