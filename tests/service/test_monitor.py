"""Metrics and health of a running daemon, and what hostile callers get."""

from __future__ import annotations

import json
import re
import socket
import threading
import time

import pytest

from ingestd.clock import StationClock
from ingestd.service.http import CALLERS, REQUEST_BYTES, Answer, Listener
from ingestd.service.metrics import METRICS
from ingestd.testing.recorder import SimulatedRecorder
from tests.rig import Rig, daemon, noise, wait_for

GOOD = b"GET /page HTTP/1.1\r\nHost: 127.0.0.1:9641\r\n\r\n"


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def sent(port, *parts, pause=0.0, wait=10.0):
    """What comes back for raw bytes: status and body; (None, b"") where the connection is closed."""
    with socket.create_connection(("127.0.0.1", port), timeout=wait) as connection:
        try:
            for part in parts:
                connection.sendall(part)
                time.sleep(pause)
            data = b""
            while more := connection.recv(65536):
                data += more
        except (ConnectionError, BrokenPipeError):
            return None, b""
    if not data:
        return None, b""
    head, _, body = data.partition(b"\r\n\r\n")
    return int(head.split(b" ")[1]), body


def get(port, page, host="127.0.0.1"):
    status, body = sent(port, f"GET {page} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
    return status, body.decode()


@pytest.fixture
def listener():
    made = Listener(("127.0.0.1", 0), {"/page": lambda: Answer(status=200, body="well\n")}, StationClock())
    yield made
    made.close()


# --- hostile callers ----------------------------------------------------------------------------


def test_a_page(listener):
    """By name, for every loopback name; a body of its own length, then the end."""
    for host in (b"127.0.0.1:9641", b"127.0.0.1", b"127.0.0.2:80", b"[::1]:9641", b"LocalHost"):
        assert sent(listener.port, GOOD.replace(b"127.0.0.1:9641", host)) == (200, b"well\n")


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (GOOD.replace(b"GET", b"POST"), 405),
        (GOOD.replace(b"GET", b"DELETE"), 405),
        (GOOD.replace(b"/page", b"/other"), 404),
        (GOOD.replace(b"/page", b"/page/../../etc/passwd"), 404),
        (GOOD.replace(b"/page", b"http://localhost/page"), 404),
        (GOOD.replace(b"127.0.0.1", b"evil.example"), 403),
        (GOOD.replace(b"127.0.0.1:9641", b"8.8.8.8"), 403),
        (GOOD.replace(b"Host: 127.0.0.1:9641\r\n", b""), 403),
        (GOOD.replace(b"\r\n\r\n", b"\r\nHost: evil.example\r\n\r\n"), 403),
        (GOOD.replace(b"HTTP/1.1", b"HTTP/2"), 400),
        (b"nonsense\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\r\n\r\n", 400),
        (b"GET /" + b"a" * 2000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        (b"GET /page HTTP/1.1\r\n" + b"X: y\r\n" * REQUEST_BYTES, 400),
    ],
)
def test_what_is_refused(listener, request_, status):
    """Other verbs, pages, hosts (a name of its own that leads here), no HTTP, too much of it."""
    told, body = sent(listener.port, request_)
    assert told in (status, None if len(request_) > REQUEST_BYTES else status)
    assert b"well" not in body
    assert sent(listener.port, GOOD)[0] == 200


def test_a_slow_caller_is_given_up(listener):
    """A byte now and then does not hold a place; what is half a request is no request."""
    begun = time.monotonic()
    assert sent(listener.port, *(b"G" for _ in range(12)), pause=0.5, wait=30)[0] in (400, None)
    assert time.monotonic() - begun < 25
    assert sent(listener.port, GOOD)[0] == 200


def test_a_flood_is_turned_away_and_passes(listener):
    """So many at once are heard; when they are gone, others are."""
    held = [socket.create_connection(("127.0.0.1", listener.port), timeout=10) for _ in range(3 * CALLERS)]
    for connection in held:
        connection.close()
    wait_for(lambda: sent(listener.port, GOOD)[0] == 200, 20)


def test_many_askers_cost_one_answer():
    """What was found a moment ago serves everybody."""
    asked = []

    def page():
        asked.append(1)
        return Answer(status=200, body="")

    listener = Listener(("127.0.0.1", 0), {"/page": page}, StationClock())
    try:
        threads = [threading.Thread(target=sent, args=(listener.port, GOOD)) for _ in range(CALLERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(asked) <= 3
    finally:
        listener.close()


def test_a_page_that_fails(caplog):
    """500, a line in the log, and the next page is served."""

    def bad():
        raise OSError(5, "no disk")

    listener = Listener(("127.0.0.1", 0), {"/page": bad}, StationClock())
    try:
        assert sent(listener.port, GOOD)[0] == 500
        assert "/page failed" in caplog.text
    finally:
        listener.close()


# --- a daemon -----------------------------------------------------------------------------------


def parsed(text):
    """Samples by name and label, read as the format's page says; each family has its help and type."""
    found, told = {}, set()
    for line in text.splitlines():
        if line.startswith("#"):
            told.add(line.split()[2])
            continue
        name, label, value = re.fullmatch(r'([a-z_]+)(?:\{[a-z]+="([^"]*)"\})? (\S+)', line).groups()
        assert name in told, line
        found.setdefault(name.removeprefix("ingestd_"), {})[label or ""] = float(value)
    return found


def test_numbers_of_a_station(tmp_path):
    """What came in, what waits, what is wrong; every metric of the table is there or has a reason not to be."""
    port = free_port()
    rig = Rig(tmp_path / "home", **{"metrics.listen": f"127.0.0.1:{port}"})
    made = SimulatedRecorder(tmp_path / "r").describe(serial="KD00001", officer="104233").dock()
    card = made.card("e12-new", serial="KD00001", officer="104233").identity()
    card.clip(noise(100_000), started=1_790_000_000_000, sequence=1)
    rig.slot("1", "simulated", made.folder).slot("2", "simulated", tmp_path / "none")
    with daemon(rig) as running:
        running.until("1", "clear")
        running.job("clock")
        status, text = get(port, "/metrics")
        assert status == 200
        found = parsed(text)
        assert found["clips"] == {"released": 1}
        assert found["clip_bytes"] == {"released": 100_000}
        assert found["slots"] == {"clear": 1, "empty": 1}
        assert found["findings_open"]["recorder-unassigned"] == 1
        assert (found["healthy"], found["problems"]) == ({"": 1}, {"": 0})
        assert found["log_entries"] == found["log_published_entries"]
        assert found["job_runs_total"]["clock"] == 1
        assert found["checkpoint_age_seconds"][""] < 600
        assert found["disk_room_bytes"][""] > 0
        assert set(found["loop_silent_seconds"]) >= {
            "publisher",
            "actions",
            "securing",
            "slot 1",
            "job clock",
        }
        absent = {"disk_days_left"}  # no trend yet
        assert {m.name.removeprefix("ingestd_") for m in METRICS} - set(found) == absent
        assert "KD00001" not in text
        assert "104233" not in text
        assert get(port, "/healthz") == (200, '{"ok": true, "problems": []}\n')
        rig.configure(**{"metrics.listen": ""})
        running.ask("live")
        running.signal(1)
        wait_for(lambda: not is_open(port))
        running.stop()


def is_open(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True


def test_health_says_what_is_wrong(tmp_path):
    """A full disk: 503 with words in both languages; room again: 200."""
    port = free_port()
    rig = Rig(tmp_path / "home", **{"metrics.listen": f"127.0.0.1:{port}", "reserve_bytes": 1 << 40})
    with daemon(rig) as running:
        wait_for(lambda: is_open(port))
        status, body = get(port, "/healthz")
        assert status == 503
        facts = json.loads(body)
        assert facts["ok"] is False
        assert [text["en"] for text in facts["problems"]] == ["the disk is full; intake waits"]
        rig.configure(reserve_bytes=1 << 20)
        running.signal(1)
        wait_for(lambda: get(port, "/healthz")[0] == 200)
        running.stop()


def test_an_address_that_is_taken_stops_nothing(tmp_path):
    """The daemon says so and works."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        rig = Rig(tmp_path / "home", **{"metrics.listen": f"127.0.0.1:{port}"})
        with daemon(rig) as running:
            wait_for(lambda: "no metrics at 127.0.0.1" in running.said())
            running.stop()
