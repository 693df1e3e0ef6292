"""Logging in: `session.*`, `kiosk.open`, `whoami`, and who a request is by the token that it carries.

A token is 256 random bits, shown once and kept as its digest. It is made by the daemon alone and made anew when
the second factor completes a login: a token that somebody planted before is worth nothing after. A later fresh
factor does not change it, because films are being played by it. What a login may ask for follows from its stage;
roles are read anew for each request, so that a change counts at once.
"""

from __future__ import annotations

import os
import pwd
import secrets
import threading
from collections.abc import Mapping
from typing import Any

from ingestd.actions.caller import Caller, Pass, caller
from ingestd.actions.people import People, digest_of, text_of
from ingestd.actions.tokens import verbs_of
from ingestd.errors import LoginError, NotFoundError, PasswordDueError, RefusedError, SecondFactorError
from ingestd.events import Event, LoginConfirmed, LoginEnded, LoginOpened, TokenEnded
from ingestd.facts import ID_CHARS
from ingestd.index import accounts
from ingestd.index.accounts import Account, Login
from ingestd.index.database import reading
from ingestd.model import Millis
from ingestd.people.separation import FRESH_MS
from ingestd.people.store import Key
from ingestd.words import Text

HALF, FULL, KIOSK, TOKEN = "half", "full", "kiosk", "token"
SECRET = ("session.", "kiosk.", "password.", "totp.", "token.", "account.")
"""Verbs whose answers hold secrets or end them: they are never remembered for a second asking."""
_ALWAYS = frozenset(("whoami", "session.end"))
_HALF = _ALWAYS | {"session.second"}
_DUE = _HALF | {"password.change"}
_KIOSK = _ALWAYS | {"clip.note"}
_MACHINE = frozenset(("intake", "run-job"))
"""They name paths and jobs of the machine: nothing that a page should reach."""
KIOSK_IDLE_MS, KIOSK_LONGEST_MS = 120_000, 600_000
TOUCH_MS = 30_000
"""Use is written down no more often than that."""
CLIENT_CHARS = 200
_STEP_BACK_MS = 60_000
"""A clock that was set back further than that ends logins: nobody can tell how old they are."""

_OVER = Text("登录已失效，请重新登录。", "this login is over or unknown; log in again.")


class LoginActions:
    """Who asks, and the verbs of logging in."""

    def __init__(self, people: People) -> None:
        self._people = people
        self._touching = threading.Lock()

    # --- who a request is ---------------------------------------------------------------------

    def who(self, uid: int, request: Mapping[str, Any]) -> Caller:
        """The person behind a request. Raises LoginError, SecondFactorError, PasswordDueError, RefusedError.

        A request with ``session`` or ``token`` is that person's or nobody's: never the Unix user's.
        """
        if "session" in request:
            return self._by_login(uid, request["session"], request.get("verb"))
        if "token" in request:
            return self._by_token(uid, request["token"], request.get("verb"))
        if self._is_web(uid):
            return Caller(uid=uid, person=None, roles=frozenset())
        return caller(uid, self._people.station.config)

    def _is_web(self, uid: int) -> bool:
        """Whether it is the web process, which by itself is nobody (design 5)."""
        try:
            return pwd.getpwnam(self._people.station.config.accounts_web_user).pw_uid == uid
        except KeyError:
            return False

    def _may_carry(self, uid: int) -> None:
        """Logins come by the web process, or by those whom the configuration knows: a stolen token by nobody else."""
        people = {one.uid for one in self._people.station.config.people}
        if not (self._is_web(uid) or uid == os.getuid() or uid in people):
            raise RefusedError(
                Text(
                    "此系统用户不能代人登录；请在配置 accounts.web_user 中登记网页服务的用户。",
                    "this system user carries no logins; accounts.web_user names the web process's.",
                )
            )

    def _by_login(self, uid: int, shown: object, verb: object) -> Caller:
        key, login, account = self._login(uid, shown)
        stage, has_totp = key.stage, account.totp is not None
        roles = {HALF: frozenset[str](), KIOSK: frozenset(("officer",)) & set(account.roles)}.get(
            stage, frozenset(account.roles)
        )
        by = Pass(id=login.login, stage=stage, second_at=key.second_at, has_totp=has_totp)
        who = Caller(uid=uid, person=account.account, roles=roles, unit=account.unit, by=by)
        with self._people.refusals.watch(who, str(verb), f"account:{account.account}"):
            _check_stage("password" if stage == FULL and account.must_change else stage, verb)
        return who

    def _by_token(self, uid: int, shown: object, verb: object) -> Caller:
        self._may_carry(uid)
        key = self._people.store.key_of(digest_of(shown))
        with reading(self._people.station.engine) as connection:
            token = None if key is None or key.stage != TOKEN else accounts.token(connection, key.id)
        account = None if token is None else self._people.find(token.account)
        now = self._people.now()
        if (
            key is None
            or token is None
            or account is None
            or token.ended_at is not None
            or token.until_at <= now
        ):
            raise LoginError(
                Text("令牌无效或已过期。", "this token is unknown, has ended or is out of date.")
            )
        if not account.active or account.locked == "account":
            raise LoginError(_OVER)
        self._touch(key, now)
        by, roles = Pass(id=token.token, stage=TOKEN, scopes=token.scopes), frozenset(account.roles)
        who = Caller(uid=uid, person=account.account, roles=roles, unit=account.unit, by=by)
        with self._people.refusals.watch(who, str(verb), f"account:{account.account}"):
            if verb not in verbs_of(token.scopes):
                raise RefusedError(
                    Text(
                        "令牌的范围（{s}）不含此操作。", "the token's scopes ({s}) do not hold this."
                    ).format(s=", ".join(token.scopes))
                )
        return who

    def _login(self, uid: int, shown: object) -> tuple[Key, Login, Account]:
        """A login that stands, by its token. Raises LoginError."""
        self._may_carry(uid)
        key = self._people.store.key_of(digest_of(shown))
        if key is None or key.stage == TOKEN:
            raise LoginError(_OVER)
        with reading(self._people.station.engine) as connection:
            login = accounts.login(connection, key.id)
            account = accounts.account(connection, key.account)
        if login is None or login.ended_at is not None or account is None or not account.active:
            raise LoginError(_OVER)
        if account.locked == "account":
            raise LoginError(_OVER)
        now = self._people.now()
        if why := self._is_over(key, login, now):
            self._end([LoginEnded(login=login.login, account=login.account, why=why)], "daemon")
            raise LoginError(_OVER)
        self._touch(key, now)
        return key, login, account

    def _is_over(self, key: Key, login: Login, now: Millis) -> str | None:
        """Why a login has ended by time; None where it stands."""
        config = self._people.station.config
        idle, longest = config.accounts_idle_minutes * 60_000, config.accounts_longest_hours * 3_600_000
        if login.means == "pin":
            idle, longest = KIOSK_IDLE_MS, KIOSK_LONGEST_MS
        if now - login.opened_at > longest or now < login.opened_at - _STEP_BACK_MS:
            return "too-long"
        return "idle" if now - key.seen_at > idle else None

    def _touch(self, key: Key, now: Millis) -> None:
        if abs(now - key.seen_at) >= TOUCH_MS:
            with self._touching:
                self._people.store.change_key(key.id, seen_at=now)

    # --- verbs --------------------------------------------------------------------------------

    def open(self, who: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """`session.open`: by account and password. Raises CredentialsError, WaitError, BusyError."""
        return self._open(who, arguments, "password")

    def open_kiosk(self, who: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """`kiosk.open`: an officer by number and PIN, for notes only."""
        return self._open(who, arguments, "pin")

    def _open(self, who: Caller, arguments: Mapping[str, Any], means: str) -> dict[str, Any]:
        people, is_kiosk = self._people, means == "pin"
        id_, secret = text_of(arguments["user"]), text_of(arguments[means])
        # A name that nobody has may be a password typed into the wrong field: it is not logged.
        about = f"account:{id_}" if people.find(id_[:ID_CHARS]) else "account:?"
        nobody = Caller(uid=who.uid, person=None, roles=frozenset())
        with people.refusals.watch(nobody, "kiosk.open" if is_kiosk else "session.open", about):
            self._may_carry(who.uid)
            account = people.verify(means, id_, secret)
            if is_kiosk and "officer" not in account.roles:
                raise RefusedError(Text("自助终端只供执法人员使用。", "the kiosk is for officers."))
        stage = KIOSK if is_kiosk else FULL if account.totp is None else HALF
        login, token = people.new_id(), secrets.token_urlsafe(32)
        key = Key(
            id=login,
            digest=digest_of(token),
            account=account.account,
            stage=stage,
            client=str(arguments.get("client") or "")[:CLIENT_CHARS],
            seen_at=people.now(),
        )
        event = LoginOpened(login=login, account=account.account, means=means, needs_second=stage == HALF)
        with people.changing:
            people.check_still(account, means)
            people.store.add_key(key)
            people.append(event, actor=f"person:{account.account}")
        return {"session": token, **self._told(login, stage, account, None)}

    def second(self, who: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """`session.second`: complete a login, or make the second factor fresh, by a code or a recovery code."""
        people, by = self._people, who.by
        if by is None or who.person is None or by.stage not in (HALF, FULL):
            raise LoginError(_OVER)
        account = people.known(who.person)
        with people.refusals.watch(who, "session.second", f"account:{account.account}"):
            if account.totp is None:
                raise SecondFactorError(
                    Text("账户没有绑定验证器。", "the account has no second factor."), need="enrol"
                )
            factor, left = people.verify_code(account, text_of(arguments["code"], 64))
        now = people.now()
        event = LoginConfirmed(login=by.id, account=account.account, factor=factor, codes_left=left)
        people.append(event, actor=who.actor)
        token = secrets.token_urlsafe(32) if by.stage == HALF else str(arguments["session"])
        people.store.change_key(by.id, digest=digest_of(token), stage=FULL, second_at=now)
        told = self._told(by.id, FULL, account, now)
        return {"session": token, **told, "factor": factor, "codes_left": left}

    def end(self, who: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """`session.end`: this login, or another one of the same person (``login``)."""
        if who.by is None:
            raise LoginError(_OVER)
        id_ = str(arguments.get("login") or who.by.id)
        with reading(self._people.station.engine) as connection:
            login = accounts.login(connection, id_)
        if login is None or login.account != who.person:
            raise NotFoundError(Text("没有这个登录。", "there is no such login of yours."))
        if login.ended_at is not None:
            return {"login": id_, "seq": None, "changed": False}
        why = "logged-out" if id_ == who.by.id else "ended"
        seq = self._end([LoginEnded(login=id_, account=login.account, why=why)], who.actor)
        return {"login": id_, "seq": seq, "changed": True}

    def listed(self, who: Caller, _arguments: Mapping[str, Any]) -> dict[str, Any]:
        """`session.list`: the logins of the person that stand."""
        if who.by is None or who.person is None:
            raise LoginError(_OVER)
        return {"logins": self.standing(who.person, own=who.by.id)}

    def standing(self, account: str, *, own: str | None = None) -> list[dict[str, Any]]:
        """The logins of an account that stand, each with where from and last use."""
        now, keys = self._people.now(), self._people.store.keys(account)
        with reading(self._people.station.engine) as connection:
            still = accounts.open_logins(connection, account)
        return [
            {
                "login": one.login,
                "means": one.means,
                "opened_at": one.opened_at,
                "seen_at": keys[one.login].seen_at,
                "client": keys[one.login].client,
                "stage": keys[one.login].stage,
                "this": one.login == own,
            }
            for one in still
            if one.login in keys and self._is_over(keys[one.login], one, now) is None
        ]

    def whoami(self, who: Caller, _arguments: Mapping[str, Any]) -> dict[str, Any]:
        """`whoami`: the person of the request, as the pages need it."""
        if who.by is None or who.person is None:
            return {"person": who.person, "roles": sorted(who.roles), "unit": who.unit, "stage": None}
        told = self._told(who.by.id, who.by.stage, self._people.known(who.person), who.by.second_at)
        return told | {"roles": sorted(who.roles), "scopes": list(who.by.scopes)}

    def _told(self, login: str, stage: str, account: Account, second_at: Millis | None) -> dict[str, Any]:
        return {
            "login": login,
            "stage": "password" if stage == FULL and account.must_change else stage,
            "person": account.account,
            "name": self._people.name_of(account),
            "roles": sorted(account.roles) if stage == FULL else [],
            "unit": account.unit,
            "has_totp": account.totp is not None,
            "has_pin": account.pin is not None,
            "fresh_until": None if second_at is None else second_at + FRESH_MS,
        }

    # --- the end by time ----------------------------------------------------------------------

    def expire(self, _stop: threading.Event | None = None) -> None:
        """End what is over by time or has lost its key; a job calls it."""
        people, now, over = self._people, self._people.now(), list[Event]()
        with reading(people.station.engine) as connection:
            still, made = accounts.open_logins(connection), accounts.listed_tokens(connection)
        for one in still:
            key = people.store.keys(one.account).get(one.login)
            why = "idle" if key is None else self._is_over(key, one, now)
            if why is not None:
                over.append(LoginEnded(login=one.login, account=one.account, why=why))
        over += [
            TokenEnded(token=one.token, account=one.account, why="expired")
            for one in made
            if one.ended_at is None and one.until_at <= now
        ]
        self._end(over, "daemon")
        people.store.forget_guesses(now)

    def _end(self, ended: list[Event], actor: str) -> int | None:
        seq = self._people.append(*ended, actor=actor)
        self._people.drop(ended)
        return seq


def _check_stage(stage: str, verb: object) -> None:
    """Raises what keeps a login of this stage from a verb; the machine's own are kept from all."""
    if stage == HALF and verb not in _HALF:
        raise SecondFactorError(
            Text("请先输入双因素验证码。", "show the second factor first."), need="confirm"
        )
    if stage == "password" and verb not in _DUE:
        raise PasswordDueError(
            Text("密码由他人设置，须先修改。", "the password was given by somebody else: change it first.")
        )
    if stage == KIOSK and verb not in _KIOSK:
        raise RefusedError(
            Text("自助终端只能填写说明。", "the kiosk is for notes only; log in with the password.")
        )
    if verb in _MACHINE:
        raise RefusedError(
            Text("此操作只能在本机由系统用户执行。", "this is done on the machine itself, by its own user.")
        )
