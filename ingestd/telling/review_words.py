"""Sentences of a legal review: whether a case may be decided. PURE."""

from __future__ import annotations

from ingestd.facts import Case
from ingestd.law.rules.review import Barring
from ingestd.policy.schema import REQUIREMENTS
from ingestd.words import Text


def gate(case: Case, is_major: bool | None, barred: Barring) -> Text:
    """Whether the case may be decided, in one sentence."""
    if case.decided_at is not None:
        return Text("已作出决定。", "It is decided.")
    if is_major is None:
        return Text(
            "是否重大执法决定：未认定（case add --major）。",
            "Whether its decision is a major one: not determined (case add --major).",
        )
    if not is_major:
        return Text("不是重大执法决定，无须法制审核。", "Its decision is no major one and needs no review.")
    if not barred:
        return Text("重大执法决定，可以作出。", "Its decision is a major one, and may be taken.")
    lacking = [(REQUIREMENTS[one], rule) for rule, names in barred for one in names]
    zh = "、".join(f"{one.zh}（{rule.id}，{rule.source().zh}）" for one, rule in lacking)
    en = ", ".join(f"{one.en} ({rule.id}, {rule.source().en})" for one, rule in lacking)
    return Text(
        f"重大执法决定，不得作出；缺少：{zh}。", f"Its decision is a major one and barred; lacking: {en}."
    )
