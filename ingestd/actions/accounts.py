"""What administrators do about accounts: state, close, reset, lock. They give roles and see no evidence.

Nobody raises himself: roles that the person does not have cannot be given to one's own account, and the
administrator's role goes with none that sees evidence (SEP-8). A password that an administrator gives must be
changed at the first login, and whoever was logged in is out: a reset is seen by its owner.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ingestd.actions.authority import require_fresh
from ingestd.actions.caller import Caller
from ingestd.actions.logins import LoginActions
from ingestd.actions.people import People, text_of
from ingestd.actions.personal import Personal
from ingestd.config import ROLES
from ingestd.errors import RefusedError, UsageError
from ingestd.events import (
    AccountLocked,
    AccountStated,
    AccountUnlocked,
    CredentialEnded,
    CredentialSet,
    Event,
)
from ingestd.facts import ID_CHARS, is_id
from ingestd.index import accounts, registers
from ingestd.index.account_rows import KINDS
from ingestd.index.accounts import Account
from ingestd.index.database import reading
from ingestd.people.passwords import check_password, check_pin
from ingestd.people.separation import RULES, TOGETHER_RULE, go_together
from ingestd.words import Text

NAME_CHARS = 80
_OPENS = frozenset(
    ("account.state", "account.password", "account.pin", "account.end-factor", "account.unlock")
)
"""What lets somebody in who was not; to lock and to end logins takes the role only."""


class AccountActions:
    """The verbs `account.*`, for the role administrator."""

    def __init__(self, people: People, logins: LoginActions) -> None:
        self._people = people
        self._logins = logins
        self._personal = Personal(people.station.home)

    # --- what is known ------------------------------------------------------------------------

    def listed(self, who: Caller, _arguments: Mapping[str, Any]) -> dict[str, Any]:
        """`account.list`: all accounts."""
        self._may(who, "account.list", "station")
        with reading(self._people.station.engine) as connection:
            found = accounts.listed(connection)
        return {"accounts": [self._told(one) for one in found]}

    def show(self, who: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """`account.show`: one, with its logins."""
        account = self._known(who, "account.show", arguments)
        return self._told(account) | {"logins": self._logins.standing(account.account)}

    def _told(self, one: Account) -> dict[str, Any]:
        now, until = self._people.now(), one.locked_until
        return {
            "account": one.account,
            "name": self._people.name_of(one),
            "roles": list(one.roles),
            "unit": one.unit,
            "active": one.active,
            "password_at": one.password_at,
            "must_change": one.must_change,
            "totp_at": one.totp_at,
            "pin_at": one.pin_at,
            "locked": None if until is not None and until <= now else one.locked,
            "locked_until": until,
        }

    # --- stating ------------------------------------------------------------------------------

    def state(self, who: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """`account.state`: a new account, or another name, roles, unit, active; what is not told stays."""
        id_ = str(arguments["account"])
        if not is_id(id_):
            raise UsageError(Text("“{a}”不能作为账号。", "{a!r} can be no account.").format(a=id_[:ID_CHARS]))
        roles = _roles(arguments.get("roles"))
        with self._people.changing:
            before = self._people.find(id_)
            if before is not None and arguments.get("new"):
                raise UsageError(Text("已有账户 {a}。", "there is an account {a} already.").format(a=id_))
            after = self._after(before, id_, roles, arguments)
            self._may_give(who, before, after)
            if before is not None and after == _stated(before):
                return {"account": id_, "seq": None, "changed": False, "unknown": []}
            self._personal.settle()
            events: list[Event] = [after]
            if before is not None and before.active and not after.active:
                events += self._closed(before)
            seq = self._people.append(*events, actor=who.actor)
        self._people.drop(events)
        if before is not None and not after.active:
            self._people.store.drop_credentials(before.credentials)
        return {"account": id_, "seq": seq, "changed": True, "unknown": self._unknown(after)}

    def _after(
        self, before: Account | None, id_: str, roles: tuple[str, ...] | None, arguments: Mapping[str, Any]
    ) -> AccountStated:
        self._personal.forget()
        name_value = None if before is None else before.name_value
        if (name := arguments.get("name")) is not None:
            name_value = self._personal.said(name_value, {"name": text_of(name, NAME_CHARS).strip()})
        unit = arguments.get("unit", None if before is None else before.unit)
        if unit is not None and not is_id(str(unit)):
            raise UsageError(Text("单位编号不合规。", "that is no id of a unit."))
        return AccountStated(
            account=id_,
            name_value=name_value,
            roles=roles if roles is not None else () if before is None else before.roles,
            unit=unit,
            active=bool(arguments.get("active", True if before is None else before.active)),
        )

    def _may_give(self, who: Caller, before: Account | None, after: AccountStated) -> None:
        """Raises RefusedError, logged: the role, and SEP-8."""
        self._may(who, "account.state", after.subject)
        with self._people.refusals.watch(who, "account.state", after.subject):
            given = set(after.roles) - set(() if before is None else before.roles)
            raises_himself = after.account == who.person and not given <= who.roles
            widens = before is not None and before.unit is not None and after.unit != before.unit
            if not go_together(after.roles) or raises_himself or (after.account == who.person and widens):
                rule = RULES[TOGETHER_RULE]
                raise RefusedError(
                    Text(f"{rule.zh}（{TOGETHER_RULE}）。", f"{rule.en} ({TOGETHER_RULE})."),
                    rule=TOGETHER_RULE,
                )

    def _closed(self, account: Account) -> list[Event]:
        """All that ends with an account: whoever opens it again is given a new password."""
        id_ = account.account
        kinds = [kind for kind in KINDS if getattr(account, kind) is not None]
        return [
            *(CredentialEnded(account=id_, kind=kind) for kind in kinds),
            *self._people.ended_logins(id_, "closed"),
            *self._people.ended_tokens(id_, "closed"),
        ]

    def _unknown(self, after: AccountStated) -> list[str]:
        """The unit that no register has (yet): a notice, as in the registers."""
        if after.unit is None:
            return []
        with reading(self._people.station.engine) as connection:
            return [] if after.unit in registers.ids(connection, "unit") else [f"unit {after.unit}"]

    # --- resets -------------------------------------------------------------------------------

    def set_password(self, who: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """`account.password`: a first password, good for one login and then to be changed."""
        people, account = self._people, self._open(who, "account.password", arguments)
        password = text_of(arguments["password"])
        least = people.station.config.accounts_password_length
        check_password(password, account=account.account, name=people.name_of(account), least=least)
        return self._set(who, account, "password", password)

    def set_pin(self, who: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """`account.pin`: an officer's PIN for the kiosk."""
        account, pin = self._open(who, "account.pin", arguments), text_of(arguments["pin"], 64)
        check_pin(pin, account=account.account)
        return self._set(who, account, "pin", pin)

    def _set(self, who: Caller, account: Account, kind: str, secret: str) -> dict[str, Any]:
        people, id_ = self._people, account.account
        credential = people.put(id_, kind, people.hashed(secret))
        is_password = kind == "password"
        events: list[Event] = [
            CredentialSet(account=id_, credential=credential, kind=kind, must_change=is_password)
        ]
        seq = self._commit(who, events, id_, "password" if is_password else None)
        if (before := getattr(account, kind)) is not None:
            people.store.drop_credentials([before])
        return {"account": id_, "seq": seq, "changed": True}

    def end_factor(self, who: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """`account.end-factor`: a lost phone (``totp``) or a PIN that is not wanted (``pin``)."""
        kind = arguments["kind"]
        if kind not in ("totp", "pin"):
            raise UsageError(Text("只能停用 totp 或 pin。", "only totp or pin can be ended."))
        account = self._known(who, "account.end-factor", arguments)
        before: str | None = getattr(account, kind)
        if before is None:
            return {"account": account.account, "seq": None, "changed": False}
        ended = CredentialEnded(account=account.account, kind=kind)
        seq = self._commit(who, [ended], account.account, "ended")
        self._people.store.drop_credentials([before])
        return {"account": account.account, "seq": seq, "changed": True}

    # --- locks and logins ---------------------------------------------------------------------

    def lock(self, who: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """`account.lock`: nobody gets in until it is unlocked; who is in is out."""
        account = self._known(who, "account.lock", arguments)
        id_ = account.account
        if account.locked == "account":
            return {"account": id_, "seq": None, "changed": False}
        locked = AccountLocked(account=id_, kind="account", failures=0, until_at=None)
        seq = self._commit(who, [locked], id_, "locked")
        return {"account": id_, "seq": seq, "changed": True}

    def unlock(self, who: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """`account.unlock`: the lock and all waits are over."""
        account = self._known(who, "account.unlock", arguments)
        seq = self._people.append(AccountUnlocked(account=account.account), actor=who.actor)
        self._people.store.forgive_all(account.account)
        return {"account": account.account, "seq": seq, "changed": True}

    def end_logins(self, who: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """`account.end-logins`: of a person, or one of them (``login``)."""
        account = self._known(who, "account.end-logins", arguments)
        wanted = arguments.get("login")
        ended = [
            one
            for one in self._people.ended_logins(account.account, "ended")
            if wanted in (None, getattr(one, "login", None))
        ]
        seq = self._people.append(*ended, actor=who.actor)
        self._people.drop(ended)
        return {"account": account.account, "ended": len(ended), "seq": seq, "changed": bool(ended)}

    # --- parts --------------------------------------------------------------------------------

    def _may(self, who: Caller, verb: str, about: str) -> None:
        """The role; and for what opens a door a fresh second factor, as for deeds on evidence."""
        with self._people.refusals.watch(who, verb, about):
            who.require("administrator")
            if verb in _OPENS:
                require_fresh(who, self._people.station.clock)

    def _commit(self, who: Caller, events: list[Event], account: str, why: str | None) -> int | None:
        """Commit a change, and with it the end of all logins of the account, where it ends them."""
        with self._people.changing:
            ended = () if why is None else self._people.ended_logins(account, why)
            seq = self._people.append(*events, *ended, actor=who.actor)
        self._people.drop(ended)
        return seq

    def _known(self, who: Caller, verb: str, arguments: Mapping[str, Any]) -> Account:
        id_ = str(arguments["account"])[:ID_CHARS]
        self._may(who, verb, f"account:{id_}")
        return self._people.known(id_)

    def _open(self, who: Caller, verb: str, arguments: Mapping[str, Any]) -> Account:
        account = self._known(who, verb, arguments)
        if not account.active:
            raise UsageError(
                Text("账户已停用；请先重新启用。", "the account is closed; open it first (user add).")
            )
        return account


def _roles(given: object) -> tuple[str, ...] | None:
    if given is None:
        return None
    if not isinstance(given, list) or set(given) - set(ROLES):
        raise UsageError(Text("角色为 {r} 之一。", "roles are of {r}.").format(r=", ".join(ROLES)))
    return tuple(role for role in ROLES if role in given)


def _stated(one: Account) -> AccountStated:
    return AccountStated(
        account=one.account,
        name_value=one.name_value,
        roles=one.roles,
        unit=one.unit,
        active=one.active,
    )
