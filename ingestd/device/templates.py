"""Templates of paths on a card, the language of family data. PURE.

A template is a path of parts joined by ``/``; a part ``**`` stands for any number of folders (once a
template), ``*`` for any run of characters (once a part), ``{field}`` for one of `FIELDS`, ``{field?}`` for
the same or nothing. All matching is on raw bytes, without regard to ASCII case. Each part becomes bounded
pieces with at most one open run, and no run crosses a ``/``: no path can make it slow.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
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
    pattern: re.Pattern[bytes]
    """Over the whole path; a field's group is named with the number of its part."""
    in_folders: frozenset[str]
    """Fields that a folder states, not the file's name."""

    def match(self, path: bytes) -> dict[str, str] | None:
        """The fields where the path fits, else None; of a field that stands twice, the last one."""
        found = self.pattern.fullmatch(path)
        if found is None:
            return None
        groups = found.groupdict().items()
        return {
            name.rstrip("0123456789"): value.decode("ascii") for name, value in groups if value is not None
        }


def compiled(text: str, lengths: Mapping[str, str]) -> Template:
    """A template from its text; ``lengths`` gives those of the `SIZED` fields. Raises TemplateError."""
    *folders, name = text.split("/")
    if folders.count("**") > 1 or name == "**":
        raise TemplateError(f"{text}: '**' stands twice, or where the file's name should")
    pattern = "".join(
        "(?:[^/]+/)*" if folder == "**" else _part(folder, at, text, lengths) + "/"
        for at, folder in enumerate(folders)
    )
    pattern += _part(name, len(folders), text, lengths)
    in_name = {token[1] for token in _TOKEN.finditer(name)}
    in_folders = {token[1] for folder in folders for token in _TOKEN.finditer(folder) if token[1]}
    return Template(
        text=text,
        pattern=re.compile(pattern.encode(), re.IGNORECASE),
        in_folders=frozenset(in_folders - in_name),
    )


def union(templates: Iterable[Template]) -> re.Pattern[bytes]:
    """One expression for "does any fit": most paths of a card fit none of many, and are told so at once."""
    bodies = [re.sub(rb"\?P<[a-z]+[0-9]+>", b"?:", template.pattern.pattern) for template in templates]
    return re.compile(b"|".join(bodies) or rb"(?!)", re.IGNORECASE)


def _part(part: str, number: int, text: str, lengths: Mapping[str, str]) -> str:
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
            pattern += _field(field, number, text, lengths) + (optional or "")
    if not pattern:
        raise TemplateError(f"{text}: an empty part")
    return pattern


def _field(name: str, number: int, text: str, lengths: Mapping[str, str]) -> str:
    if name not in FIELDS:
        raise TemplateError(f"{text}: no field {name!r}; there are {', '.join(FIELDS)}")
    if name not in SIZED:
        return f"(?P<{name}{number}>{FIELDS[name]})"
    sizes = sorted((_size(size, text) for size in lengths[name].split(",")), reverse=True)
    choices = "|".join(f"{FIELDS[name]}{{{low},{high}}}" for low, high in sizes)
    return f"(?P<{name}{number}>{choices})"


def _size(size: str, text: str) -> tuple[int, int]:
    low, _, high = size.strip().partition("-")
    try:
        bounds = int(low), int(high or low)
    except ValueError as error:
        raise TemplateError(f"{text}: {size!r} is no length (6 or 6-8)") from error
    if not 1 <= bounds[0] <= bounds[1] <= _LONGEST:
        raise TemplateError(f"{text}: length {size!r} is not within 1-{_LONGEST}")
    return bounds
