"""Case numbers among what QR codes say. PURE.

A code that comes before the camera may say anything of anybody: an identity card, a payment, a telephone. Kept
is only what says that it is a case number (``案号：...``) or is formed like one, with the year; all else is dropped
where it is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ingestd.facts import is_id

_LABEL = re.compile(r"(?:案号|案件编号|case)\s*[:：]\s*", re.IGNORECASE)
_YEAR = re.compile(r"20\d\d")
_PERSONAL = re.compile(r"1[3-9]\d{9}|\d{15}|\d{17}[\dXx]|[0-9A-HJ-NPQRTUWXY]{18}")
"""Telephone, identity card, credit code (which may be a one-person business's)."""


def case_numbers(texts: Iterable[str]) -> tuple[str, ...]:
    """What of these texts are case numbers, each once, in order."""
    return tuple(dict.fromkeys(number for text in texts if (number := _case_number(text.strip()))))


def _case_number(text: str) -> str | None:
    label = _LABEL.match(text)
    number = text[label.end() :] if label else text
    if not is_id(number) or _PERSONAL.fullmatch(number):
        return None
    return number if label or _YEAR.search(number) else None
