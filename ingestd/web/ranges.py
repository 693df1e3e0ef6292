"""Which bytes a request asks for (RFC 9110, section 14): one range, or the whole. PURE."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_RANGE = re.compile(r"bytes=[ \t]*(?:(\d{1,18})-(\d{0,18})|-(\d{1,18}))[ \t]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Bytes ``begin`` up to before ``end``."""

    begin: int
    end: int
    is_part: bool
    """Whether a range was asked for: 206 instead of 200."""


def span(headers: Mapping[str, str], size: int, etag: str) -> Span | None:
    """What is asked for of ``size`` bytes; None: a range beyond them (416).

    A range of another version (If-Range), several at once, or what is no range at all: the whole.
    """
    whole = Span(begin=0, end=size, is_part=False)
    asked = headers.get("range")
    if asked is None or headers.get("if-range", etag) != etag:
        return whole
    found = _RANGE.fullmatch(asked)
    if found is None:
        return whole
    first, last, suffix = found.groups()
    if suffix is not None:
        begin, end = max(0, size - int(suffix)), size
    else:
        begin = int(first)
        end = min(size, int(last) + 1) if last else size
        if last and int(last) < begin:
            return whole  # not a range by its grammar
    return Span(begin=begin, end=end, is_part=True) if begin < end else None
