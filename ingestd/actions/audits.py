"""Random playback audits (OWN-7): bind, reveal, judge, give up. The auditor's part of a draw nobody can steer.

The nonce is the auditor's until the station's half of the seed is published: `commit` answers only then, and
`reveal` is refused before. Whoever draws, only one draw waits for its nonce at a time: nobody keeps several and
reveals the one that suits. Nobody judges a clip that he recorded or an act that he was on (invariant 5).
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Callable, Mapping
from typing import Any

from ingestd.actions.authority import Authority
from ingestd.actions.caller import Caller
from ingestd.actions.findings import reason_of
from ingestd.actions.gate import refusal
from ingestd.actions.refusals import Refusals
from ingestd.audits import population
from ingestd.audits.population import Scope
from ingestd.errors import NotFoundError, RefusedError, UsageError
from ingestd.events import (
    AuditCommitted,
    AuditJudged,
    AuditRevealed,
    AuditSeeded,
    AuditVoided,
    Event,
)
from ingestd.index import audits, playing, queries, registers
from ingestd.index.audits import DRAWN, EXPIRED, ITEMS, VOIDED, Draw
from ingestd.index.database import reading
from ingestd.index.facts import Clip
from ingestd.index.inclusion import log_verifier
from ingestd.index.looks import Ranges
from ingestd.law.draw import Size
from ingestd.law.rulebook import HOUR_MS
from ingestd.ledger import checkpoint
from ingestd.ledger.faults import translated
from ingestd.ledger.files import LogFiles
from ingestd.ledger.folded import proved
from ingestd.model import Millis, Sha256
from ingestd.people.separation import Deed
from ingestd.policy.model import Rule
from ingestd.station import Station, log_home
from ingestd.vault.blobs import Blobs
from ingestd.words import Text

AUDITORS = ("supervisor", "outside-supervisor")
"""REC-15: supervision by calling up is the agency's own in one plan, an outside office's in another."""
RULE = "OWN-7"
ID_DIGITS = 16
ANSWERS = ("yes", "no", "none")
GOOD = "good"
VERDICTS = (GOOD, "flawed", "failed")
Verb = Callable[[Caller, Mapping[str, Any]], dict[str, Any]]
Playing = Callable[[str, str], Ranges]
_DIGEST = re.compile(r"[0-9a-f]{64}")
_TOO_LATE = {
    VOIDED: Text("此次抽取已作废；须另行抽取。", "this draw was given up; another one has to be made."),
    EXPIRED: Text(
        "公开随机数的期限已过；须另行抽取，本次记为异常。",
        "the time for revealing its nonce is over; another draw has to be made, and this one is a finding.",
    ),
}


class AuditActions:
    """The steps of a playback audit. Every verb gives the JSON answer of the action."""

    def __init__(self, station: Station, refusals: Refusals, playing: Playing = lambda *_: ()) -> None:
        """``playing``: what a person has played of an item that the log does not have yet."""
        self._station = station
        self._playing = playing
        self._refusals = refusals
        self._authority = Authority(station, refusals)
        self._one = threading.Lock()

    def verbs(self) -> dict[str, Verb]:
        """By their names on the socket."""
        return {
            "audit.commit": self.commit,
            "audit.reveal": self.reveal,
            "audit.judge": self.judge,
            "audit.void": self.void,
        }

    # --- the draw ---------------------------------------------------------------------------------

    def commit(self, who: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Bind the auditor to a nonce; answers when the station's half of the seed is published.

        The same commitment said again appends nothing and tells how its draw stands: a step that was cut off
        is taken up by asking again.
        """
        commitment = _hex(arguments["commitment"])
        audit = commitment[:ID_DIGITS]
        with self._one:
            known = self._find(audit)
            with self._refusals.watch(who, "audit.commit", f"audit:{audit}"):
                who.require(*AUDITORS)
                if known is None:
                    self._refuse_second()
            if known is None:
                self._append(self._committed(Sha256(commitment), self._scope(arguments)), who)
        self._station.log.publish()  # and its listeners are done: the seeding is committed
        self._station.log.publish()
        return self._told(audit, changed=known is None)

    def _committed(self, commitment: Sha256, scope: Scope) -> AuditCommitted:
        rule = self._rule()
        return AuditCommitted(
            audit=commitment[:ID_DIGITS],
            commitment=commitment,
            since_at=scope.since_at,
            until_at=scope.until_at,
            unit=scope.unit,
            percent=rule.number("percent"),
            at_least=rule.number("at_least"),
            strata=rule.listing("strata").keys,
            reveal_by_at=Millis(self._station.clock.now() + rule.number("reveal_hours") * HOUR_MS),
            rule=rule.id,
            layer=rule.layer,
            policy_sha256=self._station.policy.sha256,
        )

    def _rule(self) -> Rule:
        rule = self._station.policy.find(RULE)
        if rule is None:
            raise UsageError(
                Text(
                    "本机关已停用随机抽查规则 OWN-7，没有抽取数量的依据。",
                    "the agency switched off the rule of random audits, OWN-7: nothing says how much to draw.",
                )
            )
        return rule

    def _scope(self, arguments: Mapping[str, Any]) -> Scope:
        """Which recordings; of a period that is over, so that none can come into it any more."""
        since, until, unit = (arguments[name] for name in ("since", "until", "unit"))
        now = self._station.clock.now()
        if type(since) is not int or type(until) is not int or not 0 <= since < until <= now:
            raise UsageError(
                Text(
                    "抽查的时段须已结束，且起点早于终点。",
                    "the period of an audit is over, and begins before it ends.",
                )
            )
        if unit is not None:
            with reading(self._station.engine) as connection:
                if registers.one(connection, "unit", str(unit)) is None:
                    raise NotFoundError(
                        Text("没有单位 {u}。", "there is no unit {u}.").format(u=str(unit)[:80])
                    )
        return Scope(since_at=Millis(since), until_at=Millis(until), unit=unit)

    def _refuse_second(self) -> None:
        """Raises RefusedError while a draw waits for its nonce."""
        now = self._station.clock.now()
        with reading(self._station.engine) as connection:
            waiting = [one.audit for one in audits.draws(connection) if one.is_open(now)]
        if waiting:
            raise RefusedError(
                Text(
                    "抽查 {a} 的随机数尚未公开，不能同时另抽；请先完成（audit draw），或写明理由作废（audit void）。",
                    "audit {a} waits for its nonce, and no other is drawn meanwhile: finish it with audit draw, or "
                    "give it up with audit void and a reason.",
                ).format(a=waiting[0])
            )

    def reveal(self, who: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Reveal the nonce; what it draws is logged in the same transaction, and published when this answers."""
        draw, nonce = self._named(arguments), _nonce(arguments["nonce"])
        with self._refusals.watch(who, "audit.reveal", f"audit:{draw.audit}"):
            who.require(*AUDITORS)
            if hashlib.sha256(nonce).hexdigest() != draw.commitment:
                raise RefusedError(
                    Text(
                        "这不是当初承诺的随机数：其 SHA-256 与日志中的承诺不符。",
                        "this is not the nonce that was bound: its SHA-256 is not the commitment in the log.",
                    )
                )
            if (too_late := _TOO_LATE.get(self._state(draw))) is not None:
                raise RefusedError(too_late)
        if self._state(draw) == DRAWN:
            return self._told(draw.audit, changed=False)
        if draw.seeded_seq is None:
            raise UsageError(
                Text(
                    "日志检查点尚未确定，随机数先不要公开；请稍后重试 audit draw。",
                    "no checkpoint stands for it yet: keep the nonce, and try audit draw again in a moment.",
                )
            )
        self._station.books.ensure_published(draw.seeded_seq)
        with self._one:
            changed = self._find(draw.audit) == draw
            if changed:
                self._append(
                    AuditRevealed(audit=draw.audit, nonce=nonce.hex()), who, self._drawn(draw, nonce)
                )
        self._station.log.publish()
        return self._told(draw.audit, changed=changed)

    def _drawn(self, draw: Draw, nonce: bytes) -> Event:
        home = self._station.home
        seq = draw.seeded_seq or 0
        (entry,) = self._station.log.entries(seq, seq + 1)
        blobs = Blobs(home)
        seeded = entry.event(blobs)
        assert isinstance(seeded, AuditSeeded)
        verifier = log_verifier(home)
        signed = checkpoint.verify(seeded.checkpoint.encode(), verifier.name, (verifier,))
        scope = Scope(since_at=draw.since_at, until_at=draw.until_at, unit=draw.unit)
        with translated():
            items = population.of_entries(proved(LogFiles(log_home(home)), signed), scope, blobs)
        size = Size(percent=draw.percent, at_least=draw.at_least, strata=draw.strata)
        return population.drawn(draw.audit, items, size, root=signed.root, nonce=nonce)

    def void(self, who: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Give up a draw whose nonce is lost. It stays a finding until another draw of the same scope is made."""
        reason = reason_of(arguments["reason"])
        with self._one:  # a draw that is just being made is not given up
            draw = self._named(arguments)
            with self._refusals.watch(who, "audit.void", f"audit:{draw.audit}"):
                who.require(*AUDITORS)
                if self._state(draw) == DRAWN:
                    raise RefusedError(
                        Text(
                            "抽查结果已记入日志，不能作废；请逐段评判。",
                            "what was drawn stands in the log and can't be given up: judge it.",
                        )
                    )
            changed = draw.is_open(self._station.clock.now())
            if changed:
                digest = self._station.services.put_value({"reason": reason})
                self._append(AuditVoided(audit=draw.audit, reason_value=digest), who)
        return self._told(draw.audit, changed=changed)

    # --- judging ----------------------------------------------------------------------------------

    def judge(self, who: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """What a person saw and heard in a clip that was drawn."""
        draw = self._named(arguments)
        clip = self._clip(draw, str(arguments["clip"]))
        with self._refusals.watch(who, "audit.judge", f"clip:{clip.acquisition}"):
            who.require(*AUDITORS)
            self._authority.check(who, Deed.JUDGE, f"clip:{clip.acquisition}")
            self._require_played(who, clip)
        answers = {item: _word(arguments[item], ANSWERS) for item in ITEMS}
        verdict, note = _word(arguments["verdict"], VERDICTS), arguments["note"]
        if verdict != GOOD and not note:
            raise UsageError(Text("不合格或有瑕疵的，请写明问题。", "say what is wrong with it (--note)."))
        digest = self._station.services.put_value({"note": reason_of(note)}) if note else None
        event = AuditJudged(
            audit=draw.audit, acquisition=clip.acquisition, **answers, verdict=verdict, note_value=digest
        )
        seq = self._append(event, who)
        return {"audit": draw.audit, "clip": clip.acquisition, "seq": seq, "changed": True}

    def _require_played(self, who: Caller, clip: Clip) -> None:
        """OWN-23: nobody judges what he did not play. Raises RefusedError."""
        rule, person = self._station.policy.find(playing.RULE), who.person or ""
        if rule is None:
            return
        more = self._playing(person, f"clip:{clip.acquisition}")
        with reading(self._station.engine) as connection:
            seen = playing.played(connection, person, clip, more)
        if not seen.is_enough(rule.number("percent")):
            raise refusal(
                self._station,
                rule,
                Text(
                    "{who} 只播放了该段的 {p}%；请先播放，再评判",
                    "{who} played {p} % of this recording; play it first, then judge",
                ).format(who=who.actor, p=seen.percent or 0),
            )

    def _clip(self, draw: Draw, key: str) -> Clip:
        """One of the clips that were drawn, by acquisition, digest or path on the card."""
        with reading(self._station.engine) as connection:
            drawn = {one.acquisition for one in audits.drawn_clips(connection, draw.audit)}
            found = [clip for clip in queries.clip(connection, key) if clip.acquisition in drawn]
        if len(found) != 1:
            raise NotFoundError(
                Text(
                    "“{key}”对应抽查 {a} 抽中的 {n} 段录像；请给出采集编号，见 audit list。",
                    "{key} names {n} of the clips that audit {a} drew; give the acquisition's id, see audit list.",
                ).format(key=key[:80], a=draw.audit, n=len(found))
            )
        return found[0]

    # --- what is known ----------------------------------------------------------------------------

    def _find(self, audit: str) -> Draw | None:
        with reading(self._station.engine) as connection:
            return audits.draw(connection, audit)

    def _named(self, arguments: Mapping[str, Any]) -> Draw:
        audit = str(arguments["audit"])
        found = self._find(audit)
        if found is None:
            raise NotFoundError(
                Text("没有抽查 {a}；见 audit list。", "there is no audit {a}; see audit list.").format(
                    a=audit[:40]
                )
            )
        return found

    def _state(self, draw: Draw) -> str:
        return draw.state(self._station.clock.now())

    def _append(self, event: Event, who: Caller, *more: Event) -> int:
        return self._station.books.append([event, *more], actor=who.actor)[-1]

    def _told(self, audit: str, *, changed: bool) -> dict[str, Any]:
        """How a draw stands now."""
        with reading(self._station.engine) as connection:
            draw = audits.draw(connection, audit)
            clips = audits.drawn_clips(connection, audit)
        assert draw is not None
        return {
            "audit": audit,
            "state": self._state(draw),
            "size": draw.size,
            "reveal_by_at": draw.reveal_by_at,
            "population": draw.population,
            "drawn": [clip.acquisition for clip in clips],
            "seq": max(
                seq for seq in (draw.committed_seq, draw.seeded_seq, draw.drawn_seq) if seq is not None
            ),
            "changed": changed,
        }


def _hex(value: Any) -> str:
    if not isinstance(value, str) or not _DIGEST.fullmatch(value):
        raise UsageError(Text("不是 64 位十六进制数。", "not 64 hex digits."))
    return value


def _nonce(value: Any) -> bytes:
    return bytes.fromhex(_hex(value))


def _word(value: Any, known: tuple[str, ...]) -> str:
    if value not in known:
        raise UsageError(
            Text("“{v}”不是 {known} 之一。", "{v!r} is none of {known}.").format(
                v=str(value)[:40], known=", ".join(known)
            )
        )
    return str(value)
