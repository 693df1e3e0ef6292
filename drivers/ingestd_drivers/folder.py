"""A folder as a recorder: fixed rooms, card readers, network shares, and ``ingestd intake PATH``.

Presence is told by looking, never by events: network mounts give none. Watching (inotify, through watchdog)
only ends a wait early, and only sees the folder itself and its parent. A folder that is there and empty is
present; whether something was lost is not for the driver to say.
"""

from __future__ import annotations

from typing import ClassVar

from ingestd.device.api import Score
from ingestd_drivers.volume import TreeVolume, token

_A_FOLDER = 30
_KNOWN_FAMILY = 30


class Folder:
    """Any mounted folder."""

    name: ClassVar[str] = "folder"

    def present(self, location: str) -> str | None:
        return token(location)

    def score(self, location: str) -> Score:
        try:
            volume = TreeVolume(location, writable=False)
        except NotADirectoryError:
            return Score(value=0, reasons=("not a folder",))
        try:
            identity = volume.identity()
        finally:
            volume.close()
        if identity.family is None:
            return Score(value=_A_FOLDER, reasons=("a folder of no known family",))
        return Score(value=_A_FOLDER + _KNOWN_FAMILY, reasons=("a folder", *identity.evidence))

    def connect(self, location: str, *, writable: bool = False) -> TreeVolume:
        return TreeVolume(location, writable=writable)

    def wait(self, location: str, seconds: float) -> None:
        # Watchdog is loaded by the first wait, not with the module: slot workers never wait, and there are
        # twenty of them.
        from ingestd import watching  # noqa: PLC0415 - see above

        watching.wait(location, seconds)
