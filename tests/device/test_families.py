"""Reading any card by family data: whatever lies on it, every entry gets a reading."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestd.device.api import EntryType
from ingestd.device.entries import Entry, Siblings
from ingestd.device.families import parse_family
from ingestd.device.recognise import Families
from ingestd.model import Claim
from ingestd_drivers import families

KNOWN = families.load()
PARTS = st.one_of(
    st.binary(min_size=1, max_size=40).filter(lambda b: b"/" not in b),
    st.sampled_from([b"DCIM", b"LOG", b"Movie", b"PARAM.INI", b"YZ00417", b"110423", b"20261120"]),
    st.from_regex(rb"\A[0-9]{6}_[0-9A-Z]{7}_[0-9]{14}_[0-9]{4}(IMP)?\.mp4\Z"),
    st.from_regex(rb"\A[0-9]{8}T[0-9]{6}Z_[0-9]{2}\.mkv\Z"),
)
PATHS = st.lists(PARTS, min_size=1, max_size=6).map(b"/".join)


def entry(path, *siblings, entry_type=EntryType.FILE, size=10):
    names = [path.rpartition(b"/")[2], *siblings]
    return Entry(path=path, type=entry_type, size=size, mtime_us=1, siblings=Siblings(names))


@given(st.lists(PATHS, max_size=12), st.binary(max_size=300))
def test_any_card_is_read(paths, content):
    """Whatever names and identity files a card has, it is recognised or not, and every entry is read."""
    found = KNOWN.recognise(paths, lambda path: content)
    assert found.identity.family is None or found.score > 0
    found.battery_charge(paths, lambda path: content)
    for path in paths:
        item = found.rules.classify(entry(path))
        assert (item.path, item.size, item.type) == (path, 10, EntryType.FILE)
        assert all(c.source in ("name", "folder") and c.value.isascii() for c in item.claims)


def test_an_identity_file_that_vanished():
    """A file of the sample that cannot be read any more says nothing."""
    assert KNOWN.recognise([b"PARAM.INI"], lambda path: None).identity.family is None


@pytest.mark.parametrize("entry_type", [t for t in EntryType if t is not EntryType.FILE])
def test_what_is_no_file_gets_no_reading(entry_type):
    """Links, nodes and unlistable folders keep their type, whatever their name says."""
    rules = KNOWN.recognise([b"DCIM/a"], lambda path: None).rules
    item = rules.classify(entry(b"110423_YZ00417_20261120083015_0001.mp4", entry_type=entry_type))
    assert (item.type, item.claims, item.named) == (entry_type, (), None)


def test_folders_and_names_are_told_apart():
    """A claim says whether the file's name or its folder states it."""
    path = b"YZ00417/110423/20261120/20261120083015_0001.mp4"
    rules = KNOWN.recognise([path], lambda path: None).rules
    assert rules.classify(entry(path)).claims == (
        Claim(what="serial", value="YZ00417", source="folder"),
        Claim(what="officer", value="110423", source="folder"),
    )


def test_two_vendors_orders_are_told_by_length():
    """警号 first or 设备号 first: the lengths say which is which."""
    rules = KNOWN.recognise([b"DCIM/x"], lambda path: None).rules
    for name in (b"110423_YZ00417_20261120083015_0001.mp4", b"YZ00417_110423_20261120083015_0001.mp4"):
        claims = rules.classify(entry(b"DCIM/" + name)).claims
        assert {(c.what, c.value) for c in claims} == {("serial", "YZ00417"), ("officer", "110423")}


def test_two_times_in_one_name_are_none():
    """Where two readings of a name give two times, none is chosen."""
    known = families.load()
    text = 'key="x"\nzone="local"\ntitle={zh="x",en="x"}\nnames=["{date}*_{clock}.mp4","*{date}_{clock}.mp4"]'
    family = parse_family(text + '\n[[signs]]\npath="*"\nweight=60\n', known.common)
    rules = Families(common=known.common, families=(family,)).recognise([b"x"], lambda path: None).rules
    assert rules.classify(entry(b"2026010120261120_083015.mp4")).named is None
    assert rules.classify(entry(b"20261120_083015.mp4")).named.wall == 1_795_163_415_000


def test_sidecars_find_their_recording_as_it_is_spelt():
    """FAT ignores case: the recording's own spelling is given; without one there is no owner."""
    rules = KNOWN.recognise([b"DCIM/x"], lambda path: None).rules
    assert rules.classify(entry(b"D/A.THM", b"a.Mp4")).sidecar_of == b"D/a.Mp4"
    assert rules.classify(entry(b"D/A.THM", b"b.mp4")).sidecar_of is None
    assert rules.classify(entry(b"D/.thm", b".mp4")).sidecar_of is None


def test_a_family_stands_once():
    """Two families of one key are refused."""
    with pytest.raises(ValueError, match="twice"):
        Families(common=KNOWN.common, families=(*KNOWN.families, KNOWN.families[0]))
