"""A file system of its own that can be frozen: writing to it waits in the kernel until it is thawed."""

from __future__ import annotations

import subprocess
from contextlib import contextmanager

import pytest

from tests import loops


@contextmanager
def loop_disk(folder, size):
    """An empty ext4 of so many bytes, mounted; skips where this machine gives no loop device."""
    image, at = folder / "disk.img", folder / "disk"
    at.mkdir()
    with image.open("wb") as file:
        file.truncate(size)
    subprocess.run(["mkfs.ext4", "-q", image], check=True)
    try:
        device = loops.attach(image)
    except loops.NoLoops as error:
        pytest.skip(f"loop devices: {error}")
    try:
        done = subprocess.run(["mount", device, at], capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"loop mounts: {done.stderr.strip()}")
        try:
            yield at
        finally:
            thaw(at)
            subprocess.run(["umount", "-l", at], check=True)
    finally:
        loops.detach(device)


def freeze(at):
    """From now on nobody writes."""
    subprocess.run(["fsfreeze", "-f", at], check=True)


def thaw(at):
    """Everybody goes on; nothing where it was not frozen."""
    subprocess.run(["fsfreeze", "-u", at], check=False, capture_output=True)
