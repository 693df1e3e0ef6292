"""Which drivers are installed: entry points of group ``ingestd.drivers``. For the daemon, not for workers.

A worker gets a driver's target text and calls `loading.load`; it never imports importlib.metadata.
"""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from ingestd.errors import ConfigError, NotFoundError
from ingestd.events import DriverRecord
from ingestd.model import Sha256
from ingestd.words import Text

GROUP = "ingestd.drivers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """One driver that can be used."""

    target: str
    """``module:Class``, for `loading.load`."""
    record: DriverRecord
    """What the log keeps: name, version of its distribution, digest of its module file."""


def installed(points: Iterable[EntryPoint] | None = None) -> tuple[Installed, ...]:
    """All drivers by name; none of them is imported. Raises ConfigError for doubles or a missing module."""
    found = sorted(entry_points(group=GROUP) if points is None else points, key=lambda p: p.name)
    targets: dict[str, set[str]] = {}
    for point in found:
        targets.setdefault(point.name, set()).add(point.value)
    doubles = [name for name, values in targets.items() if len(values) > 1]
    if doubles:
        raise ConfigError(
            Text(
                "有两个驱动同名:{names}。为免用错驱动,未启用任何驱动;请卸载其中一个软件包。",
                "two drivers have the same name: {names}. None is used, so that the wrong one never speaks "
                "to a recorder; uninstall one of the packages.",
            ).format(names=", ".join(doubles))
        )
    return tuple(_resolved(point) for point in {p.name: p for p in found}.values())


def find(name: str, among: Iterable[Installed]) -> Installed:
    """The driver of a name. Raises NotFoundError, which lists those that exist."""
    known = {driver.record.name: driver for driver in among}
    if name not in known:
        raise NotFoundError(
            Text(
                "没有名为 {name} 的驱动;已安装:{known}。",
                "there is no driver {name}; installed are: {known}.",
            ).format(name=name, known=", ".join(known) or "-")
        )
    return known[name]


def _resolved(point: EntryPoint) -> Installed:
    return Installed(
        target=point.value,
        record=DriverRecord(
            name=point.name,
            version=point.dist.version if point.dist else "unknown",
            sha256=_digest(point),
        ),
    )


def _digest(point: EntryPoint) -> Sha256:
    try:
        spec = importlib.util.find_spec(point.module)
    except ModuleNotFoundError:
        spec = None
    if spec is None or spec.origin is None:
        raise ConfigError(
            Text(
                "驱动 {name} 已登记,但找不到模块 {module};请重新安装其软件包。",
                "driver {name} is registered, but its module {module} is missing; install its package again.",
            ).format(name=point.name, module=point.module)
        )
    return Sha256(hashlib.sha256(Path(spec.origin).read_bytes()).hexdigest())
