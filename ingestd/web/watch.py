"""What the web process knows of the station at any moment: two threads that look, one value that they renew.

One follows the log into the copy, the other asks the daemon what is live. Neither waits for the other, and pages
wait for none: a daemon that hangs or is gone, a log that cannot be read, are facts to show.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from ingestd import config
from ingestd.actions import client
from ingestd.clock import Clock
from ingestd.config import Config
from ingestd.errors import ConfigError, IngestdError, LogError
from ingestd.index import erasures, queries
from ingestd.index.database import reading
from ingestd.index.facts import Slot, Station
from ingestd.index.unnoted import unnoted
from ingestd.inforce import InForce, of_log
from ingestd.law.rulebook import Rulebook
from ingestd.ledger import table as ledger
from ingestd.ledger.checkpoint import Checkpoint
from ingestd.model import Millis, Sha256
from ingestd.policy.catalog import Policy
from ingestd.telling.deadlines import Deadline, deadline
from ingestd.vault.layout import Home
from ingestd.vault.values import Values
from ingestd.web import texts
from ingestd.web.copy import opened
from ingestd.web.looks import Looks
from ingestd.web.names import Names
from ingestd.web.reporting import Reports
from ingestd.web.verified import Lists, Whole
from ingestd.web.visitors import Visitors
from ingestd.words import Text

log = logging.getLogger(__name__)

EVERY_S = 0.4
"""How often the daemon is asked and the log looked at: with the stream's own pace, live within a second."""
ANSWER_S = 2.0
"""A daemon that is silent for so long is shown as one that does not answer."""
STALE_S = 4.0
"""What was heard is old after so long, whatever became of the asking."""
_TIDY_EVERY_S, _TIDY_AT_ONCE = 5.0, 500
"""Texts whose values are looked for: a million within three hours, at a cost that nobody notices."""
_FIRST = ("", "", "")
_DUE_EVERY = 10
"""Looks at the log after which deadlines are judged again, though nothing happened."""

NOTES_RULE = "REC-8"
NOTES_DAYS = 7
"""Whose recordings of so many days lack a note is on the board; the kiosk goes further back."""
_COUNT_EVERY_S = 3.0
_DAY_MS = 86_400_000

_FAULT = Text("网页的数据库无法读写：{why}", "the pages' database cannot be read or written: {why}")

LONG = 2000
"""Entries that a copy may be behind before pages say so: what comes in within a second is fewer."""
_READING = Text(
    "正在读取日志 {percent} %，页面尚不完整",
    "reading the log: {percent} %, pages are not complete yet",
)
_NOT_YET = Text("日志尚未读完，请稍后再试。", "the log is not read yet; try again in a moment.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the log says, as far as it was followed."""

    checkpoint: Checkpoint | None = None
    station: Station | None = None
    slots: tuple[Slot, ...] = ()
    next_due: Deadline | None = None
    unnoted: tuple[tuple[str, int], ...] = ()
    """Officers with recordings of the last `NOTES_DAYS` that lack a note, and how many: the most first."""
    notes_rule: str | None = None
    """The rule that asks for notes (REC-8), where it is in force."""
    unnoted_names: Mapping[str, str] = field(default_factory=dict)
    fault: Text | None = None
    """Why the log cannot be followed just now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """A log that is being read: at a first start, or after a long absence."""

    size: int
    """Entries in the copy."""
    goal: int
    """In the log; 0: not known yet."""

    @property
    def text(self) -> Text:
        """``正在读取日志 43 %``."""
        percent = 100 * self.size // self.goal if self.goal else 0
        return _READING.format(percent=percent)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What the daemon said last."""

    live: Mapping[str, Any] | None = None
    at: Millis | None = None
    """When it answered last."""
    is_gone: bool = True
    names: Mapping[str, str] = field(default_factory=dict)
    """By officers' numbers."""


class Watch:
    """The station as the pages see it. `start` it; whatever it holds is replaced, never changed."""

    def __init__(self, home: Home, state: Path, clock: Clock) -> None:
        """Raises ConfigError, NotFoundError, BusyError, LogError."""
        self.clock = clock
        self.config = config.read(home.config)
        self.known = Known()
        self._heard, self._heard_s = Heard(), clock.monotonic()
        self.home = home
        self.values = Values(home, self._is_erased)
        self.visitors = Visitors(home.socket)
        self.looks = Looks(home.socket)
        self.lists, self.derived = Lists(home), Whole()
        self._engine, self._follower = opened(home, state)
        self.names = Names(self.values)
        self.reports = Reports(home, state)
        self._policy: tuple[tuple[str, Sha256 | None], Policy] | None = None
        self._counted: tuple[float, tuple[tuple[str, int], ...]] = (-_COUNT_EVERY_S, ())
        self._in_force: InForce | None = None
        self._looks = -1
        self._tidied = _FIRST
        self._erased = -1
        self._complaint = ""
        self._ending = threading.Event()

    @property
    def heard(self) -> Heard:
        """What the daemon said last, and whether that is old."""
        heard = self._heard
        is_old = self.clock.monotonic() - self._heard_s > STALE_S
        return replace(heard, is_gone=True) if is_old and not heard.is_gone else heard

    @property
    def entries(self) -> int:
        """How many entries of the log the copy holds."""
        followed = self._follower.followed
        return 0 if followed is None else followed.size

    @property
    def behind(self) -> Behind | None:
        """How far a long following is; None where the copy is as new as it gets."""
        goal, began = self._follower.goal, self.known.checkpoint
        if self.known.fault is not None or (began is not None and goal - began.size < LONG):
            return None
        with reading(self._engine) as connection:
            size = ledger.size(connection)
        return Behind(size=min(size, goal), goal=goal) if size < goal or began is None else None

    @property
    def policy(self) -> Policy:
        """In force, as the log says. Raises LogError before the log was followed once."""
        known = self._policy
        if known is None:
            raise LogError(_NOT_YET)
        return known[1]

    @property
    def book(self) -> Rulebook:
        """The policy in force with the station's settings, ready for judging. Raises LogError as `policy` does."""
        policy, settings, made = self.policy, self.config, self._in_force
        if made is None or made.policy is not policy or made.config is not settings:
            made = self._in_force = InForce(settings, policy)
        return made.book()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """The copy, as of one moment."""
        with reading(self._engine) as connection:
            yield connection

    def _is_erased(self, digest: str) -> bool:
        with self.reading() as connection:
            return erasures.erasure(connection, digest) is not None

    @property
    def is_ending(self) -> bool:
        """Whether the process is to end: streams end then."""
        return self._ending.is_set()

    def start(self) -> None:
        """Look from now on, every `EVERY_S`."""
        for name, look, every_s in (
            ("follow", self.look, EVERY_S),
            ("listen", self._listen, EVERY_S),
            ("looks", self.looks.flush, EVERY_S),
            ("tidy", self._tidy, _TIDY_EVERY_S),
        ):
            threading.Thread(target=self._loop, args=(look, every_s), name=name, daemon=True).start()

    def close(self) -> None:
        """Look no more."""
        self._ending.set()

    def _loop(self, look: Callable[[], None], every_s: float) -> None:
        while not self._ending.is_set():
            look()
            self._ending.wait(every_s)

    # --- the log ------------------------------------------------------------------------------

    def look(self) -> None:
        """Follow the log as far as it goes now."""
        self._looks += 1
        try:
            is_due = self._looks % _DUE_EVERY == 0 or self.known.fault is not None
            if self._follower.step() or is_due:
                self._read_config()
                self.known = self._facts()
        except IngestdError as error:
            self._fail(error.text)
        except SQLAlchemyError as error:
            self._fail(_FAULT.format(why=type(error).__name__))

    def _tidy(self) -> None:
        """Forget what was erased, at once; texts whose value is gone from the vault otherwise, some at a time."""
        try:
            with self.reading() as connection:
                gone = erasures.all_erased(connection, self._erased)
            if gone:
                texts.forget(self._engine, [one.digest for one in gone])
                self.names.forget()
                self._erased = gone[-1].seq
            self._tidied = texts.tidied(self._engine, self.values, self._tidied, _TIDY_AT_ONCE) or _FIRST
        except (OSError, SQLAlchemyError) as error:
            log.warning("texts are not tidied: %s", type(error).__name__)

    def _fail(self, why: Text) -> None:
        if self.known.fault != why:
            log.error("the log is not followed: %s", why.en)
        self.known = replace(self.known, fault=why)

    def _read_config(self) -> None:
        """As it lies there now; a faulty one changes nothing, as with the daemon."""
        try:
            self.config = config.read(self.home.config)
        except ConfigError as error:
            if str(error) != self._complaint:
                log.warning("configuration not taken: %s", error)
            self._complaint = str(error)

    def _facts(self) -> Known:
        settings, now = self.config, self.clock.now()
        with reading(self._engine) as connection:
            station = queries.station(connection)
            key = settings.policy, None if station is None else station.agency_sha256
            if self._policy is None or self._policy[0] != key:
                self._policy = key, of_log(self.home, settings.policy, connection)
            rule = self._policy[1].find("REC-1")
            waiting = queries.next_deadlines(connection, 1) if rule is not None else ()
            lacking = self._count(connection, now)
            return Known(
                checkpoint=self._follower.followed,
                station=station,
                slots=queries.slots(connection, now),
                next_due=None
                if rule is None or not waiting
                else deadline(waiting[0], now, rule.number("hours")),
                unnoted=lacking,
                notes_rule=None if self._policy[1].find(NOTES_RULE) is None else NOTES_RULE,
                unnoted_names=self.names.of(connection, [one for one, _ in lacking], settings.web_names),
            )

    def _count(self, connection: Connection, now: Millis) -> tuple[tuple[str, int], ...]:
        """Missing notes by officer; counted anew every `_COUNT_EVERY_S` at most."""
        if self.clock.monotonic() - self._counted[0] >= _COUNT_EVERY_S:
            found = unnoted(connection, since=Millis(now - NOTES_DAYS * _DAY_MS))
            counts = Counter(one.officer for one in found)
            self._counted = self.clock.monotonic(), tuple(counts.most_common())
        return self._counted[1]

    # --- the daemon ---------------------------------------------------------------------------

    def _listen(self) -> None:
        try:
            live = client.ask(self.home.socket, "live", None, ANSWER_S)
        except IngestdError:
            self._heard = replace(self._heard, is_gone=True)
            return
        names = self._named(live, self.config)
        self._heard = Heard(live=live, at=self.clock.now(), is_gone=False, names=names)
        self._heard_s = self.clock.monotonic()

    def _named(self, live: Mapping[str, Any], settings: Config) -> Mapping[str, str]:
        officers = {slot["officer"] for slot in live["slots"] if slot["officer"]}
        try:
            with reading(self._engine) as connection:
                return self.names.of(connection, officers, settings.web_names)
        except (SQLAlchemyError, LogError):
            return self._heard.names
