"""The tables of docs/operations.md, made from the code: ``python -m tests.reference`` writes them anew."""

from __future__ import annotations

import re
from pathlib import Path

from ingestd import errors
from ingestd.cli.finding_words import ADVICE
from ingestd.config import SETTINGS
from ingestd.intake.findings import KINDS
from ingestd.service.metrics import METRICS

PAGE = Path(__file__).resolve().parents[1] / "docs" / "operations.md"
_BLOCK = re.compile(r"(<!-- generated: (\w+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def findings() -> str:
    """Every kind, its sentence and what to do, in both languages."""
    rows = [
        (f"`{kind}`", f"{words.zh}<br>{words.en}", f"{ADVICE[kind].zh}<br>{ADVICE[kind].en}")
        for kind, words in KINDS.items()
    ]
    return _table(("kind", "含义 / meaning", "处理 / what to do"), rows)


def settings() -> str:
    """Every setting, its default and what it is for."""
    rows = [
        (
            f"`{one.key}`",
            "must be given" if one.default is None else f"`{str(one.default).lower()}`",
            f"{one.help.zh}<br>{one.help.en}",
        )
        for one in SETTINGS
    ]
    return _table(("key", "default", "用途 / what for"), rows)


def metrics() -> str:
    """Every metric, its label and what it says."""
    rows = [
        (
            f"`{one.name}`" if one.label is None else f"`{one.name}{{{one.label}}}`",
            one.kind,
            f"{one.help.zh}<br>{one.help.en}",
        )
        for one in METRICS
    ]
    return _table(("metric", "type", "含义 / meaning"), rows)


def exits() -> str:
    """Every exit status."""
    rows = [
        ("0", "done: for `intake` all secured, and released where it was asked or due"),
        (
            "1",
            "a fault of the program itself; please report it. `policy check`, `policy test`: faults were found",
        ),
        ("3", "something was quarantined, or a due release was not done; or a demonstration did not end"),
    ]
    seen: dict[int, type[errors.IngestdError]] = {}
    for one in vars(errors).values():
        if isinstance(one, type) and issubclass(one, errors.IngestdError) and one is not errors.IngestdError:
            seen.setdefault(one.exit_status, one)
    rows += [
        (str(status), f"{one.__name__}: {(one.__doc__ or '').splitlines()[0]}")
        for status, one in sorted(seen.items())
    ]
    rows += [("130", "Ctrl-C"), ("141", "the reader of the output went away")]
    return _table(("status", "meaning"), rows)


def filled(page: str) -> str:
    """The page with every generated block as the code says now."""
    made = {"findings": findings, "settings": settings, "metrics": metrics, "exits": exits}
    return _BLOCK.sub(lambda found: f"{found[1]}{made[found[2]]()}{found[4]}", page)


if __name__ == "__main__":
    PAGE.write_text(filled(PAGE.read_text("utf-8")), "utf-8")
