"""Paths are those of the design, and no name leads elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingestd.errors import UsageError
from ingestd.model import AcquisitionId, Millis, Sha256
from ingestd.vault import layout
from ingestd.vault.layout import Home

HOME = Home(Path("/d"))
DIGEST = Sha256("ab" + "cd" * 31)
ACQ = AcquisitionId("0192f0c1-2b3c-7d4e-8f50-123456789abc")
NAME = f"2026/09/21/{ACQ}"
DOCKED = Millis(1_790_000_000_000)  # 2026-09-21


def test_paths_of_the_design() -> None:
    """Design 6, Layout of DIR, word by word."""
    assert {
        HOME.config: "/d/ingestd.toml",
        HOME.keys: "/d/keys",
        HOME.log: "/d/log",
        HOME.checkpoints: "/d/checkpoints",
        HOME.log_aside: "/d/log-aside",
        HOME.clips(DIGEST): f"/d/vault/clips/sha256/ab/cd/{DIGEST}",
        HOME.chunks(DIGEST): f"/d/vault/clips/sha256/ab/cd/{DIGEST}.chunks",
        Path(HOME.manifest_at(ACQ, DOCKED)): f"/d/vault/manifests/2026/09/21/{ACQ}.json",
        HOME.signature_named(NAME): f"/d/vault/manifests/2026/09/21/{ACQ}.json.p7s",
        HOME.blob(DIGEST): f"/d/vault/blobs/sha256/ab/cd/{DIGEST}",
        HOME.value(DIGEST): f"/d/vault/values/ab/{DIGEST}.json",
        HOME.damaged: "/d/vault/damaged",
        HOME.partial(ACQ): f"/d/vault/partial/{ACQ}",
        HOME.derived: "/d/derived",
        HOME.lock: "/d/run/lock",
        HOME.socket: "/d/run/ingestd.sock",
        HOME.database: "/d/index.db",
    } == {Path(text): text for text in map(str, _paths())}


def _paths() -> list[Path]:
    simple = (HOME.config, HOME.keys, HOME.log, HOME.checkpoints, HOME.log_aside, HOME.damaged, HOME.derived)
    running = (HOME.lock, HOME.socket, HOME.database)
    acquired = (HOME.manifest_named(NAME), HOME.signature_named(NAME), HOME.partial(ACQ))
    return [
        *simple,
        *running,
        *acquired,
        *(f(DIGEST) for f in (HOME.clips, HOME.chunks, HOME.blob, HOME.value)),
    ]


def test_manifest_name_finds_the_manifest() -> None:
    """What an event carries leads to the files."""
    assert layout.manifest_name(ACQ, DOCKED) == NAME
    found = HOME.manifest_at(ACQ, DOCKED)
    assert str(HOME.manifest_named(NAME)) == found
    assert str(HOME.signature_named(NAME)) == found + layout.SIGNATURE_SUFFIX


def test_readers_see_what_the_design_says() -> None:
    """Everything but what is under way is open to the readers' group."""
    closed = {folder for folder, mode in HOME.station_folders() if mode == 0o700}
    assert closed == {HOME.partial_root, HOME.staging, HOME.log_aside}


@pytest.mark.parametrize(
    "bad", ["", "../x", "AB" * 32, "ab" * 31, f"{DIGEST}\n", "/etc/passwd", f"{DIGEST}/.."]
)
def test_no_name_leads_elsewhere(bad: str) -> None:
    """Ids from outside are checked where they become paths."""
    makers = [HOME.clips, HOME.chunks, HOME.blob, HOME.value, HOME.partial]
    for make in [*makers, HOME.manifest_named, HOME.signature_named]:
        with pytest.raises(UsageError, match="is no id or digest"):
            make(bad)  # type: ignore[operator]
