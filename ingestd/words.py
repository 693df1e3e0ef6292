"""Text for people, always in both languages side by side.

A message is written once, where it is used, as ``Text("中文", "English")``: nothing can be missing in
one language, and the dock board and printed sheets can show both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Lang = Literal["zh", "en"]


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
