"""The configuration: what `init` writes is read back, and every fault is named at once."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestd import config
from ingestd.errors import ConfigError
from ingestd.model import Millis
from ingestd.settings import SETTINGS

TEXT = config.render(
    agency="a", station="s", policy="baseline", commissioned_at=Millis(1_790_000_000_000), uid=0, person="p-1"
)


def faults(text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        config.parse(text.encode(), "ingestd.toml")
    return caught.value.text.en


def test_what_init_writes_is_read_back():
    """Every setting with its default, the person, no slot; the digest is of the bytes."""
    read = config.parse(TEXT.encode(), "x")
    assert (read.agency, read.station, read.policy) == ("a", "s", "baseline")
    assert read.commissioned_at == 1_790_000_000_000
    assert [p.person for p in read.people] == ["p-1"]
    assert read.slots == ()
    formed = {"web.listen": ("127.0.0.1", 8787), "web.hosts": (), "web.proxy": ()}
    for setting in SETTINGS:
        assert f"\n{setting.key} = " in TEXT
        if setting.default is not None:
            wanted = None if setting.default == "" else setting.default  # an address, a folder that is off
            assert getattr(read, setting.key.replace(".", "_")) == formed.get(setting.key, wanted)


def test_the_drop_folder_is_an_absolute_path():
    """Relative to what would depend on who starts the daemon."""
    read = config.parse(TEXT.replace('drop.folder = ""', 'drop.folder = "/srv/drop"').encode(), "x")
    assert str(read.drop_folder) == "/srv/drop"
    for wrong in ("drop", "./drop", "~/drop", "/a\\u0000b"):
        assert "drop.folder" in faults(TEXT.replace('drop.folder = ""', f'drop.folder = "{wrong}"'))


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("127.0.0.1:9641", ("127.0.0.1", 9641)),
        ("127.8.0.1:1", ("127.8.0.1", 1)),
        ("[::1]:9641", ("::1", 9641)),
        ("", None),
    ],
)
def test_metrics_listen_on_loopback(text, wanted):
    """The key stands in a table of its own; an empty one turns it off."""
    read = config.parse(TEXT.replace('metrics.listen = ""', f'metrics.listen = "{text}"').encode(), "x")
    assert read.metrics_listen == wanted


@pytest.mark.parametrize(
    "text", ["0.0.0.0:9641", "9641", "host:9641", "127.0.0.1:0", "127.0.0.1:99999", "::1"]
)
def test_metrics_listen_nowhere_else(text):
    """Nobody is asked who he is there: other addresses are refused."""
    assert "metrics.listen" in faults(TEXT.replace('metrics.listen = ""', f'metrics.listen = "{text}"'))


def test_an_unknown_key_of_a_table_is_named():
    """With its table."""
    assert "metrics.port: unknown key" in faults(TEXT.replace("metrics.listen", "metrics.port"))
    assert "metrics: unknown key" in faults(TEXT.replace('metrics.listen = ""', "metrics = 5"))


def test_every_fault_at_once():
    """A wrong type, an unknown key, a bad slot, a bad person, a missing key: all named with their key."""
    text = TEXT.replace("hang_s = 60", 'hang_s = "long"').replace('agency = "a"', "")
    text += '\n[[slot]]\nname = "1"\n\n[people.x]\nperson = "y"\nroles = []\n\n[nonsense]\na = 1\n'
    told = faults(text)
    for word in ("hang_s", "agency: missing", "slot 1", "people.x", "nonsense: unknown key"):
        assert word in told
    assert "5 faults" in told
    with pytest.raises(ConfigError) as caught:
        config.parse(text.encode(), "ingestd.toml")
    for word in (
        "hang_s：应为整数",
        "agency：缺少",
        "slot 1：须有且只有",
        "people.x：键应为",
        "没有这个设置",
    ):
        assert word in caught.value.text.zh


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ('agency = "a"', 'agency = "A b"', "agency"),
        ('station = "s"', 'station = "../s"', "station"),
        ("hang_s = 60", "hang_s = -1", "hang_s"),
        ("hang_s = 60", "hang_s = true", "hang_s"),
        ("previews = true", "previews = 1", "previews"),
        ("readers = 20", "readers = 2.5", "readers"),
        ("commissioned_at = ", "commissioned_at = 5 #", "commissioned_at"),
        ("agency = ", "agency == ", "TOML"),
        ("utc_offset_minutes = 480", "utc_offset_minutes = 100000", "100000 makes no sense: -720 to 840"),
        ("hang_s = 60", "hang_s = 0", "hang_s: 0 makes no sense: 1 to"),
        ("readers = 20", "readers = 99999999999999999999", "readers: 99999999999999999999 makes no sense"),
        ("readers = 20", f"readers = {'9' * 5000}", "TOML"),
        ("readers = 20", f"readers = {'[' * 5000}", "TOML"),
        ("reserve_bytes = 1073741824", "reserve_bytes = 99999999999999999", "reserve_bytes: "),
        ("verify_cycle_days = 30", "verify_cycle_days = 0", "verify_cycle_days: 0 makes no sense"),
        (
            "commissioned_at = ",
            'commissioned_at = "9999-12-31T00:00:00.000Z" #',
            "makes no sense: 1970 to 2099",
        ),
        ("commissioned_at = ", "commissioned_at = 2026-11-23 #", 'text expected, not "2026-11-23"'),
        ('agency = "a"', f'agency = "{"a" * 300}"', "is no id: 1 to 63 of"),
        ("agency = ", "[slot]\nagency = ", "[[slot]], in two brackets"),
        ("roles = [", "roles = [[1], ", "roles are some of"),
    ],
)
def test_one_fault_is_named_by_its_key(old, new, word):
    assert old in TEXT
    assert word in faults(TEXT.replace(old, new))


def test_a_fault_is_told_in_words():
    """No Python, no codec, one fault in the singular; a file in GBK is told as what it is, with the line."""
    told = faults(TEXT.replace("hang_s = 60", "hang_s = 0"))
    assert "has 1 fault and is not taken" in told
    with pytest.raises(ConfigError) as caught:
        config.parse(b"# one\n" + "# 机关".encode("gbk"), "ingestd.toml")
    assert "UTF-8: line 2 is no UTF-8 text" in caught.value.text.en
    assert "codec" not in caught.value.text.zh
    assert len(faults(TEXT.replace('agency = "a"', f'agency = "{"a" * 3000}"'))) < 500


def test_a_usb_slot_is_at_a_socket_of_its_own():
    """A location that begins like a socket is one, and no two slots share it; other locations are left alone."""
    slot = '\n[[slot]]\nname = "{n}"\ndriver = "usb-storage"\nlocation = "{at}"\n'
    one = slot.format(n="1", at="usb:0000:00:14.0/3.2")
    assert config.parse((TEXT + one).encode(), "x").slots[0].location == "usb:0000:00:14.0/3.2"
    assert "slot 1: location: 'usb:14.0' is no USB port" in faults(TEXT + slot.format(n="1", at="usb:14.0"))
    assert "slot 2: location: slot 1 is at" in faults(TEXT + one + one.replace('"1"', '"2"'))
    folders = slot.format(n="1", at="/x") + slot.format(n="2", at="/x")
    assert "slot 2: location: slot 1 is at" in faults(TEXT + folders)
    assert "slot 2: location: slot 1 is at" in faults(TEXT + folders.replace('"/x"', '"//y/../x/"', 1))
    for at in ("/", "//", "/x/..", "x", "./x", ""):
        assert "slot 1: location: " in faults(TEXT + slot.format(n="1", at=at)), at


def test_slots_and_people():
    """Names are unique and are names; roles are known; ids are numbers."""
    slot = '\n[[slot]]\nname = "{n}"\ndriver = "folder"\nlocation = "/x"\n'
    assert "taken" in faults(TEXT + slot.format(n="1") * 2)
    assert "slot 1" in faults(TEXT + slot.format(n="a/b"))
    assert "roles" in faults(TEXT + '\n[people.7]\nperson = "x"\nroles = ["king"]\n')
    read = config.parse((TEXT + slot.format(n="东门-1")).encode(), "x")
    assert [s.name for s in read.slots] == ["东门-1"]


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data):
    """No other error leaves."""
    with pytest.raises(ConfigError):
        config.parse(data, "x")


@pytest.mark.parametrize(
    ("key", "text", "wanted"),
    [
        ("web.listen", "0.0.0.0:8787", ("0.0.0.0", 8787)),
        ("web.listen", "[::]:443", ("::", 443)),
        ("web.hosts", "Board.example  dock-1", ("board.example", "dock-1")),
        ("web.names", "full", "full"),
    ],
)
def test_the_pages_settings(key, text, wanted):
    """The web process reads the same file."""
    read = config.parse(re.sub(rf'(?m)^{key} = ".*"$', f'{key} = "{text}"', TEXT).encode(), "x")
    assert getattr(read, key.replace(".", "_")) == wanted


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("web.listen", ""),
        ("web.listen", "example:80"),
        ("web.listen", "127.0.0.1:0"),
        ("web.listen", "127.0.0.1:٣"),
        ("web.hosts", "a_b"),
        ("web.hosts", "evil.example:80"),
        ("web.names", "everything"),
        ("web.key", "key.pem"),
        ("web.certificate", "/etc/cert.pem"),
    ],
)
def test_the_pages_settings_that_make_no_sense(key, text):
    """Named with their key; a certificate without its key as well."""
    assert key[:4] in faults(re.sub(rf'(?m)^{key} = ".*"$', f'{key} = "{text}"', TEXT))
