"""Tables of the documents, made from the code: ``python -m tests.reference`` writes them anew."""

from __future__ import annotations

import re
from pathlib import Path

from ingestd import errors
from ingestd.actions.tokens import SCOPES
from ingestd.intake.findings import KINDS
from ingestd.people import separation
from ingestd.registers import words
from ingestd.registers.columns import REGISTERS
from ingestd.reports.sheets import PARTS
from ingestd.service.metrics import METRICS
from ingestd.settings import SETTINGS
from ingestd.telling.finding_words import ADVICE

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGES = {
    DOCS / "operations.md": 4,
    DOCS / "registers.md": 1,
    DOCS / "accounts.md": 2,
    DOCS / "reports.md": 1,
}
"""The pages with their number of generated blocks."""
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
        (
            "3",
            "something was quarantined, or a due release not done; register rows were refused; or a demo did not end",
        ),
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


def figures() -> str:
    """Every figure of a report by its key."""
    rows = [
        (f"`{one.column.key}`", part.both(), one.column.title.both())
        for part, every in PARTS
        for one in every
    ]
    return _table(("key", "部分 / part", "指标 / figure"), rows)


def columns() -> str:
    """Every register with its columns: key, names of headers, what for."""
    parts = []
    for register in REGISTERS.values():
        rows = [
            (
                f"`{one.key}`" + (" **必填/needed**" if one.is_required else ""),
                "、".join(one.names),
                f"{one.help.zh}<br>{one.help.en}",
            )
            for one in register.columns
        ]
        names = ", ".join(f"`{name}…`" for name in register.file_names)
        head = f"\n### {register.words.zh} / {register.words.en}\n\n文件名开头 / file names: {names}\n\n"
        parts.append(head + _table(("key", "表头 / headers", "含义 / meaning"), rows))
    return "".join(parts) + "\n" + vocabularies()


def vocabularies() -> str:
    """The closed vocabularies."""
    told = {
        "kind (case)": words.CASE_KINDS,
        "kind (subject)": words.PARTY_KINDS,
        "role": words.ROLES,
        "stage": words.STAGES,
        "result": words.RESULTS,
        "signed": words.SIGNED,
        "opinion": words.OPINIONS,
        "mode": words.MODES,
    }
    rows = [
        (f"`{name}`", f"`{key}`", "、".join((one.text.zh, one.text.en, *one.also)))
        for name, known in told.items()
        for key, one in known.items()
    ]
    return "### 用词 / Words\n\n" + _table(("key", "value", "文件中的写法 / as files say it"), rows)


def rules() -> str:
    """Every rule of `people.separation`, with the deeds that it is about."""
    deeds: dict[str, list[str]] = {rule: [] for rule in separation.RULES}
    for deed, bar in separation.BARS.items():
        deeds[bar.rule].append(f"`{deed}`")
    rows = [
        (f"`{rule}`", ", ".join(deeds[rule]) or "—", f"{text.zh}<br>{text.en}")
        for rule, text in separation.RULES.items()
    ]
    return _table(("rule", "deeds", "含义 / meaning"), rows)


def scopes() -> str:
    """What tokens may be made for."""
    rows = [
        (
            f"`{name}`",
            ", ".join(f"`{verb}`" for verb in sorted(one.verbs)) or "—",
            f"{one.help.zh}<br>{one.help.en}",
        )
        for name, one in SCOPES.items()
    ]
    return _table(("scope", "verbs", "含义 / meaning"), rows)


def filled(page: str) -> str:
    """The page with every generated block as the code says now."""
    made = {
        "findings": findings,
        "settings": settings,
        "metrics": metrics,
        "exits": exits,
        "columns": columns,
        "separation": rules,
        "scopes": scopes,
        "figures": figures,
    }
    return _BLOCK.sub(lambda found: f"{found[1]}{made[found[2]]()}{found[4]}", page)


if __name__ == "__main__":
    for path in PAGES:
        path.write_text(filled(path.read_text("utf-8")), "utf-8")
