"""A file system whose power can be cut: what was not made durable is gone afterwards, as on a real disk.

ext4 in a file, loop-mounted. FS_IOC_SHUTDOWN without flushing its journal stops every write at once; mounting it
again replays the journal, as after a power cut. The data of a file that was never synced, and the names of a
folder that was never settled, are then missing.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests import loops
from tests.rig import wait_for

SIZE_MIB = 48
BUSY_S = 30


class Disk:
    """One such file system. `close` it."""

    def __init__(self, folder: Path) -> None:
        """Raises PermissionError where loop mounts are not allowed."""
        self._image = folder / "disk.img"
        self.root = folder / "disk"
        self.root.mkdir()
        with self._image.open("wb") as file:
            file.truncate(SIZE_MIB << 20)
        # Lazy initialisation would write in the background; a long commit interval keeps unsynced data unsynced.
        subprocess.run(
            ["mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0", self._image],
            check=True,
            capture_output=True,
        )
        self._mounted = False
        self._mount()

    def _mount(self) -> None:
        try:
            self._device = loops.attach(self._image)
        except loops.NoLoops as error:
            raise PermissionError(str(error)) from error
        done = subprocess.run(
            ["mount", "-o", "commit=300", self._device, self.root], capture_output=True, check=False
        )
        if done.returncode:
            loops.detach(self._device)
            raise PermissionError(done.stderr.decode())
        self._mounted = True

    def again(self) -> None:
        """Power is back: unmounted, mounted, journal replayed."""
        self.close()
        self._mount()

    def _unmounts(self) -> bool:
        return subprocess.run(["umount", self.root], check=False, capture_output=True).returncode == 0

    def close(self) -> None:
        """Unmount it."""
        if self._mounted:
            wait_for(self._unmounts, BUSY_S)  # a process that was killed a moment ago may hold a file yet
            loops.detach(self._device)
            self._mounted = False
