"""Damaged vault files, duplicates, files removed elsewhere, claims that disagree."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from ingestd.actions.stored import StoredClip
from ingestd.clock import ClockState, StationClock
from ingestd.jobs import StationJobs
from ingestd.station import Station
from ingestd.testing.recorder import CardBuilder, SimulatedRecorder
from tests.rig import noise

MIB = 1 << 20
ONE, TWO = "DCIM/100MEDIA/IMG_0001.MP4", "DCIM/100MEDIA/IMG_0002.MP4"


@pytest.fixture
def card(tmp_path):
    builder = CardBuilder(tmp_path / "card", "ini")
    builder.identity()
    return builder


def rot(path, at=None):
    """One bit of a stored file turns over: in its middle, unless told where."""
    path.chmod(0o600)
    at = path.stat().st_size // 2 if at is None else at
    with path.open("r+b") as file:
        file.seek(at)
        byte = file.read(1)
        file.seek(at)
        file.write(bytes([byte[0] ^ 1]))
    path.chmod(0o444)


def jobs(rig, work, clock=None):
    """Run something with the jobs of an open station."""
    station = Station.open(rig.root, clock or StationClock())
    try:
        work(StationJobs(station, None, lambda: False), station)
        station.say_stopped("test")
    finally:
        station.close()


class Stop:
    """A stop event that is never set."""

    def is_set(self):
        return False

    def wait(self, _seconds):
        return False


def test_a_rotten_copy_is_found_by_a_duplicate_and_repaired(rig, card):
    """The new good copy takes its place, the rotten one is kept aside; both events, the finding ends."""
    data = noise(3 * MIB, 1)
    card.file(ONE, data)
    first = rig.intake(card.root)
    digest = first.files[ONE]["sha256"]
    rot(rig.path_of(digest))
    rotten = rig.path_of(digest).read_bytes()
    card.file(TWO, data)
    second = rig.intake(card.root)
    assert (second.code, second.files[TWO]["action"]) == (0, "secured")
    assert second.files[TWO]["duplicate_of"] == first.files[ONE]["acquisition"]
    assert rig.stored(digest) == data
    assert [e["data"]["found_by"] for e in rig.events("clip.damaged")] == ["duplicate"]
    assert [e["data"]["acquisition"] for e in rig.events("clip.repaired")] == [
        second.files[TWO]["acquisition"]
    ]
    assert rotten in [p.read_bytes() for p in (rig.root / "vault/damaged").rglob("*") if p.is_file()]
    assert "clip-damaged" not in rig.findings()
    rig.is_whole()


@pytest.mark.parametrize("hurt", ["bytes", "digests", "gone", "digests gone"])
def test_a_rotten_copy_is_found_before_a_release(rig, card, hurt):
    """A file still on the card whose held copy is rotten is read anew and repairs it; only then it goes."""
    data = noise(3 * MIB, 1)
    card.file(ONE, data)
    digest = rig.intake(card.root, "--no-release").files[ONE]["sha256"]
    path = rig.path_of(digest)
    digests = path.with_name(path.name + ".chunks")
    if hurt == "bytes":
        rot(path)
    elif hurt == "digests":
        rot(digests, 5)
    else:
        (path if hurt == "gone" else digests).unlink()
    done = rig.intake(card.root)
    assert (done.code, done.outcome, done.files[ONE]["action"]) == (0, "clear", "secured")
    assert next(e["data"]["found_by"] for e in rig.events("clip.damaged")) == "release"
    assert rig.stored(digest) == data
    assert not (card.root / ONE).exists()
    assert "clip-damaged" not in rig.findings()
    rig.is_whole()


def test_verify_lists_every_fault(rig, card):
    """`ingestd verify` names the damaged clip and where; exit 10; the others are well."""
    for path, seed in ((ONE, 1), (TWO, 2)):
        card.file(path, noise(3 * MIB, seed))
    done = rig.intake(card.root)
    rot(rig.path_of(done.files[ONE]["sha256"]), 2 * MIB + 7)
    verified = rig.run("verify", "--all", "--json")
    assert verified.code == 10
    faulty = {c["path"]: c["faults"] for c in verified.json["clips"] if not c["ok"]}
    assert set(faulty) == {ONE}
    assert any(fault["offset"] == 2 * MIB for fault in faulty[ONE])
    assert rig.run("verify", done.files[TWO]["sha256"]).code == 0


def test_the_re_verification_job_finds_it(rig, card):
    """Event and finding once; where the file is docked again, it is repaired."""
    data = noise(3 * MIB, 1)
    card.file(ONE, data)
    card.file(TWO, noise(MIB, 2))
    digest = rig.intake(card.root, "--no-release").files[ONE]["sha256"]
    rot(rig.path_of(digest))
    rig.configure(verify_cycle_days=1, verify_bytes_per_s=1_000_000_000)
    for _ in range(4):
        jobs(rig, lambda made, _station: made.verification(Stop()))
    assert [e["data"]["found_by"] for e in rig.events("clip.damaged")] == ["verification"]
    assert "clip-damaged" in rig.findings()
    rig.path_of(digest).chmod(0o644)
    rig.path_of(digest).write_bytes(data)  # put back by hand
    rig.path_of(digest).chmod(0o444)
    for _ in range(4):
        jobs(rig, lambda made, _station: made.verification(Stop()))
    (repaired,) = rig.events("clip.repaired")
    assert (repaired["actor"], repaired["data"]["acquisition"]) == ("daemon", None)
    assert "clip-damaged" not in rig.findings()
    rot(rig.path_of(digest))
    for _ in range(4):
        jobs(rig, lambda made, _station: made.verification(Stop()))
    verified = rig.events("vault.verified")
    assert sum(e["data"]["faults"] for e in verified) >= 1
    done = rig.intake(card.root)
    assert done.outcome == "clear"
    assert rig.stored(digest) == data
    assert "clip-damaged" not in rig.findings()
    rig.is_whole()


def test_two_who_find_it_at_once_say_it_once(rig, card):
    """A look, a person, the job: they read on their own, and one of them has the news."""
    card.file(ONE, noise(MIB, 1))
    one = rig.intake(card.root, "--no-release").files[ONE]

    def all_at_once(_jobs, station):
        crowd = [StoredClip(station, one["acquisition"]) for _ in range(8)]
        ready = Barrier(len(crowd))

        def report(stored):
            faults = stored.byte_faults()
            ready.wait(30)
            return stored.report((), faults, found_by="look")

        with ThreadPoolExecutor(len(crowd)) as pool:
            told = list(pool.map(report, crowd))
        assert sum(seq is not None for seq in told) == 1

    rot(rig.path_of(one["sha256"]))
    jobs(rig, all_at_once)
    rot(rig.path_of(one["sha256"]))  # the bit turned back
    jobs(rig, all_at_once)
    assert (len(rig.events("clip.damaged")), len(rig.events("clip.repaired"))) == (1, 1)


class Steps(StationClock):
    """The station's clock, which can be put back."""

    by_ms = 0

    def now(self):
        return super().now() + self.by_ms

    def state(self):
        state = super().state()
        return ClockState(
            synchronised=False, uncertainty_ms=state.uncertainty_ms, monotonic_ms=state.monotonic_ms
        )


def test_the_station_clock_steps_back(rig, card, recorder):
    """Event and finding; sequence numbers go on, and intake does."""
    clock = Steps()

    def work(made, _station):
        made.clock(None)
        clock.by_ms = -3_600_000
        made.clock(None)
        made.clock(None)

    jobs(rig, work, clock)
    (event,) = rig.events("clock.stepped")
    assert abs(event["data"]["by_ms"] + 3_600_000) < 2_000
    assert "station-clock-stepped" in rig.findings()
    recorder.card("dcim").file(ONE, b"after the step")
    assert rig.dock(recorder, clock=clock).outcome == "clear"
    seqs = [e["seq"] for e in rig.events()]
    assert seqs == list(range(len(seqs)))
    monotonic = [e["clock"]["monotonic_ms"] for e in rig.events()]
    assert monotonic == sorted(monotonic)
    rig.is_whole()


def test_same_name_size_and_time_with_other_bytes_is_another_clip(rig, card):
    """Both are kept; the first is not taken for the second."""
    first, other = noise(MIB, 1), noise(MIB, 2)
    card.file(ONE, first, mtime=1_790_000_000_000)
    one = rig.intake(card.root, "--no-release").files[ONE]
    card.file(ONE, other, mtime=1_790_000_000_000)
    done = rig.intake(card.root)
    two = done.files[ONE]
    assert (two["action"], done.outcome) == ("secured", "clear")
    assert two["acquisition"] != one["acquisition"]
    assert (rig.stored(one["sha256"]), rig.stored(two["sha256"])) == (first, other)


def test_removed_elsewhere(rig, card):
    """A secured file that was not released and is gone: event, finding; the others are proved and released."""
    for path, seed in ((ONE, 1), (TWO, 2)):
        card.file(path, noise(1000, seed))
    kept = rig.intake(card.root, "--no-release")
    (card.root / ONE).unlink()
    done = rig.intake(card.root)
    assert (done.code, done.outcome, done.files[TWO]["action"]) == (0, "clear", "held")
    (event,) = rig.events("clip.missing")
    assert event["data"]["acquisition"] == kept.files[ONE]["acquisition"]
    assert rig.findings().count("removed-elsewhere") == 1
    rig.intake(card.root)
    assert len(rig.events("clip.missing")) == 1
    rig.is_whole()


def test_docked_again_nothing_is_copied_twice(rig, card):
    """Held files are read again in full and proved; one acquisition each, however often it docks."""
    for path, seed in ((ONE, 1), (TWO, 2)):
        card.file(path, noise(1000, seed))
    for _ in range(3):
        done = rig.intake(card.root, "--no-release")
    assert {done.files[p]["action"] for p in (ONE, TWO)} == {"held"}
    assert len(rig.events("clip.secured")) == 3
    assert all((card.root / path).exists() for path in (ONE, TWO))


def test_duplicates_on_one_card_and_on_two_recorders(rig, card, tmp_path):
    """Each is an acquisition with its own manifest over one stored copy; each recorder is freed."""
    data = noise(2 * MIB, 1)
    for path in (ONE, TWO, "DCIM/200MEDIA/COPY.MP4"):
        card.file(path, data)
    first = rig.intake(card.root)
    other = CardBuilder(tmp_path / "other", "ini", serial="YZ00999", officer="110999")
    other.identity()
    other.file(ONE, data)
    second = rig.intake(other.root)
    clips = [first.files[p] for p in (ONE, TWO, "DCIM/200MEDIA/COPY.MP4")] + [second.files[ONE]]
    assert len({c["acquisition"] for c in clips}) == 4
    assert len({c["sha256"] for c in clips}) == 1
    originals = [c for c in clips if c["duplicate_of"] is None]
    assert len(originals) == 1
    assert {c["duplicate_of"] for c in clips} == {None, originals[0]["acquisition"]}
    assert all(c["released"] for c in clips)
    assert {first.outcome, second.outcome} == {"clear"}
    assert len({rig.manifest(c["acquisition"])["source"]["recorder"] for c in clips}) == 2
    rig.is_whole()


def test_claims_that_disagree_are_a_finding(rig, card):
    """PARAM.INI says one officer, a file's name another: no officer for that clip, and it is said."""
    agrees = card.clip(b"a", started=1_790_000_000_000, sequence=1)
    differs = card.clip(b"b", started=1_790_000_100_000, sequence=2, officer="999999")
    done = rig.intake(card.root)
    assert done.outcome == "clear"
    by = {path: rig.manifest(done.files[path.decode()]["acquisition"]) for path in (agrees, differs)}
    assert by[agrees]["officer"] == "110423"
    assert by[differs]["officer"] is None
    assert "claims-disagree" in by[differs]["flags"]
    assert {(c["text"], c["source"]) for c in by[differs]["source"]["claims"] if c["what"] == "officer"} >= {
        ("999999", "name")
    }
    found = [e["data"] for e in rig.events("finding.opened") if e["data"]["kind"] == "claims-disagree"]
    assert {f["about"].split(":")[0] for f in found} == {"recorder", "clip"}


def test_two_serials_are_nobodys_card(rig, tmp_path):
    """Which recorder it is cannot be told: unidentified, a finding, nothing released unless asked."""
    recorder = SimulatedRecorder(tmp_path / "r").describe(serial="KD00001").dock()
    CardBuilder(recorder.card_root, "ini", serial="YZ00417").identity()
    recorder.card("ini").file(ONE, b"a")
    done = rig.dock(recorder)
    assert (done.recorder, done.outcome) == ("unidentified", "kept")
    assert {"recorder-unidentified", "claims-disagree"} <= set(rig.findings())
    assert (recorder.card_root / ONE).exists()


def test_an_unknown_card_is_freed_of_media_only_and_only_when_asked(rig, tmp_path):
    """No family: acquired, flagged, kept; with --release its media files go, everything else stays."""
    card = tmp_path / "card"
    (card / "stuff").mkdir(parents=True)
    for name in ("a.mp4", "b.wav", "readme.txt", "x.bin"):
        (card / "stuff" / name).write_bytes(name.encode())
    done = rig.intake(card)
    assert (done.code, done.outcome, done.recorder) == (0, "kept", "unidentified")
    assert set(done.actions().values()) == {"secured"}
    assert rig.events("clip.released") == []
    again = rig.intake(card, "--release")
    assert again.code == 0
    assert {p.name for p in card.rglob("*") if p.is_file()} == {"readme.txt", "x.bin"}
    assert [e["data"]["observed"] for e in rig.events("clip.released")] == [False, False]


def test_a_lost_index_is_made_again_from_the_log(rig, card):
    """Without its database the home says so, is rebuilt, and knows what it held."""
    card.file(ONE, noise(1000))
    rig.intake(card.root, "--no-release")
    for name in ("index.db", "index.db-wal", "index.db-shm"):
        (rig.root / name).unlink(missing_ok=True)
    assert rig.run("rebuild").code == 0
    done = rig.intake(card.root)
    assert (done.files[ONE]["action"], done.outcome) == ("held", "clear")
    rig.is_whole()


def test_a_disk_that_is_full_stops_and_goes_on(rig, card):
    """Where the reserve would be touched nothing is copied: exit 12, said, nothing changed; then it goes on."""
    card.file(ONE, noise(MIB))
    room = shutil.disk_usage(rig.root)
    rig.configure(reserve_bytes=room.total)
    done = rig.run("intake", card.root, "--slot", "1", "--json")
    assert done.code == 12
    assert (card.root / ONE).exists()
    assert rig.partials() == []
    rig.configure(reserve_bytes=0)
    assert rig.intake(card.root).outcome == "clear"
    assert "interrupted" in {e["data"]["outcome"] for e in rig.events("session.closed")}
    rig.is_whole()


def test_file_modes_of_a_home(rig, card):
    """Clips 0444, keys 0600 in a folder 0700, partial closed, the rest readable by group and not by all."""
    card.file(ONE, noise(1000))
    done = rig.intake(card.root)
    mode = {p.relative_to(rig.root).as_posix(): p.stat().st_mode & 0o7777 for p in rig.root.rglob("*")}
    clip = rig.path_of(done.files[ONE]["sha256"]).relative_to(rig.root).as_posix()
    assert mode[clip] == mode[f"{clip}.chunks"] == 0o444
    assert mode["keys/private"] == 0o700
    assert {mode[f"keys/private/{n}.key"] for n in ("ca", "station", "log")} == {0o600}
    assert {mode[f"keys/{n}"] for n in ("ca.pem", "station.pem", "log.vkey")} == {0o644}
    assert mode["vault/partial"] & 0o077 == 0
    assert mode["vault/clips"] & 0o057 == 0o050
    assert mode["log"] & 0o050 == 0o050
    assert mode["vault/manifests"] & 0o057 == 0o050
    assert mode["ingestd.toml"] & 0o007 == 0
    assert (rig.root / "index.db").stat().st_mode & 0o007 == 0
