"""The auditor's nonce between the steps of a draw: a file of the auditor's, mode 0600, durable before it is bound.

Why a file, and why not the station's: the draw is fair because the station does not know the nonce before its own
half of the seed is signed; so it lies in the auditor's state folder ($XDG_STATE_HOME, else ~/.local/state), or where
`--keep` says (a stick that the auditor takes along), never in the home. Why not on the screen: a nonce that is lost
between two steps cannot be told from one that is kept back, and is a finding. So it is written before the commitment
leaves; the same command goes on from it after a crash; and it goes when the log has it.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from ingestd import durable
from ingestd.audits.population import Scope
from ingestd.errors import UsageError, system_text
from ingestd.law.draw import NONCE_BYTES, commitment
from ingestd.model import Millis
from ingestd.words import Text

FILE_MODE, FOLDER_MODE = 0o600, 0o700
_NAME = re.compile(r"[0-9a-f]{16}\.nonce")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A nonce with the draw that it is for."""

    origin: str
    """Of the log."""
    since_at: Millis
    until_at: Millis
    unit: str | None
    nonce: str

    @property
    def commitment(self) -> str:
        """What is told of it before it is revealed."""
        return commitment(bytes.fromhex(self.nonce))


def folder(chosen: Path | None) -> Path:
    """Where nonces are kept."""
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state"
    return chosen if chosen is not None else Path(state) / "ingestd/audits"


class Nonces:
    """The nonces of one auditor. Raises UsageError where the folder cannot be used."""

    def __init__(self, where: Path) -> None:
        self._where = where

    def of(self, origin: str, scope: Scope) -> Iterator[Kept]:
        """What is kept for draws of this scope."""
        names = [path for path in self._where.glob("*.nonce") if _NAME.fullmatch(path.name)]
        for path in sorted(names):
            kept = _read(path)
            if (kept.origin, kept.since_at, kept.until_at, kept.unit) == (
                origin,
                scope.since_at,
                scope.until_at,
                scope.unit,
            ):
                yield kept

    def make(self, origin: str, scope: Scope) -> Kept:
        """A new nonce from the system's randomness, kept durably."""
        kept = Kept(
            origin=origin,
            since_at=scope.since_at,
            until_at=scope.until_at,
            unit=scope.unit,
            nonce=secrets.token_hex(NONCE_BYTES),
        )
        text = json.dumps(asdict(kept), ensure_ascii=False) + "\n"
        try:
            durable.settle(durable.make_folder(self._where, mode=FOLDER_MODE))
            durable.write(self._path(kept), text.encode(), mode=FILE_MODE)
        except OSError as error:
            raise UsageError(
                Text(
                    "随机数无法保存在 {p}（{w}），尚未开始抽取；请用 --keep 另选目录。",
                    "the nonce cannot be kept in {p} ({w}), nothing was begun; choose another folder with --keep.",
                ).format(p=self._where, w=system_text(error))
            ) from error
        return kept

    def forget(self, kept: Kept) -> None:
        """The log has it, or it can never be used."""
        self._path(kept).unlink(missing_ok=True)

    def _path(self, kept: Kept) -> Path:
        return self._where / f"{kept.commitment[:16]}.nonce"


def _read(path: Path) -> Kept:
    try:
        raw = json.loads(path.read_bytes())
        kept = Kept(**{field.name: raw[field.name] for field in fields(Kept)})
        if hashlib.sha256(bytes.fromhex(kept.nonce)).hexdigest()[:16] != path.stem:
            raise ValueError("not the nonce of its name")  # noqa: TRY301 - said in one place
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UsageError(
            Text(
                "{p} 不是可用的随机数文件（{w}）。若已损坏，请作废该次抽取（audit void）并移走此文件。",
                "{p} is no file of a nonce ({w}). Where it is damaged, give that draw up with audit void and move "
                "the file away.",
            ).format(p=path, w=error)
        ) from error
    return kept
