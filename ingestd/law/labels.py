"""Which classification labels a jurisdiction has (REC-17). PURE."""

from __future__ import annotations

from ingestd.law.rulebook import Rulebook
from ingestd.registers.words import LABELS


def labels_known(book: Rulebook) -> tuple[str, ...]:
    """Keys of `registers.words.LABELS`: those that the text lists; where no text says any, all."""
    rule = book.find("REC-17")
    told = () if rule is None else next((one.keys for one in rule.lists if one.name == "labels"), ())
    return tuple(one for one in LABELS if one in told) or tuple(LABELS)
