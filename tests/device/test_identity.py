"""Weighing claims: agreement is used, disagreement is told, nothing is chosen."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestd.device.api import EntryType, Identity, Item
from ingestd.device.identity import CONFLICT_VALUES, clip_officer, id_text, weigh
from ingestd.model import UNIDENTIFIED, Claim


def claim(what, value, source="name"):
    return Claim(what=what, value=value, source=source)


def device(*claims):
    return Identity(family="ini", evidence=(), claims=claims)


def clip(*claims):
    return Item(path=b"a", type=EntryType.FILE, size=1, mtime_us=None, claims=claims)


SERIAL = claim("serial", "YZ00417", "PARAM.INI")
OFFICER = claim("officer", "110423", "PARAM.INI")


def test_all_agree():
    """One serial, one officer, wherever they stand: that is who it is, and there is no conflict."""
    weighed = weigh(device(SERIAL, OFFICER), [claim("serial", "yz00417"), claim("officer", "110423")])
    assert (weighed.recorder, weighed.officer, weighed.conflicts) == ("YZ00417", "110423", ())
    assert clip_officer(clip(), weighed) == ("110423", None)
    assert clip_officer(clip(claim("officer", "110423")), weighed) == ("110423", None)


def test_names_alone_identify():
    """A card without an identity file is whose all its names say."""
    weighed = weigh(device(), [claim("serial", "YZ00417")] * 3)
    assert weighed.recorder == "YZ00417"


def test_nothing_said():
    """No serial claim: unidentified; no officer: nobody."""
    weighed = weigh(device(), [])
    assert (weighed.recorder, weighed.officer, weighed.conflicts) == (UNIDENTIFIED, None, ())


def test_the_card_names_another_officer_than_the_clip():
    """PARAM.INI says one officer, a name another: no officer for that clip, and a conflict with both."""
    weighed = weigh(device(SERIAL, OFFICER), [claim("officer", "110424"), claim("officer", "110423")])
    assert weighed.officer is None
    (conflict,) = weighed.conflicts
    assert {(v.value, v.sources) for v in conflict.values} == {
        ("110423", ("PARAM.INI", "name")),
        ("110424", ("name",)),
    }
    officer, told = clip_officer(clip(claim("officer", "110424")), weighed)
    assert officer is None
    assert {v.value for v in told.values} == {"110423", "110424"}
    assert clip_officer(clip(claim("officer", "110423")), weighed) == ("110423", None)
    assert clip_officer(clip(), weighed) == (None, None)


def test_a_pool_recorder_is_no_conflict():
    """Clips of several officers on a card that names none keep their own."""
    weighed = weigh(device(SERIAL), [claim("officer", "110423"), claim("officer", "110424")])
    assert (weighed.officer, weighed.conflicts) == (None, ())
    assert clip_officer(clip(claim("officer", "110424")), weighed) == ("110424", None)


def test_one_name_that_contradicts_itself():
    """A clip that names two officers is nobody's."""
    weighed = weigh(device(), [])
    both = clip(claim("officer", "110423", "folder"), claim("officer", "110424", "name"))
    officer, conflict = clip_officer(both, weighed)
    assert officer is None
    assert conflict.what == "officer"


def test_serials_disagree_in_names_only():
    """Names with two serials and no word from the device: it cannot be told which recorder this is."""
    weighed = weigh(device(), [claim("serial", "A000001"), claim("serial", "A000002")])
    assert weighed.recorder == UNIDENTIFIED
    assert [c.what for c in weighed.conflicts] == ["serial"]


def test_a_foreign_clip_does_not_change_the_recorder():
    """The device says who it is; a name with another serial is told as a conflict."""
    weighed = weigh(device(SERIAL), [claim("serial", "A000002"), claim("serial", "YZ00417")])
    assert weighed.recorder == "YZ00417"
    assert [c.what for c in weighed.conflicts] == ["serial"]


def test_the_device_contradicts_itself():
    """Two identity files with two serials: unidentified, and told."""
    weighed = weigh(device(SERIAL, claim("serial", "X000009", "Info.dat")), [])
    assert weighed.recorder == UNIDENTIFIED
    assert weighed.conflicts[0].values[0].sources == ("PARAM.INI",)


def test_a_card_of_thousands_of_serials_is_told_briefly():
    """A conflict lists the first values only: hostile names cannot swell the log."""
    weighed = weigh(device(), [claim("serial", f"S{n:06}") for n in range(5_000)])
    assert len(weighed.conflicts[0].values) == CONFLICT_VALUES


@pytest.mark.parametrize(
    ("claimed", "text"), [(" yz00417 ", "YZ00417"), ("A-1.2_3", "A-1.2_3"), ("ACCC8E", "ACCC8E")]
)
def test_plain_serials_stay(claimed, text):
    """Case and spaces around do not matter; the rest stays as it is."""
    assert id_text(claimed) == text


@given(st.text(), st.text())
def test_hostile_serials_are_safe_and_stay_apart(first, second):
    """Any text becomes a short safe id, and two different claims two different ids."""
    assert re.fullmatch(r"[A-Z0-9._-]{1,64}", id_text(first))
    assert id_text(first) not in (".", "..", UNIDENTIFIED)
    if first.strip().upper() != second.strip().upper():
        assert id_text(first) != id_text(second)
