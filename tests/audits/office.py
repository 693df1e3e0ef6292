"""A station with recordings of two units, and people who audit them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from ingestd.actions.audits import AuditActions
from ingestd.actions.caller import Caller
from ingestd.actions.refusals import Refusals
from ingestd.audits.redo import Redo
from ingestd.clock import StationClock
from ingestd.events import ActStated, AuditCommitted, ClipLinked, Event, OfficerStated, UnitStated, event_of
from ingestd.index import projection
from ingestd.index.database import open_database
from ingestd.ledger.files import LogFiles
from ingestd.ledger.log import Log
from ingestd.ledger.note import parse_verifier
from ingestd.model import Millis, Sha256
from ingestd.policy import catalog
from ingestd.sign import StationKeys
from ingestd.station import Station, log_home, note_signer
from ingestd.vault.blobs import Blobs
from tests.event_samples import secured
from tests.rig import Rig

HOUR = 3_600_000
PLAYED_OFF = b'[[off]]\nrule = "OWN-23"\nreason = "x"\nby = "x"\n'
"""There is no player here: whoever judges is believed to have played it."""


class Late(StationClock):
    """The station's clock, by so much later as a test says."""

    later_ms = 0

    def now(self) -> Millis:
        return Millis(super().now() + self.later_ms)


class Office:
    """An open home. `close` it."""

    def __init__(self, root: Path, clips: int = 40) -> None:
        self.rig = Rig(root)
        self.clock = Late()
        self.since = self.clock.now()
        self.open()
        self.say(
            UnitStated(unit="支队"),
            UnitStated(unit="一中队", parent="支队"),
            UnitStated(unit="二中队", parent="支队"),
            OfficerStated(officer="104233", unit="一中队"),
            OfficerStated(officer="104198", unit="二中队"),
            ActStated(act="a1", case="k1", kind="seizure", officers=("104233", "104300")),
            *(secured(n, officer="104198" if n % 4 == 3 else "104233") for n in range(clips)),
            *(self.link(n, "a1") for n in range(0, clips, 10)),
        )
        self.clock.later_ms += 1000
        self.until = self.clock.now()

    def open(self) -> None:
        self.station = Station.open(self.rig.root, self.clock)
        self.station.in_force.policy = catalog.load("baseline", PLAYED_OFF)
        self.actions = AuditActions(self.station, Refusals(self.station.books, self.clock))

    def close(self) -> None:
        self.station.close()

    def say(self, *events: Event, actor: str = "daemon") -> int:
        return self.station.books.append(list(events), actor=actor)[-1]

    def link(self, number: int, act: str) -> ClipLinked:
        return ClipLinked(
            acquisition=secured(number).acquisition, act=act, case=None, by="machine", score=9000, reasons=()
        )

    def commit(self, nonce: bytes = b"n" * 32, **changes: Any) -> dict[str, Any]:
        asked = {
            "commitment": hashlib.sha256(nonce).hexdigest(),
            "since": self.since,
            "until": self.until,
            "unit": None,
        }
        return self.actions.commit(AUDITOR, asked | changes)

    def reveal(self, audit: str, nonce: bytes = b"n" * 32) -> dict[str, Any]:
        return self.actions.reveal(AUDITOR, {"audit": audit, "nonce": nonce.hex()})

    def draw(self, nonce: bytes = b"n" * 32, **changes: Any) -> dict[str, Any]:
        return self.reveal(self.commit(nonce, **changes)["audit"], nonce)

    def redo(self, audit: str) -> Redo:
        """Ready to run over what is published."""
        home = self.station.home
        verifier = parse_verifier((home.keys / "log.vkey").read_text().strip())
        return Redo(LogFiles(log_home(home)), verifier, Blobs(home), audit)

    def commitment(self, nonce: bytes) -> AuditCommitted:
        """As a draw was bound that this office made, for another nonce."""
        template = event_of("audit.committed", self.rig.events("audit.committed")[0]["data"])
        assert isinstance(template, AuditCommitted)
        digest = Sha256(hashlib.sha256(nonce).hexdigest())
        return replace(template, audit=digest[:16], commitment=digest)

    def told(self, *types: str) -> list[dict[str, Any]]:
        self.station.log.publish()
        return self.rig.events(*types)


@contextmanager
def log_alone(office: Office) -> Iterator[Log]:
    """The log with its key and nothing of ours that follows it, its station closed: what a crash or a rogue has."""
    office.close()
    home = office.station.home
    engine = open_database(home.database)
    log = Log.open(
        log_home(home),
        engine=engine,
        signer=note_signer(StationKeys.load(home.keys, at=office.clock.now())),
        origin="a/s",
        node="a/s",
        clock=office.clock,
        blobs=Blobs(home),
        project=projection.project,
    )
    try:
        yield log
    finally:
        log.close()
        engine.dispose()


def person(name: str, *roles: str) -> Caller:
    return Caller(uid=os.getuid(), person=name, roles=frozenset(roles))


AUDITOR = person("jd01", "supervisor")
