"""A hostile tour of the whole application: whatever routes it has, whoever asks, however it is asked."""

from __future__ import annotations

import re
import socket
import time
from contextlib import contextmanager
from urllib.parse import unquote

import httpx
import pytest

from ingestd.demo.people import PASSWORD
from tests.web.office import ADMINISTRATOR, CASE_OFFICER, OFFICER, SUPERVISOR
from tests.web.routes import evidence, foreign, ids, routes

READ = 64 << 10
FAULT = 500


def looked(client, path, **more):
    """Status, headers and the begin of an answer; a stream is left after its first part."""
    with client.stream("GET", path, **more) as answer:
        is_stream = answer.headers.get("content-type", "").startswith("text/event-stream")
        text = ""
        for part in answer.iter_text():
            text += part
            if is_stream or len(text) > READ:
                break
        return answer.status_code, answer.headers, text


@contextmanager
def plain(office, account=None):
    """A browser without scripts that follows nothing."""
    with office.client(account) as client:
        client.follow_redirects = False
        yield client


def test_nobody_gets_in(office):
    """Without a log-in: to the log-in, or 401 for programs; nothing is done, nothing is shown."""
    words, wrong = evidence(office), []
    with plain(office) as client:
        for route in routes("GET"):
            for path in route.addresses(ids(office)):
                status, headers, text = looked(client, path)
                is_away = status == 401 or (status == 303 and headers["location"].startswith("/login"))
                if status >= FAULT or not (route.is_open or is_away) or any(word in text for word in words):
                    wrong.append((path, status))
        for route in routes("POST", "PUT", "PATCH", "DELETE"):
            for path in route.addresses(ids(office)):
                answer = client.request(route.method, path, data={"x": "1"})
                is_away = answer.status_code in (401, 303)
                if answer.status_code >= FAULT or not (route.is_open or is_away):
                    wrong.append((route.method, path, answer.status_code))
    assert wrong == []


def test_the_administrator_sees_no_evidence(office):
    """On no page and by no id (SEP-6); the refusals are in the log."""
    words, wrong = evidence(office), []
    with plain(office, ADMINISTRATOR) as client:
        for route in routes("GET"):
            for path in route.addresses(ids(office)):
                status, _, text = looked(client, path)
                if status >= FAULT or any(word in text and word not in unquote(path) for word in words):
                    wrong.append((path, status))
    assert wrong == []


@pytest.mark.parametrize(
    ("person", "roles", "unit"), [(OFFICER, ["officer"], None), (CASE_OFFICER, ["case-officer"], "x")]
)
def test_other_peoples_items(office, person, roles, unit):
    """By id, an officer gets no recording, case or act that is not his; a case officer none of another unit."""
    if unit is not None:
        unit = office.daemon.ask("session.open", user=person, password=PASSWORD)["unit"]
    known, wrong = foreign(office, person, roles, unit), []
    with plain(office, person) as client:
        for route in routes("GET"):
            if not set(route.kinds()) <= set(known) or not route.places:
                continue
            for path in route.addresses({kind: some[:3] for kind, some in known.items()}):
                status, _, _ = looked(client, path)
                if status not in (403, 404):
                    wrong.append((path, status))
    assert wrong == []


def test_forms_of_other_sites(office):
    """No deed of any page by a request that another site made, whatever it says of itself."""
    wrong = []
    with office.client(SUPERVISOR) as client:
        session = client.cookies["session"]
    tricks = (
        {},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"origin": "null"},
        {"origin": "http://evil.example"},
        {"origin": office.web.url.replace("127.0.0.1", "localhost")},
        {"referer": office.web.url},
    )
    with httpx.Client(base_url=office.web.url, cookies={"session": session}, timeout=30) as client:
        for route in routes("POST", "PUT", "PATCH", "DELETE"):
            path = next(iter(route.addresses(ids(office))))
            answers = [client.request(route.method, path, headers=one).status_code for one in tricks]
            wrong += [(path, answers)] if set(answers) != {403} else []
        assert client.get("/me").status_code == 200
    assert wrong == []


PATHS = (
    "../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "%00",
    "a" * 8000,
    "\u202e",
    "'; DROP TABLE clips;--",
    "%",
    "{}",
    "-1",
)


def test_paths_and_ranges(office):
    """Ids that are none, ranges that make no sense: an answer in order, nothing of the home, no fault of ours."""
    wrong = []
    ranges = ("bytes=0-", "bytes=-1", "bytes=9999999999999999999-", "bytes=5-2", "bytes=a-b", "lines=1-2",
              "bytes=" + ",".join(["0-0"] * 500))  # fmt: skip
    with plain(office, SUPERVISOR) as client:
        for route in routes("GET"):
            for value in PATHS if route.places else ():
                status, _, text = looked(client, route.filled(value))
                if status >= FAULT or "root:x:" in text or "PRIVATE KEY" in text or "Traceback" in text:
                    wrong.append((route.path, value[:20], status))
            path = next(iter(route.addresses(ids(office))))
            for one in () if path.endswith("/stream") else ranges:
                status, _, _ = looked(client, path, headers={"range": one})
                wrong += [(path, one[:20], status)] if status >= FAULT else []
    assert wrong == []


def test_bodies(office):
    """Too large, too many fields, what is no form at all: refused, and the next one is served."""
    wrong = []
    with plain(office, SUPERVISOR) as client:
        for route in routes("POST"):
            path = next(iter(route.addresses(ids(office))))
            if path in ("/logout", "/me/end"):
                continue  # the tour goes on as the same person
            bodies = {
                "many": {"data": {f"f{n}": "x" for n in range(2000)}},
                "no form": {
                    "content": b"\xff\xfe\x00",
                    "headers": {"content-type": "application/x-www-form-urlencoded"},
                },
                "broken": {"content": b"--x", "headers": {"content-type": "multipart/form-data; boundary=x"}},
                "json": {"content": b"{" * 5000, "headers": {"content-type": "application/json"}},
            }
            for name, body in bodies.items():
                status = client.post(path, **body).status_code
                wrong += [(path, name, status)] if status >= FAULT else []
        large = client.post("/me/pin", content=b"a" * (2 << 20))
        assert large.status_code == 413
        pieces = client.post(
            "/me/pin",
            content=(b"a" * 65536 for _ in range(40)),
            headers={"content-type": "application/x-www-form-urlencoded"},
        )
        assert pieces.status_code == 413
        assert client.get("/me").status_code == 200
    assert wrong == []


def test_a_body_that_hardly_comes(office):
    """Half a form, then silence: the place is given up after ten seconds, while others are served."""
    head = (
        f"POST /login HTTP/1.1\r\nHost: 127.0.0.1:{office.web.port}\r\nSec-Fetch-Site: same-origin\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\nuser=1"
    )
    begun = time.monotonic()
    with socket.create_connection(("127.0.0.1", office.web.port), timeout=60) as slow:
        slow.sendall(head.encode())
        assert office.web.answers()
        assert b" 408 " in slow.recv(65536).partition(b"\r\n")[0]
    assert 9 < time.monotonic() - begun < 45


def test_answers_are_not_kept(office):
    """No answer of anybody's page stays in a cache, none says what serves it, all carry the policy."""
    wrong = []
    with plain(office, SUPERVISOR) as client:
        for route in routes("GET"):
            path = next(iter(route.addresses(ids(office))))
            _, headers, _ = looked(client, path)
            is_private = (
                "no-store" in headers.get("cache-control", "") or headers["cache-control"] == "private"
            )
            is_static = path.startswith("/static")
            if (
                not (is_private or is_static)
                or "server" in headers
                or "trusted-types" not in headers["content-security-policy"]
            ):
                wrong.append((path, dict(headers)))
    assert wrong == []


def test_sessions(office):
    """A planted session is worth nothing, a changed password ends the others, a log-out ends it for all copies."""
    with office.client() as client:
        client.cookies.set("session", "planted-by-somebody-else")
        client.post("/login", data={"user": CASE_OFFICER, "password": PASSWORD, "back": "/me"})
        fresh = [one.value for one in client.cookies.jar if one.name == "session"]
        assert "planted-by-somebody-else" not in fresh[-1]
        mine = fresh[-1]
        with httpx.Client(base_url=office.web.url, cookies={"session": mine}) as copy:
            assert copy.get("/me").status_code == 200
            copy.post("/logout", headers={"sec-fetch-site": "same-origin"})
            assert copy.get("/me").status_code == 303
        with httpx.Client(base_url=office.web.url, cookies={"session": mine}) as copy:
            assert copy.get("/me").status_code == 303
    with office.client(CASE_OFFICER) as one, office.client(CASE_OFFICER) as two:
        new = "a-long-new-word-2026"
        one.post("/me/password", data={"old": PASSWORD, "new": new, "again": new})
        assert "/login" in str(two.get("/me").url)
        assert str(one.get("/me").url).endswith("/me")


def test_guessing(office):
    """Names that nobody has and names that somebody has wait alike, and are told how long."""
    for name in ("104333", "nobody-of-that-name"):
        with office.client() as client:
            for number in range(6):
                answer = client.post("/login", data={"user": name, "password": f"wrong wrong {number}"})
                assert answer.status_code == 401
            assert re.search(r"还须 \d+ 秒", answer.text), name
