"""Units, users and folders put where a machine looks for them (`ingestd install`). Nothing of the home is touched.

The files are those of `systemd/` with the two paths that an installation may choose put in. Putting them again
changes nothing; putting those of a newer version replaces them. What an administrator changes stands in drop-ins,
which are left alone.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import ingestd
from ingestd.dock.rules import NAME
from ingestd.errors import UsageError
from ingestd.words import Text

PROGRAM = Path("/opt/ingestd/.venv/bin/ingestd")
"""Where `make install` puts it, and what the units name."""
HOME = Path("/var/lib/ingestd")
LINK = Path("/usr/local/bin/ingestd")
UNITS = Path("/etc/systemd/system")
RULES = Path("/etc/udev/rules.d") / NAME
PLACES = {
    "ingestd.service": UNITS / "ingestd.service",
    "ingestd-mount.service": UNITS / "ingestd-mount.service",
    "ingestd-web.service": UNITS / "ingestd-web.service",
    "ingestd.sysusers": Path("/etc/sysusers.d/ingestd.conf"),
    "ingestd.tmpfiles": Path("/etc/tmpfiles.d/ingestd.conf"),
}
HIDDEN = (Path("/home"), Path("/root"), Path("/run/user"), Path("/tmp"), Path("/var/tmp"))  # noqa: S108 - not used
"""What the daemon's sandbox does not see (ProtectHome, PrivateTmp)."""
_PLAIN = re.compile(r"/[A-Za-z0-9._/-]+")

NEW = Text("新增", "new")
CHANGED = Text("更新", "updated")
SAME = Text("未变", "unchanged")


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One file or link of an installation, by its path on the machine."""

    path: Path
    content: bytes = b""
    target: Path | None = None
    """Of a link."""


def templates() -> Path:
    """The folder of unit files: of the installed package, else of the checkout."""
    installed = Path(sysconfig.get_path("data")) / "share" / "ingestd" / "systemd"
    checkout = Path(ingestd.__file__).parents[1] / "systemd"
    return checkout if (checkout / "ingestd.service").is_file() else installed


def own_program() -> Path:
    """The command of the environment that runs now."""
    return Path(sys.prefix) / "bin" / "ingestd"


def files(program: Path, home: Path, rules: str | None) -> tuple[File, ...]:
    """Everything that is put, in order. ``rules`` are the dock's udev rules, where a home says which ports it has.

    Raises UsageError for paths that units cannot name or see.
    """
    for path in (program, home):
        _check(path)
    made = []
    for name, place in PLACES.items():
        text = (templates() / name).read_text("utf-8")
        made.append(File(path=place, content=_filled(text, program, home).encode()))
    if rules is not None:
        made.append(File(path=RULES, content=rules.encode()))
    return (*made, File(path=LINK, target=program))


def _filled(text: str, program: Path, home: Path) -> str:
    return text.replace(str(PROGRAM), str(program)).replace(str(HOME), str(home))


def _check(path: Path) -> None:
    if not _PLAIN.fullmatch(str(path)) or ".." in path.parts:
        raise UsageError(
            Text(
                "路径 {p} 不能写进系统服务：只用绝对路径，字母、数字和 . _ - /。",
                "{p} cannot stand in a unit: an absolute path of letters, digits and . _ - / only.",
            ).format(p=path)
        )
    if any(path.is_relative_to(hidden) for hidden in HIDDEN):
        raise UsageError(
            Text(
                "守护进程的沙箱看不到 {p}；程序请用 make install 装到 /opt/ingestd，证据库请放在自己的磁盘上。",
                "the daemon's sandbox does not see {p}: install the program with make install (/opt/ingestd), and "
                "put the home on a disk of its own.",
            ).format(p=path)
        )


def put(file: File, root: Path, *, dry: bool) -> Text:
    """Put one file below a root folder, whole or not at all; what became of it."""
    place = root / file.path.relative_to("/")
    state = _state(file, place)
    if state is SAME or dry:
        return state
    try:
        place.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        staged = place.with_name(f".{place.name}.new")
        staged.unlink(missing_ok=True)
        if file.target is None:
            staged.write_bytes(file.content)
            staged.chmod(0o644)
        else:
            staged.symlink_to(file.target)
        staged.replace(place)
    except OSError as error:
        raise UsageError(
            Text(
                "无法写入 {p}：{why}；请用 root 运行，或用 --root 装到别处。",
                "cannot write {p}: {why}; run it as root, or choose a folder with --root.",
            ).format(p=place, why=error.strerror)
        ) from error
    return state


def _state(file: File, place: Path) -> Text:
    if not os.path.lexists(place):
        return NEW
    if file.target is not None:
        return SAME if place.is_symlink() and place.readlink() == file.target else CHANGED
    return SAME if place.is_file() and place.read_bytes() == file.content else CHANGED


def commands() -> tuple[tuple[str, ...], ...]:
    """What a real system is told afterwards: users, folders, units, rules."""
    told: list[tuple[str, ...]] = [
        ("systemd-sysusers", str(PLACES["ingestd.sysusers"])),
        ("systemd-tmpfiles", "--create", str(PLACES["ingestd.tmpfiles"])),
    ]
    if Path("/run/systemd/system").is_dir():
        told.append(("systemctl", "daemon-reload"))
    if Path("/run/udev/control").exists():
        told.append(("udevadm", "control", "--reload"))
    return tuple(told)


def tell(command: tuple[str, ...], run: Callable[..., object] = subprocess.run) -> None:
    """Run one of them. Raises UsageError."""
    try:
        if shutil.which(command[0]) is None:
            raise FileNotFoundError(2, "not found", command[0])
        run(command, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise UsageError(
            Text(
                "{c} 失败（{why}）；文件已放好，排除后再运行一次即可。",
                "{c} failed ({why}); the files are in place, run it again once that is mended.",
            ).format(c=" ".join(command), why=error)
        ) from error
