"""What `doctor` looks at in the home itself: its folders, its log, its index, the folders of its slots."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ingestd.config import Config
from ingestd.errors import IngestdError
from ingestd.index import inclusion
from ingestd.index.database import open_database, reading
from ingestd.index.projection import require_current
from ingestd.ledger import recovery, table
from ingestd.ledger.faults import translated
from ingestd.portpath import SCHEME
from ingestd.vault.layout import Home
from ingestd.words import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """One thing looked at. ``level``: ok, warning, failure."""

    name: str
    level: str
    text: Text


def folders(home: Home, _settings: Config) -> Diagnosis:
    """Every folder that `init` made is there, and nobody may write to it, or look into it, who must not."""
    faults = list(_folder_faults(home))
    if not faults:
        return Diagnosis(
            name="folders",
            level="ok",
            text=Text("目录齐全，权限正确", "the folders are there, with their modes"),
        )
    return Diagnosis(
        name="folders",
        level="failure",
        text=Text(
            "目录缺失或权限过宽：{zh}。他人可能改动证据，或守护进程无法工作；"
            "请改正权限，缺失的从备份恢复，再运行 verify --all",
            "folders are missing or too open: {en}. Others may change evidence there, or the daemon cannot work; "
            "set the modes right, restore what is missing from a backup, then run verify --all",
        ).format(zh="；".join(fault.zh for fault in faults), en="; ".join(fault.en for fault in faults)),
    )


def _folder_faults(home: Home) -> Iterator[Text]:
    wanted = ((home.root, 0o755), (home.keys, 0o755), (home.keys / "private", 0o700), *home.station_folders())
    for folder, most in wanted:
        try:
            mode = stat.S_IMODE(folder.stat().st_mode)
        except OSError as error:
            if folder != home.run:  # the daemon makes it anew
                yield Text("{f}（{why}）", "{f} ({why})").format(f=folder, why=error.strerror)
            continue
        if mode & 0o777 & ~most:
            yield Text("{f} 为 {mode}，应为 {most}", "{f} has {mode} where {most} belongs").format(
                f=folder, mode=f"{mode:04o}", most=f"{most:04o}"
            )


def log(home: Home, _settings: Config) -> Diagnosis:
    """The checkpoint is there and signed, and the tree's edge gives its root; the rest is `log check`'s."""
    try:
        signed = inclusion.newest(home)
        with translated():
            recovery.proved_edge(inclusion.log_files(home), signed)
    except IngestdError as error:
        return Diagnosis(name="log", level="failure", text=error.text)
    text = Text("日志检查点有效：{n} 条", "the log's checkpoint is valid: {n} entries")
    return Diagnosis(name="log", level="ok", text=text.format(n=signed.size))


def index(home: Home, _settings: Config) -> Diagnosis:
    """The index is there, can be read, and has the tables of this version."""
    try:
        engine = open_database(home.database, create=False)
        try:
            require_current(engine)
            with translated(), reading(engine) as connection:
                size = table.size(connection)
        finally:
            engine.dispose()
    except IngestdError as error:
        return Diagnosis(name="index", level="failure", text=error.text)
    text = Text("索引可读：{n} 条", "the index can be read: {n} entries")
    return Diagnosis(name="index", level="ok", text=text.format(n=size))


def slot_folders(_home: Home, settings: Config) -> Diagnosis:
    """Slots that are folders, and are not there: a reader or a network share that is not mounted."""
    slots = [slot for slot in settings.slots if not slot.location.startswith(SCHEME)]
    missing = ", ".join(
        f"{slot.name} ({slot.location})" for slot in slots if not Path(slot.location).is_dir()
    )
    if not missing:
        text = Text("文件夹槽位齐全：{n} 个", "the folders of all folder slots are there: {n}")
        return Diagnosis(name="slot-folders", level="ok", text=text.format(n=len(slots)))
    return Diagnosis(
        name="slot-folders",
        level="warning",
        text=Text(
            "这些槽位的文件夹不存在：{m}。放入其中的录像不会被采集；请建立或挂载，或改正 ingestd.toml",
            "these slots' folders do not exist: {m}. Nothing is taken from them; make or mount them, or correct "
            "ingestd.toml",
        ).format(m=missing),
    )
