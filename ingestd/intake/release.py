"""Freeing a recorder: delete what is proved to be held, then look whether it is gone.

Intent before the act: `release.started` names the acquisitions and is published before the first deletion.
Only secured acquisitions are named; what changed on the card since is not deleted; what could not be deleted
is said. A crash in between leaves the rest to the next docking.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingestd.events import ClipReleased, Event, ReleaseFailed, ReleaseStarted
from ingestd.intake.card import Card, Deletion
from ingestd.intake.ports import Books
from ingestd.intake.results import FileResult
from ingestd.model import CHUNK_BYTES, AcquisitionId, CardPath, Fault, RecorderId, SessionId, Sha256
from ingestd.vault.store import Vault

AT_ONCE = 500
"""Deletions asked for in one message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One file on the card that is held and proved, or the remnant of one: it may be deleted."""

    acquisition: AcquisitionId
    path: CardPath
    size: int
    mtime_us: int | None
    sha256: Sha256
    is_remnant: bool
    """Left by a deletion of ours that was cut off, and unreadable: its bytes can't be compared again."""


def due_of(file: FileResult, family: str | None) -> Due | None:
    """The file as it may be deleted: held and proved, not to stay, on an unknown layout media only."""
    if file.action not in ("secured", "held") or file.fault is not None or file.stays:
        return None
    if family is None and not file.kind.is_recording:
        return None
    assert file.acquisition is not None
    assert file.sha256 is not None
    return Due(
        acquisition=file.acquisition,
        path=file.path,
        size=file.size,
        mtime_us=file.mtime_us,
        sha256=file.sha256,
        is_remnant=file.is_remnant,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """What came of a release."""

    gone: frozenset[AcquisitionId]
    kept: tuple[tuple[AcquisitionId, str], ...]
    is_whole: bool
    """Everything that was due is known to be gone; what is not known is found out at the next docking."""
    told: tuple[Event, ...]
    """What is to be said of it, in one transaction with how the docking ended."""


def edges(vault: Vault, due: Due) -> tuple[tuple[int, str], ...]:
    """Offset and BLAKE3 of a stored clip's first and last chunk, none of a remnant's. Raises OSError."""
    if due.is_remnant:
        return ()
    last = (due.size - 1) // CHUNK_BYTES if due.size else 0
    digests = vault.digests(due.sha256)
    pick = sorted({0, last}) if due.size else []
    return tuple((n * CHUNK_BYTES, digests[n * 32 : n * 32 + 32].hex()) for n in pick)


class Release:
    """The release of one volume."""

    def __init__(
        self, card: Card, books: Books, vault: Vault, *, session: SessionId, recorder: RecorderId
    ) -> None:
        self._card = card
        self._books = books
        self._vault = vault
        self._session = session
        self._recorder = recorder

    def run(self, due: Sequence[Due]) -> Released:
        """Publish the intent, delete, look again. Raises DeviceError where the card goes away: the intent stands.

        Remnants go last: the kernel may turn the card read-only over one, when all else is gone.
        """
        due = sorted(due, key=lambda d: d.is_remnant)
        self._start(due)
        refused = dict(self._delete(due))
        self._card.connect()
        listing = self._card.listing(lambda _count: None)
        present = {item.path for item in listing.items}
        gone = {d.acquisition for d in due if listing.complete and d.path not in present}
        kept = tuple(
            (d.acquisition, refused.get(d.acquisition, "still there after deletion"))
            for d in due
            if d.path in present
        )
        told = self._told([d for d in due if d.acquisition in gone], kept)
        return Released(gone=frozenset(gone), kept=kept, is_whole=len(gone) == len(due), told=told)

    def _start(self, due: Sequence[Due]) -> None:
        started = ReleaseStarted(
            session=self._session,
            recorder=self._recorder,
            acquisitions=tuple(d.acquisition for d in due),
        )
        self._books.ensure_published(self._books.append([started])[-1])

    def _delete(self, due: Sequence[Due]) -> Iterator[tuple[AcquisitionId, str]]:
        self._card.connect(writable=True)
        for start in range(0, len(due), AT_ONCE):
            batch = [
                Deletion(
                    acquisition=d.acquisition,
                    path=d.path,
                    size=d.size,
                    mtime_us=d.mtime_us,
                    edges=edges(self._vault, d),
                )
                for d in due[start : start + AT_ONCE]
            ]
            yield from self._card.delete(batch).kept

    def _told(self, gone: Sequence[Due], kept: Sequence[tuple[AcquisitionId, str]]) -> tuple[Event, ...]:
        events: list[Event] = [
            ClipReleased(
                acquisition=d.acquisition,
                session=self._session,
                observed=False,
                remnant=d.is_remnant or None,
            )
            for d in gone
        ]
        by_reason: dict[str, list[AcquisitionId]] = {}
        for acquisition, why in kept:
            by_reason.setdefault(why, []).append(acquisition)
        events += [
            ReleaseFailed(
                session=self._session,
                recorder=self._recorder,
                acquisitions=tuple(acquisitions),
                why=_word(why),
                detail=why,
            )
            for why, acquisitions in by_reason.items()
        ]
        return tuple(events)


def _word(why: str) -> str:
    if why == "read-only":
        return why
    if why.startswith((Fault.CHANGED, Fault.GROWING, Fault.VANISHED)):
        return "changed"
    return "device-error"
