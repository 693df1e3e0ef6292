"""Reads and checks a tlog-tiles log from its files alone: own RFC 6962, tiles, bundles, signed notes.

Shares no code with ingestd. `read` gives what the signed checkpoint covers, and every fault it found.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

WIDTH = 256
_FIELDS = {"v", "type", "at", "clock", "seq", "node", "actor", "subject", "data"}
_TILE = re.compile(r"tile/(?P<level>entries|\d{1,2})/(?P<n>(?:x\d{3}/)*\d{3})(?:\.p/(?P<w>[1-9]\d{0,2}))?")


def leaf_hash(entry: bytes) -> bytes:
    """RFC 6962, 2.1."""
    return hashlib.sha256(b"\0" + entry).digest()


def root_of(hashes: Sequence[bytes]) -> bytes:
    """RFC 6962 tree hash over leaf hashes."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    level = list(hashes)
    while len(level) > 1:
        # Pairing level by level, an odd one carried up, gives the same tree as splitting by powers of two.
        paired = [
            hashlib.sha256(b"\1" + level[i] + level[i + 1]).digest() for i in range(0, len(level) - 1, 2)
        ]
        level = paired + level[len(paired) * 2 :]
    return level[0]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A signed note's size and root."""

    size: int
    root: bytes


@dataclass(slots=True)
class LogRead:
    """What a log's files say."""

    checkpoint: Checkpoint = field(default_factory=lambda: Checkpoint(0, b""))
    raw: list[bytes] = field(default_factory=list)
    entries: list[dict[str, Any]] = field(default_factory=list)
    beyond: list[str] = field(default_factory=list)
    """Tiles and bundles that lie beyond the checkpoint: left by an interrupted publishing."""
    faults: list[str] = field(default_factory=list)


def read_checkpoint(note: bytes, vkey: str) -> Checkpoint:
    """A C2SP signed note by the verifier key ``name+hash+key``. Raises ValueError."""
    name, key_hash, encoded = vkey.strip().split("+", 2)
    key = base64.b64decode(encoded, validate=True)
    if key[:1] != b"\1" or hashlib.sha256(name.encode() + b"\n" + key).hexdigest()[:8] != key_hash:
        raise ValueError("the verifier key is none")
    text, gap, signatures = note.partition(b"\n\n")
    if not gap or not note.endswith(b"\n") or any(byte < 0x20 and byte != 0x0A for byte in note):
        raise ValueError("no signed note")
    text += b"\n"
    for line in signatures.decode()[:-1].split("\n"):
        dash, signer, blob = line.split(" ")
        signature = base64.b64decode(blob, validate=True)
        if dash == "\u2014" and signer == name and signature[:4].hex() == key_hash:
            try:
                Ed25519PublicKey.from_public_bytes(key[1:]).verify(signature[4:], text)
            except InvalidSignature as error:
                raise ValueError("the checkpoint's signature is false") from error
            break
    else:
        raise ValueError("the checkpoint is not signed by this log's key")
    lines = text.decode().split("\n")
    if lines[0] != name or lines[1] != str(int(lines[1])):
        raise ValueError("the checkpoint is of another log, or its size no number")
    return Checkpoint(int(lines[1]), base64.b64decode(lines[2], validate=True))


def read(home: Path) -> LogRead:
    """The log of a home. Faults are collected, never raised."""
    found = LogRead()
    vkey = (home / "keys/log.vkey").read_text()
    try:
        found.checkpoint = read_checkpoint((home / "log/checkpoint").read_bytes(), vkey)
    except (OSError, ValueError) as error:
        found.faults.append(f"log: checkpoint: {error}")
        return found
    try:
        _read_entries(home / "log", found)
    except (OSError, ValueError) as error:
        found.faults.append(f"log: entries: {error}")
        return found
    hashes = [leaf_hash(raw) for raw in found.raw]
    if root_of(hashes) != found.checkpoint.root:
        found.faults.append("log: the entries do not give the signed root")
    _check_tiles(home / "log", hashes, found)
    for path in sorted((home / "checkpoints").iterdir()):
        _check_kept(path, vkey, hashes, found)
    return found


def is_beginning(earlier: bytes, vkey: str, log: LogRead) -> bool:
    """Whether the log of an earlier checkpoint is the beginning of this one. Raises ValueError."""
    old = read_checkpoint(earlier, vkey)
    hashes = [leaf_hash(raw) for raw in log.raw[: old.size]]
    return old.size <= log.checkpoint.size and root_of(hashes) == old.root


def _name(level: str, index: int, width: int) -> str:
    groups = [f"{index % 1000:03d}"]
    while index := index // 1000:
        groups.insert(0, f"x{index % 1000:03d}")
    return f"tile/{level}/{'/'.join(groups)}" + (f".p/{width}" if width < WIDTH else "")


def _widest(log: Path, level: str, index: int, width: int) -> bytes:
    """The tile of this width; where only a fuller one is left, that one."""
    for name in (_name(level, index, width), _name(level, index, WIDTH)):
        if (log / name).is_file():
            return (log / name).read_bytes()
    raise ValueError(f"{_name(level, index, width)} is missing")


def _split(bundle: bytes) -> list[bytes]:
    entries, at = [], 0
    while at < len(bundle):
        length = int.from_bytes(bundle[at : at + 2], "big")
        entries.append(bundle[at + 2 : at + 2 + length])
        at += 2 + length
    if at != len(bundle):
        raise ValueError("a bundle ends within an entry")
    return entries


def _read_entries(log: Path, found: LogRead) -> None:
    size = found.checkpoint.size
    for index in range(-(-size // WIDTH)):
        width = min(WIDTH, size - index * WIDTH)
        found.raw += _split(_widest(log, "entries", index, width))[:width]
    if len(found.raw) != size:
        raise ValueError(f"{len(found.raw)} entries are there, {size} are signed")
    for seq, raw in enumerate(found.raw):
        entry = json.loads(raw)
        found.entries.append(entry)
        canonical = json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        if set(entry) != _FIELDS or entry["seq"] != seq or canonical != raw:
            found.faults.append(f"log: entry {seq} is not in its form")


def _check_tiles(log: Path, hashes: list[bytes], found: LogRead) -> None:
    """Every file of the tree is a tile with the content that the entries give, and none is missing."""
    levels = [hashes]
    while len(levels[-1]) >= WIDTH:
        below = levels[-1]
        levels.append(
            [root_of(below[i : i + WIDTH]) for i in range(0, len(below) - len(below) % WIDTH, WIDTH)]
        )
    for number, level in enumerate(levels):
        for index in range(-(-len(level) // WIDTH)):
            part = level[index * WIDTH : (index + 1) * WIDTH]
            try:
                _widest(log, str(number), index, len(part))
            except ValueError as error:
                found.faults.append(f"log: {error}")
    _check_files(log, levels, found)


def _check_files(log: Path, levels: Sequence[Sequence[bytes]], found: LogRead) -> None:
    size = found.checkpoint.size
    for path in sorted(p for p in log.rglob("*") if p.is_file()):
        name = str(path.relative_to(log))
        if name == "checkpoint":
            continue
        match = _TILE.fullmatch(name)
        if match is None:
            found.faults.append(f"log: stray file {name}")
            continue
        index, width = int(match["n"].replace("x", "").replace("/", "")), int(match["w"] or WIDTH)
        number = 0 if match["level"] == "entries" else int(match["level"])
        if index * WIDTH + width > size // WIDTH**number:
            found.beyond.append(name)
            continue
        data = path.read_bytes()
        if match["level"] == "entries":
            given, wanted = _split(data), found.raw[index * WIDTH : index * WIDTH + width]
            is_right = given == wanted
        else:
            is_right = data == b"".join(levels[number][index * WIDTH : index * WIDTH + width])
        if not is_right:
            found.faults.append(f"log: {name} is not what the entries give")


def _check_kept(path: Path, vkey: str, hashes: list[bytes], found: LogRead) -> None:
    if path.name.startswith("."):
        return
    try:
        kept = read_checkpoint(path.read_bytes(), vkey)
    except ValueError as error:
        found.faults.append(f"checkpoints/{path.name}: {error}")
        return
    if str(kept.size) != path.name:
        found.faults.append(f"checkpoints/{path.name} is of size {kept.size}")
    elif kept.size > len(hashes) or root_of(hashes[: kept.size]) != kept.root:
        found.faults.append(f"checkpoints/{path.name}: not the beginning of this log")
