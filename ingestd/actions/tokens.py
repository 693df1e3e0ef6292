"""API tokens: what programs act with, for an account, within scopes, up to a date. Shown once.

A token never shows a second factor, so no deed that takes one can be done by it.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from ingestd.actions.authority import require_fresh
from ingestd.actions.caller import Caller
from ingestd.actions.people import People, digest_of, text_of
from ingestd.errors import NotFoundError, RefusedError, UsageError
from ingestd.events import TokenEnded, TokenMade
from ingestd.index import accounts
from ingestd.index.accounts import Account
from ingestd.index.database import reading
from ingestd.model import Millis
from ingestd.people.separation import ADMINISTRATOR, ADMINISTRATOR_RULE, RULES, go_together
from ingestd.people.store import Key
from ingestd.words import Text

PREFIX = "ingestd_"
"""By which a scanner of repositories recognises one that was published by mistake."""
DAYS = range(1, 367)
_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a token may be used for."""

    help: Text
    verbs: frozenset[str]


SCOPES: dict[str, Scope] = {
    "read": Scope(
        help=Text("查询（按账户的角色与范围）", "reading, as far as the account sees"),
        verbs=frozenset(
            (
                "look.check",
                "page.check",
                "look.open",
                "look.serve",
                "look.see",
                "look.close",
                "preview.want",
                "preview.state",
                "clip.suspect",
                "clip.check",
                "document.suspect",
                "document.check",
            )
        ),
    ),
    "events": Scope(help=Text("跟随日志事件", "following the events of the log"), verbs=frozenset()),
    "registers": Scope(
        help=Text("导入和登记单位、人员、案件等", "importing and stating units, officers, cases"),
        verbs=frozenset(("register.add", "register.part", "register.import")),
    ),
    "notes": Scope(help=Text("填写录像说明", "notes of clips"), verbs=frozenset(("clip.note",))),
    "findings": Scope(
        help=Text("受理和说明异常，催交记录仪", "acknowledging and explaining findings, urging recorders"),
        verbs=frozenset(("finding.acknowledge", "finding.explain", "urge")),
    ),
    "cases": Scope(
        help=Text("送文书、送审、登记归档", "files of text records, cases submitted to review, files formed"),
        verbs=frozenset(("document.part", "document.store", "review.open", "review.escalate", "case.filed")),
    ),
    "audits": Scope(
        help=Text("抽取随机抽查（不含评判）", "drawing playback audits; no judging"),
        verbs=frozenset(("audit.commit", "audit.reveal", "audit.void")),
    ),
    "accounts": Scope(
        help=Text(
            "查看账户、登录和令牌，锁定账户，结束登录和令牌",
            "looking at accounts, log-ins and tokens, locking and ending them",
        ),
        verbs=frozenset(
            (
                "account.list",
                "account.show",
                "account.lock",
                "account.end-logins",
                "session.list",
                "session.end",
                "token.list",
                "token.end",
            )
        ),
    ),
}
"""What the pages answer by themselves (`read`, `events`) they ask `whoami` about; the rest are actions."""


IN_ONES_NAME = frozenset(("notes", "findings", "cases", "audits"))
"""What is done with these stands in the log as the word of the account's owner."""


def verbs_of(scopes: Collection[str]) -> frozenset[str]:
    """The actions that these scopes hold."""
    return frozenset(("whoami", "live")).union(*(SCOPES[one].verbs for one in scopes if one in SCOPES))


class TokenActions:
    """Making, listing and ending tokens: one's own with a fresh second factor, others' as administrator."""

    def __init__(self, people: People) -> None:
        self._people = people

    def add(self, who: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """`token.add`: ``scopes``, ``days``, ``label``, and ``account`` where it is not one's own."""
        people = self._people
        scopes, days = arguments["scopes"], arguments["days"]
        if not isinstance(scopes, list) or not scopes or set(scopes) - set(SCOPES):
            raise UsageError(Text("范围为 {s} 之一。", "scopes are of {s}.").format(s=", ".join(SCOPES)))
        if type(days) is not int or days not in DAYS:
            raise UsageError(Text("有效期为 1 至 366 天。", "a token is good for 1 to 366 days."))
        account = people.known(arguments.get("account") or who.person)
        with people.refusals.watch(who, "token.add", f"account:{account.account}"):
            self._may(who, account, scopes)
            if not account.active:
                raise RefusedError(Text("账户已停用。", "the account is closed."))
        label = arguments.get("label")
        label_value = people.station.services.put_value({"label": text_of(label, 200)}) if label else None
        id_, shown = people.new_id(), PREFIX + secrets.token_urlsafe(32)
        people.store.add_key(
            Key(
                id=id_,
                digest=digest_of(shown),
                account=account.account,
                stage="token",
                client="",
                seen_at=people.now(),
            )
        )
        event = TokenMade(
            token=id_,
            account=account.account,
            scopes=tuple(dict.fromkeys(scopes)),
            until_at=Millis(people.now() + days * _DAY_MS),
            label_value=label_value,
        )
        seq = people.append(event, actor=who.actor)
        return {"id": id_, "token": shown, "until_at": event.until_at, "seq": seq, "changed": True}

    def listed(self, who: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """`token.list`: one's own; for an administrator those of ``account``, or all."""
        of = arguments.get("account")
        if "administrator" not in who.roles:
            if who.person is None or of not in (None, who.person):
                who.require("administrator")
            of = who.person
        with reading(self._people.station.engine) as connection:
            found = accounts.listed_tokens(connection, of)
        return {
            "tokens": [
                {
                    "id": one.token,
                    "account": one.account,
                    "scopes": list(one.scopes),
                    "made_at": one.made_at,
                    "made_by": one.made_by,
                    "until_at": one.until_at,
                    "ended_at": one.ended_at,
                    "why": one.why,
                }
                for one in found
            ]
        }

    def end(self, who: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """`token.end`: by ``id``."""
        people, id_ = self._people, str(arguments["id"])
        with reading(people.station.engine) as connection:
            token = accounts.token(connection, id_)
        if token is None or (token.account != who.person and "administrator" not in who.roles):
            raise NotFoundError(Text("没有这个令牌。", "there is no such token of yours."))
        if token.ended_at is not None:
            return {"id": id_, "seq": None, "changed": False}
        ended = TokenEnded(token=id_, account=token.account, why="ended")
        seq = people.append(ended, actor=who.actor)
        people.drop([ended])
        return {"id": id_, "seq": seq, "changed": True}

    def _may(self, who: Caller, account: Account, scopes: Collection[str]) -> None:
        """One's own, or as administrator; with a fresh factor.

        What reads evidence or speaks in somebody's name its owner makes alone.
        """
        if account.account != who.person:
            who.require("administrator")
            if not go_together({ADMINISTRATOR, *account.roles}):
                _keep_apart(scopes)
        require_fresh(who, self._people.station.clock)


def _keep_apart(scopes: Collection[str]) -> None:
    """What an administrator may not have in hand for somebody else. Raises RefusedError."""
    if "read" in scopes:
        rule = RULES[ADMINISTRATOR_RULE]
        raise RefusedError(
            Text(f"{rule.zh}（{ADMINISTRATOR_RULE}）。", f"{rule.en} ({ADMINISTRATOR_RULE})."),
            rule=ADMINISTRATOR_RULE,
        )
    if named := IN_ONES_NAME.intersection(scopes):
        raise RefusedError(
            Text(
                "以本人名义行事的令牌（{s}）只能由本人登录后建立。",
                "a token that acts in somebody's name ({s}) is made by that person alone, logged in.",
            ).format(s=", ".join(sorted(named))),
            rule=ADMINISTRATOR_RULE,
        )
