"""Looking: who may see an item or a page, and every opening of one (design 9). Refusals are events (invariant 5).

The web process decides by its own copy of the log what it draws; before it turns somebody away it asks here, so
that the refusal is the daemon's, with its words, in the log. A look is an event that is published before the
first byte is shown. What was shown is told by the web process while the look goes on and said in `look.closed`;
a look that nobody closes is closed when it is idle or its login is over.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from ingestd.actions.authority import Authority
from ingestd.actions.caller import Caller
from ingestd.actions.findings import reason_of
from ingestd.actions.refusals import Refusals
from ingestd.errors import NotFoundError, PurposeDueError, RefusedError, UsageError
from ingestd.events import LookClosed, LookOpened
from ingestd.index import link_queries, looks, registers
from ingestd.index.database import reading
from ingestd.index.items import find_clip
from ingestd.index.looks import Look, Ranges
from ingestd.model import Millis, Sha256
from ingestd.people.separation import ADMINISTRATOR, ADMINISTRATOR_RULE, READERS, RULES, SEEN, Deed
from ingestd.station import Station
from ingestd.vault.layout import is_digest
from ingestd.words import Text

_PATH_CHARS = 100
RULE = "OWN-22"
"""Whether a purpose is asked for."""
WHATS = ("player", "preview", "strip", "snapshot", "document", "original")
STRIP, SNAPSHOT, DOCUMENT = "strip", "snapshot", "document"
PICTURED = ("original", "preview")
"""What a snapshot is taken of."""
_Picture = tuple[Sha256 | None, int | None, str | None]
TAKEN = ("original", SNAPSHOT)
"""What leaves the station: not for who recorded it (REC-3). A document is read as the file that it is, by who wrote
it too: of it only labels have something to say (OWN-24)."""
IDLE_MS = 600_000
STRIPS_MS = 3_600_000
"""Strips of frames in lists are one look a person and hour (design 9)."""
RANGES = 1000
"""Stretches that are kept of a look; beyond that neighbours become one."""
ITEMS = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """What became known of a look while it goes on."""

    at: Millis
    """When it was last used."""
    seen: Ranges = ()
    watched_ms: int | None = None
    served: Ranges = ()
    items: tuple[str, ...] = ()


@dataclass(slots=True)
class _Memory:
    """Of all looks that go on; a restart forgets it, and they end with what was told before."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    shown: dict[str, _Shown] = field(default_factory=dict)


class LookActions:
    """The verbs of looking."""

    def __init__(self, station: Station, refusals: Refusals) -> None:
        self._station = station
        self._refusals = refusals
        self._authority = Authority(station, refusals)
        self._memory = _Memory()
        self._ending = threading.Lock()

    # --- who may ------------------------------------------------------------------------------

    def check(self, who: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """`look.check`: whether the person may see the item ``about``; ``deed``: `open` it, see its `picture`.

        Raises RefusedError, UsageError.
        """
        self._authority.require(who, _sight(arguments.get("deed", Deed.LOOK)), str(arguments["about"]))
        return {}

    def check_page(self, who: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """`page.check`: whether the person has one of the ``roles`` that ``page`` is for. Raises RefusedError."""
        with self._refusals.watch(who, "page", str(arguments["page"])[:_PATH_CHARS]):
            who.require(*map(str, arguments["roles"]))
        return {}

    # --- looks --------------------------------------------------------------------------------

    def open(self, who: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """`look.open`: ``about`` an item, ``what`` of it, ``purpose`` where the policy asks; answers once published.

        Of a strip no item is named: it is the person's look at lists for an hour, and goes on where it stands. A
        snapshot is told with its ``sha256``, ``at_ms`` and ``of`` what it is, and is over at once.
        Raises RefusedError, SecondFactorError, NotFoundError, PurposeDueError, UsageError.
        """
        what = str(arguments["what"])
        if what not in WHATS:
            raise UsageError(
                Text("查看内容为 {k} 之一。", "a look is at one of {k}.").format(k=", ".join(WHATS))
            )
        if what == STRIP:
            return self._open_strips(who)
        about = str(arguments["about"])
        self._authority.require(who, Deed.OPEN, about)
        if what in TAKEN:
            self._authority.require(who, Deed.EXTRACT, about)
        elif what == DOCUMENT:
            self._authority.require_guard(who, about)
        picture = _picture(arguments) if what == SNAPSHOT else (None, None, None)
        case = self._case(about)
        login = None if who.by is None else who.by.id
        purpose = str(arguments.get("purpose") or "").strip()
        if not purpose and self.is_purpose_due(login, about, case):
            raise PurposeDueError(
                Text("请先写明查看用途（规则 {r}）。", "say first what this look is for (rule {r}).").format(
                    r=RULE
                )
            )
        digest = self._station.services.put_value({"purpose": reason_of(purpose)}) if purpose else None
        return self._opened(who, about=about, what=what, case=case, purpose_value=digest, picture=picture)

    def is_purpose_due(self, login: str | None, about: str, case: str | None) -> bool:
        """Whether the policy asks what for, and this login has not said it of the case yet (OWN-22)."""
        rule = self._station.policy.find(RULE)
        if rule is None or not rule.number("asked"):
            return False
        with reading(self._station.engine) as connection:
            return login is None or not looks.is_purpose_told(connection, login, about=about, case=case)

    def _open_strips(self, who: Caller) -> dict[str, Any]:
        with self._refusals.watch(who, "look", "page:strips"):
            if ADMINISTRATOR in who.roles:
                rule = RULES[ADMINISTRATOR_RULE]
                raise RefusedError(Text(f"{rule.zh}。", f"{rule.en}."), rule=ADMINISTRATOR_RULE)
            who.require(*READERS, "officer")
        about, now = f"account:{who.person or who.actor}", self._station.clock.now()
        with reading(self._station.engine) as connection:
            found = looks.listed(connection, about=about, limit=1)
        is_mine = found and found[0].login == (None if who.by is None else who.by.id)
        if found and is_mine and found[0].closed_at is None and now - found[0].opened_at < STRIPS_MS:
            return {"look": found[0].look, "until_at": found[0].opened_at + STRIPS_MS, "seq": found[0].seq}
        if found and is_mine and found[0].closed_at is None:
            self._close(found[0], "next")
        opened = self._opened(who, about=about, what=STRIP, case=None, purpose_value=None)
        return opened | {"until_at": now + STRIPS_MS}

    def _opened(
        self,
        who: Caller,
        *,
        about: str,
        what: str,
        case: str | None,
        purpose_value: str | None,
        picture: _Picture = (None, None, None),
    ) -> dict[str, Any]:
        event = LookOpened(
            look=self._station.services.new_id(),
            about=about,
            what=what,
            login=None if who.by is None else who.by.id,
            case=case,
            purpose_value=purpose_value,
            picture_sha256=picture[0],
            at_ms=picture[1],
            picture_of=picture[2],
        )
        over = LookClosed(
            look=event.look, about=about, why="closed", seen=(), watched_ms=None, served=(), items=()
        )
        events = [event, over] if what == SNAPSHOT else [event]
        seq = self._station.books.append(events, actor=who.actor)[0]
        self._station.books.ensure_published(seq)
        return {"look": event.look, "about": about, "what": what, "seq": seq}

    def serve(self, who: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """`look.serve`: goes on with one's ``look``: what was ``served`` of it, which strips (``items``).

        Answers what it is a look at. Raises NotFoundError where it is over or somebody else's, RefusedError where
        the item was closed to them meanwhile (OWN-24).
        """
        found = self._mine(who, arguments["look"])
        self._note(found, _ranges(arguments.get("served", [])), _items(arguments.get("items", [])))
        if found.what != STRIP:
            self._authority.require(who, Deed.OPEN, found.about)
        return {"look": found.look, "about": found.about, "what": found.what, "login": found.login}

    def see(self, who: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """`look.see`: the player tells what was played so far: ``ranges`` in ms, ``watched_ms``; last word counts."""
        found = self._mine(who, arguments["look"])
        self._tell(found, arguments)
        return {}

    def close(self, who: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """`look.close`: the person looks no more; with what `look.see` and `look.serve` take."""
        found = self._mine(who, arguments["look"])
        if "ranges" in arguments:
            self._tell(found, arguments)
        self._note(found, _ranges(arguments.get("served", [])), _items(arguments.get("items", [])))
        return {"look": found.look, "seq": self._close(found, "closed", actor=who.actor)}

    def _tell(self, found: Look, arguments: Mapping[str, Any]) -> None:
        seen, watched = _ranges(arguments["ranges"]), arguments.get("watched_ms")
        if watched is not None and (type(watched) is not int or watched < 0):
            raise UsageError(Text("播放时长不合规。", "that is no length of time."))
        with self._memory.lock:
            shown = self._memory.shown.get(found.look) or _Shown(at=found.opened_at)
            now = self._station.clock.now()
            self._memory.shown[found.look] = replace(shown, at=now, seen=seen, watched_ms=watched)

    def _note(self, found: Look, served: Ranges, items: tuple[str, ...]) -> None:
        with self._memory.lock:
            shown = self._memory.shown.get(found.look) or _Shown(at=found.opened_at)
            self._memory.shown[found.look] = replace(
                shown,
                at=self._station.clock.now(),
                served=joined((*shown.served, *served)),
                items=tuple(dict.fromkeys((*shown.items, *items)))[:ITEMS],
            )

    def _mine(self, who: Caller, shown: object) -> Look:
        """A look of this login that goes on. Raises NotFoundError."""
        with reading(self._station.engine) as connection:
            found = looks.look(connection, str(shown))
        login = None if who.by is None else who.by.id
        if found is not None and (found.login != login or found.person not in (who.person, who.actor)):
            with self._refusals.watch(who, "look", found.about):
                raise RefusedError(
                    Text("这是他人或另一次登录的查看。", "this look is somebody else's, or of another login.")
                )
        if found is None or found.closed_at is not None:
            raise NotFoundError(
                Text(
                    "没有这次查看，或已结束；请重新打开。",
                    "there is no such look, or it is over: open it anew.",
                )
            )
        return found

    def playing(self, person: str, about: str) -> Ranges:
        """What a person has played of an item in looks that go on, as far as their player told."""
        with reading(self._station.engine) as connection:
            found = [one for one in looks.played(connection, person, about) if one.closed_at is None]
        with self._memory.lock:
            known = [self._memory.shown[one.look] for one in found if one.look in self._memory.shown]
        return joined([span for one in known for span in one.seen])

    # --- the end by time ----------------------------------------------------------------------

    def expire(self, _stop: threading.Event | None = None) -> None:
        """Close looks that are idle or whose login is over; a job calls it."""
        now = self._station.clock.now()
        with reading(self._station.engine) as connection:
            standing, over = looks.standing(connection), looks.of_ended_logins(connection)
        for one in standing:
            with self._memory.lock:
                shown = self._memory.shown.setdefault(one.look, _Shown(at=now))
            if one.look in over:
                self._close(one, "login-ended")
            elif one.what == STRIP and now - one.opened_at >= STRIPS_MS:
                self._close(one, "closed")
            elif one.what != STRIP and now - shown.at >= IDLE_MS:
                self._close(one, "idle")

    def _close(self, found: Look, why: str, *, actor: str = "daemon") -> int:
        """Say that it is over, once; the position of what says so."""
        with self._ending:
            with reading(self._station.engine) as connection:
                still = looks.look(connection, found.look)
            if still is None or still.closed_at is not None:
                return found.seq
            with self._memory.lock:
                shown = self._memory.shown.pop(found.look, _Shown(at=found.opened_at))
            event = LookClosed(
                look=found.look,
                about=found.about,
                why=why,
                seen=shown.seen,
                watched_ms=shown.watched_ms,
                served=shown.served,
                items=shown.items,
            )
            return self._station.books.append([event], actor=actor)[0]

    def _case(self, about: str) -> str | None:
        """The case that an item belongs to now. Raises NotFoundError where there is no such item."""
        kind, _, id_ = about.partition(":")
        with reading(self._station.engine) as connection:
            if kind == "clip":
                link = link_queries.link_of(connection, id_)
                if find_clip(connection, id_) is None:
                    raise _no_item(about)
                case = None if link is None else link.case
                act = None if link is None or link.act is None else registers.one(connection, "act", link.act)
                return case or (None if act is None else act.row.case)
            stated = registers.one(connection, "record", id_) if kind == "text-record" else None
        if stated is None:
            raise _no_item(about)
        found: str | None = stated.row.case
        return found


def _sight(value: object) -> Deed:
    """A deed of seeing. Raises UsageError."""
    found = next((one for one in SEEN if one == value), None)
    if found is None:
        raise UsageError(Text("没有这种查看。", "there is no such way of looking."))
    return found


def joined(ranges: Sequence[tuple[int, int]]) -> Ranges:
    """Stretches in order, those that meet as one; at most `RANGES`, by closing the smallest gaps."""
    made: list[tuple[int, int]] = []
    for begin, end in sorted(ranges):
        if made and begin <= made[-1][1]:
            made[-1] = made[-1][0], max(end, made[-1][1])
        else:
            made.append((begin, end))
    gaps = sorted(range(1, len(made)), key=lambda at: made[at - 1][1] - made[at][0])[: RANGES - 1]
    cuts = [0, *sorted(gaps), len(made)]
    return tuple((made[begin][0], made[end - 1][1]) for begin, end in pairwise(cuts) if begin < end)


def _ranges(value: Any) -> Ranges:
    """Stretches as a program tells them. Raises UsageError."""
    ok = isinstance(value, list) and len(value) <= 10 * RANGES
    if not ok or not all(
        isinstance(one, list)
        and len(one) == 2  # noqa: PLR2004 - begin and end
        and all(type(part) is int for part in one)
        and 0 <= one[0] <= one[1] < 1 << 53
        for one in value
    ):
        raise UsageError(Text("区间不合规。", "these are no stretches [[from, to], ...]."))
    return joined([(begin, end) for begin, end in value if begin < end])


def _picture(arguments: Mapping[str, Any]) -> _Picture:
    """Digest and place of a snapshot, and of what it is. Raises UsageError."""
    sha256, at_ms, of = arguments["sha256"], arguments["at_ms"], arguments.get("of")
    if (
        not isinstance(sha256, str)
        or not is_digest(sha256)
        or type(at_ms) is not int
        or not 0 <= at_ms < 1 << 53
        or of not in (None, *PICTURED)
    ):
        raise UsageError(
            Text("截图的摘要、位置或来源不合规。", "that is no digest, place or source of a snapshot.")
        )
    return Sha256(sha256), at_ms, of


def _items(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(
        isinstance(one, str) and len(one) < _PATH_CHARS for one in value
    ):
        raise UsageError(Text("项目不合规。", "these are no items."))
    return tuple(value[:ITEMS])


def _no_item(about: str) -> NotFoundError:
    return NotFoundError(
        Text("没有这一项：{a}。", "there is nothing of this name to look at: {a}.").format(
            a=about[:_PATH_CHARS]
        )
    )
