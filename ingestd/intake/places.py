"""Which recorder is in which slots now: the same one in two places is a question for a person.

Two recorders that claim one serial are told apart by nothing but the slot. Neither is preferred: both are
taken in, neither is freed while the other is there.
"""

from __future__ import annotations

import threading

from ingestd.model import UNIDENTIFIED, RecorderId, SlotName


class Places:
    """Safe from any thread."""

    def __init__(self) -> None:
        self._recorders: dict[SlotName, RecorderId] = {}
        self._lock = threading.Lock()

    def arrive(self, slot: SlotName, recorder: RecorderId) -> tuple[SlotName, ...]:
        """A recorder was identified in a slot; all slots where it is, in order, where there are several."""
        with self._lock:
            self._recorders[slot] = recorder
            return self._twins(recorder)

    def twins(self, recorder: RecorderId) -> tuple[SlotName, ...]:
        """All slots where it is, in order, where there are several."""
        with self._lock:
            return self._twins(recorder)

    def leave(self, slot: SlotName) -> RecorderId | None:
        """What was in a slot is gone; which recorder is no longer in two places by that."""
        with self._lock:
            recorder = self._recorders.pop(slot, None)
            return None if recorder is None or self._twins(recorder) else recorder

    def _twins(self, recorder: RecorderId) -> tuple[SlotName, ...]:
        if recorder == UNIDENTIFIED:
            return ()
        found = sorted(slot for slot, one in self._recorders.items() if one == recorder)
        return tuple(found) if len(found) > 1 else ()
