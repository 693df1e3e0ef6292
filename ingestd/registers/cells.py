"""One cell: what people and spreadsheets write, as a value; CellError says in both languages why not. PURE.

Spreadsheets damage what they take for numbers: ``1.1042E+05`` where 110420 stood, 1234 where 001234 stood,
45678.5 for a moment. The first is refused, since digits are lost; the second can only be told by who knows
the register; the third is a moment. Local times are the station's.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone

from ingestd.facts import E6, ID_CHARS, is_id
from ingestd.model import Millis
from ingestd.registers.words import Words, key_of, listed
from ingestd.words import Text

TEXT_CHARS = 4000
WORD_CHARS = 40
COUNT_LIMIT = 1_000_000
LIST_LIMIT = 200
_WIDE = {0xFF01 + n: 0x21 + n for n in range(94) if chr(0xFF01 + n) not in "（）"}  # ids tell（）from ()
_SPACES = {ord(c): " " for c in "\u3000\u00a0\u2002\u2003\u2009\u202f\t"}
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u200e\u200f\ufeff\u2060"))
_NARROW = _WIDE | _SPACES | _INVISIBLE
_SCIENTIFIC = re.compile(r"[+-]?\d+(\.\d*)?E[+-]?\d+", re.IGNORECASE)
_FRACTION = re.compile(r"\d+\.\d+")
_FORMULA = re.compile(r'="(.*)"', re.DOTALL)
_SEPARATORS = re.compile(r"[,，;；、|\s]+")
"""Of several ids; none holds a blank, of whatever width."""
_SERIAL = re.compile(r"\d{5}(\.\d+)?")
YEARS = range(1990, 2100)
"""Nothing in a register lies outside: such a year is mistyped, or stands for "never"."""
_SERIAL_DAYS = range(32_874, 73_051)
"""Spreadsheet days of these years: what lies outside is no date, but a number in the wrong column."""
_UNIX = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH = datetime(1899, 12, 30, tzinfo=UTC)
"""Day 0 of spreadsheets, as they count from 1900-03-01 on."""
_DAY_MS = 86_400_000
_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?:\s*日)?")
_PACKED = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?")
_CLOCK = re.compile(
    r"(上午|下午|AM|PM)?\s*(\d{1,2})\s*[:时]\s*(\d{1,2})\s*(?:分|(?:[:分]\s*(\d{1,2})(?:\.(\d{1,3})\d*)?\s*秒?))?"
    r"\s*(AM|PM)?\s*(Z|[+-]\d\d:?\d\d)?",
    re.IGNORECASE,
)
_YES = frozenset(("是", "有", "y", "yes", "true", "1", "√", "✓", "✔", "对", "t"))
_NO = frozenset(("否", "无", "n", "no", "false", "0", "×", "✗", "x", "不是", "不", "f"))
_DEGREES = re.compile(r"([+-]?)(\d{1,3})(?:\.(\d{1,15}))?")
_DIGEST = re.compile(r"[0-9a-f]{64}")


class CellError(ValueError):
    """What is wrong with a cell."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a cell's meaning depends on besides its text."""

    utc_offset_minutes: int

    @property
    def zone(self) -> timezone:
        """The station's."""
        return timezone(timedelta(minutes=self.utc_offset_minutes))


Parser = Callable[[str, Reading], object]
"""Reads a cell that is not empty. Raises CellError."""


def plain(cell: str) -> str:
    """A cell without what spreadsheets add to keep text as text: blanks around, ``'``, ``="..."``."""
    text = (cell if cell.isascii() else cell.translate(_INVISIBLE)).strip("\u3000\u00a0 \t\r\n")
    if text[:1] not in ("=", "'", "\u2018"):
        return text
    if found := _FORMULA.fullmatch(text):
        text = found[1].replace('""', '"')
    return text.removeprefix("'").removeprefix("\u2018").strip("\u3000\u00a0 \t\r\n")


def narrow(text: str) -> str:
    """Digits, letters and signs of full width as the usual ones; blanks as one kind."""
    return (text.replace("\t", " ") if text.isascii() else text.translate(_NARROW)).strip()


def identifier(text: str, _reading: Reading) -> str:
    """An id as the agency's platform gives it; digits that a spreadsheet lost are never guessed."""
    found = narrow(text).replace(" ", "")
    if _SCIENTIFIC.fullmatch(found):
        raise CellError(
            Text(
                f"“{found}”是被电子表格改坏的编号（科学计数法，末几位已丢失）；请把该列设为文本后重新导出。",
                f"{found!r} is an id that a spreadsheet damaged (scientific notation, its last digits are lost): "
                "make the column text and export again.",
            )
        )
    if _FRACTION.fullmatch(found) and found.endswith(".0"):
        raise CellError(
            Text(
                f"“{found}”被电子表格当作数字；请把该列设为文本后重新导出。",
                f"a spreadsheet took {found!r} for a number: make the column text and export again.",
            )
        )
    if not is_id(found):
        raise CellError(
            Text(
                f"“{_short(found)}”不是编号：须为 1 至 {ID_CHARS} 个字母、数字、汉字或 -_./()（）〔〕[]。",
                f"{_short(found)!r} is no id: 1 to {ID_CHARS} letters, digits, 汉字 or -_./()（）〔〕[].",
            )
        )
    return found


def identifiers(text: str, reading: Reading) -> tuple[str, ...]:
    """Several ids, separated by commas, semicolons, 、blanks or line ends; each once."""
    found = dict.fromkeys(identifier(one, reading) for one in pieces(text))
    return tuple(found)


def pieces(text: str) -> list[str]:
    """The parts of a cell that holds several."""
    found = [one for one in _SEPARATORS.split(text) if one]
    if len(found) > LIST_LIMIT:
        raise CellError(Text(f"超过 {LIST_LIMIT} 项。", f"more than {LIST_LIMIT} of them."))
    return found


def prose(text: str, _reading: Reading) -> str:
    """Text of any kind, as it is; ends of lines as line feeds."""
    found = text.replace("\r\n", "\n").replace("\r", "\n")
    if len(found) > TEXT_CHARS:
        raise CellError(
            Text(
                f"超过 {TEXT_CHARS} 个字（{len(found)}）。",
                f"longer than {TEXT_CHARS} characters ({len(found)}).",
            )
        )
    if any(unicodedata.category(char) in ("Cc", "Cs") and char not in "\n\t" for char in found):
        raise CellError(Text("含有控制字符。", "it has control characters."))
    return found


def label(text: str, reading: Reading) -> str:
    """A short text in one line (a category, an area, a title): no place for what belongs to a person."""
    found = " ".join(prose(text, reading).split())
    if len(found) > WORD_CHARS:
        raise CellError(
            Text(
                f"这里是一个词，不超过 {WORD_CHARS} 个字（现有 {len(found)} 个）。",
                f"this is one word of at most {WORD_CHARS} characters (it has {len(found)}).",
            )
        )
    return found


def choice(words: Words) -> Parser:
    """One of a closed vocabulary."""

    def parse(text: str, _reading: Reading) -> str:
        found = key_of(words, narrow(text))
        if found is None:
            told = listed(words)
            raise CellError(
                Text(
                    f"“{_short(text)}”不在可用的词中：{told.zh}。", f"{_short(text)!r} is none of: {told.en}."
                )
            )
        return found

    return parse


def flag(text: str, _reading: Reading) -> bool:
    """是/否 and what else means yes or no."""
    found = narrow(text).casefold()
    if found in _YES or found in _NO:
        return found in _YES
    raise CellError(Text(f"“{_short(text)}”不是“是”或“否”。", f"{_short(text)!r} is neither yes nor no."))


def count(text: str, _reading: Reading) -> int:
    """A whole number, not below 0."""
    found = narrow(text).replace(",", "").removesuffix(".0")
    if not (found.isascii() and found.isdecimal() and len(found) <= len(str(COUNT_LIMIT))):
        raise CellError(Text(f"“{_short(text)}”不是整数。", f"{_short(text)!r} is no whole number."))
    if int(found) > COUNT_LIMIT:
        raise CellError(Text(f"大于 {COUNT_LIMIT}。", f"above {COUNT_LIMIT}."))
    return int(found)


def degrees(limit: int) -> Parser:
    """A coordinate in decimal degrees, as millionths of a degree."""

    def parse(text: str, _reading: Reading) -> int:
        found = _DEGREES.fullmatch(narrow(text).removesuffix("°"))
        value = 0 if found is None else int(found[2]) * E6 + int(((found[3] or "") + "0000000")[:6])
        if found is None or value > limit * E6:
            raise CellError(
                Text(
                    f"“{_short(text)}”不是 ±{limit} 之内的十进制度数。",
                    f"{_short(text)!r} is no number of decimal degrees within ±{limit}.",
                )
            )
        return -value if found[1] == "-" else value

    return parse


def digest(text: str, _reading: Reading) -> str:
    """A SHA-256 in hex."""
    found = narrow(text).casefold()
    if _DIGEST.fullmatch(found) is None:
        raise CellError(Text("不是 SHA-256（64 位十六进制数）。", "it is no SHA-256 (64 hex digits)."))
    return found


# --- moments ------------------------------------------------------------------------------------


def moment(text: str, reading: Reading) -> Millis:
    """A moment to the minute at least: an act or an assignment begins at a time, not on a day."""
    at, has_clock = _moment(text, reading)
    if not has_clock:
        raise CellError(
            Text(
                f"“{_short(text)}”只有日期，这里需要时刻（如 2026-01-02 15:04）。",
                f"{_short(text)!r} is a day; a time is needed here (2026-01-02 15:04).",
            )
        )
    return at


def moment_or_day(text: str, reading: Reading) -> Millis:
    """A moment; a day alone is its first instant."""
    return _moment(text, reading)[0]


def last_day(text: str, reading: Reading) -> Millis:
    """The end of a day (up to before), where a day is told; else the moment itself."""
    at, has_clock = _moment(text, reading)
    return at if has_clock else Millis(at + _DAY_MS)


def _moment(cell: str, reading: Reading) -> tuple[Millis, bool]:
    text = narrow(cell)
    try:
        found = _of_serial(text, reading) or _of_packed(text, reading) or _of_written(text, reading)
    except (ValueError, OverflowError):  # 2026-13-40, 25:61
        found = None
    if found is None:
        raise CellError(
            Text(
                f"“{_short(cell)}”不是日期或时刻（如 2026-01-02、2026/1/2 15:04、2026年1月2日）。",
                f"{_short(cell)!r} is no day or moment (2026-01-02, 2026/1/2 15:04, 2026年1月2日).",
            )
        )
    at, has_clock = found
    if at.year not in YEARS:
        first, last = YEARS[0], YEARS[-1]
        raise CellError(
            Text(
                f"“{_short(cell)}”不在 {first} 至 {last} 年之内：年份写错，或以此表示“无限期”；请更正或留空。",
                f"{_short(cell)!r} lies outside the years {first} to {last}: its year is mistaken, or it means "
                '"never"; correct it, or leave the cell empty.',
            )
        )
    return Millis((at - _UNIX) // timedelta(milliseconds=1)), has_clock


def _of_serial(text: str, reading: Reading) -> tuple[datetime, bool] | None:
    """45678.5: days since the end of 1899, in local time, to the second."""
    if _SERIAL.fullmatch(text) is None:
        return None
    whole, _, part = text.partition(".")
    if int(whole) not in _SERIAL_DAYS:
        return None
    digits = part[:15]
    seconds = round(int(digits) * 86_400 / 10 ** len(digits)) if digits else 0
    local = _EPOCH + timedelta(days=int(whole), seconds=seconds)
    return local.replace(tzinfo=reading.zone), bool(part)


def _of_packed(text: str, reading: Reading) -> tuple[datetime, bool] | None:
    """20260102, 202601021504, 20260102150405."""
    found = _PACKED.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
    return datetime(year, month, day, hour, minute, second, tzinfo=reading.zone), found[4] is not None


def _of_written(text: str, reading: Reading) -> tuple[datetime, bool] | None:
    found = _DATE.match(text)
    if found is None:
        return None
    day = date(int(found[1]), int(found[2]), int(found[3]))
    rest = text[found.end() :]
    if not rest:
        return datetime(day.year, day.month, day.day, tzinfo=reading.zone), False
    if rest[0] not in " T上下" and found[0][-1] != "日":
        return None
    clock = _CLOCK.fullmatch(rest.removeprefix("T").strip())
    if clock is None:
        return None
    half = (clock[1] or clock[6] or "").upper()
    hour = int(clock[2])
    if half:
        hour = hour % 12 + (12 if half in ("下午", "PM") else 0) if hour <= 12 else hour  # noqa: PLR2004 - a clock
    micros = int((clock[5] or "0").ljust(3, "0")) * 1000
    zone = _zone(clock[7]) or reading.zone
    return datetime(day.year, day.month, day.day, hour, int(clock[3]), int(clock[4] or 0), micros, zone), True


def _zone(text: str | None) -> timezone | None:
    if text is None:
        return None
    if text.upper() == "Z":
        return UTC
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))


def _short(text: str) -> str:
    safe = "".join(char if char.isprintable() else "\ufffd" for char in text)
    return safe if len(safe) <= WORD_CHARS else f"{safe[: WORD_CHARS - 1]}…"
