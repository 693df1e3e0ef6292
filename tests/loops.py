"""Loop devices for tests: images as disks. BLKROSET outlives its image on a device, so it is cleared at both ends."""

from __future__ import annotations

import subprocess
from pathlib import Path


class NoLoops(OSError):
    """This machine gives no loop device."""


def attach(image: Path) -> str:
    """A device on which the image is, writable. Raises NoLoops."""
    done = subprocess.run(["losetup", "--find", "--show", image], capture_output=True, text=True, check=False)
    if done.returncode:
        raise NoLoops(done.stderr.strip())
    device = done.stdout.strip()
    subprocess.run(["blockdev", "--setrw", device], check=True)
    return device


def detach(device: str) -> None:
    """Give it back as it was found."""
    subprocess.run(["blockdev", "--setrw", device], check=False, capture_output=True)
    subprocess.run(["losetup", "--detach", device], check=False, capture_output=True)
