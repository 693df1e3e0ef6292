"""The draw is a function of log and nonce, fair, and can be done again with a shell."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestd.law.draw import Item, Size, commitment, draw, lot, seed

SEED = seed(bytes(32), b"n" * 32)


def item(number: int, **of) -> Item:
    return Item(
        acquisition=f"clip-{number:04}",
        officer=of.get("officer"),
        act_kind=of.get("act_kind"),
        unit=of.get("unit"),
    )


def test_an_outsider_draws_the_same_with_a_shell(tmp_path):
    """sha256sum and sort, nothing of ours."""
    items = [item(n) for n in range(40)]
    (tmp_path / "seed").write_bytes(SEED)
    (tmp_path / "ids").write_text("".join(f"{one.acquisition}\n" for one in items))
    script = (
        'while read id; do printf "%s %s\\n" "$( (cat seed; printf %s "$id") | sha256sum | cut -d" " -f1)" "$id";'
        ' done < ids | sort | head -n 5 | cut -d" " -f2'
    )
    told = subprocess.run(["sh", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert tuple(told.stdout.split()) == draw(items, SEED, Size(permille=0, at_least=5))


def test_the_seed_needs_both_sides():
    """Another root or another nonce is another draw."""
    items = [item(n) for n in range(1000)]
    size = Size(permille=10, at_least=1)
    seeds = [seed(bytes([r]) * 32, bytes([n]) * 32) for r in (1, 2) for n in (1, 2)]
    assert len({draw(items, one, size) for one in seeds}) == 4


def test_a_commitment_binds_its_nonce():
    """Of 32 bytes: fewer could be tried out."""
    assert commitment(b"a" * 32) != commitment(b"b" * 32)
    with pytest.raises(ValueError, match="32"):
        commitment(b"short")


def test_every_officer_is_drawn():
    """However few clips they have."""
    items = [item(n, officer="110421") for n in range(500)] + [item(501, officer="110422")]
    drawn = draw(items, SEED, Size(permille=10, at_least=1, per_stratum=(("officer", 1),)))
    assert "clip-0501" in drawn
    assert len(drawn) == 6


@given(st.integers(0, 300), st.integers(0, 1000), st.integers(0, 20))
def test_sizes(population, permille, at_least):
    """A share rounded up, never more than there is; order of the population does not matter."""
    items = [item(n) for n in range(population)]
    size = Size(permille=permille, at_least=at_least)
    drawn = draw(items, SEED, size)
    assert len(set(drawn)) == len(drawn) == size.of(population) <= population
    assert drawn == draw(reversed(items), SEED, size)
    assert list(drawn) == sorted(drawn, key=lambda acquisition: lot(SEED, acquisition))


def test_it_is_fair():
    """Over 2000 seeds each of 20 items is drawn about as often as the others (5 of 20: 500 +- 6 sigma)."""
    items = [item(n) for n in range(20)]
    counts = dict.fromkeys((one.acquisition for one in items), 0)
    for number in range(2000):
        for drawn in draw(items, seed(number.to_bytes(32, "big"), bytes(32)), Size(permille=0, at_least=5)):
            counts[drawn] += 1
    assert all(abs(count - 500) < 6 * 19.4 for count in counts.values())
