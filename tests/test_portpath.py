"""A socket's name is written and read again, and nothing else is taken for one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestd.errors import UsageError
from ingestd.portpath import DEEPEST, PortPath

chains = st.lists(st.integers(1, 255), min_size=1, max_size=DEEPEST).map(tuple)
controllers = st.sampled_from(["0000:00:14.0", "0000:02:00.0", "xhci-hcd.0.auto", "fe980000.usb"])


@given(st.builds(PortPath, controller=controllers, chain=chains, superspeed_only=st.booleans()))
def test_a_port_is_written_and_read_again(path: PortPath) -> None:
    """parse(str(p)) == p, for every controller and chain."""
    assert PortPath.parse(str(path)) == path


@pytest.mark.parametrize(
    "text",
    ["", "usb:", "/dev/sdb", "usb:0000:00:14.0", "usb:0000:00:14.0/", "usb:0000:00:14.0/0", "usb:x/1..2",
     "usb:x/01", "usb:x y/1", "usb:x/1.2.3.4.5.6.7", "usb:x/1/2", "usb:x/ss", "USB:x/1"],
)  # fmt: skip
def test_what_is_no_port_is_refused(text: str) -> None:
    """A location with a slip in it names no socket."""
    with pytest.raises(UsageError, match="no USB port"):
        PortPath.parse(text)


@given(st.text(max_size=40))
def test_any_text_is_a_port_or_refused(text: str) -> None:
    """format(parse(t)) == t where it parses; nothing else is raised."""
    try:
        assert str(PortPath.parse(text)) == text
    except UsageError:
        return
