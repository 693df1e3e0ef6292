"""The job that looks at picture and sound: by the daemon, over real files, and what the law makes of it."""

from __future__ import annotations

import hashlib
import shutil
import threading
from dataclasses import replace

import pytest

from ingestd.analysing import AnalysisJob
from ingestd.clock import StationClock
from ingestd.errors import IngestdError
from ingestd.index import queries
from ingestd.index.database import reading
from ingestd.link_desk.facts import Facts
from ingestd.model import Millis
from ingestd.station import Station
from ingestd.testing.recorder import SimulatedRecorder
from ingestd.vault.values import Values
from tests.media.analysis import scenes
from tests.media.analysis.test_tracks import sentence
from tests.rig import Rig, command, daemon, wait_for
from tests.test_law_desk import Office, linked

H265 = "ipcam/signed-video-framework-examples/test_h265.mp4"
SPOKEN = "codec/forensics-samples/movie-hello.avi"
NO_INDEX = "corrupt/mp4ff/init_truncated.mp4"


@pytest.fixture
def rig(tmp_path):
    return Rig(tmp_path / "home", analysis=True)


def card_of(shared, folder, *names):
    made = SimulatedRecorder(folder).describe(serial="KD00001").dock()
    card = made.card("dcim")
    for number, name in enumerate(names):
        card.file(f"DCIM/100MEDIA/A{number}{name[-4:].upper()}", shared / "corpus" / name)
    return made


def test_from_the_recorder_to_what_show_says(rig, tmp_path, shared):
    """Secured, then analysed in its child, once a content; the backlog stands in the status; a rebuild keeps it."""
    made = card_of(shared, tmp_path / "r", SPOKEN, H265, NO_INDEX)
    made.card("dcim").file("DCIM/100MEDIA/COPY.AVI", shared / "corpus" / SPOKEN)
    rig.slot("1", "simulated", made.folder)
    with daemon(rig) as running:
        running.until("1", "clear")
        assert rig.run("status", "--json").json["counts"]["unanalysed"] == 3
        assert "to be analysed" in rig.run("status").out
        assert "not analysed yet" in rig.run("show", "DCIM/100MEDIA/A0.AVI").out
        state = running.job("analysis", 60)
        assert (state["failures"], state["last_error"]) == (0, None)
        wait_for(lambda: len(rig.events("media.analysed")) == 3)
        running.job("analysis", 60)
    found = {
        event["data"]["duration_ms"] // 1000 if event["data"]["failure"] is None else None: event["data"]
        for event in rig.events("media.analysed")
    }
    assert set(found) == {8, 10, None}
    assert 300 <= found[8]["speech_from_ms"] <= 1_200
    assert found[8]["lead_ms"] == 30_000
    assert (found[10]["picture"], found[10]["sound"]) == ("there", "absent")
    assert found[None]["failure"] == "no-media"
    for rebuilt in (False, True):
        if rebuilt:
            assert rig.run("rebuild").code == 0
        assert rig.run("status", "--json").json["counts"]["unanalysed"] == 0
        assert "Speech begins at 00:00" in rig.run("show", "DCIM/100MEDIA/A0.AVI").out
        assert "Speech begins at 00:00" in rig.run("show", "DCIM/100MEDIA/COPY.AVI").out
        assert "no sound track" in rig.run("show", "DCIM/100MEDIA/A1.MP4").out
        assert "can't be analysed" in rig.run("show", "DCIM/100MEDIA/A2.MP4").out
    assert rig.run("show", "DCIM/100MEDIA/A0.AVI", "--json").json["analysis"]["data"]["sound"] == "there"
    rig.is_whole()


def test_the_law_hears_of_it(tmp_path, shared):
    """Where speech is asked for (REC-8, Lingchuan), a clip without any is a finding, one with it is none."""
    done = command(
        *(
            "init",
            "--home",
            tmp_path / "home",
            "--agency",
            "a",
            "--station",
            "s",
            "--policy",
            "lingchuan-gongxin",
        )
    )
    assert done.code == 0, done.err
    rig = Rig.__new__(Rig)
    rig.root = tmp_path / "home"
    made = card_of(shared, tmp_path / "r", SPOKEN, H265)
    rig.configure(previews=False).slot("1", "simulated", made.folder)
    with daemon(rig) as running:
        running.until("1", "clear")
        running.job("deadlines")
        assert "speech-missing" not in rig.findings()
        running.job("analysis", 60)
        running.job("deadlines")
        wait_for(lambda: "speech-missing" in rig.findings())
    assert rig.findings().count("speech-missing") == 1
    told = next(e["data"] for e in rig.events("finding.opened") if e["data"]["kind"] == "speech-missing")
    assert ["path", "DCIM/100MEDIA/A1.MP4"] in told["facts"]


def test_a_photo_is_looked_at(rig, tmp_path):
    """A code that it shows and where it was taken: facts of linking; what is no picture is told so."""
    made = SimulatedRecorder(tmp_path / "r").describe(serial="KD00001").dock()
    card = made.card("dcim")
    card.file("DCIM/100MEDIA/A.JPG", scenes.photo(tmp_path, "案号：案〔2026〕12号", size="1280x960"))
    card.file("DCIM/100MEDIA/B.JPG", b"\xff\xd8 broken off")
    rig.dock(made)
    assert "not analysed yet" in rig.run("show", "DCIM/100MEDIA/A.JPG").out
    station = Station.open(rig.root, StationClock())
    try:
        AnalysisJob(station, lambda: False).run(threading.Event())
        events = {event["data"]["failure"]: event["data"] for event in told(rig, station)}
        with reading(station.engine) as connection:
            linking = {one.codes: one for one in Facts(connection, station.home).docked(Millis(0))}
    finally:
        station.close()
    assert set(events) == {None, "no-media"}
    assert (events[None].get("duration_ms"), events[None]["lead_ms"]) == (None, 0)
    shown = linking["案〔2026〕12号",]
    assert (shown.track.points[0].lat, shown.track.points[0].lon) == (31.24, 121.475)
    said = rig.run("show", "DCIM/100MEDIA/A.JPG").out
    assert "案〔2026〕12号" in said
    assert "It tells where it was taken" in said
    assert "sound" not in said
    assert "can't be analysed" in rig.run("show", "DCIM/100MEDIA/B.JPG").out
    assert rig.run("status", "--json").json["counts"]["unanalysed"] == 0
    rig.is_whole()


@pytest.fixture
def station(rig, tmp_path, shared):
    rig.dock(card_of(shared, tmp_path / "r", SPOKEN, H265))
    opened = Station.open(rig.root, StationClock())
    yield opened
    opened.close()


def told(rig, station):
    station.books.ensure_published(station.log.size - 1)
    return rig.events("media.analysed")


def test_it_waits_for_intake(rig, station):
    """Not begun while a recorder is read; begun and stopped it tells nothing."""
    AnalysisJob(station, lambda: True).run(threading.Event())
    stop = threading.Event()
    asked = iter((False,))
    timer = threading.Timer(1.0, stop.set)
    timer.start()
    AnalysisJob(station, lambda: next(asked, True)).run(stop)
    timer.cancel()
    assert told(rig, station) == []


def test_a_clip_that_is_gone_holds_nobody_up(rig, station, monkeypatch):
    """What can't be opened is passed over until the next start; an analyser that is down is an error, no verdict."""
    (lost, other) = (event["data"] for event in rig.events("clip.secured"))
    place = rig.path_of(lost["sha256"])
    place.rename(place.with_suffix(".away"))
    job = AnalysisJob(station, lambda: False)
    with monkeypatch.context() as patched:
        patched.setattr("sys.executable", "/bin/false")
        with pytest.raises(IngestdError):
            job.run(threading.Event())
    job.run(threading.Event())
    assert [event["data"]["sha256"] for event in told(rig, station)] == [other["sha256"]]
    place.with_suffix(".away").rename(place)
    job.run(threading.Event())
    AnalysisJob(station, lambda: False).run(threading.Event())
    assert {event["data"]["sha256"] for event in told(rig, station)} == {lost["sha256"], other["sha256"]}


def test_places_are_personal(rig, tmp_path, shared):
    """The track of the NMEA file beside a clip is a value, its digest in the log: linking reads it, until erased."""
    made = SimulatedRecorder(tmp_path / "r").describe(serial="KD00001").dock()
    card = made.card("dcim")
    card.file("DCIM/100MEDIA/A.MP4", shared / "corpus" / H265)
    card.file("DCIM/100MEDIA/A.NMEA", sentence(1_790_000_000, 26.5, 110.25))
    rig.dock(made)
    station = Station.open(rig.root, StationClock())
    try:
        AnalysisJob(station, lambda: False).run(threading.Event())
        (event,) = told(rig, station)
        fields = Values(station.home).get(event["data"]["track_value"])
        with reading(station.engine) as connection:
            assert queries.is_value_referenced(connection, event["data"]["track_value"])
            (linking,) = Facts(connection, station.home).docked(Millis(0))
        Values(station.home).erase(event["data"]["track_value"])
        with reading(station.engine) as connection:
            (erased,) = Facts(connection, station.home).docked(Millis(0))
    finally:
        station.close()
    assert fields == {"timed_by": "satellite", "points": [[1_790_000_000_000, 26_500_000, 110_250_000, 100]]}
    assert linking.track.timed_by == "satellite"
    assert (linking.track.points[0].lat, linking.track.points[0].accuracy_m) == (26.5, 10.0)
    assert erased.track is None
    assert "110.25" not in str(event)
    assert "track of places" in rig.run("show", "DCIM/100MEDIA/A.MP4").out


def test_a_covered_lens_end_to_end(rig, tmp_path):
    """A film of 40 s in the dark behind the lens, by the command alone: told with its length."""
    clip = scenes.make(tmp_path, scenes.SCENES["covered lens"], size="320x240", seconds=40)
    made = SimulatedRecorder(tmp_path / "r").describe(serial="KD00001").dock()
    made.card("dcim").file("DCIM/100MEDIA/A.MP4", clip)
    rig.dock(made)
    station = Station.open(rig.root, StationClock())
    try:
        AnalysisJob(station, lambda: False).run(threading.Event())
        (event,) = told(rig, station)
    finally:
        station.close()
    (stretch,) = event["data"]["stretches"]
    assert (stretch["kind"], stretch["begin"], stretch["end"]) == ("black", 0, event["data"]["duration_ms"])
    assert "Black from begin to end" in rig.run("show", "DCIM/100MEDIA/A.MP4").out


def test_a_covered_lens_is_a_gap_in_the_act(tmp_path):
    """An act filmed whole is whole until its clip is analysed: black for longer than OWN-9 allows is not recorded."""
    office = Office(tmp_path / "home")
    try:
        cover = (
            "drawbox",
            {"w": "iw", "h": "ih", "color": "0x020202", "t": "fill", "enable": "between(t,10,52)"},
        )
        scene = scenes.Scene(filters=(cover, scenes.noise(5)))
        made = scenes.make(tmp_path, scene, size="320x240", seconds=60)
        clip = replace(office.clip(0, 0, 1), sha256=hashlib.sha256(made.read_bytes()).hexdigest())
        place = office.station.home.clips(clip.sha256)
        place.parent.mkdir(parents=True)
        shutil.copy(made, place)
        office.say(office.act(minutes=1), clip, linked(clip))
        office.clock.hours = 20
        assert office.look() == {}
        AnalysisJob(office.station, lambda: False).run(threading.Event())
        gaps = dict(office.look()["act-gaps act:a1"].facts)
        assert 38_000 <= gaps["missing_ms"] <= 42_000
    finally:
        office.station.close()
