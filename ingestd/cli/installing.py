"""`install`: units, users and folders for a machine that runs the daemon for real."""

from __future__ import annotations

import argparse
from pathlib import Path

from ingestd import config
from ingestd.cli import slots
from ingestd.cli.parsing import Command, Parser
from ingestd.service import install
from ingestd.vault.layout import Home
from ingestd.words import Text


def _arguments(parser: Parser) -> None:
    parser.text_argument(
        "--root",
        metavar="DIR",
        type=Path,
        default=Path("/"),
        help=Text(
            "装到此目录下，不改动本机（打包用）",
            "put everything below this folder and leave the machine alone (for packages)",
        ),
    )
    parser.text_argument(
        "--home",
        metavar="DIR",
        type=Path,
        default=install.HOME,
        help=Text("证据库目录，默认 {h}", "the home of evidence, {h} where none is given").format(
            h=install.HOME
        ),
    )
    parser.text_argument(
        "--program",
        metavar="FILE",
        type=Path,
        default=install.own_program(),
        help=Text("服务运行的程序，默认为本程序", "the program that the units run, else this one"),
    )
    parser.text_argument(
        "--dry-run",
        action="store_true",
        help=Text("只说明会做什么", "only say what would be done"),
    )


def _install(arguments: argparse.Namespace) -> int:
    lang, root = arguments.lang, arguments.root.absolute()
    settings = Home(arguments.home).config
    rules = slots.rules_of(config.read(settings)) if settings.exists() else None
    for file in install.files(arguments.program, arguments.home, rules):
        state = install.put(file, root, dry=arguments.dry_run)
        shown = file.path if root == Path("/") else root / file.path.relative_to("/")
        print(f"{state.say(lang)}  {shown}")
    if root == Path("/"):
        for command in install.commands():
            print(Text("运行  {c}", "run  {c}").format(c=" ".join(command)).say(lang))
            if not arguments.dry_run:
                install.tell(command)
    print(_next(arguments.home).say(lang))
    return 0


def _next(home: Path) -> Text:
    if (home / "ingestd.toml").exists():
        return Text(
            "下一步：systemctl enable ingestd-mount ingestd ingestd-web；"
            "systemctl restart ingestd-mount ingestd ingestd-web",
            "next: systemctl enable ingestd-mount ingestd ingestd-web; "
            "systemctl restart ingestd-mount ingestd ingestd-web",
        )
    return Text(
        "下一步：\n"
        "  runuser -u ingestd -- ingestd init --home {h} --agency 机关 --station 采集点 --policy 规则\n"
        "  systemctl enable --now ingestd-mount ingestd ingestd-web",
        "next:\n"
        "  runuser -u ingestd -- ingestd init --home {h} --agency AGENCY --station STATION --policy POLICY\n"
        "  systemctl enable --now ingestd-mount ingestd ingestd-web",
    ).format(h=home)


COMMANDS = (
    Command(
        name="install",
        help=Text(
            "把系统服务、用户和目录装到本机", "install units, users and folders on this machine (as root)"
        ),
        arguments=_arguments,
        run=_install,
        examples=(
            "ingestd install --dry-run",
            "ingestd install --home /srv/evidence",
            "ingestd install --root build/root --program /opt/ingestd/.venv/bin/ingestd",
        ),
    ),
)
