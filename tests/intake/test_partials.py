"""What recovery does with partial folders: damaged records, and two who look at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from ingestd.clock import StationClock
from ingestd.errors import NoSpaceError
from ingestd.events import Event
from ingestd.intake.partials import Partials
from ingestd.intake.ports import Live, LiveState
from ingestd.intake.services import Services
from ingestd.intake.session import Session
from ingestd.intake.slot import dock_once
from ingestd.model import SlotName
from ingestd.station import Station, create
from ingestd.testing.recorder import SimulatedRecorder
from ingestd.words import Text
from tests.rig import STARTED, Rig, noise


@pytest.mark.parametrize(("copied", "stays"), [(b"", False), (b"evidence", True)])
def test_bytes_are_never_dropped_with_a_damaged_record(tmp_path: Path, copied: bytes, stays: bool) -> None:
    """Nothing copied yet: the folder goes. Bytes copied and the record damaged since: left as it is."""
    root = tmp_path / "home"
    create(root, agency="a", station="s", policy="baseline", csr=False, clock=StationClock())
    folder = root / "vault" / "partial" / "0197a0b2-0001-7000-8000-0123456789ab"
    folder.mkdir()
    (folder / "intake.json").write_bytes(b'{"format":')
    (folder / "bytes").write_bytes(copied)
    (folder / "chunks").write_bytes(b"")
    station = Station.open(root, StationClock())
    try:
        station.recover()
        assert folder.exists() == stays
        if stays:
            assert (folder / "bytes").read_bytes() == copied
    finally:
        station.close()


def test_what_another_pass_has_at_hand_is_not_copied_again(tmp_path: Path) -> None:
    """A full disk left a copy in its folder: the next docking waits for who secures it, and copies nothing twice."""
    rig = Rig(tmp_path / "home")
    recorder = SimulatedRecorder(tmp_path / "recorder").describe(serial="KD00001").dock()
    recorder.card("dcim").file("DCIM/100MEDIA/IMG_0001.MP4", noise(3_000_000), mtime=STARTED)
    station = Station.open(rig.root, StationClock())
    at_hand, go_on = threading.Event(), threading.Event()

    def dock(services: Services) -> Session:
        return dock_once(
            services,
            name=SlotName("1"),
            driver="simulated",
            target=station.driver("simulated").target,
            location=recorder.location,
            hang_s=20,
            release=True,
            live=Live(LiveState(slot=SlotName("1"))),
        )

    def is_full(_event: Event) -> Sequence[Event]:
        raise NoSpaceError(Text("满", "full"))

    def waits(_event: Event) -> Sequence[Event]:
        at_hand.set()
        assert go_on.wait(60)
        return ()

    try:
        assert isinstance(dock(judged_by(station.services, is_full)).error, NoSpaceError)
        assert rig.events("clip.secured") == []
        slow = judged_by(station.services, waits).partials
        other = threading.Thread(target=slow.recover)
        other.start()
        assert at_hand.wait(60)
        ended: list[Session] = []
        docking = threading.Thread(
            target=lambda: ended.append(dock(replace(station.services, partials=slow)))
        )
        docking.start()
        docking.join(2)
        assert not ended
        go_on.set()
        other.join(60)
        docking.join(60)
        assert [session.outcome for session in ended] == ["clear"]
    finally:
        go_on.set()
        station.close()
    assert [event["data"]["path"] for event in rig.events("clip.secured")] == ["DCIM/100MEDIA/IMG_0001.MP4"]
    assert len(rig.events("clip.released")) == 1
    assert rig.partials() == []
    rig.is_whole()


def judged_by(services: Services, judge: Callable[[Event], Sequence[Event]]) -> Services:
    """The same services, but what a stored clip needs is said by this."""
    acquirer = replace(services.acquirer, judge=judge)
    return replace(services, acquirer=acquirer, partials=Partials(acquirer))
