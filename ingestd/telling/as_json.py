"""Facts as JSON values, the same from a command's ``--json`` and from the API. PURE."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from ingestd import canon
from ingestd.events import Event, data_of
from ingestd.model import Interval, Millis


def to_json(value: Any) -> Any:
    """Facts as JSON values: moments (``*_at``, intervals) as RFC 3339, events as their type and data."""
    if isinstance(value, Event):
        return {"type": value.type, "data": data_of(value)}
    if isinstance(value, Interval):
        return {"earliest": _stamp(value.earliest), "latest": _stamp(value.latest), "basis": value.basis}
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _field(field.name, getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [to_json(element) for element in value]
    return value.value if isinstance(value, Enum) else value


def _field(name: str, value: Any) -> Any:
    is_moment = isinstance(value, int) and (name == "at" or name.endswith("_at"))
    return _stamp(Millis(value)) if is_moment else to_json(value)


def _stamp(at: Millis | None) -> str | int | None:
    if at is None:
        return None
    try:
        datetime.fromtimestamp(at // 1000, UTC)
    except (OverflowError, ValueError, OSError):
        return at
    return canon.timestamp(at)
