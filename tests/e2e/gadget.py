"""A recorder of any identity: the guest plays it itself, on a USB port of its own (`dummy_hcd`).

QEMU's storage has one maker's ids; here vendor, product and INQUIRY are free, and a disk may have no medium. The
image lies in the guest's memory meanwhile.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.e2e.cards import files_on
from tests.e2e.machine import Machine, script

CONTROLLER = "dummy_hcd.0"
_AT = "/sys/kernel/config/usb_gadget/recorder"
_LUN = f"{_AT}/functions/mass_storage.0/lun.0"
_IMAGE = "/dev/shm/gadget.img"


class Gadget:
    """One recorder at the port ``usb:dummy_hcd.0/1``."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        machine.run(
            script(
                [
                    "for m in libcomposite usb_f_mass_storage dummy_hcd; do modprobe $m; done",
                    "mountpoint -q /sys/kernel/config || mount -t configfs none /sys/kernel/config",
                ]
            )
        )

    def show(self, *, vid: int, pid: int, inquiry: str, medium: Path | None) -> None:
        """Plug it. ``inquiry``: vendor (8), product (16), revision (4)."""
        if medium is not None:
            shutil.copyfile(medium, self._machine.share / "gadget.img")
            self._machine.run(f"cp --sparse=always /run/rig/gadget.img {_IMAGE}")
        self._machine.run(
            script(
                [
                    f"mkdir {_AT}; cd {_AT}; echo {vid:#06x} >idVendor; echo {pid:#06x} >idProduct",
                    "mkdir strings/0x409 configs/c.1 functions/mass_storage.0",
                    "echo GADGET1 >strings/0x409/serialnumber; echo Invented >strings/0x409/manufacturer",
                    "echo Recorder >strings/0x409/product",
                    f"echo 1 >{_LUN}/removable; echo '{inquiry}' >{_LUN}/inquiry_string",
                    "" if medium is None else f"echo {_IMAGE} >{_LUN}/file",
                    "ln -s functions/mass_storage.0 configs/c.1/; echo dummy_udc.0 >UDC",
                ]
            )
        )

    def leave(self) -> None:
        """Unplug it."""
        self._machine.run(
            script(
                [
                    f"cd {_AT}; echo >UDC; rm configs/c.1/mass_storage.0",
                    "rmdir configs/c.1 functions/mass_storage.0 strings/0x409; cd /; rmdir " + _AT,
                ]
            )
        )

    def files(self) -> set[str]:
        """What is on its medium now."""
        self._machine.run(f"cp {_IMAGE} /run/rig/gadget.img")
        return files_on(self._machine.share / "gadget.img")
