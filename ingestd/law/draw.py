"""A random draw for playback audits that nobody can steer and anybody can do again (the product's own rule). PURE.

The auditor first logs the SHA-256 of a nonce; the log's next checkpoint, which nobody can choose, and the nonce
together make the seed. An item's lot is a hash of seed and id: the smallest are drawn. With the log, `sha256sum`
and `sort` an outsider comes to the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

NONCE_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """Something that may be drawn: a clip with what the strata go by."""

    acquisition: str
    officer: str | None
    act_kind: str | None
    unit: str | None


STRATA: dict[str, Callable[[Item], str | None]] = {
    "officer": lambda item: item.officer,
    "act": lambda item: item.act_kind,
    "unit": lambda item: item.unit,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is drawn, as the policy says."""

    permille: int
    """Of the population, rounded up."""
    at_least: int
    per_stratum: tuple[tuple[str, int], ...] = ()
    """So many of each officer's, of each kind of act's, of each unit's, before the rest is drawn from all."""

    def of(self, population: int) -> int:
        """How many of so many; never more than there are."""
        return min(population, max(self.at_least, -(-population * self.permille // 1000)))


def commitment(nonce: bytes) -> str:
    """What the auditor logs first. Raises ValueError for a nonce of another size."""
    if len(nonce) != NONCE_BYTES:
        raise ValueError(f"a nonce has {NONCE_BYTES} bytes")
    return hashlib.sha256(nonce).hexdigest()


def seed(root: bytes, nonce: bytes) -> bytes:
    """SHA-256 of the root hash of the checkpoint that covers the commitment, and the nonce."""
    return hashlib.sha256(root + nonce).digest()


def lot(seed: bytes, acquisition: str) -> str:
    """The lot of an item: SHA-256 of seed and id, as hex digits; the smallest come first."""
    return hashlib.sha256(seed + acquisition.encode()).hexdigest()


def draw(population: Iterable[Item], seed: bytes, size: Size) -> tuple[str, ...]:
    """The acquisitions drawn, in the order of their lots.

    First the smallest lots of every stratum that the policy names, then the smallest of all until the size is
    reached. Strata together may ask for more than the size: then all that they ask for is drawn.
    """
    items = sorted(set(population), key=lambda item: lot(seed, item.acquisition))
    drawn = {item.acquisition for item in _of_strata(items, size)}
    wanted = size.of(len(items))
    for item in items:
        if len(drawn) >= wanted:
            break
        drawn.add(item.acquisition)
    return tuple(item.acquisition for item in items if item.acquisition in drawn)


def _of_strata(items: Sequence[Item], size: Size) -> Iterable[Item]:
    for name, number in size.per_stratum:
        left: dict[str, int] = {}
        for item in items:
            stratum = STRATA[name](item)
            if stratum is not None and left.setdefault(stratum, number) > 0:
                left[stratum] -= 1
                yield item
