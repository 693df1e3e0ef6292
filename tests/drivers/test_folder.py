"""The folder driver: the suite, and what is its own."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from ingestd import watching
from ingestd.errors import DeviceGone
from ingestd.testing.driver_suite import DriverSuite, Place
from ingestd.testing.recorder import CardBuilder
from ingestd_drivers.folder import Folder


class TestFolder(DriverSuite):
    """Every promise of the contract."""

    driver = Folder()

    def place(self, folder: Path) -> Place:
        (folder / "card").mkdir()
        return Place(location=str(folder / "card"), card=folder / "card")

    def change_card(self, place: Place) -> None:
        place.card.rename(place.card.with_name("old"))
        place.card.mkdir()


def test_a_removed_root_is_gone(tmp_path):
    """A root folder that was deleted is no empty card: the volume says that the recorder is gone."""
    card = tmp_path / "card"
    card.mkdir()
    volume = Folder().connect(str(card))
    card.rmdir()
    with pytest.raises(DeviceGone, match="stays secured"):
        volume.alive()
    volume.close()


def test_a_file_is_no_place(tmp_path):
    """Where a file stands, the folder driver speaks to nothing, and presence cannot be told."""
    (tmp_path / "file").write_bytes(b"")
    assert Folder().score(str(tmp_path / "file")).value == 0
    with pytest.raises(NotADirectoryError):
        Folder().present(str(tmp_path / "file"))


def test_a_known_family_scores_higher(tmp_path):
    """A card of a known family is a better guess than any folder, and a simulated one better still."""
    CardBuilder(tmp_path / "known", "e12-new").clip(b"x", started=1_763_712_000_000)
    (tmp_path / "any").mkdir()
    known, unknown = (Folder().score(str(tmp_path / name)) for name in ("known", "any"))
    assert 0 < unknown.value < known.value < 100


def _later(act):
    timer = threading.Timer(0.2, act)
    timer.start()
    return timer


def test_a_change_ends_the_wait(tmp_path):
    """A file that appears, and a folder that appears at the place, end the wait early."""
    for change, location in (
        ((tmp_path / "new.mp4").touch, tmp_path),
        ((tmp_path / "later").mkdir, tmp_path / "later"),
    ):
        timer = _later(change)
        started = time.monotonic()
        Folder().wait(str(location), 10)
        timer.join()
        assert time.monotonic() - started < 5


def test_a_change_between_two_waits_ends_the_second(tmp_path):
    """The watch goes on between looks: what happens then is not slept over. The third waits in full."""
    driver = Folder()
    driver.wait(str(tmp_path), 0.1)
    (tmp_path / "new.mp4").touch()
    started = time.monotonic()
    driver.wait(str(tmp_path), 10)
    assert time.monotonic() - started < 5
    started = time.monotonic()
    driver.wait(str(tmp_path), 0.3)
    assert time.monotonic() - started >= 0.29


def test_an_unchanged_place_is_waited_for_in_full(tmp_path):
    """Nothing happens: the wait lasts as long as asked; also where there is nothing to watch."""
    for location in (tmp_path, tmp_path / "no" / "such"):
        started = time.monotonic()
        Folder().wait(str(location), 0.3)
        assert 0.29 <= time.monotonic() - started < 3


def test_a_place_that_cannot_be_watched_is_slept_for(tmp_path, monkeypatch):
    """Without watches left (ENOSPC) the wait is a plain sleep."""

    class NoWatches(watching.Observer):
        def start(self):
            raise OSError(28, "inotify watch limit reached")

    monkeypatch.setattr(watching, "Observer", NoWatches)
    started = time.monotonic()
    Folder().wait(str(tmp_path), 0.2)
    assert time.monotonic() - started >= 0.19
