"""A finding as a card: what, by which rule, on which facts, since when, and what this person may do about it.

Whoever may not take a step is told who may: the same words as the daemon's refusal (`actions.finding_rights`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from ingestd.actions import finding_rights
from ingestd.actions.finding_rights import (
    ACKNOWLEDGE,
    DETERMINE,
    EXPLAIN,
    URGE,
    WAIVE,
    WORDS,
    Barred,
    Step,
    bar,
)
from ingestd.index import law_queries, link_queries, registers, shared_bytes
from ingestd.index.law_queries import Told, concerned_by
from ingestd.index.law_rows import WAIVED
from ingestd.index.shared_bytes import Sharer
from ingestd.index.tie_lists import Items
from ingestd.intake.findings import KINDS
from ingestd.law.finding import Level
from ingestd.model import Millis
from ingestd.policy.catalog import Policy
from ingestd.policy.model import AGENCY, HOUSE, Rule
from ingestd.telling import terms
from ingestd.telling.finding_about import STATES, STEPS, layer_of, level_sign, rule_of, subject_text
from ingestd.telling.finding_words import ADVICE, bounded_pairs
from ingestd.telling.plain import interval_brief, moment_text, shown, span_text
from ingestd.telling.signs import Sign
from ingestd.web.desk import Desk
from ingestd.web.places import place_of
from ingestd.web.sight import Sight
from ingestd.words import Lang, Text

URGED = ("clip-due-soon", "clip-overdue", "not-returned", "pulled-early", "not-acquired")
"""Kinds whose recorder a person may want before all others."""
_UNSAID = ("case", "path")
"""Facts that a card says in its own place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A step that is open on a finding."""

    step: Step

    word: Text
    needs: str
    """nothing, reason, choice (and a reason)."""
    bar: Barred | None
    """Why this person may not; None: they may."""
    who: Text
    """The roles that may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited:
    """The rule that speaks."""

    rule: str
    source: Text
    """Where it stands: document and section."""
    strength: Text | None
    """None where its file is not installed any more."""
    said: Text | None
    """The rule in our words."""
    is_former: bool
    """Another policy is in force since; this verdict is of before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """The deadline that a finding tells of."""

    due_at: Millis
    text: Text
    """How long until then, or since."""
    is_over: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What somebody did about it."""

    seq: int
    at: Millis
    step: str
    word: Text
    by: str
    """Number; the station itself: ``daemon``."""
    name: str | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """A clip of the bytes that a finding is about."""

    acquisition: str
    href: str
    path: str
    officer: str | None
    name: str | None
    case: str | None
    case_href: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One finding."""

    finding: str
    href: str
    kind: str
    what: Text
    to_do: Text | None
    level: str | None
    sign: Sign
    state: Text | None
    """acknowledged, explained, waived; None: nobody did anything yet."""
    about: str
    subject: Text
    about_href: str | None
    case: str | None
    case_href: str | None
    path: str | None
    """Of the file on the card."""
    clips: tuple[Shared, ...]
    """Of a finding about bytes: the clips that have them and that this person may see."""
    cited: Cited | None
    """None: the dock found it, by no rule."""
    facts: tuple[tuple[Text, Text], ...]
    concerns: tuple[tuple[str, str | None], ...]
    """Officers whom it judges, with their names."""
    since: Text
    """When it began to be so, with its doubt."""
    opened: Text
    clock: Clock | None
    taken: tuple[Taken, ...]
    moves: tuple[Move, ...]
    ended: Text | None
    """When facts ended it; None: it stands."""
    back: str
    """Where a step leads back to."""


def cards(
    desk: Desk, connection: Connection, told: Sequence[Told], *, back: str | None = None
) -> tuple[Card, ...]:
    """The cards of these findings, in this order. The caller asks whether the person may see them.

    ``back``: where a step leads back to, the page itself where none is told.
    """
    maker = _Maker(desk, connection, told, back or desk.request.url.path)
    return tuple(maker.card(one) for one in told)


class _Maker:
    """Everything around some findings, read at once."""

    def __init__(self, desk: Desk, connection: Connection, told: Sequence[Told], back: str) -> None:
        self._desk, self._connection, self._back = desk, connection, back
        self._policy = desk.watch.policy
        self._items = Items(connection, [one.about for one in told if one.closed_at is None])
        self._layers: dict[str, Policy | None] = {}
        self._steps = law_queries.steps_of(connection, told)
        people = {number for one in told for number in concerned_by(one)}
        people |= {step.said_by.removeprefix("person:") for steps in self._steps.values() for step in steps}
        self._sharers = self._seen_sharers(told)
        people |= {one.clip.officer for each in self._sharers.values() for one in each if one.clip.officer}
        self._names = desk.watch.names.of(connection, people, "full")
        self._cases = _cases(connection, told, self._sharers)

    def card(self, told: Told) -> Card:
        desk, case = self._desk, self._cases.get(told.finding)
        facts, now, zone = dict(told.facts), desk.now, desk.zone
        path = None if facts.get("path") is None else shown(str(facts["path"]))
        sharing = tuple(self._shared(one) for one in self._sharers.get(told.about, ()))
        return Card(
            finding=told.finding,
            href=f"/findings/{told.finding}",
            kind=told.kind,
            what=terms.word(KINDS, told.kind),
            to_do=ADVICE.get(told.kind),
            level=told.level,
            sign=level_sign(told.level),
            state=STATES.get(told.state),
            about=told.about,
            subject=_bytes_of(sharing) if sharing else _subject(told, path),
            about_href=None if sharing else place_of(told.about, case),
            case=case,
            case_href=None if case is None else place_of(f"case:{case}"),
            path=path,
            clips=sharing,
            cited=None if told.rule is None else self._cited(told, told.rule),
            facts=self._facts(told),
            concerns=tuple((one, self._names.get(one)) for one in sorted(concerned_by(told))),
            since=_both(lambda lang: _since(told, desk, lang)),
            opened=_both(lambda lang: moment_text(told.opened_at, now=now, zone=zone, lang=lang)),
            clock=None if told.due_at is None or told.closed_at is not None else clock(told.due_at, now),
            taken=self._taken(told),
            moves=() if told.closed_at is not None else tuple(self._moves(told)),
            ended=None if told.closed_at is None else _moment(told.closed_at, desk),
            back=self._back,
        )

    def _seen_sharers(self, told: Sequence[Told]) -> Mapping[str, tuple[Sharer, ...]]:
        found = shared_bytes.sharers(self._connection, [one.about for one in told])
        every = [one.clip for each in found.values() for one in each]
        seen = {one.acquisition for one in Sight(self._desk, self._connection).clips(every)} if every else ()
        return {
            about: tuple(one for one in each if one.clip.acquisition in seen) for about, each in found.items()
        }

    def _shared(self, one: Sharer) -> Shared:
        clip = one.clip
        return Shared(
            acquisition=clip.acquisition,
            href=f"/clips/{clip.acquisition}",
            path=shown(clip.path),
            officer=clip.officer,
            name=self._names.get(clip.officer or ""),
            case=one.case,
            case_href=None if one.case is None else place_of(f"case:{one.case}"),
        )

    def _cited(self, told: Told, id_: str) -> Cited:
        is_former = told.policy_sha256 not in (None, self._policy.sha256)
        in_force = self._policy.find(id_)
        rule: Rule | None = None
        if not is_former and in_force is not None and told.layer in (in_force.layer, AGENCY):
            rule = in_force  # or what the agency added to one of its lists
        elif told.layer is not None:
            if told.layer != AGENCY and told.layer not in self._layers:
                self._layers[told.layer] = layer_of(told.layer)
            rule = rule_of(id_, told.layer, self._layers)
        layer, section = told.layer or "", told.section or ""
        unknown = Text(f"{layer} {section}", f"{layer} {section}")
        source = HOUSE.get(layer) or (unknown if rule is None else rule.source())
        return Cited(
            rule=id_,
            source=source,
            strength=None if rule is None else rule.effect.words,
            said=None if rule is None else rule.said,
            is_former=is_former,
        )

    def _facts(self, told: Told) -> tuple[tuple[Text, Text], ...]:
        said = [one for one in told.facts if one[0] not in _UNSAID]
        zh, en = (bounded_pairs(said, now=self._desk.now, lang=lang, zone=self._desk.zone) for lang in _LANGS)
        return tuple(
            (Text(one[0], other[0]), Text(shown(one[1]), shown(other[1])))
            for one, other in zip(zh, en, strict=True)
        )

    def _taken(self, told: Told) -> tuple[Taken, ...]:
        return tuple(
            Taken(
                seq=step.seq,
                at=step.at,
                step=step.step,
                word=STEPS[step.step],
                by=(by := step.said_by.removeprefix("person:")),
                name=self._names.get(by),
                reason=self._desk.personal(step.reason_value, "reason"),
            )
            for step in self._steps[told.finding]
        )

    # --- what may be done ---------------------------------------------------------------------

    def _moves(self, told: Told) -> Iterable[Move]:
        is_proposal = told.level == Level.PROPOSAL
        if told.state == "open":
            yield self._move(told, ACKNOWLEDGE, "nothing")
        if recorder_of(told) is not None:
            yield self._move(told, URGE, "nothing")
        if is_proposal and told.about.startswith("act:"):
            yield self._determining(told)
        if told.state != WAIVED and not is_proposal:
            yield self._move(told, EXPLAIN, "reason")
            yield self._move(told, WAIVE, "reason")

    def _move(self, told: Told, step: Step, needs: str) -> Move:
        who, policy = self._desk.visitor, self._policy
        return Move(
            step=step,
            word=WORDS[step],
            needs=needs,
            bar=bar(self._connection, policy, step, told, who, items=self._items),
            who=terms.words(terms.ROLES, finding_rights.roles_of(step, policy)),
        )

    def _determining(self, told: Told) -> Move:
        """Who may say at least that it is needed has the form; the daemon judges what they say."""
        found = self._move(told, DETERMINE, "choice")
        return replace(
            found,
            bar=bar(
                self._connection,
                self._policy,
                DETERMINE,
                told,
                self._desk.visitor,
                needed=True,
                items=self._items,
            ),
        )


_LANGS: tuple[Lang, Lang] = ("zh", "en")


def _both(say: Callable[[Lang], str]) -> Text:
    zh, en = (say(lang) for lang in _LANGS)
    return Text(zh, en)


def _subject(told: Told, path: str | None) -> Text:
    """Whom or what; a clip by its file's name."""
    is_clip = path is not None and told.about.startswith("clip:")
    return subject_text(told.about, (path or "").rpartition("/")[2], in_short=is_clip)


def _bytes_of(clips: Sequence[Shared]) -> Text:
    """Damaged bytes by the file of the first clip that has them."""
    name, more = clips[0].path.rpartition("/")[2], len(clips) - 1
    return Text(f"{name} 等 {more + 1} 段录像", f"{name} and {more} more") if more else Text(name, name)


def _moment(at: Millis, desk: Desk) -> Text:
    return _both(lambda lang: moment_text(at, now=desk.now, zone=desk.zone, lang=lang))


def _since(told: Told, desk: Desk, lang: Lang) -> str:
    if told.since is None:
        return moment_text(told.opened_at, now=desk.now, zone=desk.zone, lang=lang)
    when = interval_brief(told.since, now=desk.now, zone=desk.zone, lang=lang)
    basis = terms.words(terms.BASES, told.since.basis.split("+")).say(lang)
    return Text(f"{when}（{basis}）", f"{when} ({basis})").say(lang)


def recorder_of(told: Told) -> str | None:
    """The recorder that may be urged for a finding; None where there is none to urge."""
    kind, _, id_ = told.about.partition(":")
    return id_.partition("/")[0] if kind == "recorder" and told.kind in URGED else None


def clock(due_at: Millis, now: Millis) -> Clock:
    """A deadline against the present moment."""
    left, is_over = due_at - now, due_at < now
    zh, en = (span_text(left, lang) for lang in _LANGS)
    told = Text(f"已超 {zh}", f"overdue by {en}") if is_over else Text(f"还剩 {zh}", f"{en} left")
    return Clock(due_at=due_at, text=told, is_over=is_over)


def _cases(
    connection: Connection, told: Sequence[Told], sharers: Mapping[str, Sequence[Sharer]]
) -> Mapping[str, str]:
    """The case of each finding that has one: its own, its act's or clip's, or the one that its facts name.

    Of bytes that several cases have it is none: each clip of them has its own (`Card.clips`).
    """
    of_bytes = {one.finding: {each.case for each in sharers.get(one.about, ())} for one in told}
    found = {key: case for key, some in of_bytes.items() if len(some) == 1 and (case := next(iter(some)))}
    found |= {one.finding: str(dict(one.facts)["case"]) for one in told if dict(one.facts).get("case")}
    acts = {
        one.finding: one.about.split(":", 1)[1].partition("/")[0] for one in told if one.about[:4] == "act:"
    }
    clips = {one.finding: one.about.removeprefix("clip:") for one in told if one.about.startswith("clip:")}
    linked = link_queries.told(connection, [*clips.values()])
    acts |= {key: act for key, clip in clips.items() if clip in linked and (act := linked[clip].act)}
    found |= {key: case for key, clip in clips.items() if clip in linked and (case := linked[clip].case)}
    known = registers.stated(connection, "act", acts.values())
    of_acts = {key: known[act].row.case for key, act in acts.items() if act in known}
    own = {one.finding: one.about.split(":", 1)[1] for one in told if one.about.startswith("case:")}
    return {key: case for key, case in (found | of_acts | own).items() if case}
