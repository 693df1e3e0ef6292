"""One table of a policy file, read key by key; every fault is noted with file, line and key. PURE.

Nothing raises while a file is read: a wrong value is noted and an empty one stands in for it, so that all faults
come out at once. Whoever read a table to its end calls `done`, which notes the keys that nobody asked for.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, TypeVar

from ingestd.errors import PolicyError
from ingestd.policy.lines import KeyPath, index, line_of
from ingestd.policy.model import UNKNOWN, Fact
from ingestd.words import Text

_DATE = re.compile(r"(?:19|20)\d{2}-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?")
_DAY_OF_YEAR = re.compile(r"(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])")
LONGEST = 400
"""Characters of one text: a rule is said in a sentence, and no source is copied."""
_Word = TypeVar("_Word", bound=StrEnum)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault of a policy file."""

    file: str
    line: int
    key: str
    """``rule[3].strength``, positions from 1."""
    text: Text

    def said(self) -> Text:
        """The fault with its place."""
        place = f"{self.file}:{self.line}: {self.key}: "
        return Text(place + self.text.zh, place + self.text.en)


class Faults:
    """The faults of one file, as they are found."""

    def __init__(self, file: str, text: str, *, is_plain: bool = False) -> None:
        """``is_plain``: a text in one language is enough (an agency's own file)."""
        self._file = file
        self._text = text
        self._lines: dict[KeyPath, int] | None = None
        self.is_plain = is_plain
        self.found: list[Fault] = []

    def add(self, path: KeyPath, zh: str, en: str) -> None:
        """Note a fault at a key."""
        self.found.append(Fault(file=self._file, line=self.line(path), key=dotted(path), text=Text(zh, en)))

    def line(self, path: KeyPath) -> int:
        """Where a key stands; good files are never asked, and the scan costs more than parsing them."""
        if self._lines is None:
            self._lines = index(self._text)
        return line_of(self._lines, path)


def dotted(path: KeyPath) -> str:
    """A key's path for people."""
    text = ""
    for name in path:
        text += f"[{name + 1}]" if isinstance(name, int) else f".{name}" if text else name
    return text or "file"


def refused(faults: Collection[Fault]) -> PolicyError:
    """The error that lists them all, in the order of files and lines."""
    ordered = sorted(faults, key=lambda fault: (fault.file, fault.line))
    said = [fault.said() for fault in ordered]
    return PolicyError(
        Text(
            f"规则文件有 {len(said)} 处错误，原有规则继续有效：\n" + "\n".join(f"  {one.zh}" for one in said),
            f"policy: {len(said)} faults; what was in force stays so:\n"
            + "\n".join(f"  {one.en}" for one in said),
        ),
        places=tuple((fault.file, fault.line, fault.key) for fault in ordered),
    )


class Reader:
    """A table at a path of the file."""

    def __init__(self, data: Mapping[str, Any], faults: Faults, path: KeyPath = ()) -> None:
        self._data = data
        self.faults = faults
        self.path = path
        self._asked: set[str] = set()

    def fault(self, key: str, zh: str, en: str) -> None:
        """Note a fault of one of its keys."""
        self.faults.add((*self.path, key) if key else self.path, zh, en)

    def has(self, key: str) -> bool:
        """Whether the key is there."""
        return key in self._data

    def done(self) -> None:
        """Note the keys that have no meaning here."""
        for key in self._data:
            if key not in self._asked:
                self.fault(key, "没有这个键", "unknown key")

    def _take(self, key: str, kind: type[Any], zh: str, en: str, *, needed: bool) -> Any:
        self._asked.add(key)
        value = self._data.get(key)
        if value is None:
            if needed:
                self.fault(key, f"缺少（应为{zh}）", f"missing ({en} expected)")
            return None
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            self.fault(key, f"应为{zh}，不能是 {value!r:.60}", f"{en} expected, not {value!r:.60}")
            return None
        return value

    def text(self, key: str, *, needed: bool = True, pattern: str | None = None) -> str:
        """A text that is not empty."""
        value = self._take(key, str, "文字", "text", needed=needed)
        if value is None:
            return ""
        return value if self._is_sane(key, value, pattern) else ""

    def _is_sane(self, key: str, value: str, pattern: str | None = None) -> bool:
        if not value.strip() or not value.isprintable():
            self.fault(key, "文字为空或含控制字符", "text is empty or has control characters")
        elif len(value) > LONGEST:
            self.fault(key, f"超过 {LONGEST} 字", f"longer than {LONGEST} characters")
        elif pattern and not re.fullmatch(pattern, value):
            self.fault(key, f"{value!r} 格式不合规", f"{value!r} is not of the form {pattern}")
        else:
            return True
        return False

    def one_of(self, key: str, known: Collection[str], *, needed: bool = True) -> str:
        """A text that is one of the known words."""
        value = self.text(key, needed=needed)
        if value and value not in known:
            words = ", ".join(known)
            self.fault(key, f"{value!r} 不在可选之列：{words}", f"{value!r} is none of: {words}")
            return ""
        return value

    def word(self, key: str, words: type[_Word], default: _Word) -> _Word:
        """A member of an enumeration; the default stands in for a wrong one."""
        value = self.one_of(key, [word.value for word in words])
        return words(value) if value else default

    def whole(self, key: str, *, least: int = 0) -> int | None:
        """A whole number; None where it is not told."""
        value: int | None = self._take(key, int, "整数", "a whole number", needed=False)
        if value is not None and value < least:
            self.fault(key, f"不得小于 {least}", f"is below {least}")
            return None
        return value

    def truth(self, key: str, *, needed: bool = False) -> bool:
        """True or false; false where it is not told."""
        return bool(self._take(key, bool, "true 或 false", "true or false", needed=needed))

    def date(self, key: str, *, needed: bool = False, words: Collection[str] = (UNKNOWN,)) -> str | None:
        """A date, a month, or one of the words that may stand for it."""
        value = self._take(key, (str, date), "日期", "a date", needed=needed)  # type: ignore[arg-type]  # isinstance takes both
        if value is None:
            return None
        told = value.isoformat() if isinstance(value, date) else str(value)
        if told not in words and not _DATE.fullmatch(told):
            self.fault(
                key, f"{told!r} 不是日期", f"{told!r} is no date (YYYY-MM-DD, YYYY-MM, {', '.join(words)})"
            )
            return None
        return told

    def said(self, key: str, *, needed: bool = True) -> Text | None:
        """A text in both languages; in an agency's own file one text may stand for both."""
        if self.faults.is_plain and isinstance(self._data.get(key), str):
            plain = self.text(key)
            return Text(plain, plain) if plain else None
        both = "{ zh = …, en = … }"
        zh, en = (f"文字，或 {both}", f"text, or {both}") if self.faults.is_plain else (both, both)
        table = self._take(key, dict, zh, en, needed=needed)
        if table is None:
            return None
        inner = Reader(table, self.faults, (*self.path, key))
        text = Text(inner.text("zh"), inner.text("en"))
        inner.done()
        return text if text.zh and text.en else None

    def texts(
        self, key: str, *, known: Collection[str] | None = None, pattern: str | None = None
    ) -> tuple[str, ...]:
        """A list of texts, each once; empty where it is not told."""
        value = self._take(key, list, "文字列表", "a list of texts", needed=False)
        found: list[str] = []
        for one in value or ():
            if not isinstance(one, str):
                self.fault(key, f"应为文字，不能是 {one!r:.60}", f"text expected, not {one!r:.60}")
            elif one in found:
                self.fault(key, f"{one!r} 重复", f"{one!r} is there twice")
            elif known is not None and one not in known:
                words = ", ".join(known)
                self.fault(key, f"{one!r} 不在可选之列：{words}", f"{one!r} is none of: {words}")
            elif self._is_sane(key, one, pattern):
                found.append(one)
        return tuple(found)

    def tables(self, key: str) -> Iterator[Reader]:
        """The elements of an array of tables."""
        value = self._take(key, list, f"[[{key}]] 表", f"[[{key}]] tables", needed=False)
        for at, one in enumerate(value or ()):
            path = (*self.path, key, at)
            if isinstance(one, dict):
                yield Reader(one, self.faults, path)
            else:
                self.faults.add(path, "应为表", "a table was expected")

    def table(self, key: str) -> Reader | None:
        """A table within the table; None where it is not told."""
        value = self._take(key, dict, "表", "a table", needed=False)
        return None if value is None else Reader(value, self.faults, (*self.path, key))

    def named(self, key: str) -> Iterator[tuple[str, Reader]]:
        """The tables within a table, by their names."""
        table = self.table(key)
        if table is None:
            return
        for name in table._data:  # noqa: SLF001 - of its own class
            inner = table.table(name)
            if inner is not None:
                yield name, inner

    def numbers(self, key: str) -> tuple[tuple[str, int], ...]:
        """Whole numbers by name; 0 stands in for a wrong one."""
        table = self.table(key)
        if table is None:
            return ()
        return tuple((name, table.whole(name) or 0) for name in table._data)  # noqa: SLF001 - of its own class

    def days_of_year(self, key: str) -> tuple[tuple[str, str], ...]:
        """Days of the year (``MM-DD``) by name."""
        table = self.table(key)
        if table is None:
            return ()
        names = list(table._data)  # noqa: SLF001 - of its own class
        return tuple((name, table.text(name, pattern=_DAY_OF_YEAR.pattern)) for name in names)

    def facts(self, key: str) -> tuple[tuple[str, Fact], ...]:
        """Facts of a worked example: moments become ms UTC, dates their text."""
        table = self.table(key)
        if table is None:
            self.fault(key, "缺少", "missing")
            return ()
        found: list[tuple[str, Fact]] = []
        for name, value in table._data.items():  # noqa: SLF001 - of its own class
            fact = _fact(value)
            if fact is None:
                table.fault(name, f"不能是 {value!r:.60}", f"{value!r:.60} is no fact")
            else:
                found.append((name, fact))
        return tuple(found)


def _fact(value: Any) -> Fact | None:
    if isinstance(value, datetime):
        return None if value.tzinfo is None else int(value.timestamp() * 1000)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        inner = [_fact(one) for one in value]
        return (
            tuple(one for one in inner if isinstance(one, str))
            if all(isinstance(i, str) for i in inner)
            else None
        )
    return value if isinstance(value, int | str) and not isinstance(value, time) else None
