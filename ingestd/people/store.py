"""`keys/private/accounts.db`: credentials, log-in tokens, failures. The daemon's alone (0600), no projection.

Rows are written before the event that makes them count, and what no event made count counts for nothing: a
crash in between leaves an orphan for `sweep`. A rebuild of the index does not touch this file. Where it can't be
opened only logging in suffers: it is opened when it is needed first.
"""

from __future__ import annotations

import stat
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    LargeBinary,
    MetaData,
    Table,
    delete,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy import (
    Text as Chars,
)
from sqlalchemy.exc import SQLAlchemyError

from ingestd.errors import KeyMaterialError, LogError
from ingestd.index.database import open_database
from ingestd.model import Millis
from ingestd.people.waits import RULES
from ingestd.words import Text

GUESSED_NAMES = 10_000
"""Failures are counted for names that no account has too, so that nobody can tell; the oldest go first."""
_DAY_MS = 86_400_000
_metadata = MetaData()

_credentials = Table(
    "credentials",
    _metadata,
    Column("credential", Chars, primary_key=True),
    Column("account", Chars, nullable=False),
    Column("kind", Chars, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("used_step", BigInteger, nullable=False),  # of a TOTP: no code counts twice
)
_recovery = Table(
    "recovery",
    _metadata,
    Column("credential", Chars, primary_key=True),  # the TOTP that it stands in for
    Column("digest", LargeBinary, primary_key=True),
)
_keys = Table(
    "keys",  # what a person's browser or a program shows: the digest of 256 random bits
    _metadata,
    Column("id", Chars, primary_key=True),  # login or token
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("account", Chars, nullable=False),
    Column("stage", Chars, nullable=False),
    Column("client", Chars, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("second_at", BigInteger, nullable=True),
)
_attempts = Table(
    "attempts",
    _metadata,
    Column("digest", LargeBinary, primary_key=True),  # of kind and account
    Column("account", Chars, nullable=True),  # null: no account has this name
    Column("failures", BigInteger, nullable=False),
    Column("last_at", BigInteger, nullable=False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """A sealed secret."""

    credential: str
    account: str
    kind: str
    sealed: bytes
    used_step: int = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """What a login or a token is recognised by, and what is known of its use."""

    id: str
    digest: bytes
    account: str
    stage: str
    """half (the second factor is missing), full, kiosk, token."""
    client: str
    """Where from, as the pages tell it: for the person's own list, not in the log."""
    seen_at: Millis
    second_at: Millis | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What came of asking for an attempt, which counts as a failure until it is forgiven."""

    wait_ms: int | None
    """0: it may be looked at. None: not before an unlock."""
    failures: int


class Store:
    """The file. Every method is one transaction; safe from any thread. Raises KeyMaterialError, LogError."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._engine: Engine | None = None

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            if self._engine is not None:
                self._engine.dispose()
                self._engine = None

    def _opened(self) -> Engine:
        with self._lock:
            if self._engine is None:
                try:
                    engine = open_database(self._path)
                    _metadata.create_all(engine)
                    modes = (self._path.stat().st_mode, self._path.parent.stat().st_mode)
                except (LogError, SQLAlchemyError, OSError) as error:
                    raise _unusable(self._path, str(error)) from error
                if any(stat.S_IMODE(mode) & 0o077 for mode in modes):
                    engine.dispose()
                    raise _unusable(self._path, "readable by others: 0600, 0700")
                self._engine = engine
            return self._engine

    @contextmanager
    def _begin(self) -> Iterator[Connection]:
        try:
            with self._opened().begin() as connection:
                yield connection
        except SQLAlchemyError as error:
            raise _unusable(self._path, str(error)) from error

    # --- credentials --------------------------------------------------------------------------

    def put(self, credential: Credential, recovery: Collection[bytes] = ()) -> None:
        """One more secret, durable; it counts for nothing until an event names it."""
        with self._begin() as connection:
            connection.execute(insert(_credentials), asdict(credential))
            for digest in recovery:
                connection.execute(insert(_recovery), {"credential": credential.credential, "digest": digest})

    def get(self, id_: str) -> Credential | None:
        """The secret of an id."""
        with self._begin() as connection:
            query = select(_credentials).where(_credentials.c.credential == id_)
            row = connection.execute(query).mappings().first()
        return None if row is None else Credential(**row)

    def reseal(self, id_: str, sealed: bytes) -> None:
        """The same secret, hashed at another cost."""
        with self._begin() as connection:
            connection.execute(
                update(_credentials).where(_credentials.c.credential == id_).values(sealed=sealed)
            )

    def use_step(self, id_: str, step: int) -> bool:
        """Mark a TOTP step as used; False where it, or a later one, was used before (RFC 6238, 5.2)."""
        row = _credentials.c
        this = (row.credential == id_) & (row.used_step < step)
        with self._begin() as connection:
            return connection.execute(update(_credentials).where(this).values(used_step=step)).rowcount == 1

    def use_recovery(self, id_: str, digest: bytes) -> int | None:
        """Use up a recovery code; how many are left, None where it is none."""
        row = _recovery.c
        with self._begin() as connection:
            gone = connection.execute(delete(_recovery).where(row.credential == id_, row.digest == digest))
            left = connection.execute(select(row.digest).where(row.credential == id_)).all()
        return len(left) if gone.rowcount else None

    def drop_credentials(self, ids: Collection[str]) -> None:
        """Secrets that count no more."""
        with self._begin() as connection:
            for id_ in ids:
                connection.execute(delete(_recovery).where(_recovery.c.credential == id_))
                connection.execute(delete(_credentials).where(_credentials.c.credential == id_))

    # --- logins and tokens --------------------------------------------------------------------

    def add_key(self, key: Key) -> None:
        """A new login or token, durable; it counts for nothing until an event names it."""
        with self._begin() as connection:
            connection.execute(insert(_keys), asdict(key))

    def key_of(self, digest: bytes) -> Key | None:
        """What is recognised by this digest."""
        with self._begin() as connection:
            row = connection.execute(select(_keys).where(_keys.c.digest == digest)).mappings().first()
        return None if row is None else Key(**row)

    def keys(self, account: str) -> dict[str, Key]:
        """All of an account by id."""
        with self._begin() as connection:
            rows = connection.execute(select(_keys).where(_keys.c.account == account)).mappings()
            return {row["id"]: Key(**row) for row in rows}

    def change_key(self, id_: str, **values: bytes | str | int | None) -> None:
        """Another digest, stage, moment."""
        with self._begin() as connection:
            connection.execute(update(_keys).where(_keys.c.id == id_).values(**values))

    def drop_keys(self, ids: Collection[str]) -> None:
        """Logins and tokens that are over."""
        with self._begin() as connection:
            for id_ in ids:
                connection.execute(delete(_keys).where(_keys.c.id == id_))

    # --- failures -----------------------------------------------------------------------------

    def attempt(self, kind: str, digest: bytes, account: str | None, now: Millis) -> Attempt:
        """Ask for one attempt. Where it may be made it counts as a failure already: many at once gain nothing."""
        this = _attempts.c.digest == digest
        with self._begin() as connection:
            row = connection.execute(select(_attempts).where(this)).mappings().first()
            failures, last_at = (0, now) if row is None else (row["failures"], Millis(row["last_at"]))
            left = RULES[kind].left(failures, last_at, now)
            if left != 0:
                return Attempt(wait_ms=left, failures=failures)
            connection.execute(delete(_attempts).where(this))
            after = {"digest": digest, "account": account, "failures": failures + 1, "last_at": now}
            connection.execute(insert(_attempts), after)
        return Attempt(wait_ms=0, failures=failures + 1)

    def forgive(self, digest: bytes) -> None:
        """It was no failure: nothing stands against the next one."""
        with self._begin() as connection:
            connection.execute(delete(_attempts).where(_attempts.c.digest == digest))

    def forgive_all(self, account: str) -> None:
        """Every wait of an account is over."""
        with self._begin() as connection:
            connection.execute(delete(_attempts).where(_attempts.c.account == account))

    # --- order --------------------------------------------------------------------------------

    def sweep(self, credentials: Collection[str], keys: Collection[str]) -> None:
        """Drop what counts for nothing: all but these. At a start only: what is put later is about to count."""
        with self._begin() as connection:
            for table, column, kept in (
                (_recovery, _recovery.c.credential, credentials),
                (_credentials, _credentials.c.credential, credentials),
                (_keys, _keys.c.id, keys),
            ):
                for id_ in set(connection.scalars(select(column))) - set(kept):
                    connection.execute(delete(table).where(column == id_))

    def forget_guesses(self, now: Millis) -> None:
        """Drop old failures of names that no account has. Those of accounts stay until one succeeds."""
        row = _attempts.c
        with self._begin() as connection:
            newest = select(row.digest).where(row.account.is_(None)).order_by(row.last_at.desc())
            beyond = list(connection.scalars(newest.limit(-1).offset(GUESSED_NAMES)))
            is_over = or_(row.last_at < now - _DAY_MS, row.digest.in_(beyond))
            connection.execute(delete(_attempts).where(row.account.is_(None), is_over))


def _unusable(path: Path, why: str) -> KeyMaterialError:
    return KeyMaterialError(
        Text(
            f"账户库 {path} 无法使用：{why}。采集与证据不受影响，但无人能登录；请从备份恢复，"
            "或移走此文件后用 ingestd user password 重新设置密码。",
            f"the accounts in {path} cannot be used: {why}. Intake and evidence are not affected, but nobody can "
            "log in; restore the file from the backup, or move it away and set passwords anew with ingestd user "
            "password",
        )
    )
