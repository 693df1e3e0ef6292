"""Files that were quarantined, read again: whether a read repeats an earlier one, or betters it (design 4)."""

from __future__ import annotations

from collections.abc import Sequence

from ingestd.intake.describe import Taken
from ingestd.intake.intent import Intent
from ingestd.intake.ports import Books, QuarantinedRead
from ingestd.model import CHUNK_BYTES, AcquisitionId, BadRange
from ingestd.vault import chunks
from ingestd.vault.manifest import Manifest
from ingestd.vault.store import Vault


def repeated(taken: Taken, books: Books) -> tuple[AcquisitionId, QuarantinedRead] | None:
    """The quarantined read of this file that this one repeats byte for byte; None: there is none, or it rotted.

    It stays the file's, with the moment at which it was stored (REC-1).
    """
    for acquisition in taken.intent.earlier:
        read = books.quarantined(acquisition)
        if (
            read is not None
            and (read.sha256, read.bad_ranges, read.partial) == (taken.sha256, taken.bad, taken.partial)
            and not books.is_damaged(read.sha256)
        ):
            return acquisition, read
    return None


def bettered(intent: Intent, sealed: Manifest, books: Books, vault: Vault) -> tuple[AcquisitionId, ...]:
    """Earlier quarantined reads of a file of which this one has every byte that they have.

    One that only has the beginning is bettered by a read that begins with the same chunks.
    """
    found = []
    for acquisition in intent.earlier:
        read = books.quarantined(acquisition)
        if read is None or (sealed.source.partial and not read.partial):
            continue
        if read.partial:
            whole = read.size // CHUNK_BYTES * chunks.DIGEST_BYTES
            begins = vault.digests(read.sha256)[:whole]
            is_better = bool(begins) and vault.digests(sealed.sha256).startswith(begins)
        else:
            is_better = _is_within(sealed.source.bad_ranges, read.bad_ranges)
        if is_better:
            found.append(acquisition)
    return tuple(found)


def _is_within(ours: Sequence[BadRange], theirs: Sequence[BadRange]) -> bool:
    """Whether each of our holes lies in one of theirs (both merged, in order)."""
    return all(
        any(t.offset <= o.offset and o.offset + o.length <= t.offset + t.length for t in theirs) for o in ours
    )
