"""The first gate: only a recorder's disk passes, and everything else is refused with its reason, unopened."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestd.device import gate
from ingestd.device.gate import CLASSES, Gate
from ingestd.device.modes import MODES
from ingestd.device.usb import Block, Interface, Part, UsbDevice
from ingestd.model import Claim
from ingestd.portpath import PortPath
from tests.sysfs import HUB, KEYBOARD, MTP, STORAGE, VENDOR

DISK = Part(name="sdb1", device="8:17", size=1 << 30)
WEBCAM, NETWORK, WIRELESS = (14, 1, 0), (2, 6, 0), (0xE0, 1, 3)


def block(*parts: Part, vendor: str = "Invented", model: str = "BodyCam", rev: str = "1.00") -> Block:
    return Block(
        name="sdb", size=sum(p.size for p in parts), read_only=False, sequence=1,
        vendor=vendor, model=model, rev=rev, parts=parts,
    )  # fmt: skip


def device(
    *interfaces: Interface, blocks: tuple[Block, ...] = (), vid: int = 0x1234, pid: int = 1, product: str = ""
) -> UsbDevice:
    return UsbDevice(
        port=PortPath(controller="0000:00:14.0", chain=(3,)),
        address=(1, 5),
        vid=vid,
        pid=pid,
        serial="BWC-1",
        manufacturer="Invented",
        product=product,
        interfaces=interfaces,
        speed=480,
        authorized=True,
        blocks=blocks,
    )


def test_a_disk_passes() -> None:
    """Mass storage with something to mount."""
    assert gate.judge(device(STORAGE, blocks=(block(DISK),))).gate is Gate.STORAGE


@pytest.mark.parametrize("beside", [VENDOR, WEBCAM, MTP, (1, 1, 0), (0xFE, 1, 1)])
def test_a_disk_beside_what_cannot_harm_passes(beside: Interface) -> None:
    """Recorders show a debugging port, a webcam, a microphone beside their disk."""
    assert gate.judge(device(STORAGE, beside, blocks=(block(DISK),))).gate is Gate.STORAGE


@pytest.mark.parametrize("beside", [KEYBOARD, NETWORK, WIRELESS, (0x0A, 0, 0), (0x0B, 0, 0), (7, 1, 2)])
def test_a_disk_that_also_types_or_speaks_to_a_network_is_refused(beside: Interface) -> None:
    """No recorder is a keyboard: such a device attacks."""
    verdict = gate.judge(device(beside, STORAGE, blocks=(block(DISK),)))
    assert verdict.gate is Gate.REFUSED
    assert "refused" in verdict.text.en


def test_a_keyboard_is_refused_by_name() -> None:
    """The board says what it is, in both languages, and that it was not opened."""
    verdict = gate.judge(device(KEYBOARD))
    assert verdict.gate is Gate.REFUSED
    assert verdict.gate.is_refusal
    assert verdict.text.en == "no recorder: an input device (keyboard, mouse). Not opened, refused"
    assert "键盘" in verdict.text.zh
    assert "已拒绝" in verdict.text.zh


@given(st.lists(st.tuples(*[st.integers(0, 255)] * 3), max_size=4).map(tuple))
def test_nothing_without_storage_ever_passes(interfaces: tuple[Interface, ...]) -> None:
    """Whatever interfaces a device has: without mass storage nothing is looked at; with, only a disk is."""
    verdict = gate.judge(device(*interfaces, blocks=(block(DISK),)))
    assert verdict.gate is not Gate.STORAGE or any(kind == 8 for kind, _, _ in interfaces)
    assert verdict.text.zh
    assert verdict.text.en


def test_a_hub_is_followed_and_said() -> None:
    """In a slot's own socket a hub is no recorder, but no refusal either."""
    verdict = gate.judge(device(HUB))
    assert verdict.gate is Gate.HUB
    assert not verdict.gate.is_refusal


@pytest.mark.parametrize(
    ("interfaces", "product"), [((MTP,), "Phone"), ((VENDOR,), "Recorder MTP"), ((VENDOR, MTP), "")]
)
def test_mtp_is_named(interfaces: tuple[Interface, ...], product: str) -> None:
    """A recorder on Android: what to do is said."""
    verdict = gate.judge(device(*interfaces, product=product))
    assert verdict.gate is Gate.MTP
    assert "disk mode" in verdict.text.en


def test_a_device_of_no_interface_is_refused() -> None:
    """Held back by udev rules, or not configured: nothing is known of it."""
    assert gate.judge(device()).gate is Gate.REFUSED


def test_storage_without_a_disk_is_waited_for() -> None:
    """The kernel needs a second; then it is said that there is no disk."""
    assert gate.judge(device(STORAGE)).gate is Gate.WAIT
    late = gate.judge(device(STORAGE), waited=True)
    assert late.gate is Gate.NO_DISK
    assert late.gate.is_refusal


def test_an_empty_reader_is_no_refusal() -> None:
    """A card reader without a card is an empty slot; a recorder may have to be switched."""
    verdict = gate.judge(device(STORAGE, blocks=(block(),)))
    assert verdict.gate is Gate.NO_MEDIUM
    assert not verdict.gate.is_refusal


# --- recorders in their makers' modes --------------------------------------------------------------

IN_MODE = {
    "Ambarella": device(VENDOR, vid=0x4255, pid=0x0001),
    "Jieli": device(STORAGE, blocks=(block(vendor="DV16", model="DEVICE", rev="V1.00"),)),
    "Novatek": device(STORAGE, vid=0x0603, pid=0x8611, blocks=(block(),)),
}


def test_every_mode_of_the_table_has_its_example() -> None:
    """Whoever adds a mode adds a device that is in it."""
    assert [mode.maker for mode in MODES] == list(IN_MODE)


@pytest.mark.parametrize("maker", IN_MODE)
def test_a_recorder_in_vendor_mode_is_named(maker: str) -> None:
    """The board says which maker's mode it is and what to do."""
    verdict = gate.judge(IN_MODE[maker])
    assert verdict.gate is Gate.VENDOR_MODE
    assert verdict.text.en == f"the recorder is still in vendor mode ({maker}): switch it to disk mode"


@pytest.mark.parametrize("inquiry", [("DV16", "DEVICE", "V1.0"), ("DV16 DEV", "ICE V1.00", "")])
def test_an_inquiry_text_counts_wherever_its_fields_end(inquiry: tuple[str, str, str]) -> None:
    """Eight, sixteen and four characters: makers do not mind the borders."""
    vendor, model, rev = inquiry
    shown = device(STORAGE, blocks=(block(vendor=vendor, model=model, rev=rev),))
    assert gate.judge(shown).gate is Gate.VENDOR_MODE


@pytest.mark.parametrize(
    "switched",
    [
        device(STORAGE, vid=0x4255, pid=0x0001, blocks=(block(DISK),)),
        device(STORAGE, blocks=(block(DISK, vendor="DV16", model="DEVICE", rev="V1.00"),)),
        device(STORAGE, vid=0x0603, blocks=(block(DISK),)),
    ],
)
def test_once_it_shows_its_disk_it_passes(switched: UsbDevice) -> None:
    """Ids are shared and kept across modes: a disk that is there counts more."""
    assert gate.judge(switched).gate is Gate.STORAGE


def test_a_keyboard_of_a_recorder_chip_maker_is_a_keyboard() -> None:
    """Novatek's id is on keyboards too."""
    assert gate.judge(device(KEYBOARD, vid=0x0603, pid=0x1002)).gate is Gate.REFUSED


def test_classes_have_words() -> None:
    """Each class of the table in both languages."""
    assert all(text.zh and text.en for text in CLASSES.values())


# --- what it says of itself --------------------------------------------------------------------------


def test_claims_name_their_source() -> None:
    """For the second gate and the log; a USB serial is not taken for the recorder's own."""
    told = gate.claims(device(STORAGE, blocks=(block(DISK), block(DISK)), product="Body Camera"))
    assert told == (
        Claim(what="usb_id", value="1234:0001", source="usb"),
        Claim(what="usb_serial", value="BWC-1", source="usb"),
        Claim(what="maker", value="Invented", source="usb"),
        Claim(what="model", value="Body Camera", source="usb"),
        Claim(what="model", value="Invented BodyCam 1.00", source="inquiry"),
    )
