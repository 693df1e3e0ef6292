"""The signs of states: word, shape, colour; colour is never the only one. PURE.

A state that has no sign here is shown as its key under a question mark: a newer log must stay readable.
"""

from __future__ import annotations

from dataclasses import dataclass

from ingestd.words import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """How a state looks: colour is never the only sign."""

    shape: str
    colour: str
    word: Text


def made(shape: str, colour: str, zh: str, en: str) -> Sign:
    """A sign of shape, colour (a terminal's name of it) and words."""
    return Sign(shape=shape, colour=colour, word=Text(zh, en))


CANNOT_TELL = made("◐", "magenta", "不能确定", "cannot tell")
"""What nobody can say, whatever was asked."""

SLOTS = {
    "receiving": made("◔", "blue", "接收中", "receiving"),
    "may-be-taken": made("✔", "green", "可取走", "may be taken"),
    "do-not-take": made("⊖", "yellow", "勿取", "do not take"),
    "problem": made("▲", "red", "异常", "problem"),
    "empty": made("□", "bright_black", "空", "empty"),
}

DEADLINES = {
    "on time": made("●", "green", "按时", "on time"),
    "late": made("✖", "red", "超时", "late"),
    "cannot tell": CANNOT_TELL,
    "backlog": made("○", "default", "积存，不计时限", "backlog, no deadline"),
    "not due": made("○", "default", "未到期", "not due"),
    "due soon": made("◔", "yellow", "即将到期", "due soon"),
    "overdue": made("✖", "red", "已超时", "overdue"),
}

PROBLEMS = {
    "device-hung": Text("设备无响应", "the device does not answer"),
    "quarantined": Text("有无法完整读取的记录", "a clip could not be read whole"),
    "release-failed": Text("清除未完成", "deleting from it was not done"),
    "read-only": Text("存储卡写保护", "the card is write-protected"),
    "unlistable": Text("有目录无法列出", "a folder cannot be listed"),
    "device-error": Text("设备错误", "device error"),
    "station-error": Text("采集站出错", "the station failed"),
    "intake-failed": Text("采集程序出错", "intake itself failed"),
    "unreadable": Text("有文件未能采集", "a file could not be acquired"),
    "same-serial-twice": Text("同一编号在两个槽位", "the same serial is in two slots"),
    "no-space": Text("采集站磁盘已满", "the station's disk is full"),
}


def sign(signs: dict[str, Sign], key: str) -> Sign:
    """The sign of a state, or its key under a question mark."""
    return signs.get(key) or Sign(shape="?", colour="default", word=Text(key, key))
