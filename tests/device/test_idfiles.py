"""Identity files: anyone's writing, read within limits."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestd.device.idfiles import LIMIT_CLAIMS, BatteryFile, IdentityFile, battery, is_unset, read, text_of
from ingestd.device.templates import compiled
from ingestd.model import Claim

INI = IdentityFile(
    template=compiled("PARAM.INI", {}),
    format="ini",
    weight=1,
    sections=("zfy", "zhy"),
    separator=";",
    claims={"serial": "devno", "officer": "polno", "officer_name": "username"},
)
INFO = IdentityFile(
    template=compiled("Info.dat", {}),
    format="fields",
    weight=1,
    sections=(),
    separator=";",
    claims={"serial": "0", "officer": "2"},
)


def claims(file, data):
    return {(c.what, c.value) for c in read(file, "F", data).claims}


@pytest.mark.parametrize("section", ["ZFY", "zhy", " Zfy "])
@pytest.mark.parametrize("encoding", ["gbk", "utf-8", "utf-8-sig"])
def test_an_ini_in_every_writing(section, encoding):
    """Any case, GBK or UTF-8, spaces and quotes around values: the same claims."""
    values = 'devno = YZ00417 \r\nPolNo="110423"\nUSERNAME=张建国\r\n'
    text = f"; made by hand\r\n[{section}]\r\n{values}[x]\nPolNo=9\n"
    assert claims(INI, text.encode(encoding)) == {
        ("serial", "YZ00417"),
        ("officer", "110423"),
        ("officer_name", "张建国"),
    }


def test_zeros_mean_unset():
    """000000 and 0000000 are nobody's numbers; a name of zeros is a name."""
    assert claims(INI, b"[ZFY]\nDevNo=0000000\nPolNo=000000\nUserName=0\n") == {("officer_name", "0")}
    assert is_unset("000000")
    assert not is_unset("000001")


def test_a_key_that_stands_twice_gives_both():
    """Two officers in one file are two claims, never the first or the last one."""
    assert claims(INI, b"[ZFY]\nPolNo=110423\n[ZHY]\nPolNo=110424\n") == {
        ("officer", "110423"),
        ("officer", "110424"),
    }


def test_no_shape_no_claims():
    """A file of another content has not the shape of its family."""
    assert not read(INI, "F", b"DevNo=1\n[other]\nDevNo=2\n").shaped
    assert not read(INFO, "F", b"only;two").shaped
    assert not read(INFO, "F", b"").shaped


def test_info_is_its_first_line():
    """Only the first line counts, by position."""
    data = "YZ00417;张建国;110423;三中队\r\n9;9;9\r\n".encode("gbk")
    assert claims(INFO, data) == {("serial", "YZ00417"), ("officer", "110423")}


def test_control_characters_do_not_pass():
    """What cannot be printed is shown as U+FFFD: no claim reaches a terminal or a log as an escape."""
    assert claims(INI, b"[ZFY]\nUserName=a\x1b[31mb\x00c\n") == {("officer_name", "a\ufffd[31mb\ufffdc")}


@pytest.mark.parametrize(
    "data",
    [
        b"[" * 70_000,
        b"[ZFY]\n" + b"PolNo=1\n" * 9_000,
        b"=" * 70_000,
        b"[ZFY]\nPolNo=" + b" " * 60_000 + b"x",
    ],
)
def test_hostile_files_are_quick_and_bounded(data):
    """However it is written, reading takes milliseconds and gives few, short claims."""
    started = time.perf_counter()
    said = read(INI, "F", data)
    assert time.perf_counter() - started < 0.2
    assert len(said.claims) <= LIMIT_CLAIMS


def test_many_different_claims_are_bounded():
    """A thousand officers in one file are told by the first ones."""
    data = b"[ZFY]\n" + b"".join(b"PolNo=%d\n" % n for n in range(1, 1_000))
    assert len(read(INI, "F", data).claims) == LIMIT_CLAIMS


@given(st.binary(max_size=2_000))
def test_any_bytes_are_answered(data):
    """No bytes upset the readers, and every claim is short printable text with its source."""
    for file in (INI, INFO):
        for claim in read(file, "F", b"[ZFY]\nPolNo=" + data).claims + read(file, "F", data).claims:
            assert isinstance(claim, Claim)
            assert 0 < len(claim.value) <= 64
            assert claim.value.isprintable() or "\ufffd" in claim.value
            assert claim.source == "F"
    text_of(data)


@pytest.mark.parametrize(
    ("data", "charge"),
    [
        (b"Battery0=80\r\nBattery0=79\r\n", 79),
        (b"battery0 = 5", 5),
        (b"Battery0=101", None),
        (b"Battery0=x\nBattery1=9", None),
        (b"", None),
    ],
)
def test_battery_logs(data, charge):
    """The last charge counts; what is no percentage is none."""
    assert battery(BatteryFile(template=compiled("B", {}), key="battery0"), data) == charge
