"""The words of the terminal for what the log says in keys, with the shapes and colours of the screens. PURE.

Those that the dock board shares are in `telling.signs`.

A key that has no word here is shown as it is: a newer log must stay readable.
"""

from __future__ import annotations

from collections.abc import Iterable

from ingestd.intake.findings import KINDS
from ingestd.people import separation
from ingestd.registers import words as registers
from ingestd.telling.signs import made
from ingestd.words import Text

RECORDERS = {
    "in-field": made("→", "default", "外勤", "in the field"),
    "docked": made("⊖", "yellow", "已接入", "docked"),
    "draining": made("◔", "blue", "接收中", "receiving"),
    "clear": made("✔", "green", "可取走", "may be taken"),
    "refused": made("▲", "red", "已拒绝", "refused"),
    "pulled-early": made("▲", "red", "提前取走", "taken too early"),
    "not-returned": made("▲", "red", "逾期未归还", "not returned"),
    "lost": made("▲", "red", "遗失", "lost"),
    "problem": made("▲", "red", "异常", "problem"),
}

CLIPS = {
    "secured": made("●", "green", "已入库", "secured"),
    "released": made("✔", "green", "已入库，记录仪上已清除", "secured, and gone from the recorder"),
    "quarantined": made("▲", "red", "隔离（未能完整读取）", "quarantined (could not be read whole)"),
    "missing": made("✖", "red", "已入库，记录仪上被他人删除", "secured; removed from the recorder elsewhere"),
    "superseded": made("○", "default", "已有更完整的采集", "superseded by a better read"),
    "damaged": made("▲", "red", "库中字节已损坏", "damaged in the vault"),
    "backlog": made("●", "default", "已入库（启用前的积存）", "secured (backlog from before the start)"),
}

FAULTS = {
    "read-error": Text("读取错误", "read error"),
    "vanished": Text("列出后消失", "vanished after it was listed"),
    "changed": Text("读取时发生变化", "changed while it was read"),
    "still-written": Text("仍在写入", "still being written"),
    "pulled": Text("读取时被拔出", "pulled while it was read"),
    "not-a-file": Text("不是文件", "not a file"),
    "read-back": Text("回读不一致", "read-back differs"),
}

OUTCOMES = {
    "clear": Text("全部入库并已清除，可取走", "everything is secured and gone from it: it may be taken"),
    "kept": Text("全部入库，未清除", "everything is secured and was left on it"),
    "problem": Text("有异常，须有人查看", "a problem that a person must look at"),
    "pulled": Text("提前取走", "it was taken too early"),
    "interrupted": Text("中断，下次接入时继续", "interrupted; the next docking goes on"),
    "refused": Text("已拒绝", "refused"),
    "nothing": Text("没有需要采集的内容", "there was nothing to acquire"),
}

GATES = {
    "refused": Text("不是记录仪，未打开", "no recorder; it was not opened"),
    "vendor-mode": Text("仍在厂商模式，未打开", "still in vendor mode; it was not opened"),
    "mtp": Text("以 MTP/PTP 方式连接，未打开", "it speaks MTP/PTP; it was not opened"),
    "no-disk": Text("没有给出磁盘", "it shows no disk"),
    "driver": Text("其内容不是记录仪的", "what lies on it is no recorder's"),
}
"""Why a device was refused, by the word of its event."""

FINDINGS = KINDS
"""Every kind of finding: the words are intake's own."""

LEFT = {
    "identity": Text("记录仪的身份文件,留在卡上", "the recorder's identity file: stays on the card"),
    "configuration": Text("记录仪的设置文件,留在卡上", "the recorder's configuration: stays on the card"),
    "firmware": Text("记录仪的固件,留在卡上", "the recorder's firmware: stays on the card"),
    "appledouble": Text("苹果电脑的附属文件,非执法记录", "a Mac's companion file, no record"),
    "macos-folder-view": Text("苹果电脑的文件夹显示设置", "a Mac's folder view"),
    "macos-index": Text("苹果电脑的索引或临时文件", "a Mac's index or temporary file"),
    "windows-index": Text("Windows 的卷信息", "Windows' volume information"),
    "windows-thumbnails": Text("Windows 的缩略图缓存", "Windows' cache of thumbnails"),
    "windows-folder-view": Text("Windows 的文件夹显示设置", "Windows' folder view"),
    "trash": Text("电脑回收站里的文件", "a file in a computer's trash"),
    "trash-recording": Text(
        "有人把这段记录移进了电脑回收站,请查看",
        "a recording that somebody moved to a computer's trash: look at it",
    ),
}
"""Why something was left on a card: the words of the card families, which the core may not import."""

BASES = {
    "name": Text("文件名", "name"),
    "container": Text("文件内部时间", "container"),
    "file-time": Text("文件时间", "file time"),
    "listing": Text("列出时刻", "listing"),
    "clock-read": Text("读取的时钟", "clock as read"),
    "newest-file": Text("最新文件", "newest file"),
    "previous-docking": Text("上次接入", "previous docking"),
    "register": Text("登记", "the register"),
    "told": Text("所告时刻", "as told"),
    "none": Text("无依据", "nothing"),
}
"""What an interval rests on."""

ROLES = separation.ROLES

LABELS = {key: known.text for key, known in registers.LABELS.items()}

CREDENTIALS = {
    "password": Text("密码", "password"),
    "totp": Text("双因素验证器", "second factor"),
    "recovery": Text("恢复码", "recovery code"),
    "pin": Text("PIN", "PIN"),
    "account": Text("整个账户", "whole account"),
}
"""What people show to come in."""

ENDS = {
    "logged-out": Text("本人退出", "logged out"),
    "idle": Text("长时间未操作", "not used for too long"),
    "too-long": Text("达到最长时限", "it lasted as long as it may"),
    "ended": Text("被终止", "ended by a person"),
    "password": Text("密码已更改", "the password changed"),
    "closed": Text("账户停用", "the account was closed"),
    "locked": Text("账户锁定", "the account was locked"),
    "expired": Text("到期", "out of date"),
}
"""Why a login or token is over."""

MODES = {
    "permanent": Text("固定", "permanently"),
    "shift": Text("按班次", "for a shift"),
    "ad-hoc": Text("临时", "ad hoc"),
}
"""Kinds of assignment."""

COUNTERS = {
    "card": Text("从不（连续编号）", "never (they run on)"),
    "folder": Text("每个文件夹", "folder"),
    "day": Text("每天", "day"),
}
"""Where a recorder's numbering starts anew."""

FLAGS = {
    "empty": Text("空文件", "empty"),
    "unreadable-media": Text("播放器读不懂（可能未写完）", "no player can read it (perhaps unfinished)"),
    "unknown-kind": Text("未知类型", "unknown kind"),
    "clock-reset": Text("记录仪时钟曾被重置", "the recorder's clock was reset"),
    "clock-doubtful": Text("时间存疑", "time in doubt"),
    "claims-disagree": Text("自述互相矛盾", "claims disagree"),
    "holder-unclear": Text("使用人不能确定", "who had the recorder cannot be told"),
    "name-not-text": Text("文件名不是文字", "its name is no text"),
    "backlog": Text("启用前的积存", "backlog"),
    "duplicate": Text("字节与已有记录相同", "same bytes as another clip"),
}

FILES = {
    "clip": Text("原件", "clip"),
    "chunks": Text("分块摘要", "chunk digests"),
    "manifest": Text("清单", "manifest"),
    "signature": Text("签名", "signature"),
    "preview": Text("预览件（非原件）", "preview (not the original)"),
}

RECOVERIES = {
    "published": Text("已补发布", "what was committed has been published"),
    "moved-aside": Text("多出部分已移存备查", "what the checkpoint does not cover was moved aside"),
    "replayed": Text("数据库已由日志补齐", "the database was replayed from the log"),
    "rebuilt": Text("数据库已由日志重建", "the database was rebuilt from the log"),
    "rebuilt-without-table": Text(
        "数据库已由日志重建，旧表不可读", "the database was rebuilt; the old table could not be read"
    ),
}

LOOKS = {
    "player": Text("播放原件", "the original, played"),
    "preview": Text("播放预览件", "its preview, played"),
    "strip": Text("画面条", "strips of frames"),
    "snapshot": Text("截图", "a snapshot"),
    "document": Text("文书", "the document"),
    "original": Text("取走原件副本", "a copy of the original, taken away"),
}
"""What of an item is looked at."""

PICTURED = {
    "original": Text("原件", "of the original"),
    "preview": Text("预览件（不是证据）", "of the preview (not evidence)"),
}
"""What a snapshot was taken of."""

LOOK_ENDS = {
    "closed": Text("已关闭", "closed"),
    "idle": Text("长时间未操作", "not used for too long"),
    "login-ended": Text("登录已结束", "the login is over"),
    "next": Text("由下一次接续", "another one goes on from it"),
}
"""How a look ended."""


def word(words: dict[str, Text], key: str) -> Text:
    """The word of a key, or the key itself."""
    return words.get(key) or Text(key, key)


def words(known: dict[str, Text], keys: Iterable[str]) -> Text:
    """The words of several keys in one line."""
    found = [word(known, key) for key in keys]
    return Text("、".join(one.zh for one in found), ", ".join(one.en for one in found))


def left(why: str) -> Text:
    """Why an entry was left on the card: litter by its word, what is no file by its type."""
    fault, is_typed, sort = why.partition(": ")
    text = word(FAULTS, fault) if is_typed else word(LEFT, fault)
    return Text(f"{text.zh}（{sort}）", f"{text.en} ({sort})") if is_typed else text
