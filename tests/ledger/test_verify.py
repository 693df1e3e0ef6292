"""The offline check finds every kind of damage, lists all of it, and agrees with an outsider's program."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ingestd.ledger import verify
from ingestd.ledger.note import NoteSigner, parse_verifier
from ingestd.ledger.verify import Kind
from tests.ledger.station import ORIGIN, Station, changes, database

PROGRAM = Path(__file__).parents[1] / "outsiders/logcheck"


@pytest.fixture(scope="session")
def logcheck(tmp_path_factory):
    """The outsider's program, built from source against Debian's golang-golang-x-mod-dev."""
    if shutil.which("go") is None:
        pytest.skip("the outsider's log check needs go and golang-golang-x-mod-dev (apt)")
    folder = tmp_path_factory.mktemp("logcheck")
    environment = {"GO111MODULE": "off", "GOPATH": "/usr/share/gocode", "GOCACHE": str(folder / "cache")}
    subprocess.run(
        ["go", "build", "-o", folder / "logcheck", "."],
        check=True,
        cwd=PROGRAM,
        env={**os.environ, **environment},
    )
    return folder / "logcheck"


def whole(folder, sizes):
    """A log that got a kept checkpoint at each of these sizes."""
    station = Station(folder=folder, engine=database(folder / "index.db"), project=lambda *_: None)
    log = station.create()
    if not sizes:
        log.keep_checkpoint()
    for size in sizes:
        log.append(changes(size - log.size, log.size))
        log.publish()
        log.keep_checkpoint()
    (folder / "log.vkey").write_text(station.signer.verifier.text + "\n")
    station.engine.dispose()
    return station


@pytest.fixture(scope="module")
def pattern(tmp_path_factory):
    """A log of 600 entries to be copied and damaged."""
    folder = tmp_path_factory.mktemp("pattern")
    whole(folder, [1, 200, 257, 600])
    return folder


def check(folder):
    verifier = parse_verifier((folder / "log.vkey").read_text().strip())
    return verify.check(folder / "log", folder / "checkpoints", verifier, origin=ORIGIN)


def ask(logcheck, folder):
    return subprocess.run(
        [logcheck, folder / "log.vkey", folder / "log", folder / "checkpoints"],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    "sizes", [[], [1], [2, 3], [255], [256], [1, 256, 257], [250, 511, 512, 513], [1, 300, 70_000]], ids=str
)
def test_whole_logs_pass_here_and_with_an_outsider(memory, logcheck, sizes):
    """Sizes around every edge; kept checkpoints are consistent; nothing is left over."""
    whole(memory, sizes)
    report = check(memory)
    assert not report.faults
    assert report.older == max(1, len(sizes))
    answer = ask(logcheck, memory)
    assert answer.stdout.startswith(f"ok {sizes[-1] if sizes else 0} "), answer.stderr


def flip(path, at=40):
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.chmod(0o644)
    path.write_bytes(data)


def cut(path):
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-1])


def other_history(folder):
    """A kept checkpoint of the same key over other entries: a split view."""
    other = folder / "other"
    other.mkdir()
    station = Station(folder=other, engine=database(other / "index.db"), project=lambda *_: None)
    log = station.create()
    log.append(changes(200, 1000))
    log.publish()
    kept = folder / "checkpoints/200"
    kept.chmod(0o644)
    kept.write_bytes((other / "log/checkpoint").read_bytes())
    station.engine.dispose()
    shutil.rmtree(other)


def shorten(folder):
    """The newest checkpoint is replaced by an older one: the log was cut back."""
    (folder / "log/checkpoint").chmod(0o644)
    shutil.copy(folder / "checkpoints/257", folder / "log/checkpoint")


def foreign_key(folder):
    signer = NoteSigner(ORIGIN, Ed25519PrivateKey.from_private_bytes(b"x" * 32))
    (folder / "log.vkey").write_text(signer.verifier.text)


DAMAGES = {
    "checkpoint gone": (lambda f: (f / "log/checkpoint").unlink(), {Kind.CHECKPOINT}),
    "checkpoint changed": (lambda f: flip(f / "log/checkpoint", 16), {Kind.CHECKPOINT}),
    "key of another": (foreign_key, {Kind.CHECKPOINT, Kind.OLDER}),
    "entry of a full bundle changed": (
        lambda f: flip(f / "log/tile/entries/001", 2),
        {Kind.ENTRY, Kind.TILE, Kind.ROOT, Kind.OLDER},
    ),
    "entry of the right form changed": (
        lambda f: (
            (f / "log/tile/entries/001").chmod(0o644),
            (f / "log/tile/entries/001").write_bytes(
                (f / "log/tile/entries/001")
                .read_bytes()
                .replace(b'"uncertainty_ms":12', b'"uncertainty_ms":13', 1)
            ),
        ),
        {Kind.TILE, Kind.ROOT, Kind.OLDER},
    ),
    "full bundle cut": (lambda f: cut(f / "log/tile/entries/000"), {Kind.BUNDLE}),
    "last bundle gone": (lambda f: (f / "log/tile/entries/002.p/88").unlink(), {Kind.BUNDLE}),
    "bundle and tile gone": (
        lambda f: ((f / "log/tile/entries/000").unlink(), (f / "log/tile/0/000").unlink()),
        {Kind.BUNDLE, Kind.ROOT, Kind.TILE, Kind.OLDER},
    ),
    "full tile changed": (lambda f: flip(f / "log/tile/0/001"), {Kind.TILE}),
    "partial tile gone": (lambda f: (f / "log/tile/1/000.p/2").unlink(), {Kind.TILE}),
    "narrow tile changed": (lambda f: flip(f / "log/tile/1/000.p/1", 3), {Kind.TILE}),
    "kept checkpoint of another history": (other_history, {Kind.OLDER}),
    "kept checkpoint under a wrong name": (
        lambda f: (f / "checkpoints/200").rename(f / "checkpoints/201"),
        {Kind.OLDER},
    ),
    "log cut back": (shorten, {Kind.OLDER, Kind.UNCOVERED, Kind.BUNDLE, Kind.ROOT}),
    "stray file": (lambda f: (f / "log/notes.txt").write_text("x"), {Kind.STRAY}),
    "stray tile name": (lambda f: (f / "log/tile/0/0001").write_bytes(bytes(8192)), {Kind.STRAY}),
    "symbolic link": (lambda f: (f / "log/tile/0/000.p").symlink_to("/tmp"), {Kind.STRAY}),
    "tile beyond": (lambda f: (f / "log/tile/0/003").write_bytes(bytes(8192)), {Kind.UNCOVERED}),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_every_damage_is_found_here_and_by_an_outsider(tmp_path, pattern, logcheck, name):
    """All faults are listed with their kind and file, in both languages."""
    folder = tmp_path / "log-with-damage"
    shutil.copytree(pattern, folder)
    damage, kinds = DAMAGES[name]
    damage(folder)
    report = check(folder)
    assert {fault.kind for fault in report.faults} == kinds
    for fault in report.faults:
        assert fault.text.zh
        assert fault.text.en
        assert fault.path.startswith(str(folder))
    answer = ask(logcheck, folder)
    assert answer.returncode == 1, answer.stdout
    assert answer.stderr.startswith("logcheck: ")


def test_a_real_log_of_tessera(shared, tmp_path):
    """A log that another program wrote, with all its earlier partial tiles and checkpoints."""
    source = shared / "vectors/tessera/testdata/log"
    shutil.copytree(source / "tile", tmp_path / "log/tile")
    shutil.copy(source / "checkpoint", tmp_path / "log/checkpoint")
    (tmp_path / "checkpoints").mkdir()
    for size in range(16):
        shutil.copy(source / f"checkpoint.{size}", tmp_path / f"checkpoints/{size}")
    origin = "example.com/log/testdata"
    verifier = parse_verifier(f"{origin}+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx")
    report = verify.check(
        tmp_path / "log", tmp_path / "checkpoints", verifier, origin=origin, examine=lambda _seq, _data: None
    )
    assert not report.faults
    assert report.older == 16
    assert report.checkpoint is not None
    assert report.checkpoint.size == 15
