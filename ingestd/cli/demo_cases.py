"""What came of the demonstration's cases: a sentence each, with its rule and where that stands.

Nothing of it is in the script: it is what the rules find of a case and its clips, else what its film shows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, tzinfo

from sqlalchemy import Connection

from ingestd.cli.render import shown, span_text
from ingestd.facts import Act
from ingestd.index import law_queries, registers
from ingestd.index.law_queries import Told
from ingestd.intake.findings import KINDS
from ingestd.law import spans
from ingestd.law.finding import Level
from ingestd.law.rulebook import Rulebook
from ingestd.law.rules import filming
from ingestd.model import Kind, Millis
from ingestd.policy.model import Filming, Rule
from ingestd.telling import case_story
from ingestd.telling.case_footage import Footage
from ingestd.telling.case_story import Story
from ingestd.telling.finding_about import subject_text
from ingestd.telling.finding_words import facts_text
from ingestd.telling.law_words import readable
from ingestd.vault.layout import Home
from ingestd.words import Lang, Text

_FACTS = frozenset({"gap_1", "lacking", "officer", "act_officer"})
"""Facts that a sentence has room for; `ingestd findings` has all of them."""
_ALONE = ("clip-unmatched", "not-returned")
"""Findings that belong to no case."""


_WAITS = Text("已随后送审，等待审核意见", "it was submitted then, and waits for its opinion")


class Sentences:
    """The sentences of one moment. ``refused``: by case, what the program answered to what it refused."""

    def __init__(self, book: Rulebook, refused: Mapping[str, Text], zone: tzinfo, now: Millis) -> None:
        self._book, self._refused = book, refused
        self._zone, self._now = zone, now

    def all(self, connection: Connection, home: Home) -> Iterator[Text]:
        """One a case by its number, then one each for recordings and recorders of no case."""
        for case in sorted(registers.ids(connection, "case"), key=_number):
            story = case_story.read(connection, home, case, self._book, self._now)
            if story is not None:
                yield self.case(story)
        for one in law_queries.open_findings(connection):
            if one.kind in _ALONE:
                path = next((str(value) for name, value in one.facts if name == "path"), "")
                yield _sentence(_sign(one), subject_text(one.about, path), [self._finding(one)])

    def case(self, story: Story) -> Text:
        """What was refused, else what the rules find, else what film there is."""
        case, acts = story.case.case, {act.act: act for act in story.acts}
        named = [Text(case, case), *(self._named(act) for act in story.acts)]
        title = Text("、".join(one.zh for one in named), ", ".join(one.en for one in named))
        if case in self._refused:
            waits = [_WAITS for one in story.reviews if one.opinion is None][-1:]
            return _sentence("▲", title, [self._refused[case], *waits])
        found = [one for one in story.findings if one.rule is not None]
        if found:
            return _sentence(_sign(found[0]), title, map(self._finding, found))
        film = (self._film(acts[one.act], one) for one in story.footage if one.act in acts)
        return _sentence("✔", title, film)

    def _named(self, act: Act) -> Text:
        """What it was and when: a service that was left is told as such."""
        name = self._book.named(filming.kinds_of(act, self._book)[-1])
        if act.started_at is None or act.ended_at is None:
            return name
        begin, end = (datetime.fromtimestamp(at / 1000, self._zone) for at in (act.started_at, act.ended_at))
        when = f"{begin:%m-%d %H:%M}–{end:%H:%M}"
        return Text(f"{name.zh}（{when}）", f"{name.en} ({when})")

    def _film(self, act: Act, footage: Footage) -> Text:
        """What film of an act there is, with the rule that speaks of it."""
        number = len(footage.shots)
        wanted = self._book.filming(filming.kinds_of(act, self._book), premises=act.premises)
        told = Text(f"有录像 {number} 段", f"on film, {number} clip{'' if number == 1 else 's'}")
        if not number:
            told = Text("没有录像，有文字记录", "no footage, a text record")
        elif wanted and wanted[0].filming is Filming.WHOLE and footage.coverage is not None:
            films = [shot.clip for shot in footage.shots if shot.clip.kind is Kind.VIDEO]
            number, recorders = len(films), len({clip.recorder for clip in films})
            length, both = footage.coverage.length, spans.length(footage.coverage.overlaps)
            told = Text(
                f"全程有录像：{recorders} 台记录仪 {number} 段，{span_text(length, 'zh')}没有缺口，"
                f"其中 {span_text(both, 'zh')}不止一台录到",
                f"filmed whole: {number} clips of {recorders} recorders, {span_text(length, 'en')} without a gap, "
                f"{span_text(both, 'en')} of it on more than one",
            )
        return _cited(told, wanted[0].rule) if wanted else told

    def _finding(self, one: Told) -> Text:
        """What is found, the facts that make it plain, and the rule."""
        facts = [fact for fact in readable(one.facts) if fact[0] in _FACTS and fact[1] is not None]
        what = KINDS[one.kind]

        def told(lang: Lang) -> str:
            parts = [what.say(lang), *facts_text(facts, lang=lang, zone=self._zone)]
            return shown(Text("，", ", ").say(lang).join(parts))

        text = Text(told("zh"), told("en"))
        if one.due_at is not None and one.due_at > self._now:
            last = f"{datetime.fromtimestamp((one.due_at - 1) / 1000, self._zone):%Y-%m-%d}"
            text = Text(f"{text.zh}，{last} 前须处理", f"{text.en}, to be answered by {last}")
        rule = self._book.policy.find(one.rule or "")
        return text if rule is None else _cited(text, rule)


def _number(case: str) -> list[int]:
    return [int(digits) for digits in re.findall(r"\d+", case)]


def _cited(text: Text, rule: Rule) -> Text:
    source = rule.source()
    return Text(f"{text.zh}（规则 {rule.id}，{source.zh}）", f"{text.en} (rule {rule.id}, {source.en})")


def _sign(one: Told) -> str:
    return "▲" if one.level in (None, Level.VIOLATION) else "●"


def _sentence(sign: str, title: Text, told: Iterable[Text]) -> Text:
    parts = list(told)
    zh = "；".join(one.zh.removesuffix("。") for one in parts)
    en = "; ".join(one.en.removesuffix(".") for one in parts)
    return Text(f"{sign} {shown(title.zh)}：{zh}。", f"{sign} {shown(title.en)}: {en}.")
