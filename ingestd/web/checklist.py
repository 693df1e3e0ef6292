"""The rows of a sufficiency page (`web.sufficiency`): what is asked, what there is, the verdict, the proof."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from ingestd.facts import Officer, Review, TextRecord
from ingestd.index.law_queries import Told
from ingestd.policy.model import Rule
from ingestd.registers import words
from ingestd.telling.register_sentences import word
from ingestd.telling.signs import Sign, made
from ingestd.web.coverage import Bar
from ingestd.words import Text

MET = made("✔", "green", "符合", "met")
SHORT = made("✖", "red", "不符合", "not met")
OPEN = made("○", "default", "尚未完成", "not yet")
NOT_ASKED = made("–", "default", "不要求", "not asked")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """The thing itself."""

    href: str
    word: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One row of the table."""

    asked: Text
    rule: str | None
    source: Text | None
    there: tuple[Text, ...]
    sign: Sign
    proofs: tuple[Proof, ...]
    bar: Bar | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What is asked of one act, or of the case itself."""

    title: Text
    href: str
    about: Text
    checks: tuple[Check, ...]


def row(
    asked: Text,
    sign: Sign,
    there: Iterable[Text],
    proofs: Iterable[Proof],
    *,
    rule: Rule | None = None,
    bar: Bar | None = None,
) -> Check:
    """One row."""
    return Check(
        asked=asked,
        rule=None if rule is None else rule.id,
        source=None if rule is None else rule.source(),
        there=tuple(there),
        sign=sign,
        proofs=tuple(proofs),
        bar=bar,
    )


def finding_proof(told: Told) -> Proof:
    """A finding."""
    return Proof(href=f"/findings/{told.finding}", word=Text("异常", "finding"))


def round_proof(one: Review) -> Proof:
    """The statements of a round of review."""
    word_ = Text(f"第 {one.round} 轮", f"round {one.round}")
    return Proof(href=f"/custody/review:{quote(one.review)}", word=word_)


def officer_text(known: Officer | None, number: str) -> Text:
    """What the register says of a person on an act."""
    if known is None:
        return Text(f"{number}：人员登记中没有", f"{number}: not in the register")
    if known.role != "officer":
        return Text(f"{number}：辅助人员", f"{number}: auxiliary")
    if known.certificate is None:
        return Text(f"{number}：证件编号未登记", f"{number}: no certificate in the register")
    return Text(f"{number}：证件 {known.certificate}", f"{number}: certificate {known.certificate}")


def record_text(one: TextRecord) -> Text:
    """A text record and its signature."""
    signed = Text("签名情况未说明", "signature not told")
    if one.signed is not None:
        signed = word(words.SIGNED, one.signed)
    kind = one.kind or "?"
    return Text(f"{kind}：{signed.zh}", f"{kind}: {signed.en}")
