"""What a guest boots: Debian's own kernel, unpacked beside the system (never installed), and an initramfs for it.

Kept in a cache folder. The package is fetched with `apt-get download`, so a machine without Debian's archives
has no guest, and says so.
"""

from __future__ import annotations

import fcntl
import lzma
import os
import stat
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

CACHE = Path(os.environ.get("INGESTD_E2E_CACHE") or Path(tempfile.gettempdir()) / "ingestd-e2e")
PROGRAMS = (
    *("qemu-system-x86_64", "setpriv", "/bin/busybox", "/sbin/modprobe", "/lib/systemd/systemd-udevd"),
    *("/sbin/mkfs.vfat", "/sbin/mkfs.exfat", "/sbin/mkfs.ext4", "/sbin/debugfs", "mcopy"),
)
"""All that the guest and its disks need beside Python; Debian packages: see the Makefile."""
BOOT_MODULES = ("virtio_pci", "virtio_console", "9pnet_virtio", "9p", "overlay")
STATION_MODULES = (
    *("virtio_blk", "ext4", "xhci_pci", "usb_storage", "uas", "sd_mod", "usbhid"),
    *("vfat", "exfat", "nls_cp936", "nls_ascii", "nls_utf8"),
)
"""What udev and the kernel would load by name on a real station; loaded at once, for the guest is slow."""
_XZ = b"\xfd7zXZ\0"


class NoGuest(Exception):
    """This machine cannot boot a guest; the text says what is missing."""


@dataclass(frozen=True, slots=True)
class Kernel:
    """One unpacked kernel."""

    release: str
    image: Path
    """Uncompressed ELF: booted by PVH, it spares the guest the (emulated, slow) unpacking."""
    modules: Path


def run(*command: str | Path, folder: Path | None = None) -> str:
    """What a command printed. Raises CalledProcessError."""
    return subprocess.run(command, check=True, capture_output=True, text=True, cwd=folder).stdout


def prepared() -> Kernel:
    """The kernel, from the cache or fetched, by one process at a time. Raises NoGuest."""
    try:
        CACHE.mkdir(parents=True, exist_ok=True)
        with (CACHE / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            return _prepared()
    except (OSError, subprocess.CalledProcessError, StopIteration, ValueError) as error:
        said = getattr(error, "stderr", None) or error
        raise NoGuest(f"no kernel for the guest: {said}") from error


def _prepared() -> Kernel:
    root = CACHE / "root"
    if not list(root.glob("boot/vmlinuz-*")):
        root.mkdir(parents=True, exist_ok=True)
        depends = run("apt-cache", "depends", "linux-image-amd64").split()
        package = next(word for word in depends if word.startswith("linux-image-") and word != depends[0])
        run("apt-get", "download", package, folder=CACHE)
        run("dpkg-deb", "-x", next(CACHE.glob(f"{package}_*.deb")), root)
    packed = next(root.glob("boot/vmlinuz-*"))
    release = packed.name.removeprefix("vmlinuz-")
    modules = root / "lib/modules" / release
    if not (modules / "modules.dep").exists():
        run("/sbin/depmod", "-b", root, release)
    image = CACHE / f"vmlinux-{release}"
    if not image.exists():
        data = packed.read_bytes()
        new = image.with_suffix(f".{os.getpid()}")
        new.write_bytes(lzma.LZMADecompressor().decompress(data[data.index(_XZ) :]))
        new.rename(image)
    return Kernel(release, image, modules)


def initramfs(kernel: Kernel, init: str) -> bytes:
    """A cpio archive with busybox, the modules in the order in which they load, and `init`."""
    order: dict[str, None] = {}
    for name in (*BOOT_MODULES, *STATION_MODULES):
        told = run(
            *("/sbin/modprobe", "-d", CACHE / "root", "-S", kernel.release),
            *("--show-depends", "--ignore-install", name),
        )
        order.update((line.split()[1], None) for line in told.splitlines() if line.startswith("insmod"))
    folders = ("bin", "m", "proc", "sys", "dev", "lower", "rw", "root")
    names = "\n".join(Path(path).name for path in order)
    return _cpio(
        [
            *((name, stat.S_IFDIR | 0o755, b"") for name in folders),
            ("bin/busybox", stat.S_IFREG | 0o755, Path("/bin/busybox").read_bytes()),
            ("init", stat.S_IFREG | 0o755, init.encode()),
            ("modules", stat.S_IFREG | 0o644, names.encode()),
            *((f"m/{Path(path).name}", stat.S_IFREG | 0o644, Path(path).read_bytes()) for path in order),
        ]
    )


def _cpio(entries: Iterable[tuple[str, int, bytes]]) -> bytes:
    """The "newc" format (Linux, Documentation/driver-api/early-userspace/buffer-format.rst)."""
    out = bytearray()
    for number, (name, mode, data) in enumerate((*entries, ("TRAILER!!!", 0, b"")), 1):
        raw = name.encode() + b"\0"
        fields: Sequence[int] = (number, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(raw), 0)
        out += b"070701" + b"".join(b"%08X" % field for field in fields) + raw
        out += b"\0" * (-len(out) % 4) + data
        out += b"\0" * (-len(out) % 4)
    return bytes(out)
