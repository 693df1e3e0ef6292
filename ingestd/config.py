"""ingestd.toml -> a frozen `Config`; every fault of the file at once, each with its key.

Which settings there are says the one table of `settings`.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from ingestd import addresses
from ingestd import config_faults as say
from ingestd.canon import CanonError, instant, timestamp
from ingestd.errors import ConfigError, UsageError, system_text
from ingestd.model import Millis, Sha256, SlotName
from ingestd.portpath import SCHEME, PortPath
from ingestd.settings import SETTINGS, Setting
from ingestd.words import Text

NAMES = ("number", "surname", "full")
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
    documents_limit_mib: int
    accounts_web_user: str
    accounts_idle_minutes: int
    accounts_longest_hours: int
    accounts_password_length: int
    accounts_argon2_kib: int
    metrics_listen: tuple[str, int] | None
    """Address and port; None: off."""
    web_listen: tuple[str, int]
    web_hosts: tuple[str, ...]
    web_proxy: tuple[str, ...]
    """Addresses of trusted proxies."""
    web_names: str
    """How officers stand on the dock board: one of `NAMES`."""
    web_certificate: Path | None
    web_key: Path | None
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
            ).format(path=path, why=system_text(error))
        ) from error
    return parse(text, str(path))


def parse(text: bytes, name: str) -> Config:
    """Check the text of a configuration. Raises ConfigError that lists every fault."""
    try:
        data = tomllib.loads(text.decode("utf-8"))
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        raise say.faulty(name, [say.fault("UTF-8", say.NO_UTF_8, line=line)]) from error
    except tomllib.TOMLDecodeError as error:
        raise say.faulty(name, [say.fault("TOML", say.NO_TOML, why=error)]) from error
    except (ValueError, RecursionError) as error:
        raise say.faulty(name, [say.fault("TOML", say.ENDLESS)]) from error
    faults: list[Text] = []
    values = _values(data, faults)
    slots = _slots(data.pop("slot", []), faults)
    people = _people(data.pop("people", {}), faults)
    calendar = _calendar(data.pop("calendar", {}), faults)
    faults += [say.fault(key, say.UNKNOWN) for key in _unknown(data)]
    if faults:
        raise say.faulty(name, faults)
    digest = Sha256(hashlib.sha256(text).hexdigest())
    return Config(**values, slots=slots, people=people, calendar=calendar, sha256=digest)


_KINDS = {
    str: Text("文字", "text"),
    int: Text("整数", "a whole number"),
    bool: Text("true 或 false", "true or false"),
}


def _values(data: dict[str, Any], faults: list[Text]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for setting in SETTINGS:
        value = _told(data, setting)
        wanted = str if setting.default is None else type(setting.default)
        if value is None:
            faults.append(say.fault(setting.key, say.MISSING, help=setting.help))
        elif type(value) is not wanted:
            faults.append(say.fault(setting.key, say.NOT_A, kind=_KINDS[wanted], value=say.said(value)))
        elif type(value) is int and not setting.least <= value <= setting.most:
            bounds = {"least": setting.least, "most": setting.most}
            faults.append(say.fault(setting.key, say.OUT_OF_BOUNDS, value=say.said(value), **bounds))
        values[setting.key.replace(".", "_")] = value
    faults += [
        say.fault(key, say.NO_ID, value=say.said(values[key]))
        for key in ("agency", "station")
        if isinstance(values[key], str) and not _ID.fullmatch(values[key])
    ]
    _form(values, faults)
    if (values["web_certificate"] is None) != (values["web_key"] is None):
        faults.append(say.fault("web.key", say.LONE_KEY))
    if isinstance(values["commissioned_at"], str):
        try:
            moment = values["commissioned_at"] = instant(values["commissioned_at"])
            if not _FIRST <= moment < _BEYOND:
                faults.append(
                    say.fault("commissioned_at", say.OUT_OF_BOUNDS, **_SPAN, value=timestamp(moment))
                )
        except CanonError:
            value = say.said(values["commissioned_at"])
            faults.append(say.fault("commissioned_at", say.NO_SUCH, value=value, kind=_MOMENT))
    return values


def _form(values: dict[str, Any], faults: list[Text]) -> None:
    """Texts that have a form of their own become what they stand for."""
    for key, (kind, read) in _FORMS.items():
        name = key.replace(".", "_")
        if isinstance(values[name], str):
            try:
                values[name] = read(values[name])
            except ValueError:
                faults.append(say.fault(key, say.NO_SUCH, value=say.said(values[name]), kind=kind))
                values[name] = None


def _or_off(read: Callable[[str], object]) -> Callable[[str], object]:
    """An empty text turns the thing off: None."""
    return lambda text: read(text) if text else None


def _path(text: str) -> Path:
    if not text.startswith("/") or "\0" in text:
        raise ValueError("no absolute path")
    return Path(text)


def _names(text: str) -> str:
    if text not in NAMES:
        raise ValueError(text)
    return text


_FIRST, _BEYOND = instant("1970-01-01T00:00:00.000Z"), instant("2100-01-01T00:00:00.000Z")
_SPAN = {"least": 1970, "most": 2099}
"""Years in which a station can have been put into service, or will be; the first leaves no backlog."""
_MOMENT = Text("时刻（形如 2026-11-21T08:00:00.000Z）", "a moment, such as 2026-11-21T08:00:00.000Z")
_PATH = Text("绝对路径", "an absolute path")
_FORMS: Mapping[str, tuple[Text, Callable[[str], object]]] = {
    "drop.folder": (_PATH, _or_off(_path)),
    "metrics.listen": (
        Text(
            "本机地址和端口（形如 127.0.0.1:9641）", "a loopback address with a port, such as 127.0.0.1:9641"
        ),
        _or_off(addresses.loopback),
    ),
    "web.listen": (
        Text("地址和端口（形如 127.0.0.1:8787）", "an address with a port, such as 127.0.0.1:8787"),
        addresses.listening,
    ),
    "web.hosts": (Text("以空格分隔的主机名", "a list of host names"), addresses.host_names),
    "web.proxy": (Text("以空格分隔的地址", "a list of addresses"), addresses.addresses),
    "web.names": (Text(f"下列之一：{'、'.join(NAMES)}", f"one of {', '.join(NAMES)}"), _names),
    "web.certificate": (_PATH, _or_off(_path)),
    "web.key": (_PATH, _or_off(_path)),
}
"""Settings whose text has a form of its own, with what it is."""


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


def _slots(raw: Any, faults: list[Text]) -> tuple[SlotSetting, ...]:
    slots: list[SlotSetting] = []
    if isinstance(raw, dict):
        faults.append(say.fault("slot", say.ONE_BRACKET))
        return ()
    for number, slot in enumerate(raw if isinstance(raw, list) else [raw], 1):
        if not isinstance(slot, dict) or set(slot) != {"name", "driver", "location"}:
            faults.append(say.fault(f"slot {number}", say.SLOT_KEYS))
        elif not all(isinstance(v, str) for v in slot.values()) or not is_slot_name(slot["name"]):
            faults.append(say.fault(f"slot {number}", say.SLOT_TEXT))
        elif slot["name"] in {s.name for s in slots}:
            faults.append(say.fault(f"slot {number}", say.SLOT_TAKEN, value=say.said(slot["name"])))
        elif fault := _socket_fault(slot["location"], slots) or _folder_fault(slot["location"], slots):
            faults.append(say.fault(f"slot {number}", fault))
        else:
            slots.append(SlotSetting(**slot))
    return tuple(slots)


def _socket_fault(location: str, slots: Sequence[SlotSetting]) -> Text | None:
    """What is wrong with a location that names a USB socket; None where it names none, or one well."""
    if not location.startswith(SCHEME):
        return None
    try:
        PortPath.parse(location)
    except UsageError as error:
        return say.SOCKET.format(why=error.text)
    taken = next((slot.name for slot in slots if slot.location == location), None)
    return None if taken is None else say.SOCKET_TAKEN.format(slot=taken, value=location)


def _folder_fault(location: str, slots: Sequence[SlotSetting]) -> Text | None:
    """What is wrong with a location that names a folder; that it is no home of ingestd, every docking sees to."""
    if location.startswith(SCHEME):
        return None
    if not location.startswith("/") or "\0" in location or _folder(location) == "/":
        return say.FOLDER.format(value=say.said(location))
    taken = next((slot.name for slot in slots if _folder(slot.location) == _folder(location)), None)
    return None if taken is None else say.SOCKET_TAKEN.format(slot=taken, value=location)


def _folder(location: str) -> str:
    """However many strokes it is written with."""
    return "/" + os.path.normpath(location).lstrip("/")


def _people(raw: Any, faults: list[Text]) -> tuple[Person, ...]:
    people: list[Person] = []
    for uid, who in raw.items() if isinstance(raw, dict) else [("people", raw)]:
        if not uid.isdecimal():
            faults.append(say.fault(f"people.{uid}", say.NO_UID))
        elif (
            not isinstance(who, dict) or set(who) != {"person", "roles"} or not isinstance(who["person"], str)
        ):
            faults.append(say.fault(f"people.{uid}", say.PERSON_KEYS))
        elif not isinstance(who["roles"], list) or any(role not in ROLES for role in who["roles"]):
            faults.append(say.fault(f"people.{uid}", say.ROLES_ARE, roles=", ".join(ROLES)))
        else:
            people.append(Person(uid=int(uid), person=who["person"], roles=tuple(who["roles"])))
    return tuple(people)


def _calendar(raw: Any, faults: list[Text]) -> tuple[tuple[date, bool], ...]:
    found: list[tuple[date, bool]] = []
    for text, worked in raw.items() if isinstance(raw, dict) else [("calendar", raw)]:
        try:
            day = date.fromisoformat(text)
        except ValueError:
            faults.append(say.fault(f"calendar.{text}", say.NO_DAY))
            continue
        if isinstance(worked, bool):
            found.append((day, worked))
        else:
            faults.append(say.fault(f"calendar.{text}", say.NO_WORKED, value=say.said(worked)))
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
    roles: Sequence[str] = ("administrator", "dock-keeper"),
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
        f"roles = {json.dumps(roles)}",
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
