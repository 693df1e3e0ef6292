"""The sentences of events of people's accounts. Ids only: names stand in value files. PURE."""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo
from typing import Any

from ingestd import events
from ingestd.events import Event
from ingestd.telling import terms
from ingestd.telling.plain import stamp_text
from ingestd.telling.terms import word
from ingestd.words import Text


def _stated(e: events.AccountStated) -> Text:
    roles = [word(terms.ROLES, role) for role in e.roles]
    zh, en = "、".join(one.zh for one in roles) or "无", ", ".join(one.en for one in roles) or "none"
    if not e.active:
        return Text(f"账户 {e.account} 停用。", f"Account {e.account} is closed.")
    return Text(
        f"账户 {e.account}：角色 {zh}" + (f"，范围 {e.unit} 及下级。" if e.unit else "，范围为全机关。"),
        f"Account {e.account}: roles {en}"
        + (f", for {e.unit} and below." if e.unit else ", for the agency."),
    )


def _set(e: events.CredentialSet) -> Text:
    kind = word(terms.CREDENTIALS, e.kind)
    zh, en = ("（首次登录须修改）", " (to be changed at the first login)") if e.must_change else ("", "")
    return Text(f"账户 {e.account} 设置{kind.zh}{zh}。", f"Account {e.account} has a new {kind.en}{en}.")


def _ended(e: events.CredentialEnded) -> Text:
    kind = word(terms.CREDENTIALS, e.kind)
    return Text(f"账户 {e.account} 不再有{kind.zh}。", f"Account {e.account} has no {kind.en} any more.")


def _locked(e: events.AccountLocked, zone: tzinfo) -> Text:
    until = "" if e.until_at is None else stamp_text(e.until_at, zone)
    zh, en = (f"，至 {until}", f" until {until}") if until else ("，直至解锁", " until it is unlocked")
    if e.kind == "account":
        return Text(f"账户 {e.account} 被锁定{zh}。", f"Account {e.account} is locked{en}.")
    kind = word(terms.CREDENTIALS, e.kind)
    return Text(
        f"账户 {e.account} 的{kind.zh}连续 {e.failures} 次不符，暂停登录{zh}。",
        f"The {kind.en} of account {e.account} did not fit {e.failures} times in a row: nobody gets in{en}.",
    )


def _unlocked(e: events.AccountUnlocked) -> Text:
    return Text(f"账户 {e.account} 解锁。", f"Account {e.account} is unlocked.")


def _opened(e: events.LoginOpened) -> Text:
    means = word(terms.CREDENTIALS, e.means)
    zh, en = ("，待双因素验证", ", the second factor is due") if e.needs_second else ("", "")
    return Text(f"{e.account} 以{means.zh}登录{zh}。", f"{e.account} came in by {means.en}{en}.")


def _confirmed(e: events.LoginConfirmed) -> Text:
    factor = word(terms.CREDENTIALS, e.factor)
    zh, en = ("", "") if e.codes_left is None else (f"，还剩 {e.codes_left} 个", f", {e.codes_left} are left")
    return Text(f"{e.account} 通过{factor.zh}验证{zh}。", f"{e.account} showed the {factor.en}{en}.")


def _over(e: events.LoginEnded) -> Text:
    why = word(terms.ENDS, e.why)
    return Text(f"{e.account} 的一次登录结束：{why.zh}。", f"A login of {e.account} is over: {why.en}.")


def _token_made(e: events.TokenMade, zone: tzinfo) -> Text:
    until, scopes = stamp_text(e.until_at, zone), ", ".join(e.scopes)
    return Text(
        f"为账户 {e.account} 签发令牌，范围 {scopes}，至 {until}。",
        f"A token of account {e.account} was made for {scopes}, until {until}.",
    )


def _token_ended(e: events.TokenEnded) -> Text:
    why = word(terms.ENDS, e.why)
    return Text(
        f"账户 {e.account} 的令牌作废：{why.zh}。", f"A token of account {e.account} is void: {why.en}."
    )


SENTENCES: dict[type[Event], Callable[[Any], Text]] = {
    events.AccountStated: _stated,
    events.CredentialSet: _set,
    events.CredentialEnded: _ended,
    events.AccountUnlocked: _unlocked,
    events.LoginOpened: _opened,
    events.LoginConfirmed: _confirmed,
    events.LoginEnded: _over,
    events.TokenEnded: _token_ended,
}
"""Part of `sentences.sentence`."""

WITH_TIMES: dict[type[Event], Callable[[Any, tzinfo], Text]] = {
    events.AccountLocked: _locked,
    events.TokenMade: _token_made,
}
"""The same for sentences with moments."""
