"""Templates of paths on a card, the language of family data. PURE.

A template is a path of parts joined by ``/``; a part ``**`` stands for any number of folders (once a
template), ``*`` for any run of characters (once a part), ``{field}`` for one of `FIELDS`, ``{field?}`` for
the same or nothing. All matching is on raw bytes, without regard to ASCII case, and each part compiles to
a regular expression of bounded pieces with at most one open run: no name can make it slow.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

FIELDS: Mapping[str, str] = {
    "officer": "[0-9A-Za-z]",
    "serial": "[0-9A-Za-z]",
    "time": "[0-9]{8}[-_T]?[0-9]{6}",
    "date": "[0-9]{4}[-_.]?[0-9]{2}[-_.]?[0-9]{2}",
    "clock": "[0-9]{2}[-_.]?[0-9]{2}[-_.]?[0-9]{2}",
    "stamp": "[0-9]{8}T[0-9]{6}Z",
    "sequence": "[0-9]{1,8}",
    "mark": "[_-]?IMP",
    "ext": "[^./]{1,8}",
}
"""What a field may hold. officer and serial: one character, repeated as the family's lengths say; stamp is
ISO 8601 basic in UTC; mark is the key-file mark of GA/T 947."""
SIZED = frozenset({"officer", "serial"})
_LONGEST = 64
_TOKEN = re.compile(r"\{([a-z]+)(\?)?\}|(\*)|([^{}*]+)")


class TemplateError(ValueError):
    """A template that means nothing; says which and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One compiled template."""

    text: str
    head: tuple[re.Pattern[bytes], ...]
    """Parts from the root on."""
    tail: tuple[re.Pattern[bytes], ...] | None
    """Parts up to the file, after a ``**``; None where there is none."""

    def match(self, parts: list[bytes]) -> dict[str, str] | None:
        """The fields where the path's parts fit, else None."""
        fixed = len(self.head) + len(self.tail or ())
        if len(parts) < fixed or (self.tail is None and len(parts) != fixed):
            return None
        start = len(parts) - len(self.tail or ())
        pairs = [*zip(self.head, parts, strict=False), *zip(self.tail or (), parts[start:], strict=True)]
        fields: dict[str, str] = {}
        for pattern, part in pairs:
            found = pattern.fullmatch(part)
            if found is None:
                return None
            fields.update((k, v.decode("ascii")) for k, v in found.groupdict().items() if v is not None)
        return fields


def compiled(text: str, lengths: Mapping[str, str]) -> Template:
    """A template from its text; ``lengths`` gives those of the `SIZED` fields. Raises TemplateError."""
    parts = text.split("/")
    if parts.count("**") > 1:
        raise TemplateError(f"{text}: '**' stands twice")
    if "**" not in parts:
        return Template(text=text, head=tuple(_part(p, text, lengths) for p in parts), tail=None)
    at = parts.index("**")
    return Template(
        text=text,
        head=tuple(_part(p, text, lengths) for p in parts[:at]),
        tail=tuple(_part(p, text, lengths) for p in parts[at + 1 :]),
    )


def _part(part: str, text: str, lengths: Mapping[str, str]) -> re.Pattern[bytes]:
    if part.count("*") > 1:
        raise TemplateError(f"{text}: '*' stands twice in {part!r}")
    at, pattern = 0, ""
    while at < len(part):
        token = _TOKEN.match(part, at)
        if token is None:
            raise TemplateError(f"{text}: {part[at:]!r} is neither text nor a field")
        at = token.end()
        field, optional, run, literal = token.groups()
        if run:
            pattern += "[^/]*"
        elif literal:
            pattern += re.escape(literal)
        else:
            pattern += _field(field, text, lengths) + (optional or "")
    if not pattern:
        raise TemplateError(f"{text}: an empty part")
    return re.compile(pattern.encode(), re.IGNORECASE | re.DOTALL)


def _field(name: str, text: str, lengths: Mapping[str, str]) -> str:
    if name not in FIELDS:
        raise TemplateError(f"{text}: no field {name!r}; there are {', '.join(FIELDS)}")
    if name not in SIZED:
        return f"(?P<{name}>{FIELDS[name]})"
    sizes = sorted((_size(size, text) for size in lengths[name].split(",")), reverse=True)
    choices = "|".join(f"{FIELDS[name]}{{{low},{high}}}" for low, high in sizes)
    return f"(?P<{name}>{choices})"


def _size(size: str, text: str) -> tuple[int, int]:
    low, _, high = size.strip().partition("-")
    try:
        bounds = int(low), int(high or low)
    except ValueError as error:
        raise TemplateError(f"{text}: {size!r} is no length (6 or 6-8)") from error
    if not 1 <= bounds[0] <= bounds[1] <= _LONGEST:
        raise TemplateError(f"{text}: length {size!r} is not within 1-{_LONGEST}")
    return bounds
