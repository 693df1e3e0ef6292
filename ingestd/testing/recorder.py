"""Recorders for tests, demonstration and training: realistic cards, and a folder that acts as a device.

`CardBuilder` writes cards of every family by code of its own, not from the data that they are read with.
`SimulatedRecorder` writes what the ``simulated`` driver reads. Nothing here is evidence.
"""

from __future__ import annotations

import json
import os
import shutil
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ingestd.model import CardPath, Millis

CHINA_MS = 8 * 3_600_000
"""UTC+8, where these recorders' walls hang."""
_FAT_STEP_MS = 2_000
"""FAT keeps times in steps of two seconds (Microsoft FAT specification 1.03)."""
_DEFAULT_SERIAL, _DEFAULT_OFFICER = "YZ00417", "110423"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shot:
    """What a family's layout makes a path of."""

    wall: datetime
    serial: str
    officer: str
    sequence: int
    marked: bool
    extension: str

    @property
    def mark(self) -> str:
        return "IMP" if self.marked else ""

    def at(self, form: str) -> str:
        return f"{self.wall:{form}}"


def _e12_old(shot: _Shot) -> str:
    folder = "important" if shot.marked else "common"
    name = f"{shot.officer}_{shot.serial}_{shot.at('%Y%m%d%H%M%S')}_{shot.sequence:04d}{shot.mark}"
    return f"DCIM/{folder}/{shot.at('%Y%m%d')}/{name}.{shot.extension}"


def _e12_new(shot: _Shot) -> str:
    name = f"{shot.at('%Y%m%d%H%M%S')}_{shot.sequence:04d}{shot.mark}.{shot.extension}"
    return f"{shot.serial}/{shot.officer}/{shot.at('%Y%m%d')}/{name}"


def _novatek(shot: _Shot) -> str:
    folder = "Photo" if shot.extension.lower() == "jpg" else "Movie"
    stamp = shot.at("%Y_%m%d_%H%M%S").replace("_", "", 1)
    return f"DCIM/{folder}/{stamp}_{shot.sequence:03d}{shot.mark}.{shot.extension.upper()}"


def _ini(shot: _Shot) -> str:
    folder = "IMP" if shot.marked else "100MEDIA"
    name = f"{shot.officer}_{shot.serial}_{shot.at('%Y%m%d%H%M%S')}_{shot.sequence:04d}{shot.mark}"
    return f"DCIM/{folder}/{name}.{shot.extension}"


def _info(shot: _Shot) -> str:
    name = f"{shot.at('%Y%m%d%H%M%S')}_{shot.sequence:04d}{shot.mark}"
    return f"DCIM/100MEDIA/{name}.{shot.extension.upper()}"


def _axis(shot: _Shot) -> str:
    folder = f"{shot.officer}_{shot.serial}_{shot.at('%Y%m%dT')}000000Z"
    return f"{folder}/{shot.at('%Y%m%dT%H%M%S')}Z_{shot.sequence:04d}.{shot.extension}"


def _dcim(shot: _Shot) -> str:
    return f"DCIM/100MEDIA/IMG_{shot.sequence:04d}.{shot.extension.upper()}"


LAYOUTS: Mapping[str, Callable[[_Shot], str]] = {
    "e12-old": _e12_old,
    "e12-new": _e12_new,
    "novatek": _novatek,
    "ini": _ini,
    "info": _info,
    "axis": _axis,
    "dcim": _dcim,
}
"""Where each family puts a clip."""


class CardBuilder:
    """Writes a card of one family into a folder.

    ``clock_error_ms`` is how far the recorder's clock is ahead; names carry its wall time (UTC+8, Axis:
    UTC), file times that wall time in FAT's steps as a mount with ``tz=UTC`` tells them.
    """

    def __init__(
        self,
        root: Path,
        family: str,
        *,
        serial: str = _DEFAULT_SERIAL,
        officer: str = _DEFAULT_OFFICER,
        clock_error_ms: int = 0,
    ) -> None:
        self.root, self.family = root, family
        self.serial, self.officer = serial, officer
        self._ahead_ms = clock_error_ms + (0 if family == "axis" else CHINA_MS)
        root.mkdir(parents=True, exist_ok=True)

    def identity(
        self, *, name: str = "张建国", unit: str = "城管执法三中队", charge: int = 80
    ) -> CardBuilder:
        """The family's identity files (GBK, as recorders write them); families without have none."""
        if self.family == "ini":
            values = f"DevNo={self.serial}\r\nPolNo={self.officer}\r\nUserName={name}\r\nCorpName={unit}"
            text = f"[ZFY]\r\n{values}\r\n"
            self.file("PARAM.INI", text.encode("gbk"))
        elif self.family == "info":
            self.file(
                "DCIM/100MEDIA/Info.dat", f"{self.serial};{name};{self.officer};{unit}\r\n".encode("gbk")
            )
        elif self.family == "novatek":
            self.file("LOG/BATTERY.TXT", f"Battery0={charge}\r\n".encode("ascii"))
        return self

    def clip(
        self,
        content: bytes | Path,
        *,
        started: Millis,
        duration_ms: int = 0,
        sequence: int = 1,
        marked: bool = False,
        extension: str = "mp4",
        officer: str | None = None,
        serial: str | None = None,
    ) -> CardPath:
        """One recording that truly began at ``started`` (UTC); its path on the card."""
        wall_ms = started + self._ahead_ms
        shot = _Shot(
            wall=datetime.fromtimestamp(wall_ms // 1_000, UTC),
            serial=serial or self.serial,
            officer=officer or self.officer,
            sequence=sequence,
            marked=marked,
            extension=extension,
        )
        ended = (wall_ms + duration_ms) // _FAT_STEP_MS * _FAT_STEP_MS
        return self.file(LAYOUTS[self.family](shot), content, mtime=Millis(ended))

    def file(self, path: str | bytes, content: bytes | Path, *, mtime: Millis | None = None) -> CardPath:
        """Any file; ``path`` below the root as text (UTF-8) or raw bytes."""
        raw = path if isinstance(path, bytes) else path.encode()
        target = os.fsencode(self.root) + b"/" + raw
        os.makedirs(os.path.dirname(target), exist_ok=True)  # noqa: PTH103, PTH120 - names may be no text
        if isinstance(content, Path):
            shutil.copyfile(os.fsencode(content), target)
        else:
            with open(target, "wb") as file:  # noqa: PTH123 - names may be no text
                file.write(content)
        if mtime is not None:
            os.utime(target, ns=(mtime * 1_000_000, mtime * 1_000_000))
        return CardPath(raw)


class SimulatedRecorder:
    """A location for the ``simulated`` driver: ``card/`` and how the recorder behaves (made, or taken up).

    ``SimulatedRecorder(folder).describe(battery=70, bad=[{"path": "a.mp4", "start": 0, "end": 512}]).dock()``
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.card_root.mkdir(parents=True, exist_ok=True)
        control = self.folder / "recorder.toml"
        self._behaviour: dict[str, Any] = {"docking": 0}
        if control.exists():
            self._behaviour |= tomllib.loads(control.read_text("utf-8"))

    @property
    def location(self) -> str:
        """What the driver is given."""
        return str(self.folder)

    @property
    def card_root(self) -> Path:
        """Root of the card's files."""
        return self.folder / "card"

    def card(self, family: str, **about: Any) -> CardBuilder:
        """A builder of its card; arguments as for `CardBuilder`."""
        return CardBuilder(self.card_root, family, **about)

    def describe(self, **behaviour: Any) -> SimulatedRecorder:
        """Set keys of ``recorder.toml`` (see drivers/README.md); None takes a key away."""
        for key, value in behaviour.items():
            if value is None:
                self._behaviour.pop(key, None)
            else:
                self._behaviour[key] = value
        staged = self.folder / "recorder.toml.new"
        staged.write_text(_toml(self._behaviour), "utf-8")
        staged.rename(self.folder / "recorder.toml")
        return self

    @property
    def is_pulled(self) -> bool:
        """Whether it is out of its slot."""
        return (self.folder / "pulled").exists()

    def pull(self) -> SimulatedRecorder:
        """Take it out of its slot, now."""
        (self.folder / "pulled").touch()
        return self

    def dock(self, **behaviour: Any) -> SimulatedRecorder:
        """Put it in (again): a new presence, with these keys; an older plan to pull it or hang is over."""
        planned = {"pull_after_bytes": None, "hang_path": None, "hang_at": None} | behaviour
        self.describe(docking=self._behaviour["docking"] + 1, **planned)
        (self.folder / "pulled").unlink(missing_ok=True)
        return self


def _toml(values: Mapping[str, Any]) -> str:
    lines = [f"{k} = {_scalar(v)}" for k, v in values.items() if not isinstance(v, dict | list)]
    for key, value in values.items():
        tables = value if isinstance(value, list) else [value] if isinstance(value, dict) else []
        for table in tables:
            lines.append(f"[[{key}]]" if isinstance(value, list) else f"[{key}]")
            lines += [f"{k} = {_scalar(v)}" for k, v in table.items()]
    return "\n".join(lines) + "\n"


def _scalar(value: str | int) -> str:
    """JSON's strings, numbers and booleans are TOML's."""
    return json.dumps(value, ensure_ascii=False)
