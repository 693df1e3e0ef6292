"""A log in a temporary folder, on a real SQLite file, with a key and a clock that stand still."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, Engine, create_engine, event, inspect, text

from ingestd.clock import ClockState
from ingestd.events import ConfigurationChanged, Event
from ingestd.ledger.entry import Entry
from ingestd.ledger.files import LogHome
from ingestd.ledger.log import Log
from ingestd.ledger.note import NoteSigner
from ingestd.model import Millis, Sha256

ORIGIN = "agency/station"


def database(path: Path) -> Engine:
    """An engine as the daemon makes it: WAL, FULL."""
    engine = create_engine(f"sqlite:///{path}")

    @event.listens_for(engine, "connect")
    def _set(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA busy_timeout=5000")

    return engine


class StillClock:
    """A clock that moves when told."""

    def __init__(self) -> None:
        self.at = Millis(1_795_300_000_000)

    def now(self) -> Millis:
        return self.at

    def monotonic(self) -> float:
        return self.at / 1000

    def state(self) -> ClockState:
        return ClockState(synchronised=True, uncertainty_ms=12, monotonic_ms=self.at % 10**9)


class MemoryBlobs:
    """Blobs in memory."""

    def __init__(self) -> None:
        self.held: dict[Sha256, bytes] = {}

    def put(self, data: bytes) -> Sha256:
        digest = Sha256(hashlib.sha256(data).hexdigest())
        self.held[digest] = data
        return digest

    def get(self, sha256: Sha256) -> bytes:
        return self.held[sha256]


_SHOWN = text("CREATE TABLE shown (seq INTEGER PRIMARY KEY, type TEXT, actor TEXT)")
_SHOW = text("INSERT INTO shown VALUES (:seq, :type, :actor)")


def project(connection: Connection, happened: Sequence[tuple[Entry, Event]]) -> None:
    """A projection: one row an entry, in a table of its own."""
    for entry, told in happened:
        if not entry.seq:
            connection.execute(_SHOWN)
        connection.execute(_SHOW, {"seq": entry.seq, "type": told.type, "actor": entry.actor})


def nothing(_connection: Connection, _happened: Sequence[tuple[Entry, Event]]) -> None:
    """A projection that shows nothing."""


@dataclass
class Station:
    """What a log needs, kept over restarts."""

    folder: Path
    engine: Engine
    clock: StillClock = field(default_factory=StillClock)
    blobs: MemoryBlobs = field(default_factory=MemoryBlobs)
    signer: NoteSigner = field(
        default_factory=lambda: NoteSigner(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(32)))
    )
    project: Any = project

    @property
    def home(self) -> LogHome:
        return LogHome(
            log=self.folder / "log",
            checkpoints=self.folder / "checkpoints",
            aside=self.folder / "log-aside",
            staging=self.folder / "staging",
        )

    @property
    def parts(self) -> dict[str, Any]:
        return {
            "signer": self.signer,
            "origin": ORIGIN,
            "node": ORIGIN,
            "clock": self.clock,
            "blobs": self.blobs,
            "project": self.project,
        }

    def create(self) -> Log:
        return Log.create(self.home, engine=self.engine, **self.parts)

    def open(self) -> Log:
        return Log.open(self.home, engine=self.engine, **self.parts)

    def shown(self, engine: Engine | None = None) -> list[Any]:
        engine = engine or self.engine
        if not inspect(engine).has_table("shown"):
            return []
        with engine.connect() as connection:
            return list(connection.execute(text("SELECT * FROM shown ORDER BY seq")).all())

    def lose_database(self) -> None:
        """The database file is gone."""
        self.engine.dispose()
        for path in self.folder.glob("index.db*"):
            path.unlink()
        self.engine = database(self.folder / "index.db")


def changes(count: int, first: int = 0) -> list[Event]:
    """Some different small events."""
    return [
        ConfigurationChanged(configuration_sha256=Sha256(f"{number:064x}"))
        for number in range(first, first + count)
    ]
