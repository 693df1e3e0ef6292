"""One home, opened for writing: lock, configuration, keys, log, index, vault, and the intake over them.

The composition root of everything that has no loop: the daemon runs it, and a command that works alone (no
daemon) opens the same. Opening it is recovery: log and database agree afterwards, every partial folder is as
far as it goes without its recorder, every open session is closed as interrupted.
"""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import shutil
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from ingestd import __version__, config, durable, sign
from ingestd.audits.seeding import Seeding
from ingestd.canon import Json
from ingestd.clock import Clock
from ingestd.config import Config
from ingestd.device import registry
from ingestd.device.registry import Installed
from ingestd.errors import BusyError, IngestdError, NoSpaceError, UsageError
from ingestd.events import DaemonStarted, DaemonStopped, Event, LogCreated, SessionClosed
from ingestd.index import projection
from ingestd.index.books import StationBooks
from ingestd.index.database import open_database
from ingestd.index.judge import Judge
from ingestd.inforce import InForce, PolicyKeeper
from ingestd.intake.acquire import Acquirer, Active
from ingestd.intake.disk import disk
from ingestd.intake.partials import Partials
from ingestd.intake.places import Places
from ingestd.intake.services import Services
from ingestd.intake.turns import Turns
from ingestd.ledger.faults import is_no_space
from ingestd.ledger.files import LogHome
from ingestd.ledger.log import Log
from ingestd.ledger.note import NoteSigner
from ingestd.media.probe import Prober
from ingestd.policy import catalog
from ingestd.policy.catalog import Policy
from ingestd.pulse import Steps
from ingestd.sign import StationKeys
from ingestd.vault import values
from ingestd.vault.blobs import Blobs
from ingestd.vault.layout import Home
from ingestd.vault.manifest import Station as StationFacts
from ingestd.vault.store import Vault
from ingestd.vault.values import Values
from ingestd.words import Text

log = logging.getLogger(__name__)

SECURING_THREADS = 2
"""Read-back waits for the disk; two at once keep it busy on the reference station's two cores."""


def log_home(home: Home) -> LogHome:
    """The log's folders of a home."""
    return LogHome(log=home.log, checkpoints=home.checkpoints, aside=home.log_aside, staging=home.staging)


def note_signer(keys: StationKeys) -> NoteSigner:
    """The key that signs checkpoints."""
    return NoteSigner(keys.origin, keys.log_key)


def create(root: Path, *, agency: str, station: str, policy: str, csr: bool, clock: Clock) -> Policy:
    """Make a new home: folders, configuration, keys, log with its first entry.

    A home is made once; where anything of one is there already, nothing is touched. One that could not be made
    whole is taken away again. Raises UsageError, ConfigError, NoSpaceError.
    """
    chosen = catalog.load(policy)
    home, now = Home(root.resolve()), clock.now()
    _require_place(home)
    text = config.render(
        agency=agency, station=station, policy=policy, commissioned_at=now, uid=os.getuid(), person="keeper-1"
    )
    config.parse(text.encode(), str(home.config))
    was_there = home.root.exists()
    try:
        _create_folders(home)
        sign.create_keys(home.keys, agency=agency, station=station, at=now, csr=csr)
        durable.write(home.config, text.encode(), mode=0o640)
        if not csr:
            _create_log(home, config.read(home.config), clock)
    except BaseException as error:
        _take_away(home.root, itself=not was_there)
        if isinstance(error, OSError | DBAPIError | NoSpaceError):
            raise _not_made(home.root, error) from error
        raise
    return chosen


def _not_made(root: Path, error: OSError | DBAPIError | NoSpaceError) -> IngestdError:
    """In one sentence, whichever of file system, database and log said it."""
    if isinstance(error, NoSpaceError) or is_no_space(error):
        return NoSpaceError(_NOT_MADE.format(root=root, why=os.strerror(errno.ENOSPC)))
    said = error.orig if isinstance(error, DBAPIError) else error.strerror
    return UsageError(_NOT_MADE.format(root=root, why=said))


def _create_folders(home: Home) -> None:
    created: list[Path] = durable.make_folder(home.root)
    for folder, mode in home.station_folders():
        created += [*durable.make_folder(folder, mode=mode), folder]
    durable.settle(created)


def _take_away(root: Path, *, itself: bool) -> None:
    """What there is of a home that could not be made: the folder was empty, or not there."""
    with suppress(OSError):
        for path in root.iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        if itself:
            root.rmdir()


def _require_place(home: Home) -> None:
    """Raises UsageError where no home can be made: what is there stays as it is."""
    try:
        str(home.root).encode()
        around = next((folder for folder in home.root.parents if Home(folder).config.exists()), None)
        is_taken = home.root.exists() and (not home.root.is_dir() or any(home.root.iterdir()))
    except UnicodeEncodeError as error:
        raise UsageError(_NO_NAME.format(root=home.root)) from error
    except OSError as error:
        raise UsageError(_NOT_MADE.format(root=home.root, why=error.strerror)) from error
    if around is not None:
        raise UsageError(_WITHIN.format(root=home.root, other=around))
    if is_taken:
        raise UsageError(_TAKEN.format(root=home.root))


_TAKEN = Text(
    "{root} 不是空目录，未作任何改动；请换一个目录。",
    "{root} is no empty folder; nothing was changed. Choose another folder.",
)
_WITHIN = Text(
    "{root} 在另一个证据库 {other} 之内，未作任何改动：两者的文件会混在一起；请换一个目录。",
    "{root} lies inside another home, {other}; nothing was changed: the files of both would mix. Choose another "
    "folder.",
)
_NO_NAME = Text(
    "{root} 的名称不是 UTF-8 文字，未作任何改动；请换一个目录名。",
    "the name of {root} is no UTF-8 text; nothing was changed. Choose another name.",
)
_NOT_MADE = Text(
    "无法在 {root} 建立证据库（{why}）：没有密钥和日志产生；请检查路径、权限和磁盘剩余空间，或换一个目录。",
    "no home can be made at {root} ({why}): no key and no log was made. See to the path, its rights and the room on "
    "its disk, or choose another folder.",
)


def _create_log(home: Home, settings: Config, clock: Clock) -> None:
    keys = StationKeys.load(home.keys, at=clock.now())
    engine = open_database(home.database)
    projection.create(engine)
    log_ = Log.create(
        log_home(home),
        engine=engine,
        signer=note_signer(keys),
        origin=settings.origin,
        node=settings.origin,
        clock=clock,
        blobs=Blobs(home),
        project=projection.project,
    )
    first = LogCreated(
        agency=settings.agency,
        station=settings.station,
        policy=settings.policy,
        verifier_key=keys.vkey,
        policy_sha256=catalog.load(settings.policy).sha256,
    )
    log_.ensure_published(log_.append([first])[-1])
    log_.close()
    engine.dispose()


def _open_log(home: Home, settings: Config, keys: StationKeys, engine: Engine, clock: Clock) -> Log:
    return Log.open(
        log_home(home),
        engine=engine,
        signer=note_signer(keys),
        origin=settings.origin,
        node=settings.origin,
        clock=clock,
        blobs=Blobs(home),
        project=projection.project,
    )


def import_certificate(root: Path, certificate: bytes, ca: bytes, clock: Clock) -> None:
    """Take in the certificate that the agency's CA made, and start the log."""
    home = Home(root.resolve())
    sign.import_certificate(home.keys, certificate, ca, at=clock.now())
    if not (home.log / "checkpoint").exists():
        _create_log(home, config.read(home.config), clock)


class WriterLock:
    """One process writes: flock on `run/lock`, held until closed."""

    def __init__(self, home: Home) -> None:
        with disk():
            home.run.mkdir(mode=0o750, exist_ok=True)
            self._descriptor = os.open(home.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._descriptor)
            raise BusyError(
                Text(
                    "另一个进程正在写入 {root}；证据不受影响。请通过运行中的守护进程操作，或稍后再试。",
                    "another process writes to {root}; evidence is not affected. Work through the running "
                    "daemon, or try again later.",
                ).format(root=home.root)
            ) from error

    def close(self) -> None:
        """Let others write."""
        os.close(self._descriptor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """An open home. `close` it."""

    home: Home
    in_force: InForce
    policies: PolicyKeeper
    clock: Clock
    keys: StationKeys
    engine: Engine
    log: Log
    books: StationBooks
    drivers: tuple[Installed, ...]
    services: Services
    stopping: threading.Event
    """Set when the process is to end: sessions stop after their batch."""
    closing: ExitStack

    @classmethod
    def open(cls, root: Path, clock: Clock) -> Station:
        """Take the lock, recover, and be ready. Raises any IngestdError: then nothing was taken."""
        home = Home(root.resolve())
        settings = config.read(home.config)
        with ExitStack() as closing:
            closing.callback(WriterLock(home).close)
            in_force = InForce(settings, catalog.load(settings.policy))
            return cls._assembled(home, in_force, clock, closing)

    @classmethod
    def _assembled(cls, home: Home, in_force: InForce, clock: Clock, closing: ExitStack) -> Station:
        settings, drivers = in_force.config, registry.installed()
        keys = StationKeys.load(home.keys, at=clock.now())
        engine = open_database(home.database)
        closing.callback(engine.dispose)
        projection.create(engine)
        log_ = _open_log(home, settings, keys, engine, clock)
        closing.callback(log_.close)
        Seeding(log_, engine)
        books = StationBooks(log_, engine, in_force.book)
        policies = PolicyKeeper(home, in_force, books, engine)
        policies.restore()
        prober = closing.enter_context(Prober())
        securing = ThreadPoolExecutor(SECURING_THREADS, thread_name_prefix="securing")
        closing.callback(securing.shutdown, wait=False, cancel_futures=True)
        stopping = threading.Event()
        acquirer = Acquirer(
            home=home,
            vault=Vault(home),
            keys=keys,
            prober=prober,
            books=books,
            clock=clock,
            active=Active(),
            station=StationFacts(
                agency=settings.agency,
                station=settings.station,
                certificate_sha256=keys.certificate_sha256,
            ),
            judge=Judge(book=in_force.book),
            steps=Steps(clock.monotonic),
        )
        personal = Values(home)

        def put_value(fields: dict[str, Json]) -> str:
            with disk():
                return personal.put([(values.new_salt(), fields)])[0]

        services = Services(
            acquirer=acquirer,
            partials=Partials(acquirer),
            books=books,
            clock=clock,
            places=Places(),
            turns=Turns(settings.readers, clock.monotonic, per_bus=settings.readers_per_bus),
            securing=securing,
            put_value=put_value,
            rules=in_force.rules,
            stopping=stopping.is_set,
        )
        return cls(
            home=home,
            in_force=in_force,
            policies=policies,
            clock=clock,
            keys=keys,
            engine=engine,
            log=log_,
            books=books,
            drivers=drivers,
            services=services,
            stopping=stopping,
            closing=closing.pop_all(),
        )

    @property
    def config(self) -> Config:
        """The configuration in force."""
        return self.in_force.config

    @property
    def policy(self) -> Policy:
        """The policy in force."""
        return self.in_force.policy

    def recover(self) -> None:
        """Say that the writer is up, close what a crash left open, finish what can be finished."""
        events: list[Event] = [
            DaemonStarted(
                version=__version__,
                configuration_sha256=self.config.sha256,
                drivers=tuple(driver.record for driver in self.drivers),
            )
        ]
        events += [
            SessionClosed(
                session=session,
                recorder=recorder,
                outcome="interrupted",
                secured=0,
                quarantined=0,
                released=0,
                left=0,
                bytes=0,
            )
            for session, recorder in self.books.open_sessions()
        ]
        self.books.append(events)
        self.policies.look()
        secured = self.services.partials.recover()
        if secured:
            log.info("recovered: %d acquisitions finished from their partial folders", len(secured))

    def driver(self, name: str) -> Installed:
        """An installed driver by name. Raises NotFoundError."""
        return registry.find(name, self.drivers)

    def say_stopped(self, reason: str) -> None:
        """The last event of an orderly end, published."""
        self.books.ensure_published(self.books.append([DaemonStopped(reason=reason)])[-1])

    def close(self) -> None:
        """Let go of everything, lock last."""
        self.closing.close()


def closing_quietly(close: Callable[[], None]) -> None:
    """Run one step of an ending; what fails is logged and the next step runs."""
    try:
        close()
    except (IngestdError, OSError):
        log.exception("a step of closing failed; recovery at the next start does the rest")
