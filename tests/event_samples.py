"""Events for tests: one plain example of each type, and random sequences that a log could hold."""

from __future__ import annotations

import dataclasses
import types
import typing
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from hypothesis import strategies as st

from ingestd.events import EVENTS, ClipQuarantined, ClipSecured, Event, SessionOpened
from ingestd.model import Interval, Kind, Millis

T0 = Millis(1_795_270_000_000)  # 2026-11-21
HOUR = 3_600_000

_POOLS: dict[str, tuple[Any, ...]] = {
    "recorder": ("7-104233", "7-104198", "unidentified"),
    "session": ("s1", "s2", "s3"),
    "slot": ("1", "2", "10"),
    "acquisition": tuple(f"0199a000-0000-7000-8000-00000000000{n}" for n in range(6)),
    "supersedes": ((), *((f"0199a000-0000-7000-8000-00000000000{n}",) for n in range(3))),
    "duplicate_of": (None, "0199a000-0000-7000-8000-000000000000"),
    "sha256": tuple(digit * 64 for digit in "ab0"),
    "path": ("DCIM/a.mp4", "DCIM/b.mp4", "录像/丙.mp4", "x\ny"),
    "path_b64": (None, "/w=="),
    "about": ("clip:0199a000-0000-7000-8000-000000000001", "recorder:7-104233", "slot:1", "station"),
    "finding": ("f1", "f2"),
    "action": ("p1", "p2"),
    "verb": ("hand-out", "other"),
    "plan": ("acquire", "held", "prove", "left"),
    "outcome": ("clear", "kept", "problem", "pulled", "interrupted", "refused", "nothing"),
    "state": ("secured",),
    "size": (0, 1, 2_800_000_000),
    "case": ("案〔2026〕1", "c\0"),
    "act": ("a1", "a2"),
    "record": ("t1", "t2"),
    "review": ("r1", "r2"),
    "party": ("p1", "p2"),
    "unit": ("u1", "u2"),
    "subject": ("p1", "p2"),
    "mtime_us": (None, T0 * 1000, (T0 + HOUR) * 1000, -1),
}
_KINDS_OF_FINDING = ("not-returned", "lost", "late")
_TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Where an event stands in a test's log."""

    seq: int
    at: Millis
    actor: str


def _of_type(hint: Any, name: str) -> st.SearchStrategy[Any]:
    while isinstance(hint, typing.NewType):
        hint = hint.__supertype__
    arguments = typing.get_args(hint)
    if typing.get_origin(hint) in (types.UnionType, typing.Union):
        return st.one_of(*(_of_type(argument, "") for argument in arguments))
    if typing.get_origin(hint) is tuple:
        if arguments[-1:] == (Ellipsis,):
            return st.lists(_of_type(arguments[0], name.removesuffix("s")), max_size=3).map(tuple)
        return st.tuples(*(_of_type(argument, "") for argument in arguments))
    if dataclasses.is_dataclass(hint):
        return events_of(typing.cast("Any", hint))
    if issubclass(hint, StrEnum):
        return st.sampled_from(list(hint))
    simple = {
        str: _TEXT,
        int: st.integers(-(2**53) + 1, 2**53 - 1),
        bool: st.booleans(),
        type(None): st.none(),
    }
    return simple[hint]


def events_of(cls: type[Any]) -> st.SearchStrategy[Any]:
    """Random values of one event type (or of a part of one); ids come from small pools, so that they meet."""
    hints = typing.get_type_hints(cls)
    parts = {}
    for field in dataclasses.fields(cls):
        pool = _POOLS.get(field.name)
        if field.name == "kind" and hints["kind"] is str:
            pool = _KINDS_OF_FINDING
        parts[field.name] = st.sampled_from(pool) if pool else _of_type(hints[field.name], field.name)
        if field.name == "acquisitions":
            parts[field.name] = st.lists(st.sampled_from(_POOLS["acquisition"]), max_size=4).map(tuple)
    return st.builds(cls, **parts)


ANY_EVENT: st.SearchStrategy[Event] = st.one_of(*map(events_of, EVENTS.values()))


def _as_log(events: list[Event]) -> list[tuple[Entry, Event]]:
    """Positions for events; what a log holds once only (an acquisition, a session's start) is kept once."""
    log: list[tuple[Entry, Event]] = []
    seen: set[str] = set()
    for event in events:
        once = ""
        if isinstance(event, ClipSecured | ClipQuarantined):
            once = event.acquisition
        elif isinstance(event, SessionOpened):
            once = event.session
        if once not in seen or not once:
            log.append((Entry(seq=len(log), at=Millis(T0 + 1000 * len(log)), actor="daemon"), event))
        seen.add(once)
    return log


LOGS: st.SearchStrategy[list[tuple[Entry, Event]]] = st.lists(ANY_EVENT, max_size=40).map(_as_log)


def secured(number: int = 0, **changes: Any) -> ClipSecured:
    """An ordinary clip; each number is another file with other bytes."""
    start = Millis(T0 + number * 1000)
    plain: dict[str, Any] = {
        "acquisition": f"0199a000-0000-7000-8000-{number:012x}",
        "session": "s1",
        "recorder": "7-104233",
        "slot": "1",
        "manifest": f"2026/11/21/0199a000-0000-7000-8000-{number:012x}",
        "manifest_sha256": f"{number + 1:064x}",
        "sha256": f"{number:064x}",
        "size": 1000 + number,
        "path": f"DCIM/{number:04}.MP4",
        "path_b64": None,
        "mtime_us": (T0 + number * 1000) * 1000,
        "kind": Kind.VIDEO,
        "marked": False,
        "sequence": number,
        "officer": "104233",
        "started": Interval(
            earliest=Millis(T0 + number * 1000), latest=Millis(T0 + number * 1000), basis="name"
        ),
        "ended": Interval(earliest=Millis(start + 900), latest=Millis(start + 950), basis="name"),
        "stored_at": Millis(T0 + HOUR),
        "duplicate_of": None,
        "supersedes": (),
        "flags": (),
    }
    return ClipSecured(**plain | changes)


def quarantined(number: int = 0, **changes: Any) -> ClipQuarantined:
    """A clip of which a part could not be read."""
    own = {"fault": "read-error", "bad_ranges": (), "partial": False}
    base = {field.name: getattr(secured(number), field.name) for field in dataclasses.fields(ClipSecured)}
    return ClipQuarantined(**base | own | changes)
