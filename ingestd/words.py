"""Text for people, always in both languages side by side.

A message is written once, where it is used, as ``Text("中文", "English")``: nothing can be missing in
one language, and the dock board and printed sheets can show both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Lang = Literal["zh", "en"]
_SIZE_STEP = 1000
"""Decimal units, as recorders and disks are sold and the rules count (GB an hour)."""


@dataclass(frozen=True, slots=True)
class Text:
    """One message in Chinese and English, with the same ``{field}`` places in both."""

    zh: str
    en: str

    def format(self, **fields: object) -> Text:
        """Fill the places; a field that is itself a `Text` is shown in each language."""

        def filled(template: str, lang: Lang) -> str:
            return template.format(
                **{k: v.say(lang) if isinstance(v, Text) else v for k, v in fields.items()}
            )

        return Text(filled(self.zh, "zh"), filled(self.en, "en"))

    def say(self, lang: Lang) -> str:
        """The message in one language."""
        return self.zh if lang == "zh" else self.en

    def both(self) -> str:
        """Both languages, Chinese first, for boards and printed sheets."""
        return f"{self.zh} / {self.en}"


def size_text(count: int) -> str:
    """Bytes with a unit: ``8.4 GB``."""
    if count < _SIZE_STEP:
        return f"{count} B"
    value = float(count)
    for unit in ("kB", "MB", "GB", "TB"):
        value /= _SIZE_STEP
        if value < _SIZE_STEP:
            return f"{value:.3g} {unit}" if value < 100 else f"{value:.0f} {unit}"  # noqa: PLR2004 - three digits
    return f"{value:.0f} TB"
