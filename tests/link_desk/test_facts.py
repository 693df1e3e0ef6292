"""The facts of linking as a real docking leaves them: the clock's own claim, and who says who had the recorder."""

from __future__ import annotations

from pathlib import Path

from ingestd.clock import StationClock
from ingestd.events import RecorderAssigned
from ingestd.index.database import reading
from ingestd.link_desk.facts import Facts
from ingestd.linking.facts import ClipFact
from ingestd.linking.link import link
from ingestd.media.samples import make_sample
from ingestd.model import Millis, RecorderId
from ingestd.station import Station
from ingestd.testing.recorder import CardBuilder
from tests.rig import Rig

MINUTE = 60_000
WRONG_MS = 4 * MINUTE


LASTS_MS = 4_000


def docked(rig: Rig, folder: Path, *, begins: tuple[int, ...]) -> list[ClipFact]:
    """Clips of four seconds from these seconds on, by a recorder whose clock is four minutes ahead."""
    now = StationClock().now()
    card = CardBuilder(folder, "e12-old", serial="YZ00417", officer="104233", clock_error_ms=WRONG_MS)
    for number, begin in enumerate(begins):
        started = Millis(now // 1000 * 1000 - 300 * MINUTE + begin * 1000)
        sample = folder.with_name(f"{number}.mp4")
        make_sample(sample, kind="h264-mp4", seconds=LASTS_MS / 1000, text=str(number))
        card.clip(sample, started=started, duration_ms=LASTS_MS, sequence=number + 1)
    rig.intake(folder)
    station = Station.open(rig.root, StationClock())
    try:
        said = RecorderAssigned(
            recorder=RecorderId("YZ00417"), officer="5", mode="permanent", since_at=Millis(now // 2)
        )
        station.books.append([said])
        with reading(station.engine) as connection:
            found = Facts(connection, station.home).docked(Millis(now - 1000 * MINUTE))
            return sorted(found, key=lambda one: one.sequence or 0)
    finally:
        station.close()


def test_what_the_clock_showed_is_the_names_time(tmp_path: Path) -> None:
    """The claim is the recorder's own reading, as local time, to FAT's two seconds, whatever the interval is."""
    now = StationClock().now()
    first, second = docked(Rig(tmp_path / "h"), tmp_path / "card", begins=(0, 3600))
    assert first.claimed is not None
    assert second.claimed is not None
    assert (
        abs(second.claimed - first.claimed - 60 * MINUTE) <= 2000
    )  # file times come in steps of two seconds
    assert abs(first.claimed - (now - 300 * MINUTE + WRONG_MS)) < MINUTE
    assert not first.clock_doubtful


def test_who_had_it_is_told_with_where_it_says_so(tmp_path: Path) -> None:
    """The name names one officer, the assignment another: both are claims, the assignment with its time."""
    (only,) = docked(Rig(tmp_path / "h"), tmp_path / "card", begins=(0,))
    by_basis = {one.basis: one for one in only.officers}
    assert by_basis["file-name"].officer == "104233"
    assert by_basis["assignment"].officer == "5"
    assert by_basis["assignment"].since is not None
    assert by_basis["assignment"].until is None


def test_segments_of_one_recording_are_one(tmp_path: Path) -> None:
    """Two files without a pause between them get one answer, a third after a pause its own."""
    clips = docked(Rig(tmp_path / "h"), tmp_path / "card", begins=(0, 4, 60))
    by_clip = {one.acquisition: len(one.recording) for one in link(clips, []).all()}
    assert [by_clip[one.acquisition] for one in clips] == [2, 2, 1]


def test_a_manifest_that_is_gone_says_nothing(tmp_path: Path) -> None:
    """Linking then has the interval and the assignment; nothing fails."""
    rig = Rig(tmp_path / "h")
    docked(rig, tmp_path / "card", begins=(0,))
    for manifest in (rig.root / "vault/manifests").rglob("*.json"):
        manifest.unlink()
    station = Station.open(rig.root, StationClock())
    try:
        with reading(station.engine) as connection:
            (only,) = Facts(connection, station.home).docked(Millis(0))
    finally:
        station.close()
    assert only.claimed is None
    assert {one.basis for one in only.officers} == {"card", "assignment"}
