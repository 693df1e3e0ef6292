"""Everything known of a case, in sentences: for `case explain` and the case's page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from ingestd.facts import Act, Case, Decision, Officer, Party, Review, TextRecord, Unit
from ingestd.index import law_queries, registers, shared_bytes
from ingestd.index.law_queries import Told
from ingestd.index.shared_bytes import Sharer
from ingestd.law.rulebook import Rulebook
from ingestd.law.rules import review as review_rules
from ingestd.model import Millis
from ingestd.policy.schema import REQUIREMENTS
from ingestd.registers import words
from ingestd.telling import case_footage
from ingestd.telling.case_footage import Footage, Teller
from ingestd.telling.plain import stamp_text
from ingestd.telling.register_sentences import word
from ingestd.telling.register_views import Reader, Said, history
from ingestd.vault.layout import Home
from ingestd.words import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """All that the registers hold of one case."""

    case: Case
    unit: Unit | None
    parties: tuple[Party, ...]
    acts: tuple[Act, ...]
    records: tuple[TextRecord, ...]
    decisions: tuple[Decision, ...]
    reviews: tuple[Review, ...]
    officers: dict[str, Officer]
    """Of those whom it names, the registered ones."""
    footage: tuple[Footage, ...]
    """Of each act; last what is linked to the case alone."""
    findings: tuple[Told, ...]
    """What stands of the case, its acts, records, decisions, clips and the clips' bytes."""
    opinions: dict[str, Text]
    """What those of a review are called here."""
    damaged: Mapping[str, tuple[Sharer, ...]]
    """The clips that share the bytes of which findings tell."""
    history: tuple[Said, ...]


def read(connection: Connection, home: Home, case_id: str, book: Rulebook, now: Millis) -> Story | None:
    """The story of a case under the rules in force; None where nothing is known of it."""
    case = registers.case(connection, case_id)
    if case is None:
        return None
    acts, reviews = registers.acts_of(connection, case_id), registers.reviews_of(connection, case_id)
    named = [officer for act in acts for officer in act.officers]
    named += [one.reviewer for one in reviews if one.reviewer is not None]
    found = registers.stated(connection, "officer", named)
    unit = None if case.unit is None else registers.one(connection, "unit", case.unit)
    records, decisions = (
        registers.records_of(connection, case_id),
        registers.decisions_of(connection, case_id),
    )
    footage = case_footage.read(connection, case_id, acts, book, now)
    about = {
        f"case:{case_id}",
        *(f"act:{one.act}" for one in acts),
        *(f"text-record:{one.record}" for one in records),
        *(f"decision:{one.decision}" for one in decisions),
        *shared_bytes.abouts(shot.clip for one in footage for shot in one.shots),
    }
    findings = law_queries.standing(connection, about)
    return Story(
        case=case,
        unit=None if unit is None else unit.row,
        parties=registers.parties_of(connection, case_id),
        acts=acts,
        records=records,
        decisions=decisions,
        reviews=reviews,
        officers={key: one.row for key, one in found.items()},
        footage=footage,
        findings=findings,
        opinions=review_rules.opinions(book),
        damaged=shared_bytes.sharers(connection, [one.about for one in findings]),
        history=tuple(history(connection, home, f"case:{case_id}")),
    )


def review_sentences(story: Story, reader: Reader) -> list[str]:
    """The rounds of its legal review, a sentence each."""
    say = Sayer(story, reader)
    return [say.review(one) for one in story.reviews]


def parts(story: Story, reader: Reader) -> Iterator[tuple[Text, list[str]]]:
    """Its parts, each a heading and sentences."""
    say = Sayer(story, reader)
    yield Text("案件", "The case"), say.case()
    yield Text("当事人", "Subjects"), [say.party(one) for one in story.parties]
    yield Text("执法行为", "Acts"), [say.act(one) for one in story.acts]
    yield Text("音像记录", "Footage"), list(_footage(story, reader))
    yield Text("文字记录", "Text records"), [say.record(one) for one in story.records]
    yield Text("法制审核", "Legal review"), [say.review(one) for one in story.reviews]
    yield Text("决定", "Decisions"), [say.decision(one) for one in story.decisions]


def _footage(story: Story, reader: Reader) -> Iterator[str]:
    teller, acts = Teller(reader.lang, reader.zone), {act.act: act for act in story.acts}
    for one in story.footage:
        yield from teller.lines(one, acts.get(one.act or ""))


def gate(case: Case, is_major: bool | None, barred: review_rules.Barring) -> Text:
    """Whether the case may be decided (REV-1), in one sentence."""
    if case.decided_at is not None:
        return Text("已作出决定。", "It is decided.")
    if is_major is None:
        return Text("是否重大执法决定：未认定。", "Whether its decision is a major one is not determined.")
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


class Sayer:
    """Sentences of one story in one language."""

    def __init__(self, story: Story, reader: Reader) -> None:
        self._story = story
        self._reader = reader

    def _say(self, zh: str, en: str) -> str:
        return Text(zh, en).say(self._reader.lang)

    def _at(self, at: Millis | None) -> str:
        return self._say("时间未知", "at an unknown time") if at is None else self._reader.moment(at)

    def _officer(self, number: str) -> str:
        known = self._story.officers.get(number)
        if known is None:
            return number + self._say("（人员登记中没有）", " (not in the register)")
        name = self._reader.parts(known.name_value).get("name", "")
        return f"{number} {name}".strip()

    def case(self) -> list[str]:
        """What the case is, how far it has come."""
        case, unit = self._story.case, self._story.unit
        kind = word(words.CASE_KINDS, case.kind)
        title = self._reader.parts(case.title_value).get("title", "")
        name = "" if unit is None or unit.name is None else f" {unit.name}"
        lines = [
            self._say(f"{case.case}，{kind.zh}" + (f"：{title}" if title else "") + "。",
                      f"{case.case}, {kind.en}" + (f": {title}" if title else "") + "."),
        ]  # fmt: skip
        if case.unit is not None:
            lines.append(self._say(f"承办单位：{case.unit}{name}。", f"Undertaken by {case.unit}{name}."))
        for at, zh, en in (
            (case.opened_at, "立案", "Opened"),
            (case.decided_at, "作出决定", "Decided"),
            (case.concluded_at, "程序终结", "Concluded"),
        ):
            if at is not None:
                lines.append(self._say(f"{zh}：{self._at(at)}。", f"{en}: {self._at(at)}."))
        if case.decision is not None:
            lines.append(self._say(f"决定的种类：{case.decision}。", f"Kind of decision: {case.decision}."))
        lines.append(self._major())
        if case.random_inspection:
            lines.append(self._say("双随机抽查。", "A random inspection (DIS-6)."))
        return lines

    def _major(self) -> str:
        if self._story.case.major is None:
            return self._say(
                "是否重大执法决定：未定。", "Whether its decision is a major one: not determined."
            )
        if self._story.case.major:
            return self._say("重大执法决定。", "Its decision is a major one.")
        return self._say("不是重大执法决定。", "Its decision is no major one.")

    def party(self, party: Party) -> str:
        """Who it is."""
        kind = self._say("类型未说明", "kind not stated")
        if party.kind is not None:
            kind = word(words.PARTY_KINDS, party.kind).say(self._reader.lang)
        name = self._reader.personal(party.party_value) or party.party
        return self._say(f"{name}（{kind}；{party.party}）", f"{name} ({kind}; {party.party})")

    def act(self, act: Act) -> str:
        """When, what, where, who, with what result."""
        until = self._say("未结束", "not ended")
        if act.ended_at is not None:
            until = stamp_text(act.ended_at, self._reader.zone)
        since = "?" if act.started_at is None else stamp_text(act.started_at, self._reader.zone)
        told = [f"{since} – {until}", f"{act.kind or '?'} ({act.act})"]
        if act.place_value is not None:
            told.append(self._say("地点 ", "at ") + self._reader.personal(act.place_value))
        if act.premises:
            told.append(self._say("执法办案场所", "in the agency's premises"))
        officers = [self._officer(one) for one in act.officers]
        who = self._say("、", ", ").join(officers) or self._say("未写明", "not stated")
        told.append(self._say(f"人员 {who}", f"officers {who}"))
        if act.result is not None:
            told.append(
                self._say("结果 ", "result ") + word(words.RESULTS, act.result).say(self._reader.lang)
            )
        if act.note_value is not None:
            told.append(self._reader.personal(act.note_value))
        return self._ended(told)

    def record(self, record: TextRecord) -> str:
        """What it is, and whether it is signed."""
        told = [f"{record.kind or '?'} ({record.record})", self._at(record.made_at)]
        if record.act is not None:
            told.append(self._say(f"行为 {record.act}", f"act {record.act}"))
        signed = Text("签名情况未说明", "nothing is said of a signature")
        if record.signed is not None:
            signed = word(words.SIGNED, record.signed)
        told.append(signed.say(self._reader.lang))
        if record.signed == "refused":
            reason = self._reader.personal(record.refusal_value)
            told.append(self._say("原因：", "reason: ") + (reason or self._say("未注明", "not noted")))
        return self._ended(told)

    def review(self, review: Review) -> str:
        """One round."""
        told = [self._say(f"第 {review.round} 轮", f"Round {review.round}")]
        for at, zh, en in (
            (review.self_checked_at, "承办单位自查", "the unit checked itself"),
            (review.submitted_at, "送审", "submitted"),
        ):
            if at is not None:
                told.append(self._say(f"{zh} {self._at(at)}", f"{en} {self._at(at)}"))
        if review.due_at is not None:
            limit = self._reader.moment(review.due_at, is_end=True)
            told.append(self._say(f"期限 {limit}", f"due by {limit}"))
        if review.opinion is None:
            told.append(self._say("尚无意见", "no opinion yet"))
        else:
            known = self._story.opinions.get(review.opinion) or word(words.OPINIONS, review.opinion)
            opinion = known.say(self._reader.lang)
            by = "" if review.reviewer is None else f" ({self._officer(review.reviewer)})"
            told.append(self._say(f"意见：{opinion}{by} {self._at(review.opinion_at)}",
                                  f"opinion: {opinion}{by}, {self._at(review.opinion_at)}"))  # fmt: skip
        if review.reason_value is not None:
            told.append(self._say("理由：", "reasons: ") + self._reader.personal(review.reason_value))
        if review.escalated_at is not None:
            when = self._at(review.escalated_at)
            told.append(self._say(f"提请协调 {when}", f"disagreement taken further {when}"))
        return self._ended(told)

    def decision(self, decision: Decision) -> str:
        """What was decided, and whether it is public."""
        told = [f"{decision.kind or '?'} ({decision.decision})", self._at(decision.at)]
        for at, zh, en in (
            (decision.public_at, "公示", "published"),
            (decision.revoked_at, "知悉应撤回", "known to be revoked"),
            (decision.withdrawn_at, "撤下", "withdrawn"),
        ):
            if at is not None:
                told.append(self._say(f"{zh} {self._at(at)}", f"{en} {self._at(at)}"))
        if decision.public_at is None:
            told.append(self._say("未公示", "not published"))
        return self._ended(told)

    def _ended(self, told: Sequence[str]) -> str:
        return self._say("，", ", ").join(told) + self._say("。", ".")
