"""Families of cards: one TOML file each, over `common.toml`. Read once by each process that needs them."""

from __future__ import annotations

import functools
from pathlib import Path

from ingestd.device.families import FamilyError, parse_common, parse_family
from ingestd.device.recognise import Families

_FOLDER = Path(__file__).parent
_COMMON = "common.toml"


def load(folder: Path = _FOLDER) -> Families:
    """All families of a folder. Raises FamilyError, which names the file."""
    common = parse_common((folder / _COMMON).read_text("utf-8"))
    found = []
    for file in sorted(folder.glob("*.toml")):
        if file.name == _COMMON:
            continue
        try:
            family = parse_family(file.read_text("utf-8"), common)
        except FamilyError as error:
            raise FamilyError(f"{file.name}: {error}") from error
        if family.key != file.stem:
            raise FamilyError(f"{file.name}: key {family.key!r} is not the file's name")
        found.append(family)
    return Families(common=common, families=tuple(found))


@functools.cache
def known() -> Families:
    """The families that come with this package."""
    return load()
