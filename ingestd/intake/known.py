"""A recorder whose card says nothing, known again by its USB serial; and what is none, which is refused.

Many recorders name themselves in the names of their clips only: emptied, they are nobody. A USB serial is the
chip set's and may be that of every recorder of a make, so it counts only where a person enrolled a recorder
under it, or where the card holds no recording and just one recorder ever docked with it: then nothing can be
ascribed to the wrong one.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ingestd.canon import path_text
from ingestd.device.api import Identity
from ingestd.device.identity import SERIAL, Weighed, id_text
from ingestd.errors import NotARecorder
from ingestd.intake.card import Connected, Listing
from ingestd.intake.ports import Books
from ingestd.model import UNIDENTIFIED, CardPath, RecorderId
from ingestd.words import Text


def known_again(
    books: Books, connected: Connected, weighed: Weighed, listing: Listing
) -> tuple[Connected, Weighed]:
    """What was weighed, with the recorder by its USB serial where that can be told and nothing else does."""
    claims = connected.identity.claims
    if weighed.recorder != UNIDENTIFIED or any(
        claim.what == SERIAL for claim in (*claims, *(c for item in listing.items for c in item.claims))
    ):
        return connected, weighed
    told = {claim.what: claim.value for claim in claims}
    serial = told.get("usb_serial")
    if serial is None:
        return connected, weighed
    enrolled = RecorderId(id_text(serial))
    if books.recorder(enrolled) is not None:
        return _named(connected, weighed, enrolled, "enrolled under its USB serial")
    if any(item.kind.is_recording for item in listing.items):
        return connected, weighed
    docked = books.docked_with(told.get("usb_id", ""), serial)
    if len(docked) != 1:
        return connected, weighed
    return _named(connected, weighed, docked[0], "empty; USB serial as at an earlier docking")


def require_recorder(connected: Connected, weighed: Weighed, listing: Listing) -> None:
    """The second gate of a USB slot. Raises NotARecorder for a disk that nothing ties to the agency.

    Whoever plugs a stick of his own in has files on it that are no evidence: a layout of no known family, on a
    device that nobody enrolled, is not copied. A blank card has nothing to copy and is let be.
    """
    if weighed.recorder != UNIDENTIFIED or connected.identity.family is not None or not listing.has_files:
        return
    told = {claim.what: claim.value for claim in connected.identity.claims}
    raise NotARecorder(
        Text(
            "存储卡不是已知型式，设备也未登记：未采集，已拒绝。若确是记录仪，请登记（recorder enroll {s}）后重新接入",
            "a layout of no known family on a device that nobody enrolled: not copied, refused. If it is a "
            "recorder, enrol it (recorder enroll {s}) and dock it again",
        ).format(s=told.get("usb_serial", "—"))
    )


_HOME = b"ingestd.toml"
_PARTS = frozenset((b"checkpoints", b"keys", b"log", b"staging", b"vault"))
"""What lies beside it in every home (`vault.layout`)."""


def require_no_home(location: str, listing: Listing) -> None:
    """No home of ingestd is a recorder, none lies on one. Raises NotARecorder.

    Docked by mistake, it would be copied for others to read, keys and all, and then deleted.
    """
    found = _home_above(location) or _home_within([item.path for item in listing.items])
    if found is not None:
        raise NotARecorder(
            Text(
                "其中有 ingestd 的证据库（{f}），不是记录仪：未采集，未作任何改动。请更正槽位的 location；"
                "若确是记录仪，查明是谁把它放上去的",
                "it is of a home of ingestd, or holds one ({f}), and is no recorder: nothing was copied, nothing "
                "changed. Correct the slot's location; if it is a recorder, find out who put that there",
            ).format(f=path_text(found))
        )


def _home_above(location: str) -> CardPath | None:
    """The configuration of the home of which a folder is a part."""
    place = Path(os.path.realpath(location)) if location.startswith("/") else Path()
    for above, part in zip(place.parents, reversed(place.parts), strict=False):
        if os.fsencode(part) in _PARTS and (above / os.fsdecode(_HOME)).exists():
            return CardPath(os.fsencode(above) + b"/" + _HOME)
    return None


def _home_within(paths: Sequence[CardPath]) -> CardPath | None:
    """The configuration of a home that lies there."""
    for config in paths:
        folder, name = os.path.split(config)
        start = folder + b"/" if folder else b""
        if name == _HOME and any(
            path.startswith(start) and path[len(start) :].split(b"/", 1)[0] in _PARTS for path in paths
        ):
            return config
    return None


def _named(
    connected: Connected, weighed: Weighed, recorder: RecorderId, why: str
) -> tuple[Connected, Weighed]:
    identity: Identity = connected.identity
    identity = replace(identity, evidence=(*identity.evidence, why))
    return replace(connected, identity=identity), replace(weighed, recorder=recorder)
