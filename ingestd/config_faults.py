"""What is said of a faulty ingestd.toml: one line a fault, with its key. PURE."""

from __future__ import annotations

import json
from collections.abc import Sequence

from ingestd.errors import ConfigError
from ingestd.words import Text

_SHOWN = 80

NO_UTF_8 = Text(
    "第 {line} 行不是 UTF-8 文字；请用 UTF-8 编码保存此文件",
    "line {line} is no UTF-8 text: save the file in UTF-8",
)
NO_TOML = Text("不是合规的 TOML（{why}）", "{why}")
ENDLESS = Text("有过长的数字，或嵌套过深", "a number is too long, or brackets stand too deep in each other")
UNKNOWN = Text("没有这个设置", "unknown key")
MISSING = Text("缺少（{help}）", "missing ({help})")
NOT_A = Text("应为{kind}，不能是 {value}", "{kind} expected, not {value}")
OUT_OF_BOUNDS = Text(
    "{value} 没有意义：应在 {least} 至 {most} 之间", "{value} makes no sense: {least} to {most} is possible"
)
NO_ID = Text(
    "{value} 不能作编号：1 至 63 个 a-z、0-9、点和连字符，以字母或数字开头",
    "{value} is no id: 1 to 63 of a-z, 0-9, dots and hyphens, the first a letter or digit",
)
NO_SUCH = Text("{value} 不是{kind}", "{value} is not {kind}")
LONE_KEY = Text("证书和密钥须同时给出", "a certificate needs its key, and a key its certificate")
ONE_BRACKET = Text("每个槽位写作 [[slot]]，两层方括号", "each slot begins with [[slot]], in two brackets")
SLOT_KEYS = Text("须有且只有 name、driver、location", "needs exactly name, driver, location")
SLOT_TEXT = Text(
    "name、driver、location 为文字，名称 1 至 32 个字符",
    "name, driver and location are text, a name has 1 to 32 letters",
)
SLOT_TAKEN = Text("名称 {value} 已被使用", "the name {value} is taken")
SOCKET_TAKEN = Text("location：槽位 {slot} 已在 {value}", "location: slot {slot} is at {value} already")
SOCKET = Text("location：{why}", "location: {why}")
FOLDER = Text(
    "location：{value} 不是可以接入的文件夹：须为绝对路径，且不是根目录",
    "location: {value} is no folder to dock: it takes an absolute path, never the root",
)
NO_UID = Text("键应为数字的用户编号", "the key is a numeric user id")
PERSON_KEYS = Text("须有且只有 person 和 roles", "needs exactly person and roles")
ROLES_ARE = Text("roles 为下列各项中的若干：{roles}", "roles are some of {roles}")
NO_DAY = Text("键应为日期，如 2027-10-01", "the key is a day, such as 2027-10-01")
NO_WORKED = Text(
    "应为 true（上班）或 false（休息），不能是 {value}", "true (worked) or false (off) expected, not {value}"
)


def fault(key: str, what: Text, **told: object) -> Text:
    """What is wrong with the value of a key."""
    return Text("{key}：{what}", "{key}: {what}").format(key=key, what=what.format(**told) if told else what)


def said(value: object) -> str:
    """A value as the file says it, not longer than a person reads."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def faulty(name: str, faults: Sequence[Text]) -> ConfigError:
    """All of them at once. A daemon that runs goes on with what it has read before."""
    count = len(faults)
    return ConfigError(
        Text(
            "配置 {name} 有 {n} 处错误，未予采用；正在运行的守护进程沿用先前的配置：\n{list}",
            "the configuration {name} has {faults} and is not taken; a daemon that runs keeps what it took before:"
            "\n{list}",
        ).format(
            name=name,
            n=count,
            faults="1 fault" if count == 1 else f"{count} faults",
            list=Text(
                "\n".join(f"  - {one.zh}" for one in faults), "\n".join(f"  - {one.en}" for one in faults)
            ),
        )
    )
