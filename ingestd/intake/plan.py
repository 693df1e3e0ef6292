"""What is to be done with a card: its listing against what is held already. PURE.

Every entry of the listing is in exactly one place of the plan. A file that is held under the same name, size
and time is *proved* (read again in full), never believed: the same name, size and time with other bytes is
another clip.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from ingestd.device.api import EntryType, Item
from ingestd.model import AcquisitionId, CardPath, Fault, Millis, Sha256

BATCH_FILES = 256
"""Files that share each durable step (design 5)."""
SMALL_BYTES = 1 << 20
"""A file up to this size may share steps with others; a larger one goes alone."""


class Held(Protocol):
    """What the index knows of a file that was acquired from this recorder and not seen gone."""

    @property
    def acquisition(self) -> AcquisitionId: ...
    @property
    def path(self) -> CardPath: ...
    @property
    def size(self) -> int: ...
    @property
    def mtime_us(self) -> int | None: ...
    @property
    def sha256(self) -> Sha256: ...
    @property
    def release_pending(self) -> bool:
        """A published `release.started` names it."""

    @property
    def quarantined(self) -> bool:
        """Read only in part: read again for a better copy."""

    @property
    def partial(self) -> bool:
        """Quarantined, and only its beginning was read before the recorder went away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One file to be acquired."""

    item: Item
    earlier: tuple[Held, ...]
    """Quarantined acquisitions of the same file, which a better read supersedes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """One file that is held already and must be proved before it may be deleted."""

    item: Item
    held: Held


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """One entry that is not acquired, with its reason (listed in the log)."""

    item: Item
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The whole card, sorted into what is to be done, most urgent first."""

    tasks: tuple[Task, ...]
    proofs: tuple[Proof, ...]
    left: tuple[Left, ...]
    gone: tuple[Held, ...]
    """Held files that this listing does not show: released, or removed elsewhere."""


def plan(items: Iterable[Item], held: Sequence[Held]) -> Plan:
    """Sort a complete listing into tasks, proofs, what is left, and what is gone."""
    whole = {(h.path, h.size, h.mtime_us): h for h in held if not h.quarantined}
    in_part = [h for h in held if h.quarantined]
    seen: set[CardPath] = set()
    tasks: list[Task] = []
    proofs: list[Proof] = []
    left: list[Left] = []
    for item in items:
        seen.add(item.path)
        if item.type is not EntryType.FILE:
            left.append(Left(item=item, why=f"{Fault.NOT_A_FILE}: {item.type}"))
            continue
        if item.litter is not None:
            left.append(Left(item=item, why=item.litter))
            continue
        key = (item.path, item.size, item.mtime_us)
        if key in whole:
            proofs.append(Proof(item=item, held=whole[key]))
        else:
            tasks.append(Task(item=item, earlier=tuple(h for h in in_part if _is_of(h, item))))
    return Plan(
        tasks=tuple(sorted(tasks, key=_urgency)),
        proofs=tuple(proofs),
        left=tuple(left),
        gone=tuple(h for h in held if h.path not in seen and not h.partial),
    )


def _is_of(held: Held, item: Item) -> bool:
    """Whether a quarantined read is of this file (of a partial one the size tells nothing)."""
    same_size = held.partial or held.size == item.size
    return held.path == item.path and held.mtime_us == item.mtime_us and same_size


def claimed_ms(item: Item) -> Millis | None:
    """The time that a file claims for itself (name, else file time): good for an order, not for a verdict."""
    if item.named is not None:
        return item.named.wall
    return None if item.mtime_us is None else Millis(item.mtime_us // 1000)


def _urgency(task: Task) -> tuple[bool, bool, int, CardPath]:
    item = task.item
    claimed = claimed_ms(item)
    return (not item.marked, not item.kind.is_recording, 0 if claimed is None else claimed, item.path)


def batches(
    tasks: Sequence[Task], urged: Callable[[], frozenset[CardPath]] = frozenset
) -> Iterator[tuple[Task, ...]]:
    """Neighbouring small files together, up to `BATCH_FILES`; each large file alone, in order.

    ``urged`` is asked before every batch: files that a person wants come first, as soon as they are wanted.
    """
    rest, wanted = list(tasks), frozenset[CardPath]()
    while rest:
        if (now := urged()) != wanted:
            wanted = now
            rest.sort(key=lambda task: task.item.path not in wanted)  # stable: otherwise as planned
        size = next(
            (n for n, task in enumerate(rest[:BATCH_FILES]) if task.item.size > SMALL_BYTES), BATCH_FILES
        )
        if wanted:  # what is wanted does not wait for its neighbours
            size = min(size, sum(task.item.path in wanted for task in rest) or BATCH_FILES)
        size = max(1, size)
        yield tuple(rest[:size])
        del rest[:size]
