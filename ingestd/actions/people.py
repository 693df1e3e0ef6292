"""What all actions on accounts share: accounts as the log tells them, their secrets, and the checking of these.

A secret is put into the store first and counts from the event on that names it; what a crash leaves between is
an orphan. An attempt counts as a failure before it is looked at, and is forgiven when it was none.
"""

from __future__ import annotations

import hashlib
import logging
import os
import threading
from collections.abc import Collection

from ingestd import canon
from ingestd.actions.refusals import Refusals
from ingestd.errors import CredentialsError, IngestdError, NotFoundError, UsageError, VaultError, WaitError
from ingestd.events import AccountLocked, Event, LoginEnded, TokenEnded
from ingestd.facts import ID_CHARS
from ingestd.index import accounts
from ingestd.index.accounts import Account
from ingestd.index.database import reading
from ingestd.model import Millis
from ingestd.people import totp
from ingestd.people.passwords import LONGEST, Hasher
from ingestd.people.seal import Seal
from ingestd.people.store import Attempt, Credential, Store
from ingestd.people.waits import RULES
from ingestd.station import Station
from ingestd.vault.values import Values
from ingestd.words import Text

log = logging.getLogger(__name__)

_WRONG = Text(
    "账号与密码（验证码、PIN）不符，或账户已停用。",
    "account and password (code, PIN) do not fit, or the account is closed.",
)
_LOCKED = Text("账户已锁定；请联系管理员。", "the account is locked; ask an administrator.")
_WAIT = Text(
    "连续失败次数过多，请稍候再试；一直不行请联系管理员解锁。",
    "too many failures in a row: wait before the next attempt, or ask an administrator to unlock it.",
)


class People:
    """Accounts of a station. `close` it."""

    def __init__(self, station: Station, refusals: Refusals) -> None:
        self.station = station
        self.refusals = refusals
        self.store = Store(station.home.accounts)
        self.seal = Seal(station.keys.log_seed)
        self.hasher = Hasher(station.config.accounts_argon2_kib)
        self.changing = threading.Lock()
        """Held while something of an account changes, or a login begins: none slips in behind a change."""
        self._values = Values(station.home)

    def close(self) -> None:
        """Let go of the store."""
        self.store.close()

    def now(self) -> Millis:
        """Station time."""
        return self.station.clock.now()

    def new_id(self) -> str:
        """An id of its own for a credential, login or token; no secret."""
        return canon.new_id(self.now(), os.urandom(10))

    def append(self, *events: Event, actor: str) -> int | None:
        """Commit events; the position of the last."""
        return self.station.books.append(events, actor=actor)[-1] if events else None

    # --- what is known ------------------------------------------------------------------------

    def find(self, id_: str) -> Account | None:
        """An account as the log tells it."""
        with reading(self.station.engine) as connection:
            return accounts.account(connection, id_)

    def known(self, id_: object) -> Account:
        """The same. Raises NotFoundError."""
        found = self.find(str(id_))
        if found is None:
            raise NotFoundError(
                Text("没有账户“{a}”。", "there is no account {a!r}.").format(a=str(id_)[:ID_CHARS])
            )
        return found

    def name_of(self, account: Account) -> str | None:
        """The person's name, where it is held here and is what was said: nobody is kept out by a damaged file."""
        try:
            fields = None if account.name_value is None else self._values.get(account.name_value)
        except VaultError:
            return None
        return None if fields is None else str(fields.get("name"))

    # --- secrets ------------------------------------------------------------------------------

    def put(
        self, account: str, kind: str, secret: bytes, *, recovery: Collection[str] = (), used_step: int = -1
    ) -> str:
        """Keep a secret, sealed and durable; the id by which an event may let it count."""
        id_ = self.new_id()
        sealed = self.seal.seal(secret, kind, account, id_)
        digests = [self.seal.digest("recovery", id_, code) for code in recovery]
        self.store.put(
            Credential(credential=id_, account=account, kind=kind, sealed=sealed, used_step=used_step),
            digests,
        )
        return id_

    def hashed(self, secret: str) -> bytes:
        """A password or PIN as it is kept."""
        with self.hasher.turn():
            return self.hasher.hash(secret)

    def secret_of(self, account: Account | None, kind: str) -> bytes | None:
        """The secret that counts; None where there is none, or the store has lost it."""
        id_: str | None = None if account is None else getattr(account, kind)
        held = None if id_ is None else self.store.get(id_)
        if account is None or held is None:
            return None
        return self.seal.open(held.sealed, kind, account.account, held.credential)

    def verify(self, kind: str, id_: str, secret: str) -> Account:
        """The account whose password or PIN this is. Raises WaitError, CredentialsError."""
        if len(id_) > ID_CHARS or len(secret) > LONGEST * 4:
            raise CredentialsError(_WRONG)
        account = self.find(id_)
        with self.hasher.turn():
            attempt = self._attempt(kind, id_, account)
            known = self.secret_of(account, kind)
            fits = self.hasher.fits(known, secret)
            if account is None or known is None or not fits or not account.active:
                self._failed(account, kind, attempt)
                raise CredentialsError(_WRONG)
            if self.hasher.is_outdated(known):
                self._rehash(account, kind, secret)
        self.store.forgive(self._named(kind, id_))
        if account.locked == "account":
            raise CredentialsError(_LOCKED)
        return account

    def check_still(self, verified: Account, kind: str) -> None:
        """Raises CredentialsError where what was verified counts no more; asked while `changing` is held."""
        now = self.find(verified.account)
        if (
            now is None
            or not now.active
            or now.locked == "account"
            or getattr(now, kind) != getattr(verified, kind)
        ):
            raise CredentialsError(_WRONG)

    def _rehash(self, account: Account, kind: str, secret: str) -> None:
        id_: str = getattr(account, kind)
        self.store.reseal(id_, self.seal.seal(self.hasher.hash(secret), kind, account.account, id_))

    def verify_code(self, account: Account, given: str) -> tuple[str, int | None]:
        """The factor that was shown: totp, or recovery and how many are left. Raises WaitError, CredentialsError."""
        attempt = self._attempt("totp", account.account, account)
        shown = _code(given)
        secret = self.secret_of(account, "totp")
        if secret is not None and account.totp is not None:
            step = totp.step_of(secret, shown, self.now())
            if step is not None and self.store.use_step(account.totp, step):
                self.store.forgive(self._named("totp", account.account))
                return "totp", None
            left = self.store.use_recovery(
                account.totp, self.seal.digest("recovery", account.totp, shown.upper())
            )
            if left is not None:
                self.store.forgive(self._named("totp", account.account))
                return "recovery", left
        self._failed(account, "totp", attempt)
        raise CredentialsError(_WRONG)

    def _named(self, kind: str, id_: str) -> bytes:
        return self.seal.digest("attempt", kind, id_)

    def _attempt(self, kind: str, id_: str, account: Account | None) -> Attempt:
        attempt = self.store.attempt(
            kind, self._named(kind, id_), None if account is None else id_, self.now()
        )
        if attempt.wait_ms != 0:
            raise WaitError(_WAIT, wait_s=-1 if attempt.wait_ms is None else -(-attempt.wait_ms // 1000))
        return attempt

    def _failed(self, account: Account | None, kind: str, attempt: Attempt) -> None:
        """Say that an account is locked from this failure on."""
        wait = RULES[kind].after(attempt.failures)
        if account is not None and wait != 0:
            until = None if wait is None else Millis(self.now() + wait)
            event = AccountLocked(
                account=account.account, kind=kind, failures=attempt.failures, until_at=until
            )
            self.append(event, actor="daemon")

    # --- the end of logins ---------------------------------------------------------------------

    def ended_logins(self, account: str, why: str, *, but: str | None = None) -> tuple[Event, ...]:
        """Events that end what is open of an account, but one; `drop` their keys once they are committed."""
        with reading(self.station.engine) as connection:
            still = accounts.open_logins(connection, account)
        return tuple(
            LoginEnded(login=one.login, account=account, why=why) for one in still if one.login != but
        )

    def ended_tokens(self, account: str, why: str) -> tuple[Event, ...]:
        """The same for tokens."""
        with reading(self.station.engine) as connection:
            made = accounts.listed_tokens(connection, account)
        return tuple(
            TokenEnded(token=one.token, account=account, why=why) for one in made if one.ended_at is None
        )

    def drop(self, ended: Collection[Event]) -> None:
        """Forget the keys of logins and tokens whose end is committed."""
        ids = [one.login for one in ended if isinstance(one, LoginEnded)]
        self.store.drop_keys([*ids, *(one.token for one in ended if isinstance(one, TokenEnded))])

    def tidy(self) -> None:
        """At a start: drop secrets that no event made count, or that count no more. Never stops a start."""
        with reading(self.station.engine) as connection:
            credentials = [id_ for one in accounts.listed(connection) for id_ in one.credentials]
            logins = [one.login for one in accounts.open_logins(connection)]
            tokens = [one.token for one in accounts.listed_tokens(connection) if one.ended_at is None]
        try:
            self.store.sweep(credentials, [*logins, *tokens])
        except IngestdError as error:
            log.warning("accounts are not in order: %s", error)


def _code(given: str) -> str:
    """A code without what people type between its digits."""
    return "".join(given.split()).replace("-", "")[:32]


def digest_of(shown: object) -> bytes:
    """What is kept of a token: 256 random bits need no slow hash."""
    return hashlib.sha256(str(shown).encode("utf-8", "surrogatepass")).digest()


def text_of(given: object, limit: int = LONGEST * 4) -> str:
    """Text of a request. Raises UsageError."""
    if not isinstance(given, str) or not 0 < len(given) <= limit:
        raise UsageError(Text("缺少内容，或过长。", "something is missing, or too long."))
    return given
