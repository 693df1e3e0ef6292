"""The figures as a supervisor reads, prints and hands them on: the same numbers as on the command line."""

from __future__ import annotations

import io
import json
import re

import openpyxl
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from ingestd import config
from ingestd.errors import NotFoundError
from ingestd.index.database import reading
from ingestd.inforce import of_log
from ingestd.ledger import table
from ingestd.reports import charts
from ingestd.reports.charts import Bar, Chart
from ingestd.reports.document import Column, Share, Sheet
from ingestd.reports.pictures import peers
from ingestd.vault.layout import Home
from ingestd.web import figures, reporting
from ingestd.web.copy import opened
from ingestd.web.reporting import Found, Progress, Reports
from ingestd.words import Text
from tests.rig import wait_for
from tests.web.office import ADMINISTRATOR, CASE_OFFICER, OFFICER, SUPERVISOR, demo

OWN, FOREIGN = "34079903", "34079901"


@pytest.mark.parametrize(
    ("lang", "open_table", "late"),
    [("zh", "表", "超时入库率，按单位"), ("en", "table", "share stored late, by unit")],
)
def test_from_the_bar_to_a_file(browser, office, lang, open_table, late):
    """A month is chosen, a table opened and taken along; nothing is wider than the screen, axe finds nothing."""
    context = office.context(browser, SUPERVISOR, lang=lang)
    page = context.new_page()
    faults = []
    page.on("console", lambda said: faults.append(said.text))
    page.goto("/statistics")
    expect(page.get_by_role("img", name=late)).to_be_visible()
    page.locator("select[name=period]").select_option(index=1)
    page.locator(".choose button").click()
    expect(page).to_have_url(re.compile(r"period=\d{4}-\d\d"))
    page.locator("#units summary").click()
    expect(page.locator("#units table")).to_be_visible()
    assert page.locator("#units summary").inner_text().startswith(open_table)
    assert page.evaluate("document.documentElement.scrollWidth") <= 1366
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    with page.expect_download() as kept:
        page.get_by_role("link", name="XLSX").first.click()
    book = openpyxl.load_workbook(io.BytesIO(kept.value.path().read_bytes()))
    assert len(book.sheetnames) > 10
    page.set_viewport_size({"width": 820, "height": 1180})
    assert page.evaluate("document.documentElement.scrollWidth") <= 820
    assert faults == []
    context.close()


def test_a_unit_and_an_officer_have_their_figures(browser, office):
    """Beside its peers, with the numbers of the whole year's tables."""
    context = office.context(browser, SUPERVISOR)
    page = context.new_page()
    for address in (f"/units/{OWN}", f"/officers/{OFFICER}"):
        page.goto(address)
        figures = page.locator("#figures")
        expect(figures.get_by_role("img", name="超时入库率，与同类相比")).to_be_visible()
        shown = figures.locator("dt", has_text="录像").first.locator("xpath=following-sibling::dd[1]")
        assert int(shown.inner_text().replace(",", "").split()[0]) > 0
        assert page.evaluate("document.documentElement.scrollWidth") <= 1366
    page.goto("/recorders/KD01234")
    expect(page.locator("#figures dd").first).to_be_visible()
    page.goto(f"/units/{OWN}")
    page.locator("#figures").get_by_role("link", name="全部统计").click()
    expect(page.locator("select[name=unit]")).to_have_value(OWN)
    context.close()


def test_the_numbers_are_those_of_the_command_line(office):
    """For the same size of the log, of all and of one unit; in every form."""
    with office.client(SUPERVISOR) as client:
        for unit in (None, OWN):
            asked = {"period": "2026"} if unit is None else {"period": "2026", "unit": unit}
            arguments = ("year", "2026") if unit is None else ("unit", unit, "--period", "2026")
            sizes = [0, 1]
            while len(set(sizes)) > 1:  # the office's day goes on in between
                page = client.get("/statistics/files/json", params=asked).json()
                told = json.loads(office.home.run("report", *arguments, "--json").out)
                api = client.get("/api/v1/reports/2026", params={"unit": unit} if unit else {}).json()
                after = client.get("/statistics/files/json", params=asked).json()
                sizes = [one["log_size"] for one in (page, told, after)]
            assert page == told
            assert api["sheets"] == told["sheets"]
        one = client.get("/statistics/files/csv", params={"period": "2026", "sheet": "units"})
        assert one.headers["content-disposition"] == 'attachment; filename="ingestd-2026-units.csv"'
        assert one.text.startswith("\ufeff层级,单位,单位编号,音像记录")
        assert "随机抽查情况和查处结果" in client.get("/statistics/sheets/inspections").text
        assert "<svg" in client.get("/statistics/files/html").text


def test_who_sees_which_figures(office):
    """One's own units only; the administrator and an officer none; what is no period or table is said."""
    with office.client(CASE_OFFICER) as client:
        page = client.get("/statistics")
        assert page.status_code == 200
        assert FOREIGN not in page.text
        assert client.get("/statistics", params={"unit": FOREIGN}).status_code == 403
        assert client.get(f"/api/v1/reports/2026?unit={FOREIGN}").json()["error"]["rule"] == "SEP-7"
        assert client.get("/statistics", params={"unit": OWN}).status_code == 200
    for account in (ADMINISTRATOR, OFFICER):
        with office.client(account) as client:
            assert client.get("/statistics").status_code == 403
            assert client.get("/api/v1/reports/2026").status_code == 403
    with office.client(SUPERVISOR, lang="en") as client:
        assert client.get("/statistics", params={"period": "1999-13"}).status_code == 404
        assert client.get("/statistics", params={"unit": "nowhere"}).status_code in (403, 404)
        assert client.get("/statistics/sheets/nothing").status_code == 400
        assert client.get("/statistics/files/exe").status_code == 404


def test_a_large_log_is_counted_beside(tmp_path, monkeypatch):
    """By a process of its own, with progress first and the same document at the end; a fault is told once."""
    home = Home(demo())
    settings = config.read(home.config)
    engine, follower = opened(home, tmp_path / "state")
    follower.step()
    with reading(engine) as connection:
        size, policy = table.size(connection), of_log(home, settings.policy, connection)
        beside, at_once = Reports(home, tmp_path / "state"), Reports(home, tmp_path / "state")
        whole = at_once.get(connection, settings, policy, ("2026", None), size)
        monkeypatch.setattr(reporting, "AT_ONCE", 0)
        assert isinstance(beside.get(connection, settings, policy, ("2026", None), size), Progress)
        wait_for(
            lambda: isinstance(beside.get(connection, settings, policy, ("2026", None), size), Found), 120
        )
        found = beside.get(connection, settings, policy, ("2026", None), size + 1)
        assert (found.document, found.size) == (whole.document, size)

        def is_refused() -> bool:
            try:
                beside.get(connection, settings, policy, ("2026", "nowhere"), size)
            except NotFoundError:
                return True
            return False

        wait_for(is_refused, 120)
    engine.dispose()


def test_a_long_table_begins_here_and_goes_on_by_itself():
    """Some thousand officers are not all on the page of everything, unless it is to be printed."""
    columns = (Column(key="officer", title=Text("人员", "officer"), is_figure=False),)
    many = Sheet(
        key="officers",
        title=Text("人员", "officers"),
        columns=columns,
        rows=tuple((f"o{n}",) for n in range(99)),
    )
    shelf = figures.shelf(many, rows=figures.FIRST_ROWS)
    assert (len(shelf.rows), shelf.count) == (figures.FIRST_ROWS, 99)
    assert len(figures.shelf(many).rows) == 99


def test_one_among_its_peers():
    """The one that it is about comes first, the worst of the others below; nothing where nothing can be said."""
    rows = [{"officer": f"o{n}", "late_share": Share(n, 20)} for n in range(9)]
    drawn = peers(rows, "officer", "o3", "2026")
    assert [(bar.label.zh, bar.is_own) for bar in drawn.bars[:2]] == [("o3", True), ("o8", False)]
    assert drawn.left_out == 3
    assert drawn.level == pytest.approx(36 / 180)
    assert peers([{"officer": "o1", "late_share": Share(0, 0)}], "officer", "o1", "2026") is None


HOSTILE = "<script>x</script>"


def chart(*bars: Bar, **facts: object) -> Chart:
    told = {"key": "k", "title": Text("题", "title"), "about": Text("述", "about"), "bars": bars} | facts
    return Chart(**told)  # type: ignore[arg-type]


def test_a_chart_says_what_it_shows():
    """Bars begin at nothing and are in proportion; words for whoever hears it; signs beside colours; no markup."""
    two = (
        Bar(label=Text(HOSTILE, HOSTILE), value=0.5, told=Text("50 %", "50 %"), is_marked=True),
        Bar(label=Text("二", "two"), value=0.25, told=Text("25 %", "25 %"), is_open=True),
    )
    drawn = charts.svg(chart(*two, level=0.4, level_told=Text("全部", "all")), "zh")
    assert HOSTILE not in drawn
    assert "突出" in drawn
    assert "斜纹：暂定" in drawn
    assert f'width="{(charts.WIDTH - 190 - 150):.1f}"' in drawn
    assert f'width="{(charts.WIDTH - 190 - 150) / 2:.1f}"' in drawn
    upright = charts.svg(chart(*two, is_upright=True), "en")
    assert 'height="150.0"' in upright
    assert 'height="75.0"' in upright
    assert "two: 25 %" in upright
    assert charts.svg(chart(), "zh").startswith("<svg")
