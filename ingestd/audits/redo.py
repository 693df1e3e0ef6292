"""A draw done again by anybody, from a copy of log and key: no database, no daemon, nothing is written.

What is checked is said in sentences, each when it holds; the first thing that does not hold raises LogError. It shows
that nobody could choose what was drawn unless the auditor and whoever holds the log's key did so together; against
that too, witnesses help, or a checkpoint that somebody else keeps.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any, Final, TypeVar

from ingestd.audits import population
from ingestd.audits.population import Scope
from ingestd.canon import timestamp
from ingestd.errors import LogError, NotFoundError
from ingestd.events import AuditCommitted, AuditDrawn, AuditRevealed, AuditSeeded, DaemonStarted, Event
from ingestd.law.draw import STRATA, Size, seed
from ingestd.ledger import checkpoint
from ingestd.ledger.checkpoint import Checkpoint, CheckpointError
from ingestd.ledger.entry import Blobs, Entry, parse
from ingestd.ledger.faults import translated
from ingestd.ledger.files import LogFiles
from ingestd.ledger.folded import proved
from ingestd.ledger.note import NoteError, Verifier
from ingestd.words import Text

_STEPS: Final = (AuditCommitted, AuditSeeded, AuditRevealed, AuditDrawn)
_ENDINGS: Final = tuple(f'"type":"{one.type}","v":1}}'.encode() for one in (*_STEPS, DaemonStarted))
_NONCE: Final = re.compile(r"[0-9a-f]{64}")
SOON_MS: Final = 60_000
"""A seeding that comes later than this after its commitment is worth a question; ordinarily it takes milliseconds."""

E = TypeVar("E", bound=Event)
Said = tuple[Entry, Event]


class Redo:
    """Does one draw again. `run` it; `checks` and `remarks` grow meanwhile."""

    def __init__(self, files: LogFiles, verifier: Verifier, blobs: Blobs, audit: str) -> None:
        self._files = files
        self._verifier = verifier
        self._blobs = blobs
        self._audit = audit
        self._said: list[Said] = []
        """All draws' steps, and the daemon's starts."""
        self.checks: list[Text] = []
        """What holds."""
        self.remarks: list[Text] = []
        """What is no fault, and worth a question."""

    def run(self) -> AuditDrawn:
        """What is drawn. Raises LogError where the log's draw is another, or does not follow from the log."""
        self._read(self._newest())
        bound, committed = self._step(AuditCommitted)
        sealed, seeded = self._step(AuditSeeded)
        told, revealed = self._step(AuditRevealed)
        _, logged = self._step(AuditDrawn)
        signed = self._checkpoint(bound, sealed, seeded)
        nonce = self._nonce(sealed, told, committed, revealed)
        drawn = self._draw(committed, signed, nonce, logged)
        self._remark(bound, sealed, committed)
        return drawn

    def _check(self, holds: object, fault: Text) -> None:
        """Raises LogError unless it holds."""
        if not holds:
            head = Text(f"抽查 {self._audit} 不可信：", f"audit {self._audit} cannot be trusted: ")
            raise LogError(Text(head.zh + fault.zh, head.en + fault.en))

    def _says(self, zh: str, en: str) -> None:
        self.checks.append(Text(zh, en))

    # --- the log --------------------------------------------------------------------------------------

    def _newest(self) -> Checkpoint:
        return self._verified(
            self._files.checkpoint_path.read_bytes, Text("日志检查点", "the log's checkpoint")
        )

    def _verified(self, read: Any, what: Text) -> Checkpoint:
        try:
            return checkpoint.verify(read(), self._verifier.name, (self._verifier,))
        except (OSError, NoteError, CheckpointError) as error:
            raise LogError(
                Text(f"{what.zh}不可信：{error}", f"{what.en} cannot be trusted: {error}")
            ) from error

    def _read(self, newest: Checkpoint) -> None:
        for seq, data in enumerate(proved(self._files, newest)):
            if not data.endswith(_ENDINGS):
                continue
            with translated():
                entry = parse(data)
                self._check(
                    entry.seq == seq,
                    Text(
                        f"第 {seq} 条自称第 {entry.seq} 条", f"entry {seq} says that it is number {entry.seq}"
                    ),
                )
                self._said.append((entry, entry.event(self._blobs)))
        self._says(
            f"日志 {newest.origin} 共 {newest.size} 条，由条目重算的根与公钥签名的检查点一致。",
            f"The log {newest.origin} has {newest.size} entries, and their root is the one that its key signed.",
        )

    def _step(self, kind: type[E]) -> tuple[Entry, E]:
        """The one entry of a step of this draw."""
        found = [
            (entry, event)
            for entry, event in self._said
            if isinstance(event, kind) and entry.subject == f"audit:{self._audit}"
        ]
        if not found:
            raise NotFoundError(
                Text(
                    f"日志中没有抽查 {self._audit} 的 {kind.type}：尚未抽取，或编号有误。",
                    f"the log has no {kind.type} of audit {self._audit}: it is not drawn, or that is no audit's id.",
                )
            )
        self._check(
            len(found) == 1, Text(f"{kind.type} 在日志中不止一条", f"the log has {kind.type} more than once")
        )
        return found[0]

    # --- both halves of the seed ----------------------------------------------------------------------

    def _checkpoint(self, bound: Entry, sealed: Entry, seeded: AuditSeeded) -> Checkpoint:
        signed = self._verified(
            seeded.checkpoint.encode, Text("抽查所用的检查点", "the checkpoint of the draw")
        )
        self._check(
            signed.size == seeded.size and bound.seq < signed.size <= sealed.seq,
            Text(
                f"检查点（{signed.size} 条）没有覆盖承诺（第 {bound.seq} 条），或并非在其后公布",
                f"its checkpoint of {signed.size} entries does not cover the commitment, entry {bound.seq}, or was "
                "not there yet",
            ),
        )
        earlier = [size for size in self._files.kept() if bound.seq < size < signed.size]
        self._check(
            not earlier,
            Text(
                f"另有更早的检查点（{min(earlier, default=0)} 条）已覆盖承诺，却未采用",
                f"an earlier checkpoint, of {min(earlier, default=0)} entries, covers it and was not taken",
            ),
        )
        self._says(
            f"承诺在第 {bound.seq} 条（{bound.actor}，{timestamp(bound.at)}），先于 {signed.size} 条的检查点；"
            f"该检查点由公钥签名，记在第 {sealed.seq} 条。",
            f"The commitment is entry {bound.seq} ({bound.actor}, {timestamp(bound.at)}), before the checkpoint of "
            f"{signed.size} entries, which the log's key signed and entry {sealed.seq} holds.",
        )
        return signed

    def _nonce(self, sealed: Entry, told: Entry, committed: AuditCommitted, revealed: AuditRevealed) -> bytes:
        nonce = bytes.fromhex(revealed.nonce) if _NONCE.fullmatch(revealed.nonce) else b""
        self._check(
            hashlib.sha256(nonce).hexdigest() == committed.commitment
            and committed.commitment.startswith(self._audit),
            Text("公开的随机数与承诺不符", "the nonce that was revealed is not the one that was bound"),
        )
        self._check(
            sealed.seq < told.seq and told.at <= committed.reveal_by_at,
            Text("随机数公开得过早或过晚", "the nonce was revealed too early or too late"),
        )
        self._says(
            f"第 {told.seq} 条公开的随机数，其 SHA-256 即承诺；公开于检查点确定之后、期限之内。",
            f"The SHA-256 of the nonce in entry {told.seq} is the commitment; it was revealed after the checkpoint "
            "stood, and in time.",
        )
        return nonce

    # --- the draw -------------------------------------------------------------------------------------

    def _draw(
        self, committed: AuditCommitted, signed: Checkpoint, nonce: bytes, logged: AuditDrawn
    ) -> AuditDrawn:
        self._check(
            set(committed.strata) <= STRATA.keys(), Text("分层方式未知", "it names strata that are not known")
        )
        scope = Scope(since_at=committed.since_at, until_at=committed.until_at, unit=committed.unit)
        with translated():
            items = population.of_entries(proved(self._files, signed), scope, self._blobs)
        self._says(
            f"检查点的根与本日志前 {signed.size} 条一致：种子 SHA-256(根 ‖ 随机数) = "
            f"{seed(signed.root, nonce).hex()}。",
            f"The checkpoint's root is that of this log's first {signed.size} entries: the seed, SHA-256(root || "
            f"nonce), is {seed(signed.root, nonce).hex()}.",
        )
        size = Size(percent=committed.percent, at_least=committed.at_least, strata=committed.strata)
        drawn = population.drawn(self._audit, items, size, root=signed.root, nonce=nonce)
        self._check(
            (drawn.population, drawn.population_sha256) == (logged.population, logged.population_sha256),
            Text(
                f"抽查范围不符：按日志为 {drawn.population} 段，所记为 {logged.population} 段",
                f"it was drawn from other recordings: {drawn.population} by the log, {logged.population} as it says",
            ),
        )
        self._says(
            f"{timestamp(scope.since_at)} 至 {timestamp(scope.until_at)} 入库的录像（单位："
            f"{scope.unit or '全站'}）在该检查点时共 {drawn.population} 段，与所记相同。",
            f"Recordings that came in from {timestamp(scope.since_at)} until {timestamp(scope.until_at)} (unit: "
            f"{scope.unit or 'all'}) were {drawn.population} at that checkpoint, the same as it says.",
        )
        self._check(
            drawn == logged,
            Text(
                "重新抽取的结果与所记不同",
                "drawn again it gives other clips than it says, or another order",
            ),
        )
        self._says(
            f"按每层 {size.percent}%、至少 {size.at_least} 段重新抽取，得到相同的 {len(drawn.acquisitions)} 段。",
            f"Drawn again, {size.percent} % of each stratum and {size.at_least} at least, it gives the same "
            f"{len(drawn.acquisitions)} clips.",
        )
        return drawn

    # --- what is worth a question ---------------------------------------------------------------------

    def _remark(self, bound: Entry, sealed: Entry, committed: AuditCommitted) -> None:
        starts = sum(
            isinstance(event, DaemonStarted) and bound.seq < entry.seq < sealed.seq
            for entry, event in self._said
        )
        if starts or sealed.at - bound.at > SOON_MS:
            self.remarks.append(
                Text(
                    f"承诺之后 {(sealed.at - bound.at) // 1000} 秒才确定检查点，其间守护进程启动 {starts} 次；"
                    "请询问原因。",
                    f"The checkpoint stood {(sealed.at - bound.at) // 1000} s after the commitment, with {starts} "
                    "starts of the daemon in between: ask why.",
                )
            )
        drawn = {event.audit for _, event in self._said if isinstance(event, AuditDrawn)}
        others = [
            event
            for _, event in self._said
            if isinstance(event, AuditCommitted)
            and event.audit != self._audit
            and event.since_at < committed.until_at
            and committed.since_at < event.until_at
        ]
        kept = [event.audit for event in others if event.audit not in drawn]
        if kept:
            self.remarks.append(
                Text(
                    f"同一时段另有 {len(kept)} 次抽查未公开随机数（{'、'.join(kept)}）；请询问原因。",
                    f"{len(kept)} other draws of this period kept their nonce ({', '.join(kept)}): ask why.",
                )
            )
        again = [event.audit for event in others if event.audit in drawn]
        if again:
            self.remarks.append(
                Text(
                    f"同一时段另有 {len(again)} 次抽查（{'、'.join(again)}），各有其结果。",
                    f"{len(again)} other draws were made of this period ({', '.join(again)}), each with its result.",
                )
            )
