"""Checks a home and its recorders' cards against the promises of the design, from the files alone.

Shares no code with ingestd: standard library, blake3, cryptography and the real `openssl`. `check` reports
every fault it finds, in words; an empty list is a pass. `settled` asks more: nothing is under way, everything
that ever lay on a card is secured, each exactly once.

    python -m tests.outsiders.checker HOME [CARD...]
"""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import os
import re
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from blake3 import blake3

from tests.outsiders import tlog_reader
from tests.outsiders.tlog_reader import LogRead

MIB = 1 << 20
ACQUISITION = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
STORED = ("clip.secured", "clip.quarantined")
PARTIAL_NAMES = {
    *("intake.json", ".intake.json.new", "bytes", "chunks", "copied.json", "manifest.json"),
    *(".manifest.json.new", "manifest.json.p7s", ".manifest.json.p7s.new"),
}
ONCE = (*STORED, "clip.released", "clip.missing", "session.opened", "session.closed", "release.started")
"""Events of which there may be one a subject (a `release.started` one a session)."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One file that lay on a card."""

    card: str
    path: bytes
    sha256: str
    size: int


def look(card: Path) -> set[Seen]:
    """Every regular file below a card's root, read in full."""
    found = set()
    root = os.fsencode(card)
    for folder, _, names in os.walk(root):
        for name in names:
            full = os.path.join(folder, name)  # noqa: PTH118 - names may be no text
            if stat.S_ISREG(os.lstat(full).st_mode):
                with open(full, "rb") as file:  # noqa: PTH123 - names may be no text
                    data = file.read()
                path = os.path.relpath(full, root)
                found.add(Seen(str(card), path, hashlib.sha256(data).hexdigest(), len(data)))
    return found


@dataclass(slots=True)
class Checker:
    """One look at a home. `run` it once."""

    home: Path
    seen: Iterable[Seen]
    cards: Sequence[Path]
    earlier: bytes | None = None
    """A checkpoint that was published before: the log must continue it."""
    settled: bool = False
    faults: list[str] = field(default_factory=list)
    log: LogRead = field(default_factory=LogRead)
    _data: list[dict[str, Any]] = field(default_factory=list)
    """Each published entry's data, blobs resolved."""
    _clips: dict[str, bytes] = field(default_factory=dict)
    """Digest -> chunk list, of clips that are whole."""
    _partials: dict[str, set[str]] = field(default_factory=dict)
    _linked: set[int] = field(default_factory=set)
    """Inodes of files in partial folders."""

    def run(self) -> list[str]:
        """Every fault, in words."""
        self.log = tlog_reader.read(self.home)
        self.faults += self.log.faults
        self._check_log()
        self._check_partials()
        self._check_clips()
        self._check_manifests()
        self._check_stored_events()
        self._check_releases()
        self._check_cards()
        return self.faults

    # --- the log --------------------------------------------------------------------------------

    def _check_log(self) -> None:
        vkey = (self.home / "keys/log.vkey").read_text()
        if self.earlier is not None and not tlog_reader.is_beginning(self.earlier, vkey, self.log):
            self._fault("log: not a continuation of the earlier checkpoint")
        for entry in self.log.entries:
            self._data.append(self._resolved(entry))
        self._check_database()
        counts: Counter[tuple[str, str]] = Counter()
        for entry, data in zip(self.log.entries, self._data, strict=True):
            if entry["type"] in ONCE:
                counts[entry["type"], entry["subject"]] += 1
            for digest in _values_in(data):
                self._check_value(entry["seq"], digest)
        for (type_, subject), count in counts.items():
            if count > 1:
                self._fault(f"log: {count} x {type_} of {subject}")
        if self.settled:
            self._check_nothing_open(counts)

    def _check_nothing_open(self, counts: Mapping[tuple[str, str], int]) -> None:
        if self.log.beyond:
            self._fault(f"log: files beyond the checkpoint: {self.log.beyond}")
        opened = {s for t, s in counts if t == "session.opened"}
        closed = {s for t, s in counts if t == "session.closed"}
        if opened != closed:
            self._fault(f"log: sessions not closed: {sorted(opened - closed)}")

    def _resolved(self, entry: dict[str, Any]) -> dict[str, Any]:
        data: dict[str, Any] = entry["data"]
        if data.keys() != {"blob"}:
            return data
        digest = data["blob"]
        path = self.home / "vault/blobs/sha256" / digest[:2] / digest[2:4] / digest
        try:
            content = path.read_bytes()
        except OSError as error:
            self._fault(f"log: blob of entry {entry['seq']}: {error}")
            return {}
        if hashlib.sha256(content).hexdigest() != digest:
            self._fault(f"log: blob of entry {entry['seq']} has other bytes")
            return {}
        resolved: dict[str, Any] = json.loads(content)
        return resolved

    def _check_value(self, seq: int, digest: str) -> None:
        path = self.home / "vault/values" / digest[:2] / f"{digest}.json"
        try:
            value = json.loads(path.read_bytes())
            canonical = json.dumps(
                value["fields"], sort_keys=True, separators=(",", ":"), ensure_ascii=False
            ).encode()
            is_right = hashlib.sha256(bytes.fromhex(value["salt"]) + canonical).hexdigest() == digest
        except (OSError, ValueError, KeyError) as error:
            self._fault(f"value {digest} of entry {seq}: {error!r}")
            return
        if not is_right:
            self._fault(f"value {digest} of entry {seq} does not match")

    def _check_database(self) -> None:
        """The table of entries agrees with the log as far as both go."""
        try:
            with Dump(self.home) as dump:
                rows = [bytes(e) for (e,) in dump.rows("SELECT entry FROM entries ORDER BY seq")]
        except sqlite3.Error as error:
            self._fault(f"index.db: {error}")
            return
        common = min(len(rows), len(self.log.raw))
        if rows[:common] != self.log.raw[:common]:
            self._fault("index.db holds other entries than the log")
        if self.settled and len(rows) != len(self.log.raw):
            self._fault(f"index.db has {len(rows)} entries, the log {len(self.log.raw)}")

    # --- the vault ------------------------------------------------------------------------------

    def _check_partials(self) -> None:
        root = self.home / "vault/partial"
        for folder in sorted(root.iterdir()):
            name = folder.name.removesuffix(".done")
            if not ACQUISITION.fullmatch(name) or not folder.is_dir():
                self._fault(f"partial/{folder.name}: a stray")
                continue
            names = {path.name for path in folder.iterdir()}
            self._linked |= {path.stat().st_ino for path in folder.iterdir()}
            if self.settled:
                self._fault(f"partial/{folder.name} is left over: {sorted(names)}")
            if strays := names - PARTIAL_NAMES:
                self._fault(f"partial/{folder.name}: strays {sorted(strays)}")
            if folder.name.endswith(".done"):
                if name not in self._published(STORED) and "manifest.json" in names:
                    self._fault(f"partial/{folder.name}: given up without an event")
                continue
            self._partials[name] = names
            self._check_partial(folder, names)

    def _check_partial(self, folder: Path, names: set[str]) -> None:
        where = f"partial/{folder.name}"
        data = (folder / "bytes").read_bytes() if "bytes" in names else b""
        chunks = (folder / "chunks").read_bytes() if "chunks" in names else b""
        if "intake.json" not in names and (data or chunks):
            self._fault(f"{where}: bytes without an intake record")
        if not chunk_list(data).startswith(vouched(chunks)):
            self._fault(f"{where}: its digest list vouches for other bytes")
        if "manifest.json" in names:
            manifest = json.loads((folder / "manifest.json").read_bytes())
            if hashlib.sha256(data).hexdigest() != manifest["sha256"] or chunk_list(data) != chunks:
                self._fault(f"{where}: a manifest over bytes that are not whole")
        if "manifest.json.p7s" in names:
            if "manifest.json" not in names:
                self._fault(f"{where}: a signature without its manifest")
            else:
                self._check_signature(folder / "manifest.json", where)

    def _check_clips(self) -> None:
        root = self.home / "vault/clips/sha256"
        for path in sorted(p for p in root.rglob("*") if p.is_file()):
            digest = path.name.removesuffix(".chunks")
            if not re.fullmatch(r"[0-9a-f]{64}", digest) or path.parent != root / digest[:2] / digest[2:4]:
                self._fault(f"clips: a stray {path.relative_to(root)}")
                continue
            if stat.S_IMODE(path.stat().st_mode) != 0o444:
                self._fault(f"clips/{path.name}: mode {path.stat().st_mode & 0o7777:o}")
            if path.name.endswith(".chunks"):
                if not path.with_name(digest).exists() and not self._is_under_way(path):
                    self._fault(f"clips/{path.name}: a chunk list without its clip")
                continue
            data = path.read_bytes()
            if hashlib.sha256(data).hexdigest() != digest:
                self._fault(f"clips/{digest}: other bytes than its name says")
                continue
            sidecar = path.with_name(f"{digest}.chunks")
            if not sidecar.exists() or sidecar.read_bytes() != chunk_list(data):
                self._fault(f"clips/{digest}: its chunk list is missing or wrong")
                continue
            self._clips[digest] = sidecar.read_bytes()
            if not self._is_under_way(path) and digest not in {d["sha256"] for d in self._stored()}:
                self._fault(f"clips/{digest}: no event speaks of it")

    def _is_under_way(self, path: Path) -> bool:
        """A crash may leave names that are linked from a partial folder and not yet in the log."""
        return not self.settled and path.stat().st_ino in self._linked

    def _check_manifests(self) -> None:
        root = self.home / "vault/manifests"
        known = self._published(STORED)
        for path in sorted(p for p in root.rglob("*") if p.is_file()):
            name = str(path.relative_to(root))
            match = re.fullmatch(r"(\d{4}/\d{2}/\d{2})/([0-9a-f-]{36})\.json(\.p7s)?", name)
            if match is None:
                self._fault(f"manifests: a stray {name}")
                continue
            if stat.S_IMODE(path.stat().st_mode) != 0o444:
                self._fault(f"manifests/{name}: mode {path.stat().st_mode & 0o7777:o}")
            if match[2] not in known and not self._is_under_way(path):
                self._fault(f"manifests/{name}: no event speaks of it")
            if not match[3]:
                self._check_manifest(path, match[1].replace("/", "-"))
            elif not path.with_suffix("").exists() and not self._is_under_way(path):
                self._fault(f"manifests/{name}: a signature without its manifest")

    def _check_manifest(self, path: Path, day: str) -> None:
        where, data = f"manifests/{path.name}", path.read_bytes()
        try:
            manifest = json.loads(data)
        except ValueError:
            self._fault(f"{where}: not JSON")
            return
        canonical = json.dumps(manifest, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        if canonical != data:
            self._fault(f"{where}: not canonical")
        if manifest["acquisition"] != path.stem or not manifest["source"]["docked_at"].startswith(day):
            self._fault(f"{where}: its place is another acquisition's")
        chunks = self._clips.get(manifest["sha256"])
        if chunks is None:
            self._fault(f"{where}: its clip {manifest['sha256']} is not (whole) there")
        else:
            leaves = [tlog_reader.leaf_hash(chunks[i : i + 32]) for i in range(0, len(chunks), 32)]
            if tlog_reader.root_of(leaves).hex() != manifest["chunks_root"]:
                self._fault(f"{where}: chunks_root is another list's")
        self._check_signature(path, where)

    def _check_signature(self, manifest: Path, where: str) -> None:
        """As docs/formats.md tells an outsider, and the signer is the station's pinned certificate."""
        keys = self.home / "keys"
        with tempfile.NamedTemporaryFile(prefix="signer-") as file:
            signer = Path(file.name)
            verified = subprocess.run(
                [
                    *("openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", f"{manifest}.p7s"),
                    *("-content", manifest, "-CAfile", keys / "ca.pem", "-no-CApath", "-no-CAstore"),
                    *("-purpose", "any", "-signer", signer, "-out", "/dev/null"),
                ],
                capture_output=True,
                check=False,
            )
            if verified.returncode:
                self._fault(f"{where}: openssl refuses the signature: {verified.stderr.decode()[:200]}")
            elif _der(signer) != _der(keys / "station.pem"):
                self._fault(f"{where}: signed by another certificate than the station's")

    # --- events against files -------------------------------------------------------------------

    def _published(self, types: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Acquisition -> data of its published event."""
        return {
            data["acquisition"]: data
            for entry, data in zip(self.log.entries, self._data, strict=True)
            if entry["type"] in types and data
        }

    def _stored(self) -> list[dict[str, Any]]:
        return list(self._published(STORED).values())

    def _check_stored_events(self) -> None:
        """What the log says is stored, is: clip, manifest with the digest that the log names, signature."""
        for data in self._stored():
            where = f"{data['acquisition']} ({data['path']})"
            manifest = self.home / "vault/manifests" / f"{data['manifest']}.json"
            if data["sha256"] not in self._clips:
                self._fault(f"{where}: in the log, and its bytes are not (whole) in the vault")
            if not manifest.exists() or not manifest.with_name(f"{manifest.name}.p7s").exists():
                self._fault(f"{where}: in the log, and manifest or signature is missing")
                continue
            content = manifest.read_bytes()
            if hashlib.sha256(content).hexdigest() != data["manifest_sha256"]:
                self._fault(f"{where}: the manifest is not the one that the log names")
            elif json.loads(content)["sha256"] != data["sha256"]:
                self._fault(f"{where}: log and manifest name different bytes")

    def _check_releases(self) -> None:
        """A release names only what was secured before, and nothing is released that none named."""
        secured: set[str] = set()
        started: set[str] = set()
        for entry, data in zip(self.log.entries, self._data, strict=True):
            if entry["type"] == "clip.secured":
                secured.add(data["acquisition"])
            elif entry["type"] == "release.started":
                if strangers := set(data["acquisitions"]) - secured:
                    self._fault(f"entry {entry['seq']}: release of what is not secured: {sorted(strangers)}")
                started |= set(data["acquisitions"])
            elif entry["type"] == "clip.released" and data["acquisition"] not in started:
                self._fault(f"entry {entry['seq']}: released without a release.started")

    def _check_cards(self) -> None:
        """Every file that ever lay on a card is there still, or stored; what went was named by a release."""
        secured = self._published(("clip.secured",))
        by_file: dict[tuple[bytes, str], list[str]] = {}
        for acquisition, data in secured.items():
            by_file.setdefault((_path(data), data["sha256"]), []).append(acquisition)
        started = {
            acquisition
            for entry, data in zip(self.log.entries, self._data, strict=True)
            if entry["type"] == "release.started"
            for acquisition in data["acquisitions"]
        }
        released = self._published(("clip.released",))
        still = {seen for card in self.cards for seen in look(card)}
        if new := still - set(self.seen):
            self._fault(f"cards: something was written: {sorted(s.path for s in new)}")
        for seen in sorted(self.seen, key=lambda s: (s.card, s.path)):
            where = f"card {Path(seen.card).name}: {os.fsdecode(seen.path)}"
            found = by_file.get((seen.path, seen.sha256), [])
            is_safe = bool(found) and seen.sha256 in self._clips
            if seen not in still:
                if not is_safe:
                    self._fault(f"{where}: LOST: neither on the card nor secured")
                elif not started & set(found):
                    self._fault(f"{where}: deleted without a published release.started")
                elif self.settled and not set(found) <= released.keys():
                    self._fault(f"{where}: gone, and no clip.released says so")
            if self.settled and not is_safe:
                self._fault(f"{where}: not secured")
            if self.settled and len(found) > 1:
                self._fault(f"{where}: secured {len(found)} times")

    def _fault(self, what: str) -> None:
        self.faults.append(what)


def check(
    home: Path,
    seen: Iterable[Seen] = (),
    cards: Sequence[Path] = (),
    *,
    earlier: bytes | None = None,
    settled: bool = False,
) -> list[str]:
    """Every fault of a home and its cards, in words; ``seen`` is all that ever lay on these cards."""
    return Checker(home, set(seen), cards, earlier, settled).run()


def chunk_list(data: bytes) -> bytes:
    """BLAKE3-256 of each MiB, concatenated."""
    return b"".join(blake3(data[i : i + MIB]).digest() for i in range(0, len(data), MIB))


def vouched(chunks: bytes) -> bytes:
    """The digests of a list that say something: whole ones, up to the first that is zeros only.

    ext4 may write the size of a file down before its data: after a power cut a list that was never synced
    has its length, and zeros, which are no digest of anything.
    """
    digests = [chunks[at : at + 32] for at in range(0, len(chunks) - len(chunks) % 32, 32)]
    return b"".join(itertools.takewhile(any, digests))


def _path(data: Mapping[str, Any]) -> bytes:
    if data["path_b64"] is not None:
        return base64.b64decode(data["path_b64"])
    path: str = data["path"]
    return path.encode()


def _values_in(data: Any) -> Iterable[str]:
    """Digests of personal values: fields named ``value`` or ``*_value``."""
    if isinstance(data, dict):
        for name, value in data.items():
            if isinstance(value, str) and (name == "value" or name.endswith("_value")):
                yield value
            else:
                yield from _values_in(value)
    elif isinstance(data, list):
        for value in data:
            yield from _values_in(value)


def _der(pem: Path) -> bytes:
    body = pem.read_text().split("-----BEGIN CERTIFICATE-----")[1].split("-----END")[0]
    return base64.b64decode(body)


class Dump:
    """A copy of a home's database, as SQLite itself recovers it from file and write-ahead log."""

    def __init__(self, home: Path) -> None:
        self._folder = tempfile.TemporaryDirectory()
        for suffix in ("", "-wal"):
            if (home / f"index.db{suffix}").exists():
                shutil.copyfile(home / f"index.db{suffix}", f"{self._folder.name}/index.db{suffix}")
        self._connection = sqlite3.connect(f"{self._folder.name}/index.db")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()
        self._folder.cleanup()

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """A query's rows."""
        return self._connection.execute(query).fetchall()

    def tables(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every table, rows sorted."""
        names = [n for (n,) in self.rows("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        return {name: sorted(self.rows(f'SELECT * FROM "{name}"'), key=repr) for name in names}


def index_faults(home: Path, rebuild: Sequence[object]) -> list[str]:
    """Compare the index with one rebuilt in a copy; ``rebuild`` is the command, the copy's path appended.

    A rebuild says so in the log: its own last entry is the only difference that may be.
    """
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "home"
        shutil.copytree(home, copy, ignore=lambda at, _: {"clips", "partial"} if at.endswith("vault") else ())
        done = subprocess.run([*map(str, rebuild), str(copy)], capture_output=True, text=True, check=False)
        if done.returncode:
            return [f"rebuild failed: {done.stderr}"]
        return compare(home, copy)


def compare(home: Path, rebuilt: Path) -> list[str]:
    """How the index of a home differs from that of its rebuilt copy, but for the rebuild's own entry."""
    with Dump(home) as one, Dump(rebuilt) as other:
        live, again = one.tables(), other.tables()
        size = len(live["entries"])
        for table, at in (("entries", 0), ("subjects", 1)):
            again[table] = [row for row in again[table] if row[at] < size]
        for tables in (live, again):
            tables["meta"] = [row for row in tables["meta"] if not row[0].startswith("recovered")]
        return [
            f"index: table {name} differs from a rebuild: {_first(live.get(name, []), again.get(name, []))}"
            for name in sorted(live.keys() | again.keys())
            if live.get(name) != again.get(name)
        ]


def _first(one: list[tuple[Any, ...]], other: list[tuple[Any, ...]]) -> str:
    live, again = [r for r in one if r not in other], [r for r in other if r not in one]
    return f"live {live[:2]!r}, rebuilt {again[:2]!r}"


if __name__ == "__main__":
    FOUND = check(
        Path(sys.argv[1]), {s for c in sys.argv[2:] for s in look(Path(c))}, [*map(Path, sys.argv[2:])]
    )
    print("\n".join(FOUND) or "ok")
    raise SystemExit(1 if FOUND else 0)
