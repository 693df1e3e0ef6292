"""ingestd.toml -> a frozen `Config`; every fault of the file at once, each with its key.

`SETTINGS` is the one table of settings (name, default, what for): the file that `init` writes, the checks and
docs/operations.md come from it.
"""

from __future__ import annotations

import hashlib
import ipaddress
import json
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from ingestd.canon import CanonError, instant, timestamp
from ingestd.errors import ConfigError, UsageError
from ingestd.model import Millis, Sha256, SlotName
from ingestd.portpath import SCHEME, PortPath
from ingestd.words import Text

_ID = re.compile(r"[a-z0-9][a-z0-9.-]{0,62}")
_SLOT = re.compile(r"[\w.-]{1,32}")
ROLES = (
    "officer",
    "dock-keeper",
    "case-officer",
    "supervisor",
    "legal-reviewer",
    "archivist",
    "administrator",
    "outside-supervisor",
)
_GIB = 1 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting: its key, its default (None: must be given), what it is for."""

    key: str
    default: str | int | bool | None
    help: Text


SETTINGS: tuple[Setting, ...] = (
    Setting(key="agency", default=None, help=Text("机关编号", "id of the agency, [a-z0-9.-]")),
    Setting(key="station", default=None, help=Text("采集点编号", "id of this station, [a-z0-9.-]")),
    Setting(key="policy", default=None, help=Text("规则文件", "key of the policy in force")),
    Setting(
        key="commissioned_at",
        default=None,
        help=Text("启用时刻，此前的录像不计时", "clips made before are backlog and get no 24-hour verdict"),
    ),
    Setting(
        key="utc_offset_minutes",
        default=480,
        help=Text("本地时间与 UTC 之差（分钟）", "local time minus UTC, minutes (China: 480)"),
    ),
    Setting(
        key="readers",
        default=20,
        help=Text("同时读取的记录仪上限", "how many recorders are read at the same time"),
    ),
    Setting(
        key="readers_per_bus",
        # A USB 2 bus (480 Mb/s) carries 35-40 MB/s in all, a recorder's card gives 10-20: two or three fill the
        # bus, four keep it full while one is between files. More would only slow down the most urgent one.
        default=4,
        help=Text(
            "同一 USB 控制器上同时读取的记录仪上限（0 为不限）",
            "how many recorders on one USB controller are read at the same time (0: no limit)",
        ),
    ),
    Setting(
        key="hang_s",
        default=60,
        help=Text("设备多少秒无回应即放弃", "a device silent for so many seconds is given up"),
    ),
    Setting(
        key="look_every_s",
        default=1,
        help=Text("查看槽位的间隔（秒）", "how often a slot is looked at, seconds"),
    ),
    Setting(
        key="partial_keep_days",
        default=7,
        help=Text("未完成的片段等待记录仪多少天", "how long a partial copy waits for its recorder, days"),
    ),
    Setting(
        key="reserve_bytes",
        default=_GIB,
        help=Text("为日志和数据库保留的空间", "room kept for log and database, bytes"),
    ),
    Setting(
        key="verify_cycle_days",
        default=30,
        help=Text("全库重新核验的周期（天）", "every stored clip is read again within so many days"),
    ),
    Setting(
        key="verify_bytes_per_s",
        default=20_000_000,
        help=Text("重新核验的速度上限", "rate limit of re-verification, bytes a second"),
    ),
    Setting(
        key="previews", default=True, help=Text("是否制作 H.264 预览件", "whether H.264 previews are made")
    ),
    Setting(
        key="analysis",
        default=True,
        help=Text(
            "是否分析画面与声音（黑屏、冻结、无声、语音）",
            "whether picture and sound are analysed (black, frozen, silent, speech)",
        ),
    ),
    Setting(
        key="pre_record_s",
        default=30,
        help=Text(
            "记录仪最长的预录时间（秒），REC-8 的时限从其后算起",
            "the longest time that recorders keep from before they were started, seconds: REC-8 counts from its end",
        ),
    ),
    Setting(
        key="release",
        default=True,
        help=Text("入库后清除记录仪（REC-2）", "free identified recorders once all is secured (REC-2)"),
    ),
    Setting(
        key="drop.folder",
        default="",
        help=Text(
            "投递目录：案件平台把登记文件（CSV、JSON）放到这里；空则关闭",
            "folder in which the case platform drops register files (CSV, JSON); empty: off",
        ),
    ),
    Setting(
        key="metrics.listen",
        default="",
        help=Text(
            "指标与健康页的本机地址，如 127.0.0.1:9641；空则关闭",
            "loopback address of metrics and health, such as 127.0.0.1:9641; empty: off",
        ),
    ),
)
"""All settings of the top level of ingestd.toml, in the order in which `init` writes them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotSetting:
    """A slot that the daemon watches."""

    name: SlotName
    driver: str
    location: str
    """A folder, or a USB socket (`PortPath`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who a Unix user is, and in which roles."""

    uid: int
    person: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """The configuration in force."""

    agency: str
    station: str
    policy: str
    commissioned_at: Millis
    utc_offset_minutes: int
    readers: int
    readers_per_bus: int
    hang_s: int
    look_every_s: int
    partial_keep_days: int
    reserve_bytes: int
    verify_cycle_days: int
    verify_bytes_per_s: int
    previews: bool
    analysis: bool
    pre_record_s: int
    release: bool
    drop_folder: Path | None
    """None: off."""
    metrics_listen: tuple[str, int] | None
    """Address and port; None: off."""
    slots: tuple[SlotSetting, ...]
    people: tuple[Person, ...]
    calendar: tuple[tuple[date, bool], ...]
    """Days that a notice sets (true: worked), before the published tables: ``[calendar] "2027-10-01" = false``."""
    sha256: Sha256

    @property
    def origin(self) -> str:
        """The log's name: ``<agency>/<station>``."""
        return f"{self.agency}/{self.station}"


def read(path: Path) -> Config:
    """Read and check a configuration file. Raises ConfigError that lists every fault."""
    try:
        text = path.read_bytes()
    except OSError as error:
        raise ConfigError(
            Text(
                "无法读取配置 {path}：{why}。此目录可能尚未初始化（ingestd init）。",
                "cannot read the configuration {path}: {why}. Has this home been made (ingestd init)?",
            ).format(path=path, why=error.strerror)
        ) from error
    return parse(text, str(path))


def parse(text: bytes, name: str) -> Config:
    """Check the text of a configuration. Raises ConfigError that lists every fault."""
    try:
        data = tomllib.loads(text.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _faulty(name, [f"TOML: {error}"]) from error
    faults: list[str] = []
    values = _values(data, faults)
    slots = _slots(data.pop("slot", []), faults)
    people = _people(data.pop("people", {}), faults)
    calendar = _calendar(data.pop("calendar", {}), faults)
    faults += [f"{key}: unknown key" for key in _unknown(data)]
    if faults:
        raise _faulty(name, faults)
    digest = Sha256(hashlib.sha256(text).hexdigest())
    return Config(**values, slots=slots, people=people, calendar=calendar, sha256=digest)


def _faulty(name: str, faults: list[str]) -> ConfigError:
    return ConfigError(
        Text(
            "配置 {name} 有 {n} 处错误，原有配置继续有效：\n{list}",
            "the configuration {name} has {n} faults; what was in force stays so:\n{list}",
        ).format(name=name, n=len(faults), list="\n".join(f"  - {fault}" for fault in faults))
    )


def _values(data: dict[str, Any], faults: list[str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for setting in SETTINGS:
        value = _told(data, setting)
        wanted = str if setting.default is None else type(setting.default)
        if value is None:
            faults.append(f"{setting.key}: missing ({setting.help.en})")
        elif type(value) is not wanted:
            faults.append(f"{setting.key}: {wanted.__name__} expected, not {value!r}")
        elif isinstance(value, int) and value < (-1440 if setting.key == "utc_offset_minutes" else 0):
            faults.append(f"{setting.key}: {value} is below what makes sense")
        values[setting.key.replace(".", "_")] = value
    faults += [
        f"{key}: {values[key]!r} is no id of the form [a-z0-9.-]"
        for key in ("agency", "station")
        if isinstance(values[key], str) and not _ID.fullmatch(values[key])
    ]
    if isinstance(values["drop_folder"], str):
        values["drop_folder"] = _folder(values["drop_folder"], faults)
    if isinstance(values["metrics_listen"], str):
        values["metrics_listen"] = _loopback(values["metrics_listen"], faults)
    if isinstance(values["commissioned_at"], str):
        try:
            values["commissioned_at"] = instant(values["commissioned_at"])
        except CanonError as error:
            faults.append(f"commissioned_at: {error}")
    return values


def _folder(text: str, faults: list[str]) -> Path | None:
    """An absolute path; None where there is none."""
    if not text:
        return None
    if not text.startswith("/") or "\0" in text:
        faults.append(f"drop.folder: {text!r} is no absolute path")
    return Path(text)


def _told(data: dict[str, Any], setting: Setting) -> Any:
    """What the file says of a setting; ``table.key`` stands in that table."""
    name, _, key = setting.key.rpartition(".")
    table = data.get(name, {}) if name else data
    return table.get(key, setting.default) if isinstance(table, dict) else setting.default


def _unknown(data: dict[str, Any]) -> list[str]:
    """Keys that no setting has, those of tables with the table's name."""
    known = {setting.key for setting in SETTINGS}
    tables = {key.partition(".")[0] for key in known if "." in key}
    told = []
    for key, value in data.items():
        told += [f"{key}.{inner}" for inner in value] if key in tables and isinstance(value, dict) else [key]
    return [key for key in told if key not in known]


def _loopback(text: str, faults: list[str]) -> tuple[str, int] | None:
    """``127.0.0.1:9641`` or ``[::1]:9641``; nobody is asked who he is there, so no other address will do."""
    if not text:
        return None
    host, _, port = text.rpartition(":")
    try:
        address = ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))
        if address.is_loopback and 0 < int(port) < 1 << 16:
            return str(address), int(port)
    except ValueError:
        pass
    faults.append(f"metrics.listen: {text!r} is no loopback address with a port, such as 127.0.0.1:9641")
    return None


def _slots(raw: Any, faults: list[str]) -> tuple[SlotSetting, ...]:
    slots: list[SlotSetting] = []
    for number, slot in enumerate(raw if isinstance(raw, list) else [raw], 1):
        if not isinstance(slot, dict) or set(slot) != {"name", "driver", "location"}:
            faults.append(f"slot {number}: needs exactly name, driver, location")
        elif not all(isinstance(v, str) for v in slot.values()) or not is_slot_name(slot["name"]):
            faults.append(f"slot {number}: name, driver and location are text, a name has 1 to 32 letters")
        elif slot["name"] in {s.name for s in slots}:
            faults.append(f"slot {number}: the name {slot['name']!r} is taken")
        elif fault := _socket_fault(slot["location"], slots):
            faults.append(f"slot {number}: {fault}")
        else:
            slots.append(SlotSetting(**slot))
    return tuple(slots)


def _socket_fault(location: str, slots: Sequence[SlotSetting]) -> str | None:
    """What is wrong with a location that names a USB socket; None where it names none, or one well."""
    if not location.startswith(SCHEME):
        return None
    try:
        PortPath.parse(location)
    except UsageError as error:
        return f"location: {error.text.en}"
    taken = next((slot.name for slot in slots if slot.location == location), None)
    return None if taken is None else f"location: slot {taken} is at {location} already"


def _people(raw: Any, faults: list[str]) -> tuple[Person, ...]:
    people: list[Person] = []
    for uid, who in raw.items() if isinstance(raw, dict) else [("people", raw)]:
        if not uid.isdecimal():
            faults.append(f"people.{uid}: the key is a numeric user id")
        elif (
            not isinstance(who, dict) or set(who) != {"person", "roles"} or not isinstance(who["person"], str)
        ):
            faults.append(f"people.{uid}: needs exactly person and roles")
        elif not isinstance(who["roles"], list) or set(who["roles"]) - set(ROLES):
            faults.append(f"people.{uid}: roles are some of {', '.join(ROLES)}")
        else:
            people.append(Person(uid=int(uid), person=who["person"], roles=tuple(who["roles"])))
    return tuple(people)


def _calendar(raw: Any, faults: list[str]) -> tuple[tuple[date, bool], ...]:
    found: list[tuple[date, bool]] = []
    for text, worked in raw.items() if isinstance(raw, dict) else [("calendar", raw)]:
        try:
            day = date.fromisoformat(text)
        except ValueError:
            faults.append(f"calendar.{text}: the key is a day, such as 2027-10-01")
            continue
        if isinstance(worked, bool):
            found.append((day, worked))
        else:
            faults.append(f"calendar.{text}: true (worked) or false (off) expected, not {worked!r}")
    return tuple(sorted(found))


def is_slot_name(name: str) -> bool:
    """Whether this can name a slot: letters (of any script), digits, ``. - _``, at most 32."""
    return bool(_SLOT.fullmatch(name)) and name not in (".", "..")


def render(
    *,
    agency: str,
    station: str,
    policy: str,
    commissioned_at: Millis,
    uid: int,
    person: str,
    slots: Sequence[SlotSetting] = (),
    **others: str | int,
) -> str:
    """The text of a new configuration: every setting with what it is for, at its default or as given."""
    given: dict[str, Any] = {
        **others,
        "agency": agency,
        "station": station,
        "policy": policy,
        "commissioned_at": timestamp(commissioned_at),
    }
    lines = ["# ingestd 配置 / configuration. SIGHUP 重新读取 / read again on SIGHUP.", ""]
    for setting in SETTINGS:
        value = given.get(setting.key, setting.default)
        text = f'"{value}"' if isinstance(value, str) else str(value).lower()
        lines += [f"# {setting.help.both()}", f"{setting.key} = {text}", ""]
    lines += [
        "# 操作人员：系统用户编号 -> 姓名代号与角色 / people: Unix user id -> person and roles",
        f"[people.{uid}]",
        f'person = "{person}"',
        'roles = ["administrator", "dock-keeper"]',
        "",
        "# 节假日与调休，公布后、软件更新前可在此补充（true 为上班）/ days that a notice sets (true: worked):",
        '# [calendar]\n# "2027-10-01" = false',
        "",
        "# 槽位示例 / a slot:",
        '# [[slot]]\n# name = "1"\n# driver = "folder"\n# location = "/srv/dock/1"',
        "",
    ]
    for slot in slots:
        facts = (("name", slot.name), ("driver", slot.driver), ("location", slot.location))
        lines += [
            "[[slot]]",
            *(f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in facts),
            "",
        ]
    return "\n".join(lines)
