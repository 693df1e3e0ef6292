"""Standard output and error that take any text: what their encoding lacks becomes an escape, never an error.

A docking that secured everything must not end as a fault because a terminal in GBK has no ``✔``, or because a name
on a card was no text. The escapes are JSON's own, so that ``--json`` stays JSON in every encoding.
"""

from __future__ import annotations

import codecs
import io
import sys

_HANDLER = "ingestd-escape"
_UNIT_BYTES = 2


def make_sure() -> None:
    """Let this process's standard output and error escape what they cannot encode."""
    codecs.register_error(_HANDLER, _escaped)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_HANDLER)


def _escaped(error: UnicodeError) -> tuple[str, int]:
    """The escape of JSON for each UTF-16 unit of what cannot be encoded."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    units = error.object[error.start : error.end].encode("utf-16-be", "surrogatepass")
    found = (units[at : at + _UNIT_BYTES].hex() for at in range(0, len(units), _UNIT_BYTES))
    return "".join(f"\\u{unit}" for unit in found), error.end
