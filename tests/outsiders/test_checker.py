"""The independent checker finds every damage: one real home, one damage a test, a word of the fault expected."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.crash import rig
from tests.crash.nursery import Nursery
from tests.outsiders import checker
from tests.outsiders.checker import Seen


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    made = Nursery()
    yield made
    made.close()


@pytest.fixture(scope="module")
def docked(nursery: Nursery, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, set[Seen]]:
    """A home after one docking, and what lay on the card."""
    folder = tmp_path_factory.mktemp("docked")
    rig.init(nursery, folder / "home")
    rig.mixed_card(folder / "card")
    seen = checker.look(folder / "card")
    done = nursery.run("intake", "--home", folder / "home", folder / "card", "--slot", "1", roots=[])
    assert done.exit == 0, done.said
    return folder, seen


@pytest.fixture
def where(docked: tuple[Path, set[Seen]], tmp_path: Path) -> Path:
    shutil.copytree(docked[0], tmp_path / "w")
    return tmp_path / "w"


def faults(where: Path, docked: tuple[Path, set[Seen]], *, settled: bool = True) -> str:
    seen = {Seen(str(where / "card"), s.path, s.sha256, s.size) for s in docked[1]}
    return "\n".join(checker.check(where / "home", seen, [where / "card"], settled=settled))


def test_a_good_home_has_no_fault(where: Path, docked: tuple[Path, set[Seen]], nursery: Nursery) -> None:
    """Nor a difference between index and rebuild."""
    assert faults(where, docked) == ""
    assert rig.rebuild_faults(nursery, where / "home") == []


def clips(home: Path) -> list[Path]:
    return sorted(p for p in (home / "vault/clips").rglob("*") if p.is_file() and p.suffix != ".chunks")


def manifests(home: Path) -> list[Path]:
    return sorted((home / "vault/manifests").rglob("*.json"))


def rewrite(path: Path, change: Callable[[bytes], bytes]) -> None:
    mode = path.stat().st_mode
    path.chmod(0o600)
    path.write_bytes(change(path.read_bytes()))
    path.chmod(mode)


def flip(path: Path, at: int = -1) -> None:
    rewrite(path, lambda data: data[:at] + bytes([data[at] ^ 1]) + (data[at + 1 :] if at != -1 else b""))


def largest(home: Path) -> Path:
    return max(clips(home), key=lambda p: p.stat().st_size)


def bundle(home: Path) -> Path:
    return max((home / "log/tile/entries/000.p").iterdir(), key=lambda p: int(p.name))


def damaged_partial(home: Path, **files: bytes) -> None:
    folder = home / "vault/partial/01a20037-1041-76b8-9f9e-6ccf3d348851"
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / {"intake": "intake.json", "manifest": "manifest.json"}.get(name, name)).write_bytes(content)


def false_manifest(home: Path) -> bytes:
    return json.dumps(json.loads(manifests(home)[0].read_bytes())).encode()


def _unlocked(path: Path) -> Path:
    path.chmod(0o644)
    return path


def _cut_back(home: Path) -> None:
    """An older checkpoint in place of the newest: history taken away."""
    shutil.copy(home / "checkpoints/1", _unlocked(home / "log/checkpoint"))


DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "clip changed": (lambda h: flip(largest(h)), "other bytes than its name"),
    "clip gone": (lambda h: largest(h).unlink(), "LOST"),
    "clip cut": (lambda h: rewrite(largest(h), lambda d: d[:-1]), "other bytes than its name"),
    "clip writable": (lambda h: largest(h).chmod(0o644), "mode 644"),
    "clip nobody speaks of": (
        lambda h: shutil.copy(largest(h), h / "vault/clips/sha256" / "x"),
        "a stray",
    ),
    "chunk list changed": (
        lambda h: flip(largest(h).with_name(largest(h).name + ".chunks")),
        "chunk list is missing or wrong",
    ),
    "chunk list gone": (
        lambda h: largest(h).with_name(largest(h).name + ".chunks").unlink(),
        "chunk list is missing or wrong",
    ),
    "manifest changed": (
        lambda h: rewrite(manifests(h)[0], lambda d: d.replace(b'"marked":false', b'"marked":true')),
        "openssl refuses",
    ),
    "manifest gone": (lambda h: manifests(h)[0].unlink(), "manifest or signature is missing"),
    "manifest writable": (lambda h: manifests(h)[0].chmod(0o600), "mode 600"),
    "manifest not canonical": (
        lambda h: rewrite(manifests(h)[0], lambda d: json.dumps(json.loads(d)).encode()),
        "not canonical",
    ),
    "manifest in another's place": (
        lambda h: manifests(h)[0].rename(
            manifests(h)[0].with_name("01a20037-1041-76b8-9f9e-6ccf3d348851.json")
        ),
        "its place is another acquisition's",
    ),
    "manifests exchanged": (
        lambda h: shutil.copy(manifests(h)[1], _unlocked(manifests(h)[0])),
        "not the one that the log names",
    ),
    "signature gone": (
        lambda h: manifests(h)[0].with_suffix(".json.p7s").unlink(),
        "manifest or signature is missing",
    ),
    "signature of another manifest": (
        lambda h: shutil.copy(
            manifests(h)[1].with_suffix(".json.p7s"), _unlocked(manifests(h)[0].with_suffix(".json.p7s"))
        ),
        "openssl refuses",
    ),
    "value gone": (lambda h: next((h / "vault/values").rglob("*.json")).unlink(), "value "),
    "value changed": (
        lambda h: rewrite(
            next((h / "vault/values").rglob("*.json")), lambda d: d.replace(b'"salt":"', b'"salt":"00')
        ),
        "does not match",
    ),
    "checkpoint changed": (lambda h: flip(h / "log/checkpoint"), "checkpoint"),
    "checkpoint of another size": (
        lambda h: rewrite(h / "log/checkpoint", lambda d: d.replace(b"a/s\n", b"a/s\n1", 1)),
        "signature is false",
    ),
    "entry changed": (lambda h: flip(bundle(h), 40), "entries"),
    "bundle gone": (lambda h: bundle(h).unlink(), "is missing"),
    "tile gone": (
        lambda h: (h / "log/tile/0/000.p" / bundle(h).name).unlink(),
        "is missing",
    ),
    "tile changed": (lambda h: flip(h / "log/tile/0/000.p" / bundle(h).name), "not what the entries give"),
    "stray in the log": (lambda h: (h / "log/tile/note").write_text("x"), "stray file"),
    "kept checkpoint changed": (lambda h: flip(h / "checkpoints/1"), "checkpoints/1"),
    "log cut back": (_cut_back, "index.db holds|index.db has|no event speaks"),
    "index has another entry": (
        lambda h: _sql(h, "UPDATE entries SET entry = CAST('{}' AS BLOB) WHERE seq = 3"),
        "holds other entries",
    ),
    "index lacks an entry": (
        lambda h: _sql(h, "DELETE FROM entries WHERE seq = (SELECT max(seq) FROM entries)"),
        "index.db has",
    ),
    "partial left over": (
        lambda h: damaged_partial(h, intake=b"{}", bytes=b"", chunks=b""),
        "is left over",
    ),
    "partial without a record": (lambda h: damaged_partial(h, bytes=b"x"), "without an intake record"),
    "partial list vouches for other bytes": (
        lambda h: damaged_partial(h, intake=b"{}", bytes=b"x", chunks=b"\1" * 32),
        "vouches for other bytes",
    ),
    "partial manifest over other bytes": (
        lambda h: damaged_partial(h, intake=b"{}", bytes=b"", chunks=b"", manifest=false_manifest(h)),
        "bytes that are not whole",
    ),
    "stray in a partial": (lambda h: damaged_partial(h, intake=b"{}", other=b""), "strays"),
    "stray among partials": (lambda h: (h / "vault/partial/x").mkdir(), "a stray"),
}


def _sql(home: Path, statement: str) -> None:
    with closing(sqlite3.connect(home / "index.db")) as database:
        database.execute(statement)
        database.commit()


@pytest.mark.parametrize("name", DAMAGES)
def test_each_damage_is_found(where: Path, docked: tuple[Path, set[Seen]], name: str) -> None:
    """And said in words."""
    damage, words = DAMAGES[name]
    damage(where / "home")
    found = faults(where, docked)
    assert any(word in found for word in words.split("|")), found or "nothing was found"


def test_a_list_whose_data_never_reached_the_disk_says_nothing(
    where: Path, docked: tuple[Path, set[Seen]]
) -> None:
    """Zeros from some place on: up to there it counts, what follows doesn't."""
    whole, good = b"x" * (1 << 20) + b"y", checker.chunk_list(b"x" * (1 << 20))
    for chunks, is_fault in ((bytes(64), False), (good + bytes(32), False), (good[::-1] + bytes(32), True)):
        damaged_partial(where / "home", intake=b"{}", bytes=whole, chunks=chunks)
        assert ("vouches for other bytes" in faults(where, docked, settled=False)) == is_fault


def test_a_history_that_was_rewritten_is_found(where: Path, docked: tuple[Path, set[Seen]]) -> None:
    """An earlier checkpoint of another history, or of a longer one."""
    home = where / "home"
    newest = (home / "log/checkpoint").read_bytes()
    _cut_back(home)
    found = checker.check(home, set(), [], earlier=newest)
    assert any("not a continuation" in fault for fault in found), found


def test_a_file_lost_from_a_card_is_found(where: Path, docked: tuple[Path, set[Seen]]) -> None:
    """One that nobody secured, one that was changed on the card, one that was put there."""
    card, home = where / "card", where / "home"
    lost = Seen(str(card), b"DCIM/new.mp4", "0" * 64, 5)
    assert "LOST" in "\n".join(checker.check(home, {lost}, [card]))
    (card / "written").write_bytes(b"by whom?")
    assert "something was written" in faults(where, docked, settled=False)


def test_a_deletion_before_its_intent_is_found(
    nursery: Nursery, docked: tuple[Path, set[Seen]], tmp_path: Path
) -> None:
    """A secured file that goes from the card without a published release.started."""
    rig.init(nursery, tmp_path / "home")
    rig.mixed_card(tmp_path / "card")
    seen = checker.look(tmp_path / "card")
    arguments = ("intake", "--home", tmp_path / "home", tmp_path / "card", "--slot", "1", "--no-release")
    assert nursery.run(*arguments, roots=[]).exit == 0
    assert checker.check(tmp_path / "home", seen, [tmp_path / "card"]) == []
    next((tmp_path / "card").rglob("*.dat")).unlink()
    found = checker.check(tmp_path / "home", seen, [tmp_path / "card"])
    assert ["deleted without a published release.started" in fault for fault in found] == [True]


def test_an_index_that_differs_is_found(where: Path, nursery: Nursery) -> None:
    """One field of one row."""
    _sql(where / "home", "UPDATE clips SET officer = '999'")
    found = rig.rebuild_faults(nursery, where / "home")
    assert [fault.split(":")[:2] for fault in found] == [["index", " table clips differs from a rebuild"]]
