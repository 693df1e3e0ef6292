"""All real camera files as cards of several families: byte for byte in the vault, checked by outsiders."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

from ingestd.testing.recorder import CardBuilder
from tests.rig import STARTED, Rig, daemon

FAMILIES = ("e12-old", "e12-new", "novatek", "ini", "info", "axis", "dcim")
LOGCHECK = Path(__file__).parents[1] / "outsiders" / "logcheck"


@pytest.fixture(scope="module")
def secured(shared, tmp_path_factory):
    """The home after the docking of one card a family through one daemon, and what lay on the cards."""
    base = tmp_path_factory.mktemp("corpus")
    files = sorted(p for p in (shared / "corpus").rglob("*") if p.is_file() and p.name != "MANIFEST.tsv")
    rig, cards = Rig(base / "home", reserve_bytes=0), {}
    for number, family in enumerate(FAMILIES):
        card = CardBuilder(base / family, family, serial=f"KD0000{number}", officer="104233").identity()
        for sequence, file in enumerate(files[number :: len(FAMILIES)], 1):
            card.clip(
                file,
                started=STARTED + sequence * 60_000,
                sequence=sequence,
                extension=file.suffix[1:] or "bin",
            )
        cards[family] = card.root
    wanted = {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for root in cards.values()
        for path in root.rglob("*")
        if path.is_file()
    }
    with daemon(rig) as running:
        done = [rig.intake(root, slot=family) for family, root in cards.items()]
        assert running.ask("live")["publishing"] is None
    return rig, cards, wanted, done, len(files)


def test_byte_for_byte(secured):
    """Every file of every card, whatever a player thinks of it; nothing of it failed."""
    rig, _cards, wanted, done, count = secured
    assert count == 92
    assert [d.code for d in done] == [0] * len(FAMILIES)
    found = {path: file["sha256"] for d in done for path, file in d.files.items()}
    assert found == wanted
    for digest in wanted.values():
        assert hashlib.sha256(rig.stored(digest)).hexdigest() == digest


def test_recorders_are_known_and_freed(secured):
    """Families by their layout; freed where the card names its recorder, but for what identifies it."""
    _rig, cards, _wanted, done, _count = secured
    for family, one in zip(FAMILIES, done, strict=True):
        left = {p.relative_to(cards[family]).as_posix() for p in cards[family].rglob("*") if p.is_file()}
        kept = {path for path, file in one.files.items() if not file["released"]}
        assert left == kept
        assert all(one.files[path]["action"] == "secured" for path in kept)
        names_itself = family not in ("novatek", "dcim")
        assert one.outcome == ("clear" if names_itself else "kept"), family


def test_everything_verifies(secured):
    secured[0].is_whole()


def test_outsiders_agree(secured, tmp_path):
    """openssl, sha256sum, b3sum and the independent log check, over the whole home."""
    rig, _cards, wanted, _done, _count = secured
    for tool in ("openssl", "sha256sum", "b3sum"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed")
    manifests = sorted((rig.root / "vault/manifests").rglob("*.json"))
    assert len(manifests) == len(rig.events("clip.secured"))
    for manifest in manifests[::8]:
        verified = subprocess.run(
            [
                *("openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", f"{manifest}.p7s"),
                *("-content", manifest, "-CAfile", rig.root / "keys/ca.pem", "-no-CApath", "-no-CAstore"),
                *("-purpose", "any", "-out", "/dev/null"),
            ],
            capture_output=True,
            check=False,
        )
        assert verified.returncode == 0, verified.stderr
    sums = subprocess.run(
        ["sha256sum", *(rig.path_of(d) for d in sorted(set(wanted.values())))],
        capture_output=True,
        text=True,
        check=True,
    )
    assert all(line.split()[0] == line.split()[1].rpartition("/")[2] for line in sums.stdout.splitlines())
    largest = max((rig.path_of(d) for d in wanted.values()), key=lambda p: p.stat().st_size)
    piece = tmp_path / "piece"
    with largest.open("rb") as file:
        file.seek(1 << 20)
        piece.write_bytes(file.read(1 << 20))
    b3 = subprocess.run(["b3sum", "--no-names", piece], capture_output=True, text=True, check=True)
    assert b3.stdout.strip() == Path(f"{largest}.chunks").read_bytes()[32:64].hex()


def test_an_independent_program_agrees_with_the_log(secured, tmp_path):
    """Go's x/mod: signature, root from bundles and tiles, inclusion of every entry, older checkpoints."""
    rig = secured[0]
    if shutil.which("go") is None:
        pytest.skip("go is not installed")
    built = subprocess.run(
        ["go", "build", "-o", tmp_path / "logcheck", "."],
        cwd=LOGCHECK,
        env={
            "GO111MODULE": "off",
            "GOPATH": "/usr/share/gocode",
            "GOCACHE": str(tmp_path / "cache"),
            "PATH": "/usr/bin:/bin",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    if built.returncode != 0:
        pytest.skip(f"golang.org/x/mod is not installed: {built.stderr[:200]}")
    done = subprocess.run(
        [tmp_path / "logcheck", rig.root / "keys/log.vkey", rig.root / "log", rig.root / "checkpoints"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.startswith(f"ok {len(rig.events())} "), done.stdout + done.stderr
