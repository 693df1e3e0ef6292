"""What `user list`, `user show` and `token list` show."""

from __future__ import annotations

import argparse
from typing import Any

from rich.console import RenderableType

from ingestd.cli.asking import act
from ingestd.cli.moments import station_zone
from ingestd.cli.reading import print_json
from ingestd.cli.render import Folded, cell, open_console, shown, stamp_text, table
from ingestd.telling import terms
from ingestd.telling.terms import word
from ingestd.words import Lang, Text


def listed(arguments: argparse.Namespace) -> int:
    """`user list`."""
    found = act(arguments, "account.list")["accounts"]
    if arguments.json:
        print_json(found)
    else:
        open_console().print(_accounts(found, arguments.lang))
    return 0


def _accounts(found: list[dict[str, Any]], lang: Lang) -> RenderableType:
    made = table(
        lang,
        Text("账户", "accounts"),
        Text("账号", "id"),
        Text("姓名", "name"),
        Text("角色", "roles"),
        Text("范围", "units"),
        Text("状态", "state"),
        Text("双因素", "second factor"),
    )
    for one in found:
        made.add_row(
            cell(one["account"]),
            cell(one["name"] or "—"),
            _roles(one, lang),
            cell(one["unit"] or Text("全机关", "the agency").say(lang)),
            _state(one).say(lang),
            Text("有", "yes").say(lang) if one["totp_at"] else "—",
        )
    return made


def _roles(one: dict[str, Any], lang: Lang) -> str:
    return Text("、", ", ").say(lang).join(word(terms.ROLES, role).say(lang) for role in one["roles"]) or "—"


def _state(one: dict[str, Any]) -> Text:
    if not one["active"]:
        return Text("停用", "closed")
    if one["locked"] is not None:
        return Text("锁定", "locked")
    if one["password_at"] is None:
        return Text("无密码", "no password")
    return Text("首次密码未改", "first password") if one["must_change"] else Text("启用", "open")


def show(arguments: argparse.Namespace) -> int:
    """`user show`."""
    one = act(arguments, "account.show", account=arguments.account)
    if arguments.json:
        print_json(one)
        return 0
    lang, zone, console = arguments.lang, station_zone(arguments.home), open_console()
    console.print(_accounts([one], lang))
    for login in one["logins"]:
        opened, seen = stamp_text(login["opened_at"], zone), stamp_text(login["seen_at"], zone)
        told = Text(
            f"登录 {login['login']}：{opened} 起，最近使用 {seen}　{login['client']}",
            f"login {login['login']}: since {opened}, last used {seen}  {login['client']}",
        )
        console.print(Folded(shown(told.say(lang)), hanging=2))
    return 0


def tokens(arguments: argparse.Namespace) -> int:
    """`token list`."""
    found = act(arguments, "token.list", account=arguments.account)["tokens"]
    if arguments.json:
        print_json(found)
        return 0
    lang, zone = arguments.lang, station_zone(arguments.home)
    made = table(
        lang,
        Text("令牌", "tokens"),
        Text("编号", "id"),
        Text("账号", "account"),
        Text("范围", "scopes"),
        Text("有效至", "good until"),
        Text("作废", "void"),
    )
    for one in found:
        why = "—" if one["ended_at"] is None else word(terms.ENDS, one["why"]).say(lang)
        until = stamp_text(one["until_at"], zone)
        made.add_row(one["id"], cell(one["account"]), ", ".join(one["scopes"]), until, why)
    open_console().print(made)
    return 0
