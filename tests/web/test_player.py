"""The player in a real browser: play, jump by the time line, two recorders in step, snapshots, previews, keys."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route, expect

from ingestd.index import looks, playing, queries
from ingestd.index.database import open_database, reading
from ingestd.index.facts import Clip
from ingestd.media.samples import make_sample
from ingestd.model import Kind, RecorderId
from ingestd.testing.recorder import SimulatedRecorder
from ingestd.vault.layout import Home
from tests.rig import wait_for
from tests.web.office import ADMINISTRATOR, CASE_OFFICER, OFFICER, REVIEWER, SUPERVISOR

PATIENCE_MS = 30_000
MADE_MS = 180_000
"""A preview is made when nothing else is to be done."""
BEGUN_MS = 6_000
"""More than the player waits for before it begins."""
FIRST = "document.querySelector('video, audio')"
SERIOUS = ("serious", "critical")
HOLE_AT = 1 << 19
PIECE_BYTES = 256 << 10
FAR_S = 205
"""A place that a slow link has not brought yet."""


@pytest.fixture(scope="module")
def index(office):
    """The daemon's own index, to be compared with."""
    engine = open_database(office.home.root / "index.db")
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def clips(index) -> dict[str, Clip]:
    """The day's recordings by what is at the end of their paths."""
    with reading(index) as connection:
        found = queries.clips(connection, limit=50)
    return {clip.path.rpartition("_")[2]: clip for clip in found if clip.recorder != "KD01502"} | {
        f"{clip.recorder} {clip.kind.value} {clip.sequence}": clip for clip in found
    }


def named(clips: dict[str, Clip], recorder: str, kind: str, number: int) -> Clip:
    return clips[f"{recorder} {kind} {number}"]


@pytest.fixture
def at(browser, office):
    """Opens pages as somebody; all are closed at the end."""
    contexts = []

    def open_(path: str, account: str = SUPERVISOR, lang: str = "zh") -> Page:
        context = office.context(browser, account, lang=lang)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.goto(path)
        return page

    yield open_
    for context in contexts:
        context.close()


def until(page: Page, truth: str) -> None:
    """Once this is so. Asked from outside: within the page its own policy forbids to evaluate text."""
    wait_for(lambda: bool(page.evaluate(truth)), PATIENCE_MS / 1000, lambda: truth)


def shown(page: Page) -> Page:
    """Once there is a picture, or a sound."""
    until(page, f"{FIRST}.readyState >= 2")
    return page


def seconds(page: Page, number: int = 0) -> float:
    return float(page.evaluate(f"document.querySelectorAll('video')[{number}].currentTime"))


def looks_at(index: Any, clip: Clip) -> list[looks.Look]:
    with reading(index) as connection:
        return list(looks.listed(connection, about=f"clip:{clip.acquisition}"))


def faults(page: Page) -> list[str]:
    """What axe-core finds serious."""
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {[node['html'][:120] for node in one['nodes'][:3]]}"
        for one in found
        if one["impact"] in SERIOUS
    ]


def test_plays_jumps_and_tells(at, index, clips):
    """Space plays, a click on the time line jumps, a snapshot is logged by its hash; leaving tells what was seen."""
    clip = named(clips, "KD01234", "video", 2)
    page = shown(at(f"/clips/{clip.acquisition}"))
    expect(page.locator(".truth")).to_contain_text("原件 · 逐块核验后播放")
    expect(page.locator(".truth")).to_contain_text(f"签名有效 · 日志第 {clip.seq} 条")
    expect(page.locator(".bracket text")).to_contain_text("XW-3201 已覆盖")
    page.keyboard.press("Space")
    until(page, f"{FIRST}.currentTime > 1.2")
    page.keyboard.press("k")
    assert page.evaluate(f"{FIRST}.paused")
    box = page.locator(".block.is-shown .outline").first.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    until(page, f"Math.abs({FIRST}.currentTime - {FIRST}.duration / 2) < 3")
    before = seconds(page)
    page.keyboard.press(".")
    until(page, f"{FIRST}.currentTime > {before}")
    page.keyboard.press("s")
    expect(page.locator("#picture-told")).to_contain_text("与本机计算一致")
    digest = page.locator("#picture-digest").inner_text().removeprefix("SHA-256 ")
    taken = next(one for one in looks_at(index, clip) if one.what == "snapshot")
    assert taken.picture_sha256 == digest
    page.keyboard.press("m")
    expect(page.locator("#marks button")).to_have_count(1)
    page.goto("/me")
    wait_for(lambda: any(one.seen for one in looks_at(index, clip) if one.what == "player"))
    look = next(one for one in looks_at(index, clip) if one.what == "player")
    assert look.watched_ms > 500
    assert look.seen[0][0] < 500
    assert look.seen[0][1] > 1000


class SlowLink:
    """A film comes in pieces, and nothing more of it from `hold` to `go_on`."""

    def __init__(self, page: Page) -> None:
        self._held: list[Route] = []
        self._is_held = False
        page.route("**/media/clip/**", self._asked)

    def hold(self) -> None:
        self._is_held = True

    def go_on(self) -> None:
        self._is_held = False
        for route in self._held:
            self._send(route)

    def _asked(self, route: Route) -> None:
        if self._is_held:
            self._held.append(route)
        else:
            self._send(route)

    def _send(self, route: Route) -> None:
        headers = route.request.headers
        begin = int(headers.get("range", "bytes=0-").removeprefix("bytes=").partition("-")[0])
        part = f"bytes={begin}-{begin + PIECE_BYTES - 1}"
        route.fulfill(response=route.fetch(headers={**headers, "range": part}))


def test_a_snapshot_is_of_the_time_that_it_says(at, index, clips):
    """While the place is still being read there is none of it: not the older picture under the new time."""
    clip = named(clips, "KD01234", "video", 2)
    page, link = held_back(at, clip)
    page.keyboard.press("s")
    expect(page.locator("#picture-told")).to_contain_text("还在读取")
    expect(page.locator("#canvas")).to_be_hidden()
    link.go_on()
    expect(page.locator("#picture-told")).to_contain_text("已记入日志")
    waited = page.locator("#picture-digest").inner_text()
    page.keyboard.press("s")
    wait_for(lambda: len(pictures_at_far(index, clip)) > 1)
    assert {f"SHA-256 {one.picture_sha256}" for one in pictures_at_far(index, clip)} == {waited}


def test_an_older_picture_is_not_shown_as_the_new_one(at, clips):
    """A veil while the place is read, and the clock of the picture that is there; when nobody answers, that."""
    page, link = held_back(at, named(clips, "KD01234", "video", 2))
    veil, clock = page.locator(".veil"), page.locator("#clock")
    expect(veil).to_have_text("正在读取…")
    before = clock.inner_text()
    assert page.locator("#time").inner_text().startswith("0:00.0")
    link.go_on()
    expect(veil).to_be_hidden()
    expect(page.locator("#time")).to_contain_text("3:25.0")
    assert clock.inner_text() > before
    link.hold()
    page.locator("#seek").evaluate("it => { it.value = 90; it.dispatchEvent(new Event('input')); }")
    expect(veil).to_have_text("正在读取…")
    page.context.set_offline(True)
    expect(veil).to_have_text("与采集站的连接中断")
    expect(page.locator("#time")).not_to_contain_text("1:30.0")


def held_back(at, clip: Clip) -> tuple[Page, SlowLink]:
    """The player of a clip that is to show `FAR_S`, of which nothing comes."""
    page = at("/home")
    link = SlowLink(page)
    page.goto(f"/clips/{clip.acquisition}")
    shown(page)
    expect(page.locator("#time")).to_contain_text("0:00.0")
    link.hold()
    page.locator("#seek").evaluate(
        "(it, at) => { it.value = at; it.dispatchEvent(new Event('input')); }", FAR_S
    )
    return page, link


def pictures_at_far(index: Any, clip: Clip) -> list[looks.Look]:
    return [one for one in looks_at(index, clip) if (one.what, one.at_ms) == ("snapshot", FAR_S * 1000)]


def test_two_recorders_in_step(at, clips):
    """Side by side on corrected time; outside its span the other says so."""
    one, other = named(clips, "KD01234", "video", 2), named(clips, "KD01377", "video", 2)
    page = shown(at(f"/clips/{one.acquisition}"))
    page.get_by_role("link", name="KD01377").last.click()
    until(page, "document.querySelectorAll('video').length === 2")
    assert other.acquisition in page.url
    shown(page)
    expect(page.locator(".apart")).to_contain_text("两台之间可能相差")
    expect(page.locator(".veil").nth(1)).to_have_text("此刻没有录像")
    page.locator("#seek").evaluate("it => { it.value = 150; it.dispatchEvent(new Event('input')); }")
    page.keyboard.press("l")
    until(page, "document.querySelectorAll('video')[1].currentTime > 1")
    page.wait_for_timeout(1500)
    page.keyboard.press("k")
    page.wait_for_timeout(300)
    begins = [
        float(found)
        for found in page.locator(".screen").evaluate_all("all => all.map(it => it.dataset.begin)")
    ]
    apart = (begins[0] / 1000 + seconds(page, 0)) - (begins[1] / 1000 + seconds(page, 1))
    assert abs(apart) < 0.6


def test_what_no_browser_plays_comes_as_its_preview(at, clips, index, office):
    """H.265, in English: made while one waits, begun before it is whole, and said so, in the log too."""
    clip = named(clips, "KD01377", "video", 1)
    page = at(f"/clips/{clip.acquisition}", REVIEWER, "en")
    expect(page.locator(".truth")).to_contain_text("not evidence; the original is H.265")
    shown(page)
    page.keyboard.press("l")
    until(page, f"{FIRST}.currentTime > 0.5")
    page.keyboard.press("k")
    page.keyboard.press("s")
    expect(page.locator("#picture-told")).to_contain_text("log entry")
    expect(page.locator("#picture-at")).to_contain_text("of the preview (not evidence)")
    assert "ms_preview_" in page.locator("#picture-save").get_attribute("download")
    assert {one.what for one in looks_at(index, clip)} == {"preview", "snapshot"}
    with office.client(REVIEWER) as client:
        for told in ("播放预览件", "在预览件（不是证据） "):  # the pages' copy comes after
            wait_for(lambda told=told: told in client.get(f"/custody/clip:{clip.acquisition}").text)
    page.goto("/me")
    wait_for(lambda: any(one.seen for one in looks_at(index, clip)))
    with reading(index) as connection:
        assert playing.played(connection, REVIEWER, clip).times == 1


def test_what_a_browser_does_not_take_is_another_look(at, clips, index):
    """The preview in its place is said to be one, by the page and by the log."""
    clip = named(clips, "KD01502", "video", 1)
    page = at("/home")
    page.route("**/media/clip/**", _unreadable)
    page.goto(f"/clips/{clip.acquisition}")
    expect(page.locator(".truth")).to_contain_text("预览件（H.264），不是证据")
    shown(page)
    assert [one.what for one in looks_at(index, clip)] == ["preview", "player"]


def _unreadable(route: Route) -> None:
    """What was stored, with a body that is no film."""
    route.continue_() if route.request.method == "HEAD" else route.fulfill(body=b"no film")


def test_a_preview_is_watched_while_it_is_made(at, office, index, tmp_path):
    """It begins with what is there, says how far it is, and goes on as the whole once it is one."""
    film = tmp_path / "film.avi"
    make_sample(film, kind="mjpeg-avi", seconds=60, size="960x720", text="growing")
    recorder = SimulatedRecorder(office.home.root / "demo" / "1").pull()
    recorder.describe(serial="KD08080", officer=OFFICER, battery=80)
    card = recorder.card("e12-new", serial="KD08080", officer=OFFICER).identity()
    card.clip(film, started=int(time.time() - 3600) * 1000, extension="avi")
    with office.client(SUPERVISOR) as client:
        session = client.cookies["session"]
    recorder.dock()
    wait_for(lambda: made_of(index, "KD08080") is not None)
    clip = made_of(index, "KD08080")
    with stopped_maker(office, clip, session):
        page = at(f"/clips/{clip}")
        expect(page.locator(".making")).to_contain_text("%")
        shown(page)
        assert page.locator(".screen").get_attribute("data-way") == "making"
        page.keyboard.press("l")
        until(page, f"{FIRST}.currentTime > 0.5")
    expect(page.locator(".screen")).to_have_attribute("data-way", "preview", timeout=MADE_MS)
    until(page, f"{FIRST}.duration > 59 && {FIRST}.currentTime > 0.5")


def made_of(index: Any, recorder: str, kind: Kind = Kind.VIDEO) -> str | None:
    """The acquisition of a recorder's film."""
    with reading(index) as connection:
        found = queries.clips(connection, recorder=RecorderId(recorder), kind=kind)
    return found[0].acquisition if found else None


@contextmanager
def stopped_maker(office, clip: str, session: str) -> Iterator[None]:
    """The process that makes a preview stands still once some seconds of it are there, and goes on afterwards."""

    def has_begun() -> bool:
        told = office.daemon.ask("preview.want", session=session, clip=clip)
        assert told["state"] != "made", "it was made before it could be stopped"
        return told["state"] == "making" and (told["done_ms"] or 0) > BEGUN_MS

    wait_for(has_begun)
    makers = _working_in(Home(office.home.root).derived / "making")
    assert makers
    for one in makers:
        os.kill(one, signal.SIGSTOP)
    try:
        yield
    finally:
        for one in makers:
            os.kill(one, signal.SIGCONT)


def _working_in(folder: Path) -> list[int]:
    """Processes that were called with a file of a folder."""
    found = []
    for said in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if os.fsencode(folder) in said.read_bytes():
                found.append(int(said.parent.name))
    return found


def test_by_keys_alone(at, clips):
    """To another recorder's clip by the time line and by its number; help opens and closes."""
    one, other = named(clips, "KD01234", "video", 2), named(clips, "KD01377", "video", 2)
    page = shown(at(f"/clips/{one.acquisition}#t=180", CASE_OFFICER))
    until(page, f"{FIRST}.currentTime > 179")
    page.keyboard.press("Shift+?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    page.keyboard.press("2")
    page.wait_for_url(f"**/clips/{other.acquisition}#t=*")
    until(shown(page), f"{FIRST}.currentTime > 1")
    page.locator(f".block[data-acquisition='{one.acquisition}']").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/clips/{one.acquisition}")


@pytest.mark.parametrize(("lang", "account"), [("zh", SUPERVISOR), ("en", OFFICER)])
def test_accessible(at, clips, lang, account):
    """No serious finding of axe-core; nothing to scroll sideways, on a desk and on a tablet."""
    page = shown(at(f"/clips/{named(clips, 'KD01234', 'video', 2).acquisition}", account, lang))
    assert faults(page) == []
    for size in ((1366, 768), (820, 1180)):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    if account == OFFICER:
        page.goto("/mine")
        ends = page.locator(".own b").evaluate_all(
            "all => all.map(one => getComputedStyle(one, '::after').content)"
        )
        assert {*ends} <= {"none", "normal"}  # the board's semicolons stay on the board
        assert faults(page) == []


def test_sound_and_photo(at, office, clips):
    """They are shown too, by the same page."""
    page = shown(at(f"/clips/{named(clips, 'KD01502', 'audio', 2).acquisition}"))
    page.keyboard.press("Space")
    until(page, f"{FIRST}.currentTime > 0.3")
    photo = next(clip for clip in clips.values() if clip.kind == "photo")
    page.goto(f"/clips/{photo.acquisition}")
    until(page, "document.querySelector('.frame img').naturalWidth > 0")


def test_who_recorded_it_takes_no_picture_away(office, clips):
    """REC-3: the button says so and the daemon refuses; other people's clips are not shown at all (SEP-7, SEP-6)."""
    own, other = named(clips, "KD01234", "video", 1), named(clips, "YZ00417", "video", 1)
    with office.client(OFFICER) as client:
        page = client.get(f"/clips/{own.acquisition}")
        assert page.status_code == 200
        assert "（REC-3）" in page.text
        leads = re.findall(r'href="(/(?:officers|units|recorders)/[^"]+)"', page.text)
        assert [path for path in leads if client.get(path).status_code != 200] == []
        png = b"\x89PNG\r\n\x1a\n" + bytes(40)
        refused = client.post(f"/api/v1/snapshots/{own.acquisition}", content=png)
        assert (refused.status_code, refused.json()["error"]["rule"]) == (403, "REC-3")
        assert client.get(f"/clips/{other.acquisition}").status_code == 403
        assert client.get(f"/clips/{own.acquisition}?beside={other.acquisition}").status_code == 403
        assert client.get(f"/api/v1/clips/{other.acquisition}/line").status_code == 403
    with office.client(ADMINISTRATOR) as client:
        assert client.get(f"/clips/{own.acquisition}").status_code == 403
    with office.client(SUPERVISOR) as client:
        assert client.get("/clips/00000000-0000-7000-8000-000000000000").status_code == 404
        assert client.post(f"/api/v1/snapshots/{own.acquisition}", content=b"GIF89a").status_code == 400
        line = client.get(f"/api/v1/clips/{own.acquisition}/line").json()
        assert [lane["recorder"] for lane in line["line"]["lanes"]] == ["KD01234"]


def test_one_s_own_recordings(at, office, clips):
    """What lacks a note is asked for; it is written there, and shown at the player too."""
    page = at("/mine?lacking=true", OFFICER)
    cards = page.locator(".own > li.lacking")
    count = cards.count()
    assert count >= 1
    address = cards.first.locator("a.strip").get_attribute("href")
    cards.first.get_by_role("textbox").fill("<b>步行街东口</b>，扣押清单当场签收")
    cards.first.get_by_role("button", name="记入").click()
    expect(page.get_by_role("status")).to_contain_text("已记录")
    expect(cards).to_have_count(count - 1)
    page.goto(address)
    expect(page.locator("blockquote")).to_have_text("<b>步行街东口</b>，扣押清单当场签收")
    with office.client(OFFICER) as client:
        other = named(clips, "YZ00417", "video", 1).acquisition
        assert client.post("/mine/note", data={"clip": other, "text": "不是我的"}).status_code == 403
    with office.client(SUPERVISOR) as client:
        assert client.get("/mine").status_code == 403


def test_a_damaged_block_is_told_and_not_played(at, office, clips):
    """A clear word, no spinner."""
    clip = named(clips, "KD01377", "video", 3)
    path = Home(office.home.root).clips(clip.sha256)
    path.chmod(0o640)
    with path.open("r+b") as file:
        file.seek(40)
        file.write(b"\0" * 64)
    page = at(f"/clips/{clip.acquisition}")
    expect(page.locator(".veil.bad")).to_contain_text("损坏的内容不会播放")
    expect(page.locator(".truth .fallen")).to_contain_text("▲ 核验不符")
    expect(page.locator(".truth .stands .state")).to_be_hidden()


def test_what_was_never_read_is_said(at, office, index, tmp_path):
    """A quarantined clip verifies as it is stored: the line says what of it is zero, and where."""
    film = tmp_path / "film.wav"
    make_sample(film, kind="wav", seconds=60)
    recorder = SimulatedRecorder(office.home.root / "demo" / "2").pull()
    card = recorder.card("e12-new", serial="KD08081", officer=OFFICER).identity()
    path = card.clip(film, started=int(time.time() - 3600) * 1000, extension="wav").decode()
    hole = {"path": path, "start": HOLE_AT, "end": HOLE_AT + 1}
    recorder.describe(serial="KD08081", officer=OFFICER, battery=80, bad=[hole]).dock()
    wait_for(lambda: made_of(index, "KD08081", Kind.AUDIO) is not None)
    line = at(f"/clips/{made_of(index, 'KD08081', Kind.AUDIO)}").locator(".truth")
    expect(line).to_contain_text("◐ 已核验，但不完整")
    expect(line).to_contain_text(
        "隔离：读取错误，512 B 未能读出，以零代替：第 524\u202f288 至 524\u202f799 字节"
    )
