"""Recorders that are plugged in and not in disk mode: by what they are known. Data, PURE.

Such a recorder talks a maker's own language until its software, or a key on it, switches it to disk mode
(SetMSDC of the common SDKs). ingestd does not speak those languages: what is not a plain disk is named, and a
person switches it. Ids and texts of a device are claims: a name on the board rests on them, nothing else does.
"""

from __future__ import annotations

from dataclasses import dataclass

from ingestd.device.usb import UsbDevice


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorMode:
    """One maker's mode. Every mark that is given must fit."""

    maker: str
    vid: int | None = None
    pid: int | None = None
    inquiry: str | None = None
    """How vendor, model and revision of the SCSI INQUIRY begin, written together without spaces."""
    as_storage: bool = False
    """It shows itself as storage, without a medium."""


MODES = (
    # text commands over bulk endpoints of an interface of its own
    VendorMode(maker="Ambarella", vid=0x4255, pid=0x0001),
    # SCSI pass-through, 16-byte commands 0xFB and 0xFD; the ids are those of many chip sets
    VendorMode(maker="Jieli", inquiry="DV16DEVICEV1.", as_storage=True),
    # SCSI pass-through, command 0xC5; the vendor id is also on keyboards, so only where there is storage
    VendorMode(maker="Novatek", vid=0x0603, as_storage=True),
)
"""The modes that are known, most telling first."""


def vendor_mode(device: UsbDevice) -> VendorMode | None:
    """The mode in which this device is, None where nothing says so, or where it shows a disk all the same."""
    if device.parts:
        return None
    return next((mode for mode in MODES if _fits(mode, device)), None)


def _fits(mode: VendorMode, device: UsbDevice) -> bool:
    inquiries = ["".join(f"{b.vendor}{b.model}{b.rev}".split()) for b in device.blocks]
    return (
        mode.vid in (None, device.vid)
        and mode.pid in (None, device.pid)
        and (mode.inquiry is None or any(text.startswith(mode.inquiry) for text in inquiries))
        and (not mode.as_storage or bool(device.blocks))
    )
