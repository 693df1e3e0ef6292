"""What the small identity files of a card say: claims, by formats that family data names. PURE.

The files are anyone's writing: read up to `LIMIT_BYTES`, `LIMIT_LINES`, `LIMIT_CHARS` a value. Text is GBK
on most recorders, UTF-8 on some. A key that stands twice with two values gives two claims.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from ingestd.device.templates import Template
from ingestd.model import Claim

LIMIT_BYTES = 65_536
"""Real ones are below 1 KiB."""
LIMIT_LINES = 1_024
LIMIT_CHARS = 64
"""The widest field of ZFY_INFO is 32 bytes."""
LIMIT_CLAIMS = 32
_PERCENT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityFile:
    """A small file in which a recorder says who it is."""

    template: Template
    format: str
    weight: int
    """As evidence for its family, where the file has the shape of its format."""
    sections: tuple[str, ...]
    """ini: the sections that count, lower case."""
    separator: str
    """fields: what splits the first line."""
    claims: Mapping[str, str]
    """What is claimed -> key (ini, lower case) or index (fields)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatteryFile:
    """A text file into which the recorder writes its battery's charge."""

    template: Template
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What one identity file gave: whether it has the shape of its format, and its claims."""

    shaped: bool
    claims: tuple[Claim, ...]


def is_unset(value: str) -> bool:
    """Whether a number is only zeros: "000000" and "0000000" mean that nobody set it."""
    return not value.strip("0")


def text_of(data: bytes) -> str:
    """A card's text: UTF-8 (with or without mark), else GBK; what is neither becomes U+FFFD."""
    data = data[:LIMIT_BYTES]
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gbk", errors="replace")


def read(file: IdentityFile, name: str, data: bytes) -> Said:
    """The claims of an identity file's content; ``name`` is what they give as their source."""
    pairs, shaped = FORMATS[file.format](file, text_of(data))
    claims = [
        Claim(what=what, value=value, source=name)
        for what, value in pairs
        if value and not (what in ("serial", "officer") and is_unset(value))
    ]
    return Said(shaped=shaped, claims=tuple(dict.fromkeys(claims))[:LIMIT_CLAIMS])


def battery(file: BatteryFile, data: bytes) -> int | None:
    """The last charge that a battery log states, in percent; None where it states none."""
    charge = None
    for line in _lines(text_of(data)):
        key, _, value = line.partition("=")
        if key.strip().lower() == file.key and re.fullmatch(r"[0-9]{1,3}", value.strip(), re.ASCII):
            charge = int(value)
    return charge if charge is not None and charge <= _PERCENT else None


def _lines(text: str) -> list[str]:
    return text.replace("\r", "\n").split("\n", LIMIT_LINES)[:LIMIT_LINES]


def _value(text: str) -> str:
    clean = "".join(c if c.isprintable() else "\ufffd" for c in text.strip(" \t\0\"'")[:LIMIT_CHARS])
    return clean.strip()


_Pairs = Iterator[tuple[str, str]]


def _ini(file: IdentityFile, text: str) -> tuple[_Pairs, bool]:
    values: list[tuple[str, str]] = []
    section, shaped = "", False
    for line in _lines(text):
        line = line.strip()  # noqa: PLW2901 - the bare line is not needed
        if line.startswith("[") and line.endswith("]"):
            section = line[1:-1].strip().lower()
            shaped = shaped or section in file.sections
        elif section in file.sections and not line.startswith((";", "#")):
            key, equals, value = line.partition("=")
            if equals:
                values.append((key.strip().lower(), _value(value)))
    return ((what, v) for what, key in file.claims.items() for k, v in values if k == key), shaped


def _fields(file: IdentityFile, text: str) -> tuple[_Pairs, bool]:
    parts = _lines(text)[0].split(file.separator, LIMIT_LINES)
    wanted = {what: int(index) for what, index in file.claims.items()}
    shaped = len(parts) > max(wanted.values())
    return ((what, _value(parts[i])) for what, i in wanted.items() if shaped), shaped


FORMATS: Mapping[str, Callable[[IdentityFile, str], tuple[_Pairs, bool]]] = {"ini": _ini, "fields": _fields}
"""ini: ``key=value`` in sections; fields: the first line, split."""
