"""Every page in a browser: accessible in both languages and sizes, printable, and no stored script runs on any."""

from __future__ import annotations

from contextlib import suppress

import pytest
from axe_playwright_python.sync_playwright import Axe

from ingestd.actions.client import RemoteError
from ingestd.demo.people import PASSWORD
from tests.web.office import ADMINISTRATOR, ARCHIVIST, OFFICER, REVIEWER, SUPERVISOR
from tests.web.routes import ids, routes

WHO = (SUPERVISOR, ADMINISTRATOR, REVIEWER, ARCHIVIST, OFFICER, None)
"""A page is looked at as the first of these who has it."""
SIZES = {"zh": {"width": 1366, "height": 768}, "en": {"width": 820, "height": 1180}}
"""Each page in Chinese at a desk and in English on an upright tablet: both of both."""
SERIOUS = ("serious", "critical")
EVIL = "<img src=x onerror=window.taken=1>'\"><script>window.taken=1</script>{{7*7}}"


@pytest.fixture(scope="module")
def pages(office):
    """Each page's address with whoever has it: what answers 200 with HTML to a plain GET."""
    stored(office)
    found, known = {}, ids(office)
    for who in WHO:
        with office.client(who) as client:
            client.follow_redirects = False
            for route in routes("GET"):
                for path in route.addresses(known):
                    if path in found:
                        continue
                    with client.stream("GET", path) as answer:
                        is_page = answer.headers.get("content-type", "").startswith("text/html")
                        if answer.status_code == 200 and is_page:
                            found[path] = who
                            break
    assert len(found) >= 10, found
    return found


def stored(office):
    """A script in every text that people and platforms can leave: names, notes, labels, reasons, units, parties."""
    ask = office.daemon.ask

    def session(account):
        return ask("session.open", user=account, password=PASSWORD, client=EVIL)["session"]

    supervisor, officer = session(SUPERVISOR), session(OFFICER)
    known = ids(office, 200)
    for clip in known["clip"]:
        for who in (supervisor, officer):
            _try(ask, "clip.note", session=who, clip=clip, text=EVIL)
    for finding in known["finding"]:
        for verb in ("finding.acknowledge", "finding.explain", "finding.waive"):
            _try(ask, verb, session=supervisor, finding=finding, reason=EVIL, text=EVIL)
    for verb in ("link.set", "link.remove"):
        _try(ask, verb, session=supervisor, clip=known["clip"][0], act=known["act"][0], reason=EVIL)
    for recorder in known["recorder"]:
        _try(ask, "recorder.lost", session=supervisor, recorder=recorder, reason=EVIL)
    for register, rows in (
        ("unit", "单位编号,单位名称\nX9,{}\n"),
        ("officer", "警号,姓名\n109999,{}\n"),
        ("party", "当事人编号,姓名\nP9,{}\n"),
    ):
        file = office.home.root.parent / f"{register}.csv"
        file.write_text(rows.format('"' + EVIL.replace('"', '""') + '"'))
        office.home.run(register, "import", file)


def _try(ask, verb, **arguments):
    """What a rule refuses is refused; the rest is stored."""
    with suppress(RemoteError):
        ask(verb, **arguments)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_page(browser, office, pages, lang):
    """axe-core finds nothing serious, nothing scrolls sideways, paper has no bar, no script of anybody ran."""
    wrong, contexts = [], {}
    for path, who in pages.items():
        if who not in contexts:
            contexts[who] = office.context(browser, who, lang=lang)
            contexts[who].set_default_timeout(60_000)
        page = contexts[who].new_page()
        page.set_viewport_size(SIZES[lang])
        said = []
        page.on("dialog", lambda dialog, said=said: (said.append("dialog"), dialog.dismiss()))
        page.on(
            "console",
            lambda message, said=said: said.append(message.text) if message.type == "error" else None,
        )
        page.on("pageerror", lambda error, said=said: said.append(str(error)))
        page.goto(path, wait_until="load")
        found = [one for one in Axe().run(page).response["violations"] if one["impact"] in SERIOUS]
        wrong += [(path, one["id"], one["nodes"][0]["html"][:200]) for one in found]
        if page.evaluate("window.taken !== undefined || document.body.innerText.includes('</script>49')"):
            wrong.append((path, "a stored script ran"))
        if page.evaluate("document.documentElement.scrollWidth > innerWidth + 1"):
            wrong.append((path, "scrolls sideways"))
        page.emulate_media(media="print")
        if page.evaluate(
            "[...document.querySelectorAll('.bar, form button')].some(e => e.checkVisibility())"
        ):
            wrong.append((path, "buttons on paper"))
        wrong += [(path, text) for text in said]
        page.close()
    for context in contexts.values():
        context.close()
    assert wrong == []
