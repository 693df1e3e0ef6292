"""`ingestd verify --all` and `ingestd log check`: the log says what is to be there, not the index."""

from __future__ import annotations

import dataclasses
import sqlite3
import tracemalloc
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from ingestd.cli.checks import _Checks
from ingestd.index.database import open_database, reading
from ingestd.testing.recorder import CardBuilder
from ingestd.vault.layout import Home
from tests.faults.test_documents import attach, opened
from tests.rig import Done, Rig, noise

ONE, TWO = "DCIM/100MEDIA/IMG_0001.MP4", "DCIM/100MEDIA/IMG_0002.MP4"


@pytest.fixture
def rig(tmp_path: Path) -> Rig:
    """Two clips, the second of them long gone from its recorder."""
    rig, card = Rig(tmp_path / "home"), CardBuilder(tmp_path / "card", "ini")
    card.identity()
    for path, seed in ((ONE, 1), (TWO, 2)):
        card.file(path, noise(3000, seed))
    assert rig.intake(card.root).code == 0
    return rig


def sql(rig: Rig, statement: str) -> None:
    with closing(sqlite3.connect(rig.root / "index.db")) as database, database:
        database.execute(statement)


def clip_file(rig: Rig, path: str) -> Path:
    with closing(sqlite3.connect(rig.root / "index.db")) as database:
        (digest,) = database.execute("SELECT sha256 FROM clips WHERE path = ?", (path,)).fetchone()
    return Home(rig.root).clips(digest)


def faults_of(done: Done, path: str) -> dict[str, str]:
    """Of the one clip of this path: its faults by kind, in English."""
    (clip,) = [one for one in done.json["clips"] if one["path"] == path]
    return {fault["kind"]: fault["en"] for fault in clip["faults"]}


def everything(rig: Rig) -> Done:
    return rig.run("verify", "--all", "--json")


def test_a_clip_that_was_taken_out_of_vault_and_index_is_named(rig: Rig) -> None:
    """The log has it: nobody makes evidence vanish by deleting its row."""
    digest = clip_file(rig, TWO).name
    manifest = next(e["data"]["manifest"] for e in rig.events("clip.secured") if e["data"]["path"] == TWO)
    home = Home(rig.root)
    for path in (home.clips(digest), home.chunks(digest), home.manifest_named(manifest)):  # type: ignore[arg-type]
        path.unlink()
    sql(rig, f"DELETE FROM clips WHERE path = '{TWO}'")
    done = everything(rig)
    assert (done.code, done.json["faulty"], done.json["log"]) == (10, 1, [])
    found = faults_of(done, TWO)
    assert set(found) == {"absent", "inclusion"}
    assert "the log has it and the index does not" in found["inclusion"]
    assert f" {TWO}" in rig.run("verify", "--all").out


def test_an_index_that_tells_otherwise_is_named_and_the_log_believed(rig: Rig) -> None:
    """Other bytes than the log's under the clip's name; the log's are checked."""
    sql(rig, f"UPDATE clips SET sha256 = '{'ab' * 32}' WHERE path = '{TWO}'")
    done = everything(rig)
    assert (done.code, done.json["faulty"]) == (10, 1)
    assert set(faults_of(done, TWO)) == {"inclusion"}


def test_a_row_that_no_entry_made_is_named(rig: Rig) -> None:
    columns = [row[1] for row in sqlite3.connect(rig.root / "index.db").execute("PRAGMA table_info(clips)")]
    other = {"acquisition": f"'0199a000-0000-7000-8000-{'0' * 12}'", "seq": "1", "path": "'made/up.mp4'"}
    values = ", ".join(other.get(name, f'"{name}"') for name in columns)
    sql(rig, f"INSERT INTO clips SELECT {values} FROM clips WHERE path = '{TWO}'")
    done = everything(rig)
    assert (done.code, done.json["faulty"]) == (10, 1)
    assert "inclusion" in faults_of(done, "made/up.mp4")


def test_a_document_whose_row_is_gone_is_named(rig: Rig) -> None:
    (document,) = attach(rig, "one")
    sql(rig, "DELETE FROM documents")
    done = everything(rig)
    (told,) = done.json["documents"]
    assert (done.code, told["document"], [f["kind"] for f in told["faults"]]) == (
        (10, document.document, ["inclusion"])
    )


def test_what_a_damaged_log_cannot_say_the_index_says(rig: Rig) -> None:
    """Every clip is still checked; the log's own fault is told and has its exit status."""
    bundle = max((rig.root / "log/tile/entries/000.p").iterdir(), key=lambda path: int(path.name))
    bundle.chmod(0o600)
    data = bytearray(bundle.read_bytes())
    data[40] ^= 1  # in the first entry: those of the clips are proved by themselves
    bundle.write_bytes(data)
    done = everything(rig)
    assert (done.code, done.json["faulty"]) == (9, 0)
    assert {clip["path"] for clip in done.json["clips"]} >= {ONE, TWO}
    assert len(done.json["log"]) == 1
    assert "▲ entries 0 to " in rig.run("verify", "--all").out


LINKED: dict[str, Callable[[Home, Path], Path]] = {
    "clip": lambda home, clip: clip,
    "chunks": lambda home, clip: clip.with_name(clip.name + ".chunks"),
    "manifest": lambda home, clip: next((home.root / "vault/manifests").rglob("*.json")),
}


@pytest.mark.parametrize("which", LINKED)
def test_a_link_is_no_stored_file(rig: Rig, tmp_path: Path, which: str) -> None:
    """Not even to the very bytes, with the right mode: outside the vault anybody may change them."""
    path = LINKED[which](Home(rig.root), clip_file(rig, TWO))
    outside = tmp_path / "outside"
    path.rename(outside)
    path.symlink_to(outside)
    done = everything(rig)
    assert done.code == 10
    (faulty,) = [clip for clip in done.json["clips"] if not clip["ok"]]
    assert [fault["kind"] for fault in faulty["faults"]] == ["no-file"]
    assert "is no regular file" in faulty["faults"][0]["en"]


def test_memory_does_not_grow_with_the_log(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten times the entries, the same memory: they are held against the index a bundle at a time."""
    monkeypatch.setattr("ingestd.cli.checks.check.check_acquisition", lambda *_: ())

    def more(first: int, beyond: int) -> None:
        with opened(rig) as station:
            sample = next(e for e in station.log.entries(0, station.log.size) if e.type == "clip.secured")
            event = sample.event(None)  # type: ignore[arg-type]
            for start in range(first, beyond, 256):
                ids = [f"0199a000-0000-7000-8000-{number:012d}" for number in range(start, start + 256)]
                station.books.append([dataclasses.replace(event, acquisition=one, path=one) for one in ids])
            station.log.publish()

    def peak() -> int:
        engine = open_database(rig.root / "index.db")
        tracemalloc.start()
        with reading(engine) as connection:
            assert all(told["ok"] for told in _Checks(Home(rig.root)).all_clips(connection))
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        engine.dispose()
        return found

    more(0, 512)
    peak()
    few = peak()
    more(512, 5120)
    assert peak() < few * 1.5 + (1 << 20)
