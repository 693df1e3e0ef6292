"""`slot list`, `slot learn`, `slot name`, `udev-rules`: where recorders are plugged in, and what is there.

Work on the machine's own sysfs, with or without a daemon; nothing is opened, only ingestd.toml is written.
"""

from __future__ import annotations

import argparse
import os
import select
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import RenderableType

from ingestd import config
from ingestd.actions import client
from ingestd.cli import slot_file
from ingestd.cli.homes import home_argument
from ingestd.cli.parsing import Command, Parser, json_argument
from ingestd.cli.reading import print_json
from ingestd.cli.render import cell, open_console, shown, spaced, styled, table
from ingestd.config import Config, SlotSetting
from ingestd.device import usb
from ingestd.device.usb import SYSFS
from ingestd.dock import libusb, rules, sights
from ingestd.dock.learn import Found, Learning
from ingestd.dock.sights import NOTHING, REFUSAL_SETTLES_S, Sight, View
from ingestd.errors import EXIT_OK, DaemonGoneError
from ingestd.model import SlotName
from ingestd.portpath import SCHEME, PortPath
from ingestd.telling import signs
from ingestd.vault.layout import Home
from ingestd.words import Lang, Text

LOOK_S = 0.2
"""How often `slot learn` looks: who plugs wants an answer at once."""
STORAGE_DRIVER = "usb-storage"


def _sysfs_argument(parser: Parser) -> None:
    parser.add_argument("--sysfs", type=Path, default=SYSFS, help=argparse.SUPPRESS)


class _Bus:
    """The bus of this machine, look by look."""

    def __init__(self, sysfs: Path) -> None:
        self._sysfs = sysfs
        self._libusb = libusb.opened() if sysfs == SYSFS else None
        self._view: View = sights.EMPTY

    def look(self, now: float) -> Mapping[PortPath, Sight]:
        """What is at each socket, after this look."""
        devices = libusb.completed(usb.scan(self._sysfs), self._libusb)
        self._view = sights.see(devices, self._view, now)
        return self._view.sights

    def settled(self) -> Mapping[PortPath, Sight]:
        """What is there now, taken as if it had stood still."""
        self.look(0.0)
        return self.look(REFUSAL_SETTLES_S + 1)


def _ports(settings: Config) -> dict[PortPath, SlotName]:
    """The USB slots by their sockets."""
    return {PortPath.parse(s.location): s.name for s in settings.slots if s.location.startswith(SCHEME)}


# --- slot list ----------------------------------------------------------------------------------


def _list_arguments(parser: Parser) -> None:
    home_argument(parser)
    json_argument(parser)
    _sysfs_argument(parser)


def _list(arguments: argparse.Namespace) -> int:
    home = Home(arguments.home.resolve())
    settings = config.read(home.config)
    seen = _Bus(arguments.sysfs).settled()
    phases = _phases(home)
    slots = [_slot_facts(slot, seen, phases) for slot in settings.slots]
    ours = set(_ports(settings))
    others = [sights.told(port, sight) for port, sight in sorted(seen.items()) if port not in ours]
    if arguments.json:
        print_json({"slots": slots, "ports": others})
    else:
        open_console().print(_rendered(slots, others, arguments.lang))
    return EXIT_OK


def _phases(home: Home) -> dict[str, str]:
    try:
        return {one["slot"]: one["phase"] for one in client.ask(home.socket, "live")["slots"]}
    except DaemonGoneError:
        return {}


def _slot_facts(
    slot: SlotSetting, seen: Mapping[PortPath, Sight], phases: Mapping[str, str]
) -> dict[str, Any]:
    facts = {"name": slot.name, "driver": slot.driver, "location": slot.location}
    there = None
    if slot.location.startswith(SCHEME):
        port = PortPath.parse(slot.location)
        there = sights.told(port, seen.get(port, NOTHING))
    return {**facts, "phase": phases.get(slot.name), "there": there}


def _rendered(slots: list[dict[str, Any]], others: list[dict[str, Any]], lang: Lang) -> RenderableType:
    made = table(
        lang,
        Text("槽位", "slots"),
        Text("槽位", "slot"),
        Text("驱动", "driver"),
        Text("位置", "location"),
        Text("状态", "state"),
        Text("所接设备", "what is there"),
    )
    for slot in slots:
        word = _SCREEN.get(slot["phase"] or "", "receiving")
        state = styled(signs.sign(signs.SLOTS, word), lang) if slot["phase"] else cell("—")
        there = _there(slot["there"], lang)
        made.add_row(cell(slot["name"]), cell(slot["driver"]), cell(slot["location"]), state, cell(there))
    if not others:
        return made
    free = table(
        lang,
        Text("其他 USB 插口", "other USB ports in use"),
        Text("插口", "port"),
        Text("所接设备", "what is there"),
    )
    for other in others:
        free.add_row(cell(other["location"] or ""), cell(_there(other, lang)))
    return spaced(made, free)


_SCREEN = {"empty": "empty", "clear": "may-be-taken", "kept": "do-not-take", "problem": "problem"}
"""Phases of the live state in the words of the screens; all others are of a docking under way."""


def _there(facts: Mapping[str, Any] | None, lang: Lang) -> str:
    if facts is None or facts["gate"] is None:
        return "—"
    named = " ".join(filter(None, (facts["product"], facts["usb_id"], facts["serial"], facts["disks"])))
    return f"{named}: {facts[lang]}"


# --- slot learn ---------------------------------------------------------------------------------


def _learn_arguments(parser: Parser) -> None:
    home_argument(parser)
    parser.text_argument(
        "--driver",
        default=STORAGE_DRIVER,
        metavar="NAME",
        help=Text("新槽位的驱动（默认 usb-storage）", "driver of the new slots (default usb-storage)"),
    )
    parser.text_argument(
        "--yes", action="store_true", help=Text("写入配置前不再询问", "write the configuration unasked")
    )
    _sysfs_argument(parser)


def _learn(arguments: argparse.Namespace) -> int:
    home, lang = Home(arguments.home.resolve()), arguments.lang
    settings = config.read(home.config)
    learning = Learning(_ports(settings), frozenset(slot.name for slot in settings.slots))
    _say(_INTRODUCTION, lang)
    try:
        _watch(learning, _Bus(arguments.sysfs), lang)
        new = [
            SlotSetting(name=name, driver=arguments.driver, location=str(port))
            for port, name in learning.learnt.items()
        ]
        if not new:
            _say(Text("没有新的插口，未作任何改动。", "no new port; nothing was changed."), lang)
            return EXIT_OK
        for slot in new:
            print(f"\n{slot_file.entry(slot)}", end="")
        if not arguments.yes and not _agrees(home.config, lang):
            _say(Text("未作任何改动。", "nothing was changed."), lang)
            return EXIT_OK
        text = home.config.read_text("utf-8")
        slot_file.save(home.config, slot_file.with_slots(text, new, str(home.config)))
    except KeyboardInterrupt:
        _say(Text("\n已中断，未作任何改动。", "\ninterrupted; nothing was changed."), lang)
        raise
    _say(Text("已写入 {p}。", "written to {p}.").format(p=home.config), lang)
    _tell_daemon(home, lang)
    return EXIT_OK


_INTRODUCTION = Text(
    "请把一台记录仪依次插入每个槽位（按希望的编号顺序），每插一个会有提示；全部插过后按回车。",
    "plug one recorder into each socket of the dock in turn, in the order of the numbers that they are to "
    "have; each is told here. Press Enter after the last.",
)


def _watch(learning: Learning, bus: _Bus, lang: Lang) -> None:
    """Tell of each plugging until Enter, or the end of the input."""
    learning.ignore(bus.look(time.monotonic()))
    typed = select.poll()
    typed.register(sys.stdin, select.POLLIN)
    while not typed.poll(LOOK_S * 1000):
        for found in learning.see(bus.look(time.monotonic())):
            _say(_told(found), lang)
    sys.stdin.readline()


def _told(found: Found) -> Text:
    named = shown(f"{found.device.manufacturer} {found.device.product}".strip() or found.device.usb_id)
    where = f"{found.port}（{named}）", f"{found.port} ({named})"
    if found.slot is None:
        return Text(f"▲ {where[0]}：{found.why.zh}。未计入。", f"▲ {where[1]}: {found.why.en}. Not counted.")
    if not found.is_new:
        return Text(f"· {where[0]} 已是槽位 {found.slot}。", f"· {where[1]} is slot {found.slot} already.")
    return Text(f"✔ 槽位 {found.slot}：{where[0]}", f"✔ slot {found.slot}: {where[1]}")


def _agrees(path: Path, lang: Lang) -> bool:
    question = Text("写入 {p}？[y/N] ", "write this to {p}? [y/N] ").format(p=path)
    print(f"\n{question.say(lang)}", end="", flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes", "是")


def _tell_daemon(home: Home, lang: Lang) -> None:
    """Let a running daemon read its configuration again."""
    try:
        process = int(client.ask(home.socket, "live")["pid"])
        os.kill(process, signal.SIGHUP)
    except DaemonGoneError:
        _say(Text("守护进程下次启动时生效。", "the daemon takes it when it starts."), lang)
    except PermissionError:
        _say(
            Text(
                "请让守护进程重新读取配置：sudo kill -HUP {pid}（或 systemctl reload ingestd）",
                "let the daemon read it: sudo kill -HUP {pid} (or systemctl reload ingestd)",
            ).format(pid=process),
            lang,
        )
    else:
        _say(Text("守护进程正在重新读取配置。", "the daemon is reading it now."), lang)


def _say(text: Text, lang: Lang) -> None:
    print(text.say(lang), flush=True)


# --- slot name, udev-rules ------------------------------------------------------------------------


def _name_arguments(parser: Parser) -> None:
    home_argument(parser)
    parser.text_argument("old", metavar="OLD", help=Text("现在的名称", "its name now"))
    parser.text_argument("new", metavar="NEW", help=Text("新名称", "its new name"))


def _name(arguments: argparse.Namespace) -> int:
    home, lang = Home(arguments.home.resolve()), arguments.lang
    text = home.config.read_text("utf-8") if home.config.exists() else ""
    config.read(home.config)
    changed = slot_file.renamed(text, arguments.old, arguments.new, str(home.config))
    slot_file.save(home.config, changed)
    _say(
        Text(
            "槽位 {o} 现名 {n}。以往的记录仍用原名。", "slot {o} is {n} now; the log keeps the old name."
        ).format(o=arguments.old, n=arguments.new),
        lang,
    )
    _tell_daemon(home, lang)
    return EXIT_OK


def _rules_arguments(parser: Parser) -> None:
    home_argument(parser)
    _sysfs_argument(parser)


def _rules(arguments: argparse.Namespace) -> int:
    settings = config.read(Home(arguments.home.resolve()).config)
    print(rules_of(settings, arguments.sysfs), end="")
    return EXIT_OK


def rules_of(settings: Config, sysfs: Path = SYSFS) -> str:
    """The udev rules for the slots of a configuration, on this machine."""
    return rules.render(_ports(settings), usb.ports(sysfs))


COMMANDS = (
    Command(
        name="slot list",
        help=Text(
            "列出槽位、所接设备，以及其他有设备的 USB 插口",
            "list slots, what is plugged in there, and other USB ports in use",
        ),
        arguments=_list_arguments,
        run=_list,
        examples=("ingestd slot list --home /srv/ingestd", "ingestd slot list --home /srv/ingestd --json"),
    ),
    Command(
        name="slot learn",
        help=Text(
            "认识槽位：依次插入一台记录仪，写入 ingestd.toml",
            "learn the slots: plug a recorder into each in turn; written to ingestd.toml",
        ),
        arguments=_learn_arguments,
        run=_learn,
        examples=("ingestd slot learn --home /srv/ingestd",),
    ),
    Command(
        name="slot name",
        help=Text("给槽位改名", "give a slot another name"),
        arguments=_name_arguments,
        run=_name,
        examples=("ingestd slot name --home /srv/ingestd 1 东门-1",),
    ),
    Command(
        name="udev-rules",
        help=Text(
            "打印采集站插口的 udev 规则：桌面不挂载，拒绝非存储设备",
            "print udev rules for the dock's ports: no desktop mounts them, what is no storage is refused",
        ),
        arguments=_rules_arguments,
        run=_rules,
        examples=("ingestd udev-rules --home /srv/ingestd",),
    ),
)
