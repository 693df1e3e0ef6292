"""Anybody draws again from the log; whatever was steered, by either side, is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ingestd.audits import population
from ingestd.audits.population import Scope
from ingestd.audits.redo import Redo
from ingestd.errors import LogError, NotFoundError
from ingestd.events import AuditCommitted, AuditDrawn, AuditRevealed, AuditSeeded
from ingestd.law.draw import Item, Size
from ingestd.ledger import checkpoint
from ingestd.ledger.checkpoint import Checkpoint
from ingestd.ledger.files import LogFiles
from ingestd.ledger.folded import proved
from ingestd.ledger.log import Log
from ingestd.ledger.note import NoteSigner
from ingestd.model import Millis
from ingestd.sign import StationKeys
from ingestd.station import log_home, note_signer
from ingestd.vault.blobs import Blobs
from tests.audits.office import HOUR, Office, log_alone
from tests.event_samples import secured

NONCE, OTHER = b"n" * 32, b"m" * 32


def test_a_draw_can_be_done_again(office: Office) -> None:
    """From the log alone, with a sentence for each thing that holds; nothing is written."""
    told = office.draw()
    before = {path: path.stat().st_mtime_ns for path in office.rig.root.rglob("*")}
    redo = office.redo(told["audit"])
    assert list(redo.run().acquisitions) == told["drawn"]
    assert len(redo.checks) == 6
    assert redo.remarks == []
    assert told["population"] == 40
    # 2 % of 40 is one, the least is five; an officer's, a unit's and an act's share are one each at least.
    assert 5 <= len(told["drawn"]) <= 6
    assert {path: path.stat().st_mtime_ns for path in office.rig.root.rglob("*")} == before


def test_what_is_said_later_changes_no_draw(office: Office) -> None:
    """The population is frozen at the checkpoint: later clips, links and units are not in it."""
    bound = office.commit()
    office.say(secured(99), office.link(7, "a1"))
    told = office.reveal(bound["audit"])
    assert told["population"] == 40
    assert list(office.redo(told["audit"]).run().acquisitions) == told["drawn"]


def test_no_draw_and_no_audit(office: Office) -> None:
    """Nothing to do again is said as that."""
    bound = office.commit()
    for audit in (bound["audit"], "0" * 16):
        with pytest.raises(NotFoundError):
            office.redo(audit).run()


# --- steered draws ------------------------------------------------------------------------------------


class Rogue:
    """Somebody who holds the log and its key, and takes each step as honestly as a test does not say otherwise."""

    def __init__(self, office: Office, log: Log) -> None:
        self.office = office
        self.home = office.station.home
        self.log = log
        self.signer = note_signer(StationKeys.load(self.home.keys, at=office.clock.now()))

    def commit(self, nonce: bytes = OTHER, **changes: Any) -> AuditCommitted:
        bound = replace(self.office.commitment(nonce), **changes)
        self.log.append([bound], actor="person:jd01")
        return bound

    def seed(self, bound: AuditCommitted, signed: Checkpoint) -> None:
        self.log.append([AuditSeeded(audit=bound.audit, size=signed.size, checkpoint=signed.text)])

    def finish(
        self,
        bound: AuditCommitted,
        signed: Checkpoint,
        nonce: bytes = OTHER,
        of: Callable[[tuple[Item, ...]], tuple[Item, ...]] = lambda items: items,
        as_: Callable[[AuditDrawn], AuditDrawn] = lambda drawn: drawn,
    ) -> str:
        scope = Scope(since_at=bound.since_at, until_at=bound.until_at, unit=bound.unit)
        files = LogFiles(log_home(self.home))
        items = of(population.of_entries(proved(files, signed), scope, Blobs(self.home)))
        size = Size(percent=bound.percent, at_least=bound.at_least, strata=bound.strata)
        drawn = population.drawn(bound.audit, items, size, root=signed.root, nonce=nonce)
        self.log.append([AuditRevealed(audit=bound.audit, nonce=nonce.hex()), as_(drawn)])
        self.log.publish()
        return bound.audit

    def redo(self, audit: str) -> Redo:
        return self.office.redo(audit)


@pytest.fixture
def rogue(office: Office) -> Iterator[Rogue]:
    office.draw()
    with log_alone(office) as log:
        yield Rogue(office, log)


def test_an_honest_rogue_is_believed(rogue: Rogue) -> None:
    """So that each test below fails by what it says, and by nothing else."""
    bound = rogue.commit()
    signed = rogue.log.publish()
    rogue.seed(bound, signed)
    assert rogue.redo(rogue.finish(bound, signed)).run().population == 40


def test_another_nonce(rogue: Rogue) -> None:
    """The auditor can't take another nonce after the root is known."""
    bound = rogue.commit()
    signed = rogue.log.publish()
    rogue.seed(bound, signed)
    with pytest.raises(LogError, match="not the one that was bound"):
        rogue.redo(rogue.finish(bound, signed, nonce=NONCE)).run()


def test_a_checkpoint_of_before_the_commitment(rogue: Rogue) -> None:
    """The auditor can't know the root when the nonce is chosen."""
    before = rogue.log.publish()
    bound = rogue.commit()
    rogue.seed(bound, before)
    with pytest.raises(LogError, match="does not cover the commitment"):
        rogue.redo(rogue.finish(bound, before)).run()


def test_a_checkpoint_that_was_chosen_among_several(rogue: Rogue) -> None:
    """The station can't wait for a root that suits where an earlier one was kept."""
    bound = rogue.commit()
    rogue.log.publish()
    rogue.log.keep_checkpoint()
    rogue.log.append([secured(99)])
    later = rogue.log.publish()
    rogue.seed(bound, later)
    with pytest.raises(LogError, match="an earlier checkpoint"):
        rogue.redo(rogue.finish(bound, later)).run()


def test_a_checkpoint_that_came_late_is_worth_a_question(rogue: Rogue) -> None:
    """Where nobody kept the earlier one it can't be told; that it took minutes can."""
    bound = rogue.commit()
    rogue.log.publish()
    rogue.office.clock.later_ms += 10 * 60_000
    rogue.log.append([secured(99)])
    later = rogue.log.publish()
    rogue.seed(bound, later)
    redo = rogue.redo(rogue.finish(bound, later))
    redo.run()
    assert "600 s after" in redo.remarks[0].en


def test_a_checkpoint_that_the_logs_key_did_not_sign(rogue: Rogue) -> None:
    """Nor one that signs another history."""
    bound = rogue.commit()
    signed = rogue.log.publish()
    foreign = NoteSigner("a/s", Ed25519PrivateKey.generate())
    rogue.seed(bound, checkpoint.sign("a/s", signed.size, signed.root, foreign))
    with pytest.raises(LogError, match="the checkpoint of the draw cannot be trusted"):
        rogue.redo(rogue.finish(bound, signed)).run()


def test_a_root_that_is_not_of_this_log(rogue: Rogue) -> None:
    """Signed by its key, and of no tree: a split view."""
    bound = rogue.commit()
    signed = rogue.log.publish()
    other = checkpoint.sign("a/s", signed.size, b"r" * 32, rogue.signer)
    rogue.seed(bound, other)
    with pytest.raises(LogError, match="another root than the signed one"):
        rogue.redo(rogue.finish(bound, signed)).run()


def test_another_population(rogue: Rogue) -> None:
    """Nobody is left out, and nobody is put in."""
    bound = rogue.commit()
    signed = rogue.log.publish()
    rogue.seed(bound, signed)
    with pytest.raises(LogError, match="39 as it says"):
        rogue.redo(rogue.finish(bound, signed, of=lambda items: items[1:])).run()


def test_another_result(rogue: Rogue) -> None:
    """The clips that the seed gives, all of them, in their order."""
    bound = rogue.commit()
    signed = rogue.log.publish()
    rogue.seed(bound, signed)
    steered = rogue.finish(
        bound, signed, as_=lambda drawn: replace(drawn, acquisitions=drawn.acquisitions[1:])
    )
    with pytest.raises(LogError, match="drawn again it gives other clips"):
        rogue.redo(steered).run()


def test_two_results(rogue: Rogue) -> None:
    """A step is taken once."""
    bound = rogue.commit()
    signed = rogue.log.publish()
    rogue.seed(bound, signed)
    rogue.finish(bound, signed)
    rogue.seed(bound, signed)
    rogue.log.publish()
    with pytest.raises(LogError, match="more than once"):
        rogue.redo(bound.audit).run()


def test_a_nonce_that_came_too_late(rogue: Rogue) -> None:
    """After its time another draw has to be made."""
    bound = rogue.commit(reveal_by_at=Millis(rogue.office.clock.now() - HOUR))
    signed = rogue.log.publish()
    rogue.seed(bound, signed)
    with pytest.raises(LogError, match="too early or too late"):
        rogue.redo(rogue.finish(bound, signed)).run()


def test_draws_that_were_kept_back_are_named(rogue: Rogue) -> None:
    """Who binds several nonces and reveals the one that suits leaves the others in the log."""
    kept = rogue.commit(NONCE[:-1] + b"x")
    bound = rogue.commit()
    signed = rogue.log.publish()
    rogue.seed(bound, signed)
    redo = rogue.redo(rogue.finish(bound, signed))
    redo.run()
    assert any(kept.audit in one.en and "kept their nonce" in one.en for one in redo.remarks)


def test_a_changed_entry(rogue: Rogue) -> None:
    """A byte of an entry is another log."""
    bound = rogue.commit()
    signed = rogue.log.publish()
    rogue.seed(bound, signed)
    audit = rogue.finish(bound, signed)
    bundle = max((rogue.home.log / "tile/entries/000.p").iterdir(), key=lambda path: int(path.name))
    data = bundle.read_bytes()
    bundle.chmod(0o644)
    bundle.write_bytes(data.replace(b'"officer":"104198"', b'"officer":"104199"'))
    with pytest.raises(LogError, match="another root than the signed one"):
        rogue.redo(audit).run()
