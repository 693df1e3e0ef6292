"""Slots in ingestd.toml: added and renamed in the text as people wrote it, comments and order kept.

Whatever comes out is read by `config.parse` before it is written, and must say just what was meant: a file
that is written in another way than ours is refused, never mended.
"""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Sequence
from pathlib import Path

from ingestd import config, durable
from ingestd.config import SlotSetting
from ingestd.errors import ConfigError, NotFoundError, UsageError
from ingestd.model import SlotName
from ingestd.words import Text

_TABLE = re.compile(r"\s*\[")
_SLOT_TABLE = re.compile(r"\s*\[\[\s*slot\s*\]\]\s*(#.*)?")
_NAME = re.compile(r"""(\s*name\s*=\s*)("(?:[^"\\]|\\.)*"|'[^']*')(.*)""", re.DOTALL)


def entry(slot: SlotSetting) -> str:
    """A slot as it stands in the file."""
    facts = (("name", slot.name), ("driver", slot.driver), ("location", slot.location))
    return "[[slot]]\n" + "".join(f"{key} = {json.dumps(v, ensure_ascii=False)}\n" for key, v in facts)


def with_slots(text: str, slots: Sequence[SlotSetting], name: str) -> str:
    """The text with more slots at its end. Raises ConfigError."""
    before = config.parse(text.encode(), name).slots
    after = text.rstrip("\n") + "\n" + "".join(f"\n{entry(slot)}" for slot in slots)
    return _checked(after, (*before, *slots), name)


def renamed(text: str, old: str, new: str, name: str) -> str:
    """The text with another name for one slot. Raises NotFoundError, UsageError, ConfigError."""
    before = config.parse(text.encode(), name).slots
    if old not in {slot.name for slot in before}:
        known = ", ".join(slot.name for slot in before) or "-"
        raise NotFoundError(
            Text("没有槽位 {old}；已有：{known}。", "there is no slot {old}; there are: {known}.").format(
                old=old, known=known
            )
        )
    if not config.is_slot_name(new) or new in {slot.name for slot in before}:
        raise UsageError(
            Text(
                "{new} 不能用作槽位名：不合规（1 至 32 个字母、数字、点、横线）或已被使用。",
                "{new} cannot name a slot: it is taken, or no name (1 to 32 letters, digits, dots, hyphens).",
            ).format(new=new)
        )
    wanted = [
        SlotSetting(name=SlotName(new), driver=s.driver, location=s.location) if s.name == old else s
        for s in before
    ]
    lines, within = text.splitlines(keepends=True), False
    for at, line in enumerate(lines):
        if _TABLE.match(line):
            within = _SLOT_TABLE.fullmatch(line.rstrip()) is not None
        found = _NAME.fullmatch(line) if within else None
        if found and tomllib.loads(f"a = {found[2]}")["a"] == old:
            lines[at] = f"{found[1]}{json.dumps(new, ensure_ascii=False)}{found[3]}"
    return _checked("".join(lines), tuple(wanted), name)


def _checked(text: str, wanted: tuple[SlotSetting, ...], name: str) -> str:
    if config.parse(text.encode(), name).slots != wanted:
        raise ConfigError(
            Text(
                "{name} 中槽位的写法无法自动修改，未作任何改动；请手工编辑 [[slot]]。",
                "the way slots are written in {name} cannot be changed by this command and nothing was; edit "
                "[[slot]] by hand.",
            ).format(name=name)
        )
    return text


def save(path: Path, text: str) -> None:
    """Put the file in place, durable, with the owner and mode that it had. Raises OSError."""
    was = path.stat()
    staged = path.with_name(f".{path.name}.new")
    staged.unlink(missing_ok=True)
    durable.stage(staged, text.encode(), mode=was.st_mode & 0o777)
    if (was.st_uid, was.st_gid) != (os.geteuid(), os.getegid()):
        os.chown(staged, was.st_uid, was.st_gid)
    durable.settle([staged])
    staged.rename(path)
    durable.settle([path.parent])
