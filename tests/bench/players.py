"""How many people can play clips at once while recorders are being read: found by trying.

A real daemon takes in two recorders at 35 MB/s each all the while; the real web process serves checked chunks. Each
player is what a browser is to a server: it asks for the rest of a clip from somewhere on, begins to play once a
second of it has come, keeps up to eight seconds ahead and stalls where it ran out. The players are this process, on
the same two cores.
"""

from __future__ import annotations

import random
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ingestd.actions import client
from ingestd.clock import StationClock
from ingestd.demo import people
from ingestd.model import Kind
from ingestd.vault.layout import Home
from tests.bench import docks, homes
from tests.bench.report import Row
from tests.web import office
from tests.web.stage import Web

PART = "players"
RATE = 1_500_000
"""Bytes a second: 12 Mbit/s, what recorders write at 1080p in their best quality."""
FILMS, FILM_BYTES = 12, 48 << 20
SLOTS, SLOT_RATE = 2, docks.RATE
LEAST_OF_RATE = 0.98
"""Intake is not to be held up by whoever looks on."""
AHEAD_S, BEGIN_S = 8.0, 1.0
MOST_BEGIN_S = 3.0
"""Whoever waits longer for the first second would press the button again."""
SHORT_S, FULL_S = 8, 20
FIRST, MOST = 8, 128
TRIALS = 9
TIMEOUT_S = 20


@dataclass(frozen=True, slots=True)
class _Station:
    home: Home
    web: Web
    session: str
    films: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Trial:
    """What some players at once saw."""

    players: int
    begin_s: float
    """The longest wait for the first second."""
    stalled: int
    intake: float
    """Of the recorders' rate."""

    @property
    def went_well(self) -> bool:
        return self.stalled == 0 and self.begin_s <= MOST_BEGIN_S and self.intake >= LEAST_OF_RATE


def measure(*, full: bool) -> list[Row]:
    """The most that all could play, and what ended it."""
    seconds = FULL_S if full else SHORT_S
    with homes.folder() as root, homes.folder(homes.MEMORY) as cards, _station(root, cards, seconds) as one:
        good, bad = _search(one, seconds)
    note = f"{RATE * 8 // 1_000_000} Mbit/s each, beside {SLOTS} recorders at {SLOT_RATE // 1_000_000} MB/s"
    return [
        Row(part=PART, what="people who can play at once", value=good.players, note=note),
        Row(part=PART, what="longest wait for the first second then", value=good.begin_s, unit="s"),
        Row(part=PART, what="recorders then, of their rate", value=good.intake, least=LEAST_OF_RATE),
        *([] if bad is None else [_ended(bad)]),
    ]


def _ended(bad: _Trial) -> Row:
    why = f"{bad.stalled} stalled, first second {bad.begin_s:.1f} s, recorders {bad.intake:.2f} of their rate"
    return Row(part=PART, what="too many", value=bad.players, note=why)


def _search(one: _Station, seconds: int) -> tuple[_Trial, _Trial | None]:
    """The largest trial that went well, the smallest that did not: by doubling, then by halves."""
    good, bad, players = _Trial(0, 0.0, 0, 1.0), None, FIRST
    for _ in range(TRIALS):
        found = _try(one, players, seconds)
        if found.went_well:
            good = found
        else:
            bad = found
        if bad is None:
            if players >= MOST:
                break
            players = min(MOST, 2 * players)
        else:
            if bad.players - good.players <= max(1, good.players // 10):
                break
            players = (good.players + bad.players) // 2
    return good, bad


def _try(one: _Station, players: int, seconds: int) -> _Trial:
    looks = [
        client.ask(
            one.home.socket,
            "look.open",
            session=one.session,
            about=f"clip:{one.films[at % len(one.films)]}",
            what="player",
        )["look"]
        for at in range(players)
    ]
    begun, read = time.monotonic(), _taken(one.home)
    with ThreadPoolExecutor(players) as pool:
        seen = list(pool.map(lambda at: _play(one, at, looks[at], seconds), range(players)))
    taken = (_taken(one.home) - read) / (time.monotonic() - begun)
    for look in looks:
        client.ask(one.home.socket, "look.close", session=one.session, look=look)
    return _Trial(
        players,
        max(begin for begin, _ in seen),
        sum(is_stalled for _, is_stalled in seen),
        taken / (SLOTS * SLOT_RATE),
    )


def _taken(home: Home) -> int:
    """Bytes that the recorders gave so far."""
    slots = client.ask(home.socket, "live")["slots"]
    assert all(slot["phase"] == "receiving" for slot in slots), "a recorder ran out of films"
    return sum(slot["bytes_done"] for slot in slots)


def _play(one: _Station, at: int, look: str, seconds: int) -> tuple[float, bool]:
    """Seconds to the first second of film, and whether it stalled later."""
    first = random.Random(at).randrange(FILM_BYTES - int((seconds + AHEAD_S + BEGIN_S) * RATE))
    asked = (
        f"GET /media/clip/{one.films[at % len(one.films)]}?look={look} HTTP/1.1\r\n"
        f"Host: 127.0.0.1:{one.web.port}\r\nCookie: session={one.session}\r\nRange: bytes={first}-\r\n\r\n"
    )
    room, came, begin = bytearray(1 << 16), 0, time.monotonic()
    with socket.create_connection(("127.0.0.1", one.web.port), timeout=TIMEOUT_S) as connection:
        connection.sendall(asked.encode())
        while came < BEGIN_S * RATE:
            came += connection.recv_into(room)
        playing = time.monotonic()
        assert room[:12] != b"HTTP/1.1 40", bytes(room[:200])
        while (played := time.monotonic() - playing) < seconds:
            if played * RATE > came:
                return playing - begin, True
            if came > (played + AHEAD_S) * RATE:
                time.sleep(0.05)
            else:
                came += connection.recv_into(room)
    return playing - begin, False


# --- the station ---------------------------------------------------------------------------------------


@contextmanager
def _station(root: Path, cards: Path, seconds: int) -> Iterator[_Station]:
    """A daemon that reads two recorders, pages over its home, and films that are stored."""
    lasts_s = TRIALS * (seconds + TIMEOUT_S)
    files = int(lasts_s * SLOT_RATE / homes.FILE_BYTES) + 1
    slots = [docks.recorder(cards, f"R{number}", files) for number in range(SLOTS)]
    home = homes.make_home(root / "home", slots, previews="false", analysis="false")
    films = homes.clips(cards / "films", [FILM_BYTES] * FILMS, serial="films")
    with homes.opened(home.root) as station:
        people.settle(station, StationClock())
        results = homes.dock(station, films).results
    with homes.daemon(home):
        web = Web(office.Home(home.root)).ready()
        try:
            who = people.PEOPLE[0].account
            told = client.ask(home.socket, "session.open", user=who, password=people.PASSWORD)
            ids = tuple(str(one.acquisition) for one in results.files.values() if one.kind is Kind.VIDEO)
            _until_receiving(home)
            yield _Station(home, web, told["session"], ids)
        finally:
            web.stop()


def _until_receiving(home: Home) -> None:
    until = time.monotonic() + TIMEOUT_S
    while any(slot["phase"] != "receiving" for slot in client.ask(home.socket, "live")["slots"]):
        if time.monotonic() > until:
            raise RuntimeError("the recorders are not being read")
        time.sleep(0.2)
    time.sleep(2)
