"""`drivers` and `doctor`: what is installed, and whether this station is fit for evidence."""

from __future__ import annotations

import argparse
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import libusb_package
import usb.core  # type: ignore[import-untyped]  # it has none

from ingestd import config
from ingestd.cli import doctor_home
from ingestd.cli.doctor_home import Diagnosis
from ingestd.cli.homes import home_argument
from ingestd.cli.parsing import Command, Parser, json_argument
from ingestd.cli.reading import print_json
from ingestd.clock import StationClock
from ingestd.config import Config
from ingestd.device import registry
from ingestd.device.usb import ports
from ingestd.errors import EXIT_OK, IngestdError, KeyMaterialError
from ingestd.media.probe import Prober
from ingestd.mounts.protocol import SOCKET
from ingestd.portpath import SCHEME
from ingestd.sign import StationKeys
from ingestd.telling.plain import shown
from ingestd.vault.layout import Home
from ingestd.words import Text

BACKUP_MARK = "backed-up"
"""Written beside the keys by whoever has copied them: `keys/backed-up`."""
FEW_BYTES = 10 << 30
ARGON2_LEAST_KIB = 19_456
"""OWASP's least for argon2id: 19 MiB."""


def _drivers(arguments: argparse.Namespace) -> int:
    found = registry.installed()
    if arguments.json:
        print_json(
            [
                {
                    "name": d.record.name,
                    "version": d.record.version,
                    "sha256": d.record.sha256,
                    "target": d.target,
                }
                for d in found
            ]
        )
        return EXIT_OK
    for driver in found:
        print(
            f"{driver.record.name}  {driver.record.version}  {driver.target}  sha256:{driver.record.sha256[:16]}…"
        )
    return EXIT_OK


def _doctor_arguments(parser: Parser) -> None:
    home_argument(parser)
    json_argument(parser)


def _doctor(arguments: argparse.Namespace) -> int:
    """Exit 0 where nothing fails (warnings allowed), 8 where keys, log, index, folders or room are not good."""
    home = Home(arguments.home.resolve())
    settings = config.read(home.config)
    found = list(_examine(home, settings))
    if arguments.json:
        print_json([{"name": d.name, "level": d.level, "zh": d.text.zh, "en": d.text.en} for d in found])
    else:
        for diagnosis in found:
            sign = {"ok": "✔", "warning": "●", "failure": "▲"}[diagnosis.level]
            print(shown(f"{sign} {diagnosis.text.say(arguments.lang)}"))
    failed = any(diagnosis.level == "failure" for diagnosis in found)
    return KeyMaterialError.exit_status if failed else EXIT_OK


def _examine(home: Home, settings: Config) -> Iterator[Diagnosis]:
    checks: tuple[Callable[[Home, Config], Diagnosis], ...] = (
        _keys,
        _backup,
        _passwords,
        _ca_key,
        _clock,
        doctor_home.folders,
        doctor_home.log,
        doctor_home.index,
        _room,
        _one_disk,
        _analyser,
        _usb,
        _sockets,
        doctor_home.slot_folders,
        _mount_unit,
        _people,
    )
    for examine in checks:
        yield examine(home, settings)


def _keys(home: Home, _settings: Config) -> Diagnosis:
    try:
        StationKeys.load(home.keys, at=StationClock().now())
    except IngestdError as error:
        return Diagnosis(name="keys", level="failure", text=error.text)
    return Diagnosis(name="keys", level="ok", text=Text("密钥完好，试签通过", "keys are good and sign"))


def _backup(home: Home, _settings: Config) -> Diagnosis:
    mark = home.keys / BACKUP_MARK
    if mark.exists():
        return Diagnosis(name="backup", level="ok", text=Text("密钥已备份", "keys are backed up"))
    return Diagnosis(
        name="backup",
        level="failure",
        text=Text(
            "密钥尚未备份：请把 {k} 复制到离线介质，然后建立文件 {m}。丢失后无法继续签名，已有证据仍可核验。",
            "keys are not backed up: copy {k} to a medium off this machine, then make the file {m}. Without them "
            "nothing new can be signed; what is stored can still be checked.",
        ).format(k=home.keys / "private", m=mark),
    )


def _passwords(_home: Home, settings: Config) -> Diagnosis:
    if settings.accounts_argon2_kib >= ARGON2_LEAST_KIB:
        return Diagnosis(
            name="passwords", level="ok", text=Text("密码散列强度足够", "passwords are hashed well")
        )
    return Diagnosis(
        name="passwords",
        level="warning",
        text=Text(
            "密码散列过弱：accounts.argon2_kib 应不低于 {n}（默认 65536），改后重新启动。",
            "passwords are hashed too cheaply: accounts.argon2_kib belongs at {n} or more (65536 by default); "
            "restart after the change.",
        ).format(n=ARGON2_LEAST_KIB),
    )


def _ca_key(home: Home, _settings: Config) -> Diagnosis:
    if (home.keys / "private" / "ca.key").exists():
        return Diagnosis(
            name="ca-key",
            level="warning",
            text=Text(
                "CA 私钥仍在本机，建议移走并离线保管",
                "the CA's key is on this machine; better keep it off it",
            ),
        )
    return Diagnosis(
        name="ca-key", level="ok", text=Text("CA 私钥不在本机", "the CA's key is not on this machine")
    )


def _clock(_home: Home, _settings: Config) -> Diagnosis:
    state = StationClock().state()
    if state.synchronised:
        return Diagnosis(
            name="clock",
            level="ok",
            text=Text("时钟已同步，误差不超过 {ms} 毫秒", "the clock is synchronised within {ms} ms").format(
                ms=state.uncertainty_ms
            ),
        )
    return Diagnosis(
        name="clock",
        level="warning",
        text=Text(
            "时钟未同步：临界的时限只能判为“不能确定”，请配置 NTP",
            "the clock is not synchronised: close deadlines can only be judged 'cannot tell'; set up NTP",
        ),
    )


def _room(home: Home, settings: Config) -> Diagnosis:
    try:
        free = shutil.disk_usage(home.vault).free - settings.reserve_bytes
    except OSError as error:
        return _no_vault("room", error)
    level = "failure" if free <= 0 else "warning" if free < FEW_BYTES else "ok"
    return Diagnosis(
        name="room",
        level=level,
        text=Text("可用于证据的磁盘空间：{g} GB", "room for evidence on the disk: {g} GB").format(
            g=max(0, free) // 10**9
        ),
    )


def _no_vault(name: str, error: OSError) -> Diagnosis:
    return Diagnosis(
        name=name,
        level="failure",
        text=Text(
            "证据库目录 {p} 无法查看（{why}）：证据在哪块磁盘、还有多少空间均不明；请挂载该磁盘，或从备份恢复",
            "the vault {p} cannot be looked at ({why}): on which disk evidence lies, and with what room, is unknown; "
            "mount that disk, or restore it from a backup",
        ).format(p=error.filename, why=error.strerror),
    )


def _one_disk(home: Home, _settings: Config) -> Diagnosis:
    try:
        device = home.vault.stat().st_dev
    except OSError as error:
        return _no_vault("disk", error)
    major, minor = os.major(device), os.minor(device)
    sysfs = Path(f"/sys/dev/block/{major}:{minor}").resolve()
    if list(sysfs.glob("slaves/*/")) and len(list(sysfs.glob("slaves/*"))) > 1:
        return Diagnosis(
            name="disk", level="ok", text=Text("证据存放在多盘阵列上", "evidence is on more than one disk")
        )
    return Diagnosis(
        name="disk",
        level="warning",
        text=Text(
            "证据只在一块磁盘上：磁盘损坏即丢失，请用 RAID 或按 operations.md 每日备份",
            "evidence is on one disk only: when it fails, it is lost. Use RAID or the daily backup of operations.md",
        ),
    )


def _analyser(_home: Home, _settings: Config) -> Diagnosis:
    with Prober() as prober:
        if prober.starts():
            return Diagnosis(
                name="analyser", level="ok", text=Text("音像分析程序可用", "clips can be analysed")
            )
    return Diagnosis(
        name="analyser",
        level="failure",
        text=Text(
            "音像分析程序无法启动：录像照常入库，但时间范围更宽，也没有预览件；请重新安装本程序及其依赖",
            "the analyser of clips does not start: clips are secured all the same, but their times are wider "
            "ranges and there are no previews. Install the program and what it needs anew",
        ),
    )


def _usb(_home: Home, _settings: Config) -> Diagnosis:
    try:
        devices = list(usb.core.find(find_all=True, backend=libusb_package.get_libusb1_backend()))
    except (usb.core.USBError, usb.core.NoBackendError) as error:
        return Diagnosis(
            name="usb",
            level="warning",
            text=Text(
                "无法访问 USB：{e}；文件夹与读卡器仍可使用",
                "USB cannot be reached: {e}; folders and card readers still work",
            ).format(e=error),
        )
    return Diagnosis(
        name="usb",
        level="ok",
        text=Text("USB 可用，现有 {n} 个设备", "USB works; {n} devices are connected").format(n=len(devices)),
    )


def _sockets(_home: Home, settings: Config) -> Diagnosis:
    """Slots whose socket this machine does not have now: a hub is unplugged, or a controller moved."""
    there = {str(port.socket) for port in ports()}
    slots = [slot for slot in settings.slots if slot.location.startswith(SCHEME)]
    missing = ", ".join(f"{slot.name} ({slot.location})" for slot in slots if slot.location not in there)
    if not missing:
        return Diagnosis(
            name="slots",
            level="ok",
            text=Text("USB 槽位的插口齐全：{n} 个", "the sockets of all USB slots are there: {n}").format(
                n=len(slots)
            ),
        )
    return Diagnosis(
        name="slots",
        level="warning",
        text=Text(
            "本机现在没有这些槽位的插口：{m}。请接好采集站的集线器，或重新运行 ingestd slot learn",
            "this machine has no such sockets now: {m}. Plug in the dock's hubs, or run ingestd slot learn again",
        ).format(m=missing),
    )


def _mount_unit(_home: Home, settings: Config) -> Diagnosis:
    wanted = sum(slot.location.startswith(SCHEME) for slot in settings.slots)
    if not wanted or Path(SOCKET).is_socket():
        said = Text("USB 槽位 {n} 个，挂载服务就绪", "{n} USB slots, the mount unit is there")
        unneeded = Text("没有 USB 槽位，无需挂载服务", "no USB slots, no mount unit needed")
        text = said.format(n=wanted) if wanted else unneeded
        return Diagnosis(name="mount-unit", level="ok", text=text)
    return Diagnosis(
        name="mount-unit",
        level="warning",
        text=Text(
            "挂载服务未运行（没有 {s}）：USB 槽位中的记录仪无法读取；请启动 ingestd-mount 服务",
            "the mount unit does not run (no {s}): recorders in USB slots cannot be read; start the service "
            "ingestd-mount",
        ).format(s=SOCKET),
    )


def _people(_home: Home, settings: Config) -> Diagnosis:
    if len({person.person for person in settings.people}) > 1:
        return Diagnosis(
            name="people", level="ok", text=Text("已登记两人以上", "two people or more are entered")
        )
    return Diagnosis(
        name="people",
        level="warning",
        text=Text(
            "[people] 中只有一人：需两人的操作无法完成",
            "only one person under [people]: what takes two cannot be done",
        ),
    )


COMMANDS = (
    Command(
        name="drivers",
        help=Text("已安装的驱动", "the drivers that are installed"),
        arguments=json_argument,
        run=_drivers,
        examples=("ingestd drivers", "ingestd drivers --json"),
    ),
    Command(
        name="doctor",
        help=Text("检查本站是否适合保存证据", "whether this station is fit for evidence"),
        arguments=_doctor_arguments,
        run=_doctor,
        examples=("ingestd doctor --home /srv/ingestd",),
    ),
)
