"""Whether a case rests on enough (REV-3): what the policy asks of each act, what there is, the verdict, the proof.

Filled from what was verified: coverage by the clocks' bounds, manifests and signatures read now, the log's proof,
what was heard, registers with their signatures, findings. No verdict stands without a link to the thing itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from sqlalchemy import Connection

from ingestd.actions.client import RemoteError
from ingestd.errors import DaemonGoneError
from ingestd.facts import Act, Case, Review
from ingestd.index import law_facts, law_queries, link_queries, registers, shared_bytes
from ingestd.index.facts import Clip
from ingestd.law.base import Base, Subject
from ingestd.law.coverage import Verdict
from ingestd.law.finding import Level
from ingestd.law.rulebook import Rulebook
from ingestd.law.rules import filming, review
from ingestd.model import Millis
from ingestd.policy.model import Filming, Rule
from ingestd.registers import words
from ingestd.telling import terms
from ingestd.telling.plain import span_text, stamp_text
from ingestd.telling.register_sentences import word
from ingestd.telling.signs import CANNOT_TELL, Sign
from ingestd.web import coverage
from ingestd.web.checklist import (
    MET,
    NOT_ASKED,
    OPEN,
    SHORT,
    Check,
    Part,
    Proof,
    finding_proof,
    officer_text,
    record_text,
    round_proof,
    row,
)
from ingestd.web.desk import Desk
from ingestd.words import Text

CHECKED = 24
"""Clips of a case whose manifest, signature and log entry are read when the page is drawn."""
_BY_COVERAGE = {
    Verdict.WHOLE: MET,
    Verdict.GAPS: SHORT,
    Verdict.NONE: SHORT,
    Verdict.CANNOT_TELL: CANNOT_TELL,
    Verdict.NOT_YET: OPEN,
}
_SPEECH = ("speech-missing", "note-missing")
_HALF = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Sufficiency:
    """The whole table."""

    parts: tuple[Part, ...]
    tally: tuple[tuple[Sign, int], ...]
    """How many rows have each verdict."""


def read(desk: Desk, connection: Connection, case: Case) -> Sufficiency:
    """The table of one case, as of now."""
    maker = _Maker(desk, connection, case)
    parts = (*(maker.act(act) for act in maker.acts), maker.of_case())
    signs = [check.sign for part in parts for check in part.checks]
    tally = [(sign, signs.count(sign)) for sign in (SHORT, CANNOT_TELL, OPEN, MET)]
    return Sufficiency(parts=parts, tally=tuple((sign, count) for sign, count in tally if count))


class _Maker:
    """Everything of one case, read once."""

    def __init__(self, desk: Desk, connection: Connection, case: Case) -> None:
        self._desk, self._case = desk, case
        self._book: Rulebook = desk.watch.book
        self.acts: Sequence[Act] = registers.acts_of(connection, case.case)
        self._records = registers.records_of(connection, case.case)
        self._linked = link_queries.linked_to(connection, case.case, [act.act for act in self.acts])
        subjects = self._subjects()
        reads = law_facts.Reading(
            connection=connection,
            now=desk.now,
            watched=frozenset(),
            utc_offset_minutes=desk.watch.config.utc_offset_minutes,
        )
        self._base: Base = law_facts.base_of(reads, subjects)
        self._bars = coverage.bars(desk, connection, case.case, self.acts)
        self._told = law_queries.standing(connection, self._abouts())
        self._seals = self._sealed()

    def _subjects(self) -> list[Subject]:
        return [
            Subject("case", self._case.case),
            *(Subject("act", act.act) for act in self.acts),
            *(Subject("record", one.record) for one in self._records),
            *(Subject("clip", clip.acquisition) for clip, _ in self._linked),
        ]

    def _abouts(self) -> frozenset[str]:
        """What findings of the case are about: of the rules, and what the station itself found of its clips."""
        case = [f"case:{self._case.case}", *(f"act:{act.act}" for act in self.acts)]
        papers = [f"text-record:{one.record}" for one in self._records]
        return frozenset((*case, *papers)) | shared_bytes.abouts(clip for clip, _ in self._linked)

    def _sealed(self) -> Mapping[str, tuple[str, ...]]:
        """Of the first clips what is wrong with manifest, signature and log, read now; those not asked lack."""
        found: dict[str, tuple[str, ...]] = {}
        for clip, _ in self._linked[:CHECKED]:
            try:
                told = self._desk.ask("clip.check", clip=clip.acquisition)
            except DaemonGoneError:
                break
            except RemoteError:
                continue  # not this person's to see
            faults = [fault for part in told["parts"].values() for fault in part]
            found[clip.acquisition] = tuple(fault[self._desk.lang] for fault in faults)
        return found

    def _clips(self, act: Act) -> list[Clip]:
        return [clip for clip, link in self._linked if link.act == act.act]

    # --- an act ---------------------------------------------------------------------------------

    def act(self, act: Act) -> Part:
        """The rows of one act."""
        began = Text("时间未说明", "no time stated")
        if act.started_at is not None:
            at = stamp_text(act.started_at, self._desk.zone)
            began = Text(at, at)
        kind = self._book.named(self._book.kind(act.kind))
        return Part(
            title=Text(f"{kind.zh}（{act.act}）", f"{kind.en} ({act.act})"),
            href=f"/acts/{quote(act.act)}",
            about=began,
            checks=(
                *self._filming(act),
                *self._footage(act),
                *self._certificates(act),
                *self._documents(act),
                *self._findings(self._of_act(act)),
            ),
        )

    def _filming(self, act: Act) -> Iterator[Check]:
        """REC-4, 5, 6: the most binding duty, against what is on film."""
        duties = filming.duties(self._base, act, self._book)
        clips, bar = self._clips(act), self._bars.get(act.act)
        proofs = [Proof(href=f"/acts/{quote(act.act)}", word=Text("时间线", "time line"))]
        count = Text(f"{len(clips)} 段", f"{len(clips)} clip{'' if len(clips) == 1 else 's'}")
        if not duties:
            asked = Text("这类行为不要求音像记录", "no footage is asked of this kind of act")
            yield row(asked, NOT_ASKED, [count], proofs, bar=bar)
            return
        duty, level = duties[0]
        there = [count]
        sign = MET if clips else SHORT if level is Level.VIOLATION else CANNOT_TELL
        if level is Level.PROPOSAL:
            sign = CANNOT_TELL
            there.append(Text("是否须全程录像，待人认定", "a person has to say whether it had to be filmed"))
        elif duty.filming is Filming.WHOLE:
            sign = CANNOT_TELL
            if bar is not None:
                sign = next(
                    told for verdict, told in _BY_COVERAGE.items() if coverage.VERDICTS[verdict] == bar.sign
                )
            else:
                there.append(
                    Text("起止时间未说明，无法计算", "no begin or end is stated: nothing to measure")
                )
        yield row(duty.rule.said, sign, there, proofs, rule=duty.rule, bar=bar)

    def _footage(self, act: Act) -> Iterator[Check]:
        """Of what was filmed: whether it is what was recorded, whether somebody speaks, how sure its time is."""
        clips = self._clips(act)
        if not clips:
            return
        proofs = [
            Proof(
                href=f"/custody/clip:{clip.acquisition}",
                word=Text(f"保管链 {number}", f"custody {number}"),
            )
            for number, clip in enumerate(clips, 1)
        ]
        yield self._seal(clips, proofs)
        if (rule := self._book.find("REC-8")) is not None:
            yield self._speech(rule, clips, proofs)
        yield self._clock(clips, proofs)

    def _seal(self, clips: Sequence[Clip], proofs: Sequence[Proof]) -> Check:
        asked = Text(
            "录像是入库时的原件：清单、签名、日志", "footage is what was stored: manifest, signature, log"
        )
        bad = [clip for clip in clips if clip.damaged or clip.state == "quarantined"]
        faults = [fault for clip in clips for fault in self._seals.get(clip.acquisition, ())]
        known = [clip for clip in clips if clip.acquisition in self._seals]
        there = []
        if known and not faults:
            n = len(known)
            there.append(
                Text(
                    f"{n} 段，现在核验：签名有效，在已签名的日志中",
                    f"{n} checked now: signed, in the signed log",
                )
            )
        there += [Text(fault, fault) for fault in faults]
        there += [
            Text(f"{clip.path}：{said.zh}", f"{clip.path}: {said.en}")
            for clip in bad
            for said in [terms.CLIPS[clip.shown_state].word]
        ]
        if len(known) < len(clips):
            n = len(clips) - len(known)
            there.append(Text(f"{n} 段未能在此核验", f"{n} could not be checked here"))
        sign = SHORT if bad or faults else MET if len(known) == len(clips) else CANNOT_TELL
        return row(asked, sign, there, proofs)

    def _speech(self, rule: Rule, clips: Sequence[Clip], proofs: Sequence[Proof]) -> Check:
        ids = {clip.acquisition for clip in clips}
        lacking = [
            one for one in self._told if one.kind in _SPEECH and one.about.removeprefix("clip:") in ids
        ]
        facts = [self._base.clips[one] for one in ids if one in self._base.clips]
        heard = [one for one in facts if one.analysis is not None]
        there = [
            Text(f"{len(heard)} 段已分析声音", f"the sound of {len(heard)} was analysed"),
            *(terms.word(terms.FINDINGS, one.kind) for one in lacking),
        ]
        sign = SHORT if lacking else MET if len(heard) == len(facts) else CANNOT_TELL
        return row(rule.said, sign, there, [*map(finding_proof, lacking), *proofs], rule=rule)

    def _clock(self, clips: Sequence[Clip], proofs: Sequence[Proof]) -> Check:
        asked = Text("录制时间确知", "it is known when it was recorded")
        bounds = [(clip.started.earliest, clip.started.latest) for clip in clips]
        known = [high - low for low, high in bounds if low is not None and high is not None]
        if len(known) < len(clips):
            n = len(clips) - len(known)
            there = Text(f"{n} 段的录制时间不能确定", f"of {n} it cannot be told when they were recorded")
            return row(asked, CANNOT_TELL, [there], proofs)
        half = max(known) // _HALF
        there = Text(f"误差最大 ± {span_text(half, 'zh')}", f"± {span_text(half, 'en')} at most")
        return row(asked, MET, [there], proofs)

    def _certificates(self, act: Act) -> Iterator[Check]:
        """REV-7: everybody on the act held a certificate that was valid then."""
        rule = self._book.find("REV-7")
        if rule is None:
            return
        found = [one for one in self._told if one.about.startswith(f"act:{act.act}/")]
        there = [officer_text(self._base.officers.get(number), number) for number in act.officers]
        unknown = [number for number in act.officers if not self._is_certified(number)]
        sign = SHORT if found else CANNOT_TELL if unknown or not act.officers else MET
        links = [
            Proof(href=f"/officers/{quote(number)}", word=Text(number, number)) for number in act.officers
        ]
        proofs = [*map(finding_proof, found), *links]
        proofs = proofs or [Proof(href=f"/acts/{quote(act.act)}", word=Text("行为", "act"))]
        yield row(rule.said, sign, there or [Text("未写明人员", "nobody is named")], proofs, rule=rule)

    def _is_certified(self, number: str) -> bool:
        """Whether the register has a certificate of a person, or that it takes none."""
        known = self._base.officers.get(number)
        return known is not None and (known.certificate is not None or known.role != "officer")

    def _documents(self, act: Act) -> Iterator[Check]:
        """OWN-19 and REC-10: the catalogue's documents, signed."""
        wanted, rule = self._book.documents(act.kind), self._book.find("OWN-19")
        records = [one for one in self._records if one.act in (act.act, None)]
        of_act = [one for one in records if one.kind in wanted or one.act == act.act]
        if not wanted and not of_act:
            return
        missing = [name for name in wanted if all(one.kind != name for one in of_act)]
        unsigned = [one for one in of_act if one.signed not in ("yes", "refused")]
        there = [
            *(record_text(one) for one in of_act),
            *(Text(f"缺 {name}", f"{name} is missing") for name in missing),
        ]
        due = OPEN if self._case.concluded_at is None else SHORT
        sign = SHORT if any(one.signed == "no" for one in of_act) else due if missing else MET
        sign = CANNOT_TELL if sign is MET and unsigned else sign
        proofs = [
            Proof(href=f"/custody/text-record:{quote(one.record)}", word=Text(one.record, one.record))
            for one in of_act
        ] or [Proof(href=f"/acts/{quote(act.act)}", word=Text("行为", "act"))]
        asked = Text("、".join(wanted) or "文字记录", ", ".join(wanted) or "text records")
        yield row(asked, sign, there, proofs, rule=rule if wanted else None)

    def _findings(self, abouts: Collection[str]) -> Iterator[Check]:
        """What stands against it, or against a part of it, and was not waived."""
        found = [
            one
            for one in self._told
            if one.state != "waived" and (one.about in abouts or one.about.rpartition("/")[0] in abouts)
        ]
        if not found:
            return
        is_short = any(one.level in (None, Level.VIOLATION) for one in found)
        sign = SHORT if is_short else CANNOT_TELL
        there = [terms.word(terms.FINDINGS, one.kind) for one in found]
        yield row(Text("没有未了的异常", "no finding stands"), sign, there, map(finding_proof, found))

    def _of_act(self, act: Act) -> frozenset[str]:
        records = {f"text-record:{one.record}" for one in self._records if one.act == act.act}
        return frozenset({f"act:{act.act}"} | records) | shared_bytes.abouts(self._clips(act))

    # --- the case -------------------------------------------------------------------------------

    def of_case(self) -> Part:
        """The rows of the case itself: what the gate asks (REV-1, 2, 5)."""
        case, href = self._case, f"/cases/{quote(self._case.case)}"
        return Part(
            title=Text("案件本身", "the case itself"),
            href=href,
            about=Text(case.case, case.case),
            checks=(*self._gate(href), *self._limit(), *self._findings(self._loose())),
        )

    def _loose(self) -> frozenset[str]:
        """What findings of the case but of none of its acts are about: records and clips of none, the case itself."""
        records = {f"text-record:{one.record}" for one in self._records if one.act is None}
        clips = [clip for clip, link in self._linked if link.act is None]
        return frozenset({f"case:{self._case.case}"} | records) | shared_bytes.abouts(clips)

    def _gate(self, href: str) -> Iterator[Check]:
        case, rounds = self._case, self._base.reviews_of(self._case.case)
        chain = [Proof(href=f"/custody/case:{quote(case.case)}", word=Text("案件的记载", "what was stated"))]
        is_major = review.major(self._base, case, self._book)
        if (rule := self._book.find("REV-2")) is not None:
            told = {
                True: Text("重大执法决定", "a major decision"),
                False: Text("不是重大执法决定", "no major decision"),
                None: Text("未认定", "not determined"),
            }[is_major]
            yield row(rule.said, CANNOT_TELL if is_major is None else MET, [told], chain, rule=rule)
        if not is_major:
            return
        done = review.happened(self._base, case.case, self._desk.now)
        links = [round_proof(one) for one in rounds] or [Proof(href=href, word=Text("案件", "case"))]
        for rule_id in review.GATES:
            rule = self._book.find(rule_id)
            if rule is None:
                continue
            lacking = [one for one in rule.requires if one not in done]
            sign = MET if not lacking else SHORT if case.decided_at is not None else OPEN
            yield row(rule.said, sign, [self._standing(rounds)], links, rule=rule)

    def _standing(self, rounds: Sequence[Review]) -> Text:
        if not rounds:
            return Text("尚未送审", "not submitted")
        last = max(rounds, key=lambda one: one.round)
        if last.opinion is None:
            return Text(f"第 {last.round} 轮待审核", f"round {last.round} waits for its opinion")
        said = review.opinions(self._book).get(last.opinion) or word(words.OPINIONS, last.opinion)
        return Text(f"第 {last.round} 轮：{said.zh}", f"round {last.round}: {said.en}")

    def _limit(self) -> Iterator[Check]:
        """OWN-20, REV-8: a round has its opinion by its limit."""
        rule = self._book.find("OWN-20")
        for one in self._base.reviews_of(self._case.case):
            due = review.limit(one, self._book)
            if rule is None or due is None:
                continue
            at = one.opinion_at if one.opinion is not None else None
            late = (at or self._desk.now) >= due.at
            sign = SHORT if late else MET if at is not None else OPEN
            when = stamp_text(Millis(due.at - 1), self._desk.zone)[:10]
            there = Text(f"第 {one.round} 轮，期限至 {when}", f"round {one.round}, by the end of {when}")
            yield row(rule.said, sign, [there], [round_proof(one)], rule=rule)
