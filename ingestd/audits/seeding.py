"""The station's half of a draw's seed: `audit.seeded` right after the publication that covers a commitment.

Whose checkpoint it is must be nobody's choice. So this runs within the publishing, before the next one can begin;
the checkpoint is kept first, and after a crash or on a full disk the first that is known to cover the commitment is
taken: what was published and not appended yet is what the next start finds on the disk.
"""

from __future__ import annotations

import logging

from sqlalchemy import Engine

from ingestd.errors import IngestdError
from ingestd.events import AuditSeeded
from ingestd.index import audits
from ingestd.index.database import reading
from ingestd.ledger.checkpoint import Checkpoint
from ingestd.ledger.log import Log

log = logging.getLogger(__name__)


class Seeding:
    """Follows the publications of one log."""

    def __init__(self, log_: Log, engine: Engine) -> None:
        """Make up what a crash left, then look after each publication."""
        self._log = log_
        self._engine = engine
        log_.when_published(self._look)
        self._look(log_.checkpoint)

    def _look(self, _newest: Checkpoint) -> None:
        """Seed what is committed and covered. What fails (a full disk) the next publication makes up."""
        try:
            with reading(self._engine) as connection:
                waiting = audits.unseeded(connection)
            for audit, seq in waiting:
                self._seed(audit, seq)
        except IngestdError:
            log.exception("a playback audit could not be seeded; tried again after the next publication")

    def _seed(self, audit: str, seq: int) -> None:
        signed = self._log.first_covering(seq)
        if signed is not None:
            self._log.keep_checkpoint(signed)
            self._log.append([AuditSeeded(audit=audit, size=signed.size, checkpoint=signed.text)])
