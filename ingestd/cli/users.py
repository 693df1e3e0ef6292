"""`user ...` and `token ...`: accounts, from the machine itself; through the running daemon, or alone.

Secrets are asked for without an echo, or come line by line on standard input where that is no terminal; none is
ever an argument, which others on the machine could read.
"""

from __future__ import annotations

import argparse
import getpass
import secrets
import sys
from collections.abc import Callable
from typing import Any, Self

from ingestd.actions import client
from ingestd.cli import qr, user_shows
from ingestd.cli.acting import tell
from ingestd.cli.asking import act
from ingestd.cli.homes import home_argument
from ingestd.cli.parsing import Command, Parser, json_argument
from ingestd.cli.reading import print_json
from ingestd.cli.render import open_console
from ingestd.config import ROLES
from ingestd.errors import UsageError
from ingestd.vault.layout import Home
from ingestd.words import Text

_FIRST_BYTES = 12
"""Of a first password that is made: 16 letters, typed once."""


def _asked(arguments: argparse.Namespace, what: Text) -> str:
    """A secret, without an echo."""
    if sys.stdin.isatty():
        return getpass.getpass(f"{what.say(arguments.lang)}: ")
    return sys.stdin.readline().rstrip("\n")


def _asked_twice(arguments: argparse.Namespace, what: Text) -> str:
    """A new secret: at a terminal two times, since nobody sees what is typed."""
    secret = _asked(arguments, what)
    again = Text("再输入一次", "once more")
    if sys.stdin.isatty() and _asked(arguments, again) != secret:
        raise UsageError(Text("两次输入不同，未作更改。", "the two differ; nothing was changed."))
    return secret


# --- arguments ----------------------------------------------------------------------------------


def _id_arguments(parser: Parser) -> None:
    home_argument(parser)
    parser.text_argument("account", metavar="ID", help=Text("账号（警号或工号）", "the account's id"))
    json_argument(parser)


def _list_arguments(parser: Parser) -> None:
    home_argument(parser)
    json_argument(parser)


def _role_arguments(parser: Parser) -> None:
    _id_arguments(parser)
    parser.text_argument("--name", metavar="TEXT", help=Text("姓名", "the person's name"))
    parser.text_argument(
        "--role", action="append", choices=ROLES, help=Text("角色（可多次）", "a role (may be repeated)")
    )
    units = parser.add_mutually_exclusive_group()
    units.add_argument(
        "--unit", metavar="UNIT", help=Text("范围：此单位及下级", "for this unit and below").say(parser.lang)
    )
    units.add_argument(
        "--everywhere",
        action="store_true",
        help=Text("范围：全机关", "for the whole agency").say(parser.lang),
    )


def _first_argument(parser: Parser) -> None:
    parser.text_argument(
        "--generate",
        action="store_true",
        help=Text("由程序生成首次密码并显示一次", "make the first password and show it once"),
    )


def _add_arguments(parser: Parser) -> None:
    _role_arguments(parser)
    _first_argument(parser)


def _password_arguments(parser: Parser) -> None:
    _id_arguments(parser)
    _first_argument(parser)
    parser.text_argument(
        "--own",
        action="store_true",
        help=Text(
            "本人修改：先输入现在的密码", "the person's own change: the password of now is asked first"
        ),
    )


def _end_argument(what: Text) -> Callable[[Parser], None]:
    def declare(parser: Parser) -> None:
        _id_arguments(parser)
        parser.text_argument("--end", action="store_true", help=what)

    return declare


# --- accounts -----------------------------------------------------------------------------------


def _said(arguments: argparse.Namespace) -> dict[str, Any]:
    """What the options say of an account."""
    said: dict[str, Any] = {"account": arguments.account}
    if arguments.name is not None:
        said["name"] = arguments.name
    if arguments.role is not None:
        said["roles"] = arguments.role
    if arguments.unit is not None or arguments.everywhere:
        said["unit"] = arguments.unit
    return said


def _add(arguments: argparse.Namespace) -> int:
    result = act(arguments, "account.state", new=True, **_said(arguments))
    result |= _first_password(arguments)
    done = Text(
        "账户 {account} 已建立；首次登录须修改密码。",
        "the account {account} is made; its password is to be changed at the first login.",
    )
    return tell(arguments, result, _shown_once(result, done))


def _role(arguments: argparse.Namespace) -> int:
    done = Text(
        "账户 {account} 已更改（日志第 {seq} 条）。", "the account {account} is changed (log entry {seq})."
    )
    return tell(arguments, act(arguments, "account.state", **_said(arguments)), done)


def _password(arguments: argparse.Namespace) -> int:
    if arguments.own:
        with AtTerminal(arguments) as person:
            new = _asked_twice(arguments, Text("新密码", "new password"))
            result = person.ask("password.change", old=person.password, new=new)
        done = Text("密码已修改。", "the password is changed.")
        return tell(arguments, {"seq": result["seq"], "changed": True}, done)
    result = _first_password(arguments)
    done = Text(
        "账户 {account} 已设首次密码，登录后须修改。",
        "the account {account} has a first password, to be changed at the login.",
    )
    return tell(arguments, result, _shown_once(result, done))


def _first_password(arguments: argparse.Namespace) -> dict[str, Any]:
    """Give a first password; the answer holds it only where it was made here."""
    if arguments.generate:
        password = secrets.token_urlsafe(_FIRST_BYTES)
        result = act(arguments, "account.password", account=arguments.account, password=password)
        return result | {"password": password}
    password = _asked_twice(arguments, Text("首次密码", "first password"))
    return act(arguments, "account.password", account=arguments.account, password=password)


def _shown_once(result: dict[str, Any], done: Text) -> Text:
    if "password" not in result:
        return done
    return Text(
        f"{done.zh}\n首次密码（只显示这一次）：{{password}}",
        f"{done.en}\nfirst password (shown this once): {{password}}",
    )


def _pin(arguments: argparse.Namespace) -> int:
    if arguments.end:
        return _end_factor(arguments, "pin", Text("PIN 已停用。", "there is no PIN any more."))
    pin = _asked_twice(arguments, Text("PIN（6 至 12 位数字）", "PIN (6 to 12 digits)"))
    result = act(arguments, "account.pin", account=arguments.account, pin=pin)
    return tell(arguments, result, Text("账户 {account} 已设 PIN。", "the account {account} has a PIN."))


def _end_factor(arguments: argparse.Namespace, kind: str, done: Text) -> int:
    return tell(arguments, act(arguments, "account.end-factor", account=arguments.account, kind=kind), done)


def _simple(verb: str, done: Text, **more: Any) -> Callable[[argparse.Namespace], int]:
    """A command that names an account and nothing else."""
    return lambda arguments: tell(arguments, act(arguments, verb, account=arguments.account, **more), done)


# --- as the person ------------------------------------------------------------------------------


class AtTerminal:
    """A person logged in at the terminal through the daemon, for as long as the block lasts."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self._socket = Home(arguments.home.resolve()).socket
        self._session: str | None = None
        self.password = _asked(arguments, Text("现在的密码", "the password of now"))
        answer = self.ask("session.open", user=arguments.account, password=self.password, client="terminal")
        if answer["stage"] == "half":
            code = Text("双因素验证码或恢复码", "code of the second factor, or a recovery code")
            self.ask("session.second", code=_asked(arguments, code))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.ask("session.end")

    def ask(self, verb: str, **given: Any) -> dict[str, Any]:
        """One act of the person."""
        by = {} if self._session is None else {"session": self._session}
        answer = client.ask(self._socket, verb, **by, **given)
        self._session = answer.get("session", self._session)
        return answer


def _totp(arguments: argparse.Namespace) -> int:
    """Set up by its owner at the terminal; or ended by an administrator, for a phone that is lost."""
    if arguments.end:
        return _end_factor(arguments, "totp", Text("验证器已停用。", "there is no second factor any more."))
    with AtTerminal(arguments) as person:
        begun = person.ask("totp.begin", password=person.password)
        if not arguments.json:
            open_console().print(qr.Code(begun["uri"]))
        typed = Text("用验证器扫描，或输入密钥：{s}", "scan it, or type this key: {s}").format(
            s=begun["secret"]
        )
        print(typed.say(arguments.lang), file=sys.stderr)
        code = _asked(arguments, Text("验证器显示的数字", "the number that it shows"))
        done = person.ask("totp.confirm", code=code)
    if arguments.json:
        print_json(done)
        return 0
    print(
        Text(
            "已绑定。恢复码（只显示这一次，请抄下保存）：",
            "it is set up. Recovery codes (shown this once, keep them):",
        ).say(arguments.lang)
    )
    print("\n".join(done["recovery"]))
    return 0


_HOME = "--home /srv/ingestd"


def _command(
    name: str,
    help_: Text,
    arguments: Callable[[Parser], None],
    run: Callable[[argparse.Namespace], int],
    *examples: str,
) -> Command:
    told = tuple(f"ingestd {name} {_HOME} {example}".rstrip() for example in examples)
    return Command(name=name, help=help_, arguments=arguments, run=run, examples=told)


COMMANDS = (
    _command(
        "user add",
        Text("建立账户（首次密码随后修改）", "make an account (its first password is to be changed)"),
        _add_arguments,
        _add,
        '104301 --name "陈立（虚构）" --role supervisor --unit 340711-03 --generate',
    ),
    _command("user list", Text("列出账户", "list the accounts"), _list_arguments, user_shows.listed, ""),
    _command(
        "user show",
        Text("一个账户及其登录", "one account with its logins"),
        _id_arguments,
        user_shows.show,
        "104301",
    ),
    _command(
        "user role",
        Text("更改姓名、角色或范围", "change name, roles or units"),
        _role_arguments,
        _role,
        "104301 --role supervisor --role case-officer",
        "104301 --everywhere",
    ),
    _command(
        "user password",
        Text("重设首次密码，或本人修改密码", "give a first password, or change one's own"),
        _password_arguments,
        _password,
        "104301 --generate",
        "104301 --own",
    ),
    _command(
        "user totp",
        Text("本人绑定验证器，或停用（手机丢失）", "set up one's second factor, or end it (a lost phone)"),
        _end_argument(Text("停用（管理员）", "end it (administrator)")),
        _totp,
        "104301",
        "104301 --end",
    ),
    _command(
        "user pin",
        Text("设置或停用自助终端的 PIN", "give or end the PIN for the kiosk"),
        _end_argument(Text("停用", "end it")),
        _pin,
        "104233",
        "104233 --end",
    ),
    _command(
        "user lock",
        Text("锁定账户并结束其登录", "lock an account and end its logins"),
        _id_arguments,
        _simple("account.lock", Text("账户 {account} 已锁定。", "the account {account} is locked.")),
        "104301",
    ),
    _command(
        "user unlock",
        Text("解锁账户", "unlock an account"),
        _id_arguments,
        _simple("account.unlock", Text("账户 {account} 已解锁。", "the account {account} is unlocked.")),
        "104301",
    ),
    _command(
        "user end-sessions",
        Text("结束一个账户的全部登录", "end all logins of an account"),
        _id_arguments,
        _simple("account.end-logins", Text("结束了 {ended} 个登录。", "{ended} logins were ended.")),
        "104301",
    ),
    _command(
        "user close",
        Text("停用账户：登录、令牌、密码全部作废", "close an account: logins, tokens, password are void"),
        _id_arguments,
        _simple(
            "account.state", Text("账户 {account} 已停用。", "the account {account} is closed."), active=False
        ),
        "104301",
    ),
    _command(
        "user reopen",
        Text("重新启用账户（随后重设密码）", "open a closed account again (give it a password then)"),
        _id_arguments,
        _simple(
            "account.state",
            Text("账户 {account} 已启用。", "the account {account} is open again."),
            active=True,
        ),
        "104301",
    ),
)
