"""What the bench measured: one row a figure, with its bar, as a table and as JSON."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One figure. Without a bar it is reported only."""

    part: str
    what: str
    value: float
    unit: str = ""
    most: float | None = None
    least: float | None = None
    spread: tuple[float, float] | None = None
    """Smallest and largest of the rounds."""
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the bar is met; None where there is none."""
        if self.most is not None:
            return self.value <= self.most
        return None if self.least is None else self.value >= self.least

    @property
    def bar(self) -> str:
        """The bar as text."""
        if self.most is not None:
            return f"<= {self.most:g}"
        return "" if self.least is None else f">= {self.least:g}"

    def to_json(self) -> dict[str, Any]:
        """For bench.json."""
        return asdict(self) | {"met": self.met}


@dataclass(slots=True)
class Rounds:
    """Samples by name, taken in turns; the machine's moods then hit all alike."""

    samples: dict[str, list[float]] = field(default_factory=dict)

    def add(self, name: str, value: float) -> None:
        """One more sample."""
        self.samples.setdefault(name, []).append(value)

    def median(self, name: str) -> float:
        """Of one name's samples."""
        return statistics.median(self.samples[name])

    def spread(self, name: str) -> tuple[float, float]:
        """Smallest and largest."""
        return min(self.samples[name]), max(self.samples[name])

    def ratio(self, name: str, limit: Sequence[str]) -> tuple[float, tuple[float, float]]:
        """Median and spread, over the rounds, of one name to the longest of others of the same round."""
        ratios = [
            value / max(self.samples[other][at] for other in limit)
            for at, value in enumerate(self.samples[name])
        ]
        return statistics.median(ratios), (min(ratios), max(ratios))


def table(rows: Iterable[Row]) -> str:
    """The rows for people."""
    lines = [("part", "figure", "value", "bar", "met", "spread", "note")]
    words = {None: "", True: "yes", False: "NO"}
    for row in rows:
        spread = "" if row.spread is None else f"{row.spread[0]:.3g} - {row.spread[1]:.3g}"
        value = f"{row.value:.3g}" if abs(row.value) < 1000 else f"{row.value:.0f}"
        lines.append(
            (row.part, row.what, f"{value} {row.unit}".strip(), row.bar, words[row.met], spread, row.note)
        )
    widths = [max(len(line[column]) for line in lines) for column in range(6)]
    return "\n".join(
        "  ".join([*(text.ljust(width) for text, width in zip(line, widths, strict=False)), line[6]]).rstrip()
        for line in lines
    )
