"""Personal values: checked against their digest, erasable, with nothing left that the log does not name."""

from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestd import canon
from ingestd.errors import VaultError
from ingestd.model import Millis
from ingestd.vault.layout import Home
from ingestd.vault.values import SALT_BYTES, Values, digest_of, new_salt

SALT = bytes(range(32))
FIELDS = {"officer_name": "张三"}


@pytest.fixture
def values(home: Home) -> Values:
    return Values(home)


def test_digest_as_an_outsider_computes_it(home: Home, values: Values) -> None:
    """SHA-256 over the salt and the canonical JSON of the fields, both of which the file holds."""
    (digest,) = values.put([(SALT, FIELDS)])
    assert digest == hashlib.sha256(SALT + '{"officer_name":"张三"}'.encode()).hexdigest()
    stored = json.loads(home.value(digest).read_bytes())
    assert stored == {"salt": SALT.hex(), "fields": FIELDS}


@settings(max_examples=30)
@given(
    st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"]), max_size=5), st.text("ab张", max_size=5)
    )
)
def test_put_and_get(tmp_path_factory: pytest.TempPathFactory, fields: dict[str, str]) -> None:
    """What is put is what is got, in a batch and again."""
    values = Values(Home(tmp_path_factory.mktemp("home")))
    batch = [(SALT, fields), (new_salt(), fields), (SALT, fields)]
    first, second, third = values.put(batch)
    assert first == third != second
    assert values.put(batch) == (first, second, third)
    assert values.get(first) == values.get(second) == fields


def test_salts_are_new_and_long(values: Values) -> None:
    """Equal texts have different digests."""
    assert len({new_salt() for _ in range(100)}) == 100
    assert len(new_salt()) == SALT_BYTES == 32


def test_erased_is_absent(values: Values) -> None:
    """After erasure nothing is left to read; erasing again is nothing."""
    (digest,) = values.put([(SALT, FIELDS)])
    values.erase(digest)
    values.erase(digest)
    assert values.get(digest) is None
    values.erase("0" * 64)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b'{"fields":{"officer_name":"x"},"salt":"' + SALT.hex().encode() + b'"}',
        canon.encode({"fields": FIELDS, "salt": "zz"}),
        canon.encode({"fields": 1, "salt": SALT.hex()}),
        canon.encode({"fields": FIELDS, "salt": SALT.hex()}) + b"\n",
    ],
)
def test_changed_content_is_refused(home: Home, values: Values, content: bytes) -> None:
    """Text that is not what the log refers to is never shown."""
    (digest,) = values.put([(SALT, FIELDS)])
    path = home.value(digest)
    path.unlink()
    path.write_bytes(content)
    with pytest.raises(VaultError, match="does not match the digest in the log"):
        values.get(digest)
    assert values.put([(SALT, FIELDS)]) == (digest,)
    assert values.get(digest) == FIELDS


def test_sweep_removes_what_no_event_names(home: Home, values: Values) -> None:
    """Orphans of interrupted events go, everything else stays: also what is too new to be judged."""
    kept, orphan = values.put([(SALT, FIELDS), (new_salt(), FIELDS)])
    written = home.value(orphan).stat().st_mtime_ns // 1_000_000
    around, before = (Millis(written - 1000), Millis(written + 1000)), (Millis(0), Millis(written - 1000))
    assert values.sweep(lambda digest: digest == kept, between=before) == 0
    assert values.get(orphan) == FIELDS
    assert values.sweep(lambda digest: digest == kept, between=around) == 1
    assert values.get(kept) == FIELDS
    assert values.get(orphan) is None
    assert values.sweep(lambda digest: digest == kept, between=around) == 0


def test_nothing_is_written_where_one_is_no_json(home: Home, values: Values) -> None:
    """A batch is whole or not at all."""
    with pytest.raises(canon.CanonError):
        values.put([(SALT, FIELDS), (SALT, {"name": "\ud800"})])
    assert values.get(digest_of(SALT, FIELDS)) is None
