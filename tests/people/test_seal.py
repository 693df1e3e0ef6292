"""What is sealed opens in its place, by its key, and nowhere else."""

from __future__ import annotations

import pytest

from ingestd.errors import KeyMaterialError
from ingestd.people.seal import Seal

SEAL = Seal(b"s" * 32)


def test_round_trip_and_no_two_alike() -> None:
    """The same secret twice gives two texts; both open."""
    one, two = SEAL.seal(b"secret", "totp", "a", "1"), SEAL.seal(b"secret", "totp", "a", "1")
    assert one != two
    assert b"secret" not in one
    assert SEAL.open(one, "totp", "a", "1") == SEAL.open(two, "totp", "a", "1") == b"secret"


@pytest.mark.parametrize(
    "place", [("totp", "b", "1"), ("pin", "a", "1"), ("totp", "a", "2"), ("tot", "pa", "1")]
)
def test_moved_rows_do_not_open(place: tuple[str, ...]) -> None:
    """Another account, kind or id: who writes into the file gains nothing by moving rows."""
    with pytest.raises(KeyMaterialError):
        SEAL.open(SEAL.seal(b"secret", "totp", "a", "1"), *place)


def test_other_keys_and_damage() -> None:
    """Another station's keys, a flipped bit, a cut."""
    sealed = SEAL.seal(b"secret", "totp", "a", "1")
    for bad, seal in (
        (sealed, Seal(b"t" * 32)),
        (sealed[:-1] + bytes((sealed[-1] ^ 1,)), SEAL),
        (sealed[:8], SEAL),
        (b"", SEAL),
    ):
        with pytest.raises(KeyMaterialError):
            seal.open(bad, "totp", "a", "1")
    assert SEAL.digest("a", "bc") != SEAL.digest("ab", "c")
    assert SEAL.digest("a") != Seal(b"t" * 32).digest("a")
