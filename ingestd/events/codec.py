"""Events to JSON values and back: what `data` of a log entry is, by the types of an event's fields. PURE."""

from __future__ import annotations

import types
import typing
from dataclasses import MISSING, fields, is_dataclass
from enum import StrEnum
from typing import Any

from ingestd.events import (
    accounts,
    audits,
    care,
    cases,
    clips,
    law,
    looks,
    recorders,
    registers,
    sessions,
    station,
)
from ingestd.events.base import ClaimRecord, Event

_MODULES = (station, recorders, sessions, clips, care, registers, cases, law, audits, accounts, looks)

EVENTS: dict[str, type[Event]] = {
    cls.type: cls
    for module in _MODULES
    for cls in vars(module).values()
    if isinstance(cls, type) and issubclass(cls, Event) and "type" in vars(cls)
}
"""All events by their type, in the order of docs/events.md."""

_SCALARS = frozenset((str, int, bool, types.NoneType))


def data_of(event: Event) -> dict[str, Any]:
    """The event's fields as JSON values (``data`` of its entry); what a type grew by only where it is told."""
    cls = type(event)
    told = {name: _plain(getattr(event, name)) for name in _names(cls)}
    for name in _grown(cls):
        if told[name] is None:
            del told[name]
    return told


_NAMES: dict[type, tuple[str, ...]] = {}


def _names(cls: type[Any]) -> tuple[str, ...]:
    if cls not in _NAMES:
        _NAMES[cls] = tuple(field.name for field in fields(cls))
    return _NAMES[cls]


_GROWN: dict[type, frozenset[str]] = {}


def _grown(cls: type[Any]) -> frozenset[str]:
    """Fields that entries of before do not have."""
    if cls not in _GROWN:
        _GROWN[cls] = frozenset(field.name for field in fields(cls) if field.default is not MISSING)
    return _GROWN[cls]


def values_of(event: Event) -> tuple[str, ...]:
    """Digests of the personal values that an event refers to."""
    own = [getattr(event, name) for name in _names(type(event)) if name.endswith("_value")]
    claims: tuple[ClaimRecord, ...] = getattr(event, "claims", ())
    return tuple(digest for digest in (*own, *(claim.value for claim in claims)) if digest)


def _plain(value: Any) -> Any:
    kind = type(value)
    if kind in _SCALARS:
        return value
    if isinstance(value, tuple):
        return [_plain(element) for element in value]
    if isinstance(value, StrEnum):
        return value.value
    return {name: _plain(getattr(value, name)) for name in _names(kind)}


class EventError(ValueError):
    """Data that is no event of its type."""


def event_of(type_name: str, data: dict[str, Any]) -> Event:
    """The inverse of `data_of`; raises EventError for an unknown type or data that does not fit."""
    cls = EVENTS.get(type_name)
    if cls is None:
        raise EventError(f"no event type {type_name!r}")
    event: Event = _built(cls, data, type_name)
    return event


_HINTS: dict[type, dict[str, Any]] = {}


def _built(wanted: Any, value: Any, where: str) -> Any:  # noqa: C901, PLR0911, PLR0912 - one case a kind of type
    if is_dataclass(wanted) and isinstance(wanted, type):
        if not isinstance(value, dict):
            raise EventError(f"{where}: an object was expected")
        if wanted not in _HINTS:
            _HINTS[wanted] = typing.get_type_hints(wanted)
        names = frozenset(_names(wanted))
        if not names - _grown(wanted) <= set(value) <= names:
            raise EventError(f"{where}: fields {sorted(value)} where {sorted(names)} were expected")
        if any(value[name] is None for name in _grown(wanted) & set(value)):
            raise EventError(f"{where}: a field that is not told is absent, never null")
        hints = _HINTS[wanted]
        return wanted(**{n: _built(hints[n], value[n], f"{where}.{n}") for n in value})
    while isinstance(wanted, typing.NewType):
        wanted = wanted.__supertype__
    origin, arguments = typing.get_origin(wanted), typing.get_args(wanted)
    if origin in (types.UnionType, typing.Union):
        if value is None and type(None) in arguments:
            return None
        return _one_of([a for a in arguments if a is not type(None)], value, where)
    if origin is tuple:
        if not isinstance(value, list):
            raise EventError(f"{where}: a list was expected")
        if arguments[-1:] == (Ellipsis,):
            return tuple(_built(arguments[0], v, where) for v in value)
        if len(value) != len(arguments):
            raise EventError(f"{where}: {len(arguments)} elements were expected")
        return tuple(_built(a, v, where) for a, v in zip(arguments, value, strict=True))
    if isinstance(wanted, type) and issubclass(wanted, StrEnum):
        try:
            return wanted(value)
        except ValueError as error:
            raise EventError(f"{where}: {error}") from error
    if type(value) is not wanted:
        raise EventError(f"{where}: {wanted.__name__} was expected, not {value!r:.80}")
    return value


def _one_of(candidates: list[Any], value: Any, where: str) -> Any:
    error: EventError | None = None
    for candidate in candidates:
        try:
            return _built(candidate, value, where)
        except EventError as failed:
            error = failed
    assert error is not None
    raise error
