"""What people do about their own secrets: change the password, set up or give up the second factor, set a PIN."""

from __future__ import annotations

import base64
import os
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from ingestd.actions.authority import require_fresh
from ingestd.actions.caller import Caller
from ingestd.actions.people import People, digest_of, text_of
from ingestd.errors import CredentialsError, LoginError, UsageError
from ingestd.events import CredentialEnded, CredentialSet, Event
from ingestd.index.accounts import Account
from ingestd.model import Millis
from ingestd.people import totp
from ingestd.people.passwords import check_password, check_pin
from ingestd.words import Text

RECOVERY_CODES = 10
_RECOVERY_BYTES = 10
"""80 bits: sixteen letters of base32."""
PENDING_MS = 600_000
"""How long a new second factor may wait for its first code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pending:
    secret: bytes
    since: Millis


class FactorActions:
    """Every verb is about the person who is logged in."""

    def __init__(self, people: People) -> None:
        self._people = people
        self._lock = threading.Lock()
        self._pending: dict[str, _Pending] = {}

    # --- password -----------------------------------------------------------------------------

    def change_password(self, who: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """`password.change`: ``old`` and ``new``; every other login ends, this one gets a new token."""
        people, account = self._people, self._own(who)
        old, new = text_of(arguments["old"]), text_of(arguments["new"])
        self._check(who, account, old)
        least = people.station.config.accounts_password_length
        check_password(new, account=account.account, name=people.name_of(account), least=least)
        if new == old:
            raise UsageError(Text("新密码与旧密码相同。", "the new password is the old one."))
        seq = self._set(who, account, "password", people.hashed(new))
        token = secrets.token_urlsafe(32)
        people.store.change_key(_login(who), digest=digest_of(token))
        return {"session": token, "seq": seq, "changed": True}

    # --- second factor ------------------------------------------------------------------------

    def begin_totp(self, who: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """`totp.begin`: with the password; the secret for the phone, which counts once its first code is shown.

        Who has a second factor shows it first: a password alone does not replace it.
        """
        account = self._own(who)
        with self._people.refusals.watch(who, "totp.begin", f"account:{account.account}"):
            if account.totp is not None:
                require_fresh(who, self._people.station.clock)
        self._check(who, account, text_of(arguments["password"]))
        secret = os.urandom(totp.SECRET_BYTES)
        with self._lock:
            self._pending[_login(who)] = _Pending(secret=secret, since=self._people.now())
        issuer = f"ingestd {self._people.station.config.origin}"
        return {"secret": totp.text(secret), "uri": _uri(secret, account.account, issuer)}

    def confirm_totp(self, who: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """`totp.confirm`: the first ``code``; the answer has the recovery codes, which are shown this once."""
        people, account, now = self._people, self._own(who), self._people.now()
        code = "".join(text_of(arguments["code"], 64).split())
        with self._lock:
            self._forget(now)
            pending = self._pending.get(_login(who))
        if pending is None:
            raise UsageError(Text("请重新开始绑定验证器。", "begin to set up the second factor again."))
        step = totp.step_of(pending.secret, code, now)
        if step is None:
            raise CredentialsError(
                Text("验证码不符；请核对手机时间。", "the code does not fit; check the phone's clock.")
            )
        with self._lock:
            if self._pending.pop(_login(who), None) is not pending:
                raise UsageError(Text("请重新开始绑定验证器。", "begin to set up the second factor again."))
        codes = [_recovery_code() for _ in range(RECOVERY_CODES)]
        seq = self._set(who, account, "totp", pending.secret, recovery=codes, used_step=step)
        people.store.change_key(_login(who), second_at=now)
        return {"recovery": [_grouped(code) for code in codes], "seq": seq, "changed": True}

    def end_totp(self, who: Caller, _arguments: Mapping[str, Any]) -> dict[str, Any]:
        """`totp.end`: give it up, having shown it."""
        people, account = self._people, self._own(who)
        if account.totp is None:
            return {"seq": None, "changed": False}
        with people.refusals.watch(who, "totp.end", f"account:{account.account}"):
            require_fresh(who, people.station.clock)
        ended = CredentialEnded(account=account.account, kind="totp")
        seq = people.append(ended, actor=who.actor)
        people.store.drop_credentials([account.totp])
        people.store.change_key(_login(who), second_at=None)
        return {"seq": seq, "changed": True}

    # --- PIN ----------------------------------------------------------------------------------

    def set_pin(self, who: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """`pin.set`: the officer's own, for the kiosk."""
        account, pin = self._own(who), text_of(arguments["pin"], 64)
        check_pin(pin, account=account.account)
        return {"seq": self._set(who, account, "pin", self._people.hashed(pin)), "changed": True}

    # --- parts --------------------------------------------------------------------------------

    def _own(self, who: Caller) -> Account:
        if who.by is None or who.person is None:
            raise LoginError(Text("请先登录。", "log in first."))
        return self._people.known(who.person)

    def _check(self, who: Caller, account: Account, password: str) -> None:
        """The password again. Raises CredentialsError, WaitError: an event."""
        with self._people.refusals.watch(who, "password", f"account:{account.account}"):
            self._people.verify("password", account.account, password)

    def _set(self, who: Caller, account: Account, kind: str, secret: bytes, **more: Any) -> int | None:
        """Put a secret, let it count; what it takes the place of is dropped, and other logins end by it."""
        people = self._people
        id_ = people.put(account.account, kind, secret, **more)
        events: list[Event] = [
            CredentialSet(account=account.account, credential=id_, kind=kind, must_change=False)
        ]
        with people.changing:
            if kind != "pin":
                events += people.ended_logins(account.account, "password", but=_login(who))
            seq = people.append(*events, actor=who.actor)
        people.drop(events)
        if (before := getattr(account, kind)) is not None:
            people.store.drop_credentials([before])
        return seq

    def _forget(self, now: Millis) -> None:
        for login in [key for key, one in self._pending.items() if not 0 <= now - one.since <= PENDING_MS]:
            del self._pending[login]


def _login(who: Caller) -> str:
    assert who.by is not None
    return who.by.id


def _uri(secret: bytes, account: str, issuer: str) -> str:
    """What the QR code for the phone holds (Key URI Format of the common authenticators)."""
    label = quote(f"{issuer}:{account}", safe="")
    return f"otpauth://totp/{label}?" + urlencode(
        {"secret": totp.text(secret), "issuer": issuer}, quote_via=quote
    )


def _recovery_code() -> str:
    return base64.b32encode(os.urandom(_RECOVERY_BYTES)).decode()


def _grouped(code: str) -> str:
    """In fours, as it is read and typed."""
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))
