"""Partial copies that a pull-out or a crash left: what becomes of them.

The next docking copies the file anew; where the new copy begins with the partial's chunks the partial has
nothing of its own and goes, otherwise it is sealed at once as a quarantined item. So is a partial whose
recorder stays away too long. A folder that a hung worker still locks is left alone until it is free.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import logging
import os
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from ingestd import canon, durable
from ingestd.intake import intent as intents
from ingestd.intake.acquire import COPIED, Acquirer
from ingestd.intake.describe import Taken
from ingestd.intake.disk import disk
from ingestd.intake.intent import Intent
from ingestd.model import CHUNK_BYTES, AcquisitionId, BadRange, CardPath, Millis, RecorderId, Sha256
from ingestd.vault import chunks, layout
from ingestd.vault.chunks import DIGEST_BYTES

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Partial:
    """A kept partial copy: bytes whose digests are durable, less than the whole file."""

    intent: Intent
    folder: Path
    digests: bytes


@contextmanager
def locked(folder: Path) -> Iterator[bool]:
    """Hold the folder's lock; False where a worker still has it (or the folder is gone)."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        yield False
        return
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)


class Partials:
    """Enters each partial folder at the step at which it was left."""

    def __init__(self, acquirer: Acquirer) -> None:
        self._acquirer = acquirer
        self._turn = threading.Lock()
        """Held for a whole pass: a docking whose recorder's folder another pass has at hand waits for its end."""

    def folders(self) -> list[Path]:
        """Every partial folder, oldest first."""
        return sorted(self._acquirer.home.partial_root.iterdir())

    def recover(self) -> list[AcquisitionId]:
        """Bring every folder as far as it goes without its recorder; the acquisitions secured by it.

        Raises NoSpaceError, VaultError: what was not reached is reached by the next pass.
        """
        with self._turn, disk():
            self._acquirer.vault.sweep_done()
            return self._recover(self.folders())

    def finish(self, recorder: RecorderId) -> None:
        """Secure what earlier dockings of a recorder copied in full: it is held then, and not copied again.

        Raises NoSpaceError, VaultError.
        """
        with self._turn, disk():
            self._recover(folder for folder in self.folders() if self._is_copy_of(recorder, folder))

    def _is_copy_of(self, recorder: RecorderId, folder: Path) -> bool:
        if not any((folder / name).exists() for name in (COPIED, layout.MANIFEST)):
            return False
        intent = self._intent(folder)
        return intent is not None and intent.docking.recorder == recorder

    def _recover(self, folders: Iterable[Path]) -> list[AcquisitionId]:
        secured = []
        for folder in folders:
            with locked(folder) as free:
                if free and self._recover_one(folder):
                    secured.append(AcquisitionId(folder.name))
        return secured

    def _recover_one(self, folder: Path) -> bool:
        if not layout.is_acquisition(folder.name) or folder.name in self._acquirer.active:
            return False
        acquisition = AcquisitionId(folder.name)
        intent = self._intent(folder)
        if intent is None and _holds_bytes(folder) and not self._acquirer.books.is_recorded(acquisition):
            log.error(
                "%s: its intake record is damaged, its bytes are left as they are: look at the disk", folder
            )
            return False
        if intent is None or self._acquirer.books.is_recorded(acquisition):
            self._acquirer.forget([acquisition])
            return False
        if (folder / layout.MANIFEST).exists():
            self._acquirer.resume(intent, (folder / layout.MANIFEST).read_bytes())
            return True
        taken = self._complete(intent, folder)
        if taken is not None and self._acquirer.secure([taken])[0].action != "failed":
            return True
        self._cut(acquisition, folder)
        return False

    def _intent(self, folder: Path) -> Intent | None:
        """The intake record; None where it is not readable: not durable yet (nothing was copied), or damaged."""
        try:
            return intents.from_bytes((folder / layout.INTAKE_RECORD).read_bytes())
        except (FileNotFoundError, canon.CanonError):
            return None

    def _complete(self, intent: Intent, folder: Path) -> Taken | None:
        """The file as copied, where its bytes are all there: digests recomputed from the file."""
        if not (folder / COPIED).exists():
            return None
        try:
            taken = _noted(intent, folder)
        except (ValueError, KeyError, TypeError):
            return None
        digest, size = hashlib.sha256(), 0
        listed = bytearray()
        with (folder / layout.BYTES).open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                digest.update(chunk)
                listed += chunks.digest(chunk)
                size += len(chunk)
        is_whole = (size, digest.hexdigest()) == (taken.size, taken.sha256)
        return taken if is_whole and bytes(listed) == (folder / layout.CHUNKS).read_bytes() else None

    def _cut(self, acquisition: AcquisitionId, folder: Path) -> None:
        """Keep the prefix that its durable digests prove, or nothing."""
        for name in (COPIED, layout.MANIFEST, layout.SIGNATURE):
            (folder / name).unlink(missing_ok=True)
        digests = (folder / layout.CHUNKS).read_bytes()
        proved = 0
        with (folder / layout.BYTES).open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                wanted = digests[proved * DIGEST_BYTES : (proved + 1) * DIGEST_BYTES]
                if chunks.digest(chunk) != wanted:
                    break
                proved += 1
            size = min(proved * CHUNK_BYTES, file.seek(0, os.SEEK_END))
        if proved == 0:
            self._acquirer.forget([acquisition])
            return
        os.truncate(folder / layout.BYTES, size)
        os.truncate(folder / layout.CHUNKS, proved * DIGEST_BYTES)
        durable.settle([folder / layout.BYTES, folder / layout.CHUNKS, folder])

    # --- at the next docking ------------------------------------------------------------------

    def of_recorder(self, recorder: RecorderId) -> dict[CardPath, list[Partial]]:
        """Kept partials of a recorder by the path of their file."""
        found: dict[CardPath, list[Partial]] = {}
        for folder in self.folders():
            intent = self._intent(folder)
            if intent is None or intent.docking.recorder != recorder or (folder / COPIED).exists():
                continue
            if intent.acquisition in self._acquirer.active:  # of another slot: two may claim one serial
                continue
            with suppress(FileNotFoundError):
                digests = (folder / layout.CHUNKS).read_bytes()
                partial = Partial(intent=intent, folder=folder, digests=digests)
                found.setdefault(intent.path, []).append(partial)
        return found

    def compare(self, partial: Partial, digests: bytes) -> None:
        """After a new copy: nothing of its own, and it goes; otherwise it is sealed as it is."""
        with self._turn, locked(partial.folder) as free:
            if not free:
                return
            whole = partial.digests[: len(partial.digests) - len(partial.digests) % DIGEST_BYTES]
            if digests.startswith(whole):
                self._acquirer.forget([partial.intent.acquisition])
            else:
                self._seal(partial)

    def seal_old(self, older_than: Millis) -> list[AcquisitionId]:
        """Seal partials whose recorder did not come back since a moment."""
        sealed = []
        with self._turn:
            for folder in self.folders():
                intent = self._intent(folder)
                if intent is None or intent.acquisition in self._acquirer.active:
                    continue
                if intent.docking.docked_at >= older_than or (folder / COPIED).exists():
                    continue
                with locked(folder) as free:
                    if free:
                        digests = (folder / layout.CHUNKS).read_bytes()
                        self._seal(Partial(intent=intent, folder=folder, digests=digests))
                        sealed.append(intent.acquisition)
        return sealed

    def _seal(self, partial: Partial) -> None:
        self._cut(partial.intent.acquisition, partial.folder)
        path = partial.folder / layout.BYTES
        if not path.exists():
            return
        digest, size = hashlib.sha256(), 0
        with path.open("rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                digest.update(chunk)
                size += len(chunk)
        self._acquirer.secure(
            [
                Taken(
                    intent=partial.intent,
                    sha256=Sha256(digest.hexdigest()),
                    size=size,
                    bad=(),
                    partial=True,
                )
            ]
        )


def _holds_bytes(folder: Path) -> bool:
    """Whether something was copied: the record was durable before, so it was damaged since."""
    path = folder / layout.BYTES
    return path.exists() and path.stat().st_size > 0


def _noted(intent: Intent, folder: Path) -> Taken:
    """What the worker noted when the copy was complete. Raises ValueError, KeyError, TypeError."""
    note = json.loads((folder / COPIED).read_bytes())
    return Taken(
        intent=intent,
        sha256=note["sha256"],
        size=note["size"],
        bad=tuple(BadRange(offset=offset, length=length) for offset, length in note["bad"]),
    )
