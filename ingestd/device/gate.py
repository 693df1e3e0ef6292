"""The first gate: what a plugged device is by its interfaces, unopened, and whether it is looked at. PURE.

Only mass storage passes. All else is refused with its reason and never opened: a keyboard, a network card, a
phone. A device that shows storage and can also type or speak to a network is no recorder, whatever else it is.
What passed is weighed again by what lies on it (the second gate: the driver's score and the card's claims).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from ingestd.device.modes import vendor_mode
from ingestd.device.usb import HUB_CLASS, STORAGE_CLASS, Interface, UsbDevice
from ingestd.model import Claim
from ingestd.words import Text


class Gate(StrEnum):
    """What the first gate says."""

    STORAGE = "storage"
    """A disk with something to mount: to be looked at."""
    WAIT = "wait"
    """Storage whose disk the kernel has not found yet."""
    NO_MEDIUM = "no-medium"
    """Storage without a medium: an empty card reader, or a recorder that shows its disk on request only."""
    HUB = "hub"
    """Followed: what is behind it counts."""
    VENDOR_MODE = "vendor-mode"
    """A recorder that must be switched to disk mode."""
    MTP = "mtp"
    """Speaks MTP or PTP, as phones and cameras do."""
    REFUSED = "refused"
    """Nothing that could be a recorder's disk."""
    NO_DISK = "no-disk"
    """Storage that shows no disk, however long it is waited for."""

    @property
    def is_refusal(self) -> bool:
        """Whether a person must act: logged, a finding, and said on the board."""
        return self in (Gate.VENDOR_MODE, Gate.MTP, Gate.REFUSED, Gate.NO_DISK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The gate's answer with its reason in words."""

    gate: Gate
    text: Text


WAITING = Text("已插入，正在等待磁盘出现", "plugged in, waiting for its disk")
STILL_IMAGE_CLASS, VENDOR_CLASS = 0x06, 0xFF
_MTP_NAMES = frozenset({"mtp", "ptp"})
CLASSES: dict[int, Text] = {
    0x01: Text("声音设备", "a sound device"),
    0x02: Text("通信设备（调制解调器、网卡）", "a communication device (modem, network)"),
    0x03: Text("键盘、鼠标一类的输入设备", "an input device (keyboard, mouse)"),
    0x05: Text("力反馈设备", "a physical-feedback device"),
    STILL_IMAGE_CLASS: Text("相机（PTP/MTP）", "a still camera (PTP/MTP)"),
    0x07: Text("打印机", "a printer"),
    STORAGE_CLASS: Text("存储设备", "mass storage"),
    HUB_CLASS: Text("集线器", "a hub"),
    0x0A: Text("通信数据接口", "a communication data interface"),
    0x0B: Text("智能卡读卡器", "a smart card reader"),
    0x0D: Text("内容安全设备", "a content security device"),
    0x0E: Text("摄像头", "a webcam"),
    0x0F: Text("个人健康设备", "a personal health device"),
    0x10: Text("音视频设备", "an audio/video device"),
    0x11: Text("USB-C 告示设备", "a USB-C billboard device"),
    0xDC: Text("诊断设备", "a diagnostic device"),
    0xE0: Text("无线适配器", "a wireless adapter"),
    0xEF: Text("复合设备", "a composite device"),
    0xFE: Text("固件升级接口", "a firmware update interface"),
    VENDOR_CLASS: Text("厂商自定义设备", "a device of its maker's own kind"),
}
"""Interface classes by name (USB-IF, Defined Class Codes)."""
NEVER_BESIDE_STORAGE = frozenset({0x02, 0x03, 0x07, 0x0A, 0x0B, 0xE0})
"""Kinds that type, print, or reach a network: no recorder's disk comes with one."""


def judge(device: UsbDevice, *, waited: bool = False) -> Verdict:
    """What a device is; ``waited`` once the kernel had time enough to find its disk."""
    if device.is_hub:
        return Verdict(
            gate=Gate.HUB,
            text=Text(
                "集线器：请把它的每个插口设为槽位（ingestd slot learn）",
                "a hub: make a slot of each of its ports (ingestd slot learn)",
            ),
        )
    mode = vendor_mode(device)
    if mode is not None:
        return Verdict(
            gate=Gate.VENDOR_MODE,
            text=Text(
                "记录仪仍在厂商模式（{m}）：请切换到磁盘（U 盘）模式",
                "the recorder is still in vendor mode ({m}): switch it to disk mode",
            ).format(m=mode.maker),
        )
    never = [one for one in device.interfaces if one[0] in NEVER_BESIDE_STORAGE]
    if device.is_storage and never:
        return _refused(never)
    if device.is_storage:
        return _storage(device, waited=waited)
    if is_mtp(device):
        return Verdict(
            gate=Gate.MTP,
            text=Text(
                "设备以 MTP/PTP（手机、相机）方式连接，未打开：请切换到磁盘（U 盘）模式",
                "the device speaks MTP/PTP like a phone or camera and was not opened: switch it to disk mode",
            ),
        )
    return _refused(device.interfaces)


def is_mtp(device: UsbDevice) -> bool:
    """A still-image interface, or a maker's own interface on a device that calls itself MTP or PTP."""
    words = set(device.product.lower().replace("/", " ").split())
    kinds = {kind for kind, _, _ in device.interfaces}
    return STILL_IMAGE_CLASS in kinds or (VENDOR_CLASS in kinds and bool(words & _MTP_NAMES))


def _storage(device: UsbDevice, *, waited: bool) -> Verdict:
    if device.parts:
        return Verdict(gate=Gate.STORAGE, text=Text("存储设备", "mass storage"))
    if device.blocks:
        return Verdict(
            gate=Gate.NO_MEDIUM,
            text=Text(
                "没有存储卡，或记录仪未切换到磁盘（U 盘）模式",
                "no card in it, or the recorder was not switched to disk mode",
            ),
        )
    if waited:
        return Verdict(
            gate=Gate.NO_DISK,
            text=Text(
                "存储设备没有给出磁盘，未能读取：请换线或换槽位，或送检",
                "storage that shows no disk, so nothing can be read: try another cable or slot, or have it examined",
            ),
        )
    return Verdict(gate=Gate.WAIT, text=WAITING)


def _refused(interfaces: Iterable[Interface]) -> Verdict:
    kinds = sorted({kind for kind, _, _ in interfaces})
    unknown = Text("未知设备", "an unknown device")
    names = [CLASSES.get(kind, unknown) for kind in kinds] or [
        Text("没有可用接口的设备", "a device without an interface in use")
    ]
    return Verdict(
        gate=Gate.REFUSED,
        text=Text("不是记录仪：{zh}。未打开，已拒绝", "no recorder: {en}. Not opened, refused").format(
            zh="、".join(name.zh for name in names), en=", ".join(name.en for name in names)
        ),
    )


def claims(device: UsbDevice) -> tuple[Claim, ...]:
    """What the device says of itself on the USB, for the second gate and the log.

    Not called ``serial``: many recorders of one make have the same USB serial, which is the chip set's.
    """
    told = [
        ("usb_id", device.usb_id, "usb"),
        ("usb_serial", device.serial, "usb"),
        ("maker", device.manufacturer, "usb"),
        ("model", device.product, "usb"),
        *(("model", " ".join(filter(None, (b.vendor, b.model, b.rev))), "inquiry") for b in device.blocks),
    ]
    return tuple(
        dict.fromkeys(Claim(what=what, value=value, source=source) for what, value, source in told if value)
    )
