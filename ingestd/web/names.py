"""How officers stand on a screen that everybody sees: by number, with the surname, or by the whole name.

Names are personal values (design 5): the copy knows their digests, the vault's values hold them.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from sqlalchemy import Connection

from ingestd.errors import VaultError
from ingestd.index import registers
from ingestd.telling.plain import shown
from ingestd.vault.values import Values

_COMPOUND = re.compile(
    "欧阳|太史|端木|上官|司马|东方|独孤|南宫|万俟|闻人|夏侯|诸葛|尉迟|公羊|赫连|澹台|皇甫|宗政|濮阳|公冶|太叔|申屠|公孙|慕容|仲孙|"
    "钟离|长孙|宇文|司徒|鲜于|司空|令狐|轩辕|呼延|拓跋|百里|东郭|南门|西门"
)
"""Surnames of two characters, as 《百家姓》 and its usual supplements list them."""
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]{2,6}")


def surname(name: str) -> str | None:
    """``张建国`` -> ``张某``; None where a name has no surname to cut it to (``阿不都·热合曼``, ``J. Smith``)."""
    if not _HAN.fullmatch(name):
        return None
    compound = _COMPOUND.match(name)
    return f"{compound[0] if compound and compound[0] != name else name[0]}某"


class Names:
    """The names of officers, cut as the configuration says; remembered by their digests."""

    def __init__(self, values: Values) -> None:
        self._values = values
        self._known: dict[str, str | None] = {}

    def of(self, connection: Connection, officers: Collection[str], form: str) -> dict[str, str]:
        """What to show beside the number of each of these officers; nothing for those without a name."""
        if form == "number":
            return {}
        told = {}
        for officer, stated in registers.stated(connection, "officer", officers).items():
            name = self._name(stated.row.name_value)
            cut = name if form == "full" or name is None else surname(name)
            if cut is not None:
                told[officer] = shown(cut)
        return told

    def forget(self) -> None:
        """Read all names anew: some may be gone."""
        self._known.clear()

    def _name(self, digest: str | None) -> str | None:
        if digest is None:
            return None
        if digest not in self._known:
            try:
                name = (self._values.get(digest) or {}).get("name")
            except (VaultError, OSError):
                name = None  # the daemon's own checks report it
            self._known[digest] = name if isinstance(name, str) else None
        return self._known[digest]
