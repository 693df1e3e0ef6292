"""What is worth a look in a row that is taken: nothing is refused for it, but somebody should know. PURE."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ingestd.law.rulebook import DAY_MS, Rulebook
from ingestd.model import Millis
from ingestd.registers.columns import ACT, Register
from ingestd.words import Text

Remark = tuple[str, Text]
"""A field by `Column.key`, and what there is to say of it."""


def unlisted(register: Register, said: Mapping[str, object], book: Rulebook) -> Iterator[Remark]:
    """A kind of act that the catalogue does not have: no rule asks for its filming, whatever it is."""
    kind = said.get("kind") if register is ACT else None
    if isinstance(kind, str) and not book.has_kind(kind):
        yield (
            "kind",
            Text(
                f"规则的行为目录中（尚）没有“{kind}”：在此以前，全程音像记录等规则无法对它作出判断。请更正种类"
                "（目录见 ingestd policy print），或在 policy.toml 中以 [[act]] 增加。",
                f"{kind!r} is not in the policy's catalogue of acts (yet): until it is, the rules on filming an act "
                "whole cannot be judged for it. Correct the kind (ingestd policy print has the catalogue), or add it "
                "to policy.toml as [[act]].",
            ),
        )


def ahead(register: Register, said: Mapping[str, object], now: Millis) -> Iterator[Remark]:
    """What is said to have happened, and lies more than a day after the station's clock."""
    for column in register.columns:
        at = said.get(column.key)
        if column.has_happened and isinstance(at, int) and at > now + DAY_MS:
            yield (
                column.key,
                Text(
                    "这里是已发生之事的时间，却比采集站时钟晚一天以上：期限将由此起算。请核对年份；无误的，请校准采集站时钟。",
                    "this says when something happened, and lies more than a day after the station's clock: limits "
                    "count from there. Check the year; if it is right, set the station's clock.",
                ),
            )
