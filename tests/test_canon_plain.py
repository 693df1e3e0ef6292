"""The fast path of canonical JSON writes what rfc8785 writes, or leaves the value to it."""

from __future__ import annotations

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from ingestd import canon

texts = st.text(max_size=12)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**54), 2**54) | st.floats() | texts,
    lambda below: st.lists(below, max_size=4) | st.dictionaries(texts, below, max_size=4),
    max_leaves=12,
)


@given(values)
def test_it_is_rfc8785_for_any_value(value):
    """Equal bytes, or refused by both."""
    try:
        wanted = rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError):
        with pytest.raises(canon.CanonError):
            canon.encode(value)
    else:
        assert canon.encode(value) == wanted


def test_every_control_character_is_escaped_alike():
    """RFC 8785 3.2.2.2, and the characters that JavaScript once took for line ends."""
    text = "".join(map(chr, range(0x100))) + '"\\/\u2028\u2029\ufeff\U0001f4f9'
    assert canon.encode({"key": text}) == rfc8785.dumps({"key": text})
