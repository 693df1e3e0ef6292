"""On which line of a TOML file each key stands, so that a fault can name it. PURE.

`tomllib` gives values without places. tomlkit keeps a document's text for writing it back, but tells no lines
either, and would be a second parser with readings of its own. So the file is parsed by `tomllib`, and this scan,
which trusts that it is good TOML, notes where tables and keys begin. What stands inside an inline table or a list
is found by the line of the key that holds it.
"""

from __future__ import annotations

import re

KeyPath = tuple[str | int, ...]
"""Names, and positions (from 0) in arrays of tables."""

_PART = r"""(?:"[^"]*"|'[^']*'|[\w-]+)"""
_DOTTED = rf"{_PART}(?:\s*\.\s*{_PART})*"
_ARRAY = re.compile(rf"\s*\[\[\s*({_DOTTED})\s*\]\]")
_TABLE = re.compile(rf"\s*\[\s*({_DOTTED})\s*\]")
_KEY = re.compile(rf"\s*({_DOTTED})\s*=(.*)", re.DOTALL)
_QUOTES = ('"""', "'''", '"', "'")


def index(text: str) -> dict[KeyPath, int]:
    """The line (from 1) of every table and of every key outside inline tables."""
    found: dict[KeyPath, int] = {}
    counts: dict[KeyPath, int] = {}
    table: KeyPath = ()
    quote, depth = "", 0
    for number, line in enumerate(text.split("\n"), 1):
        rest = line
        if not quote and depth == 0:
            if match := _ARRAY.match(line):
                name = _resolved(_parts(match[1]), counts)
                counts[name] = counts.get(name, -1) + 1
                table = (*name, counts[name])
                found.setdefault(table, number)
                continue
            if match := _TABLE.match(line):
                table = _resolved(_parts(match[1]), counts)
                found.setdefault(table, number)
                continue
            if match := _KEY.match(line):
                found.setdefault((*table, *_parts(match[1])), number)
                rest = match[2]
        quote, depth = _after(rest, quote, depth)
    return found


def _parts(dotted: str) -> KeyPath:
    return tuple(part.strip("\"'") for part in re.findall(_PART, dotted))


def _resolved(names: KeyPath, counts: dict[KeyPath, int]) -> KeyPath:
    """The path of a table's header: where a name is an array of tables, its last element is meant."""
    path: KeyPath = ()
    for at, name in enumerate(names):
        path = (*path, name)
        if at < len(names) - 1 and path in counts:
            path = (*path, counts[path])
    return path


def _after(line: str, quote: str, depth: int) -> tuple[str, int]:
    """The open quote and the depth of brackets at the end of a line."""
    at = 0
    while at < len(line):
        if quote:
            if line[at] == "\\" and quote[0] == '"':
                at += 2
            elif line.startswith(quote, at):
                at, quote = at + len(quote), ""
            else:
                at += 1
            continue
        if line[at] == "#":
            break
        quote = next((mark for mark in _QUOTES if line.startswith(mark, at)), "")
        depth += (line[at] in "[{") - (line[at] in "]}")
        at += len(quote) or 1
    return (quote if len(quote) == 3 else ""), depth  # noqa: PLR2004 - the long quotes alone go over lines


def line_of(lines: dict[KeyPath, int], path: KeyPath) -> int:
    """The line of a key, or of what holds it; 1 where nothing of it is known."""
    while path:
        if path in lines:
            return lines[path]
        path = path[:-1]
    return 1
