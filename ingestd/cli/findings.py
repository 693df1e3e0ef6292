"""What stands and must be answered: each finding with its rule, its facts, and since when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from rich.console import RenderableType
from rich.text import Text as Styled

from ingestd.cli import terms
from ingestd.cli.render import cell, moment_text, table
from ingestd.index.facts import Finding
from ingestd.model import Millis
from ingestd.words import Lang, Text


def render(findings: Sequence[Finding], *, now: Millis, lang: Lang, zone: tzinfo) -> RenderableType:
    """The list for a terminal, oldest first; one calm line where there is none."""
    if not findings:
        return Styled(f"✔ {Text('没有异常', 'no findings').say(lang)}", style="green")
    made = table(
        lang,
        Text("异常", "findings"),
        Text("异常", "finding"),
        Text("对象", "about"),
        Text("规则", "rule"),
        Text("事实", "facts"),
        Text("自", "since"),
    )
    for finding in findings:
        rule = " ".join(part for part in (finding.rule, finding.layer) if part)
        facts = ", ".join(f"{name} {'?' if value is None else value}" for name, value in finding.facts)
        made.add_row(
            Styled(f"▲ {terms.word(terms.FINDINGS, finding.kind).say(lang)}", style="red"),
            cell(finding.about),
            cell(rule or "—"),
            cell(facts),
            moment_text(finding.opened_at, now=now, zone=zone, lang=lang),
        )
    return made
