"""Log lines in systemd's journal: its native protocol on a real socket, fields, sizes."""

from __future__ import annotations

import array
import logging
import os
import socket
import struct
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestd.service.journal import JournalHandler, encoded


def parsed(entry: bytes) -> dict[str, str]:
    """The fields of an entry, read as the protocol's page says."""
    found = {}
    while entry:
        line, _, rest = entry.partition(b"\n")
        name, has_value, value = line.partition(b"=")
        if not has_value:
            (size,) = struct.unpack("<Q", rest[:8])
            value, entry = rest[8 : 8 + size], rest[9 + size :]
            assert rest[8 + size : 9 + size] == b"\n"
        else:
            entry = rest
        found[name.decode()] = value.decode()
    return found


@pytest.fixture
def journal(tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as made:
        made.bind(str(tmp_path / "journal"))
        made.settimeout(5)
        yield made


@pytest.fixture
def logger(journal, tmp_path):
    handler = JournalHandler(tmp_path / "journal")
    # In nobody's tree: pytest would take a copy of each record, and its workers can't send what is no text.
    made = logging.Logger("ingestd.test-journal")  # noqa: LOG001 - for that it is made so
    made.addHandler(handler)
    yield made
    made.removeHandler(handler)
    handler.close()


_VALUES = st.text(st.characters(blacklist_categories=["Cs"]))


@given(st.dictionaries(st.from_regex(r"[A-Z][A-Z_]{0,8}", fullmatch=True), _VALUES, max_size=5))
def test_every_value_comes_back(fields):
    """Line breaks, equals signs and anything else in a value break nothing."""
    assert parsed(encoded(fields)) == fields


def test_fields_of_a_record(journal, logger):
    """Level, place, and what the call names: slot and recorder; what it does not name is no field."""
    logger.warning("slot %s: it hangs", "3", extra={"slot": "3", "recorder": "KD00001", "session": None})
    found = parsed(journal.recv(65536))
    assert found["MESSAGE"] == "slot 3: it hangs"
    assert (found["PRIORITY"], found["SYSLOG_IDENTIFIER"]) == ("4", "ingestd")
    assert (found["INGESTD_SLOT"], found["INGESTD_RECORDER"]) == ("3", "KD00001")
    assert "INGESTD_SESSION" not in found
    assert (found["LOGGER"], found["CODE_FUNC"]) == ("ingestd.test-journal", "test_fields_of_a_record")


def test_a_traceback_and_a_name_that_is_no_text(journal, logger):
    """Several lines are one entry; what is no UTF-8 is escaped."""
    try:
        int("no \udcff good")
    except ValueError:
        logger.exception("it failed: %s", "\udcff")
    found = parsed(journal.recv(65536))
    assert found["PRIORITY"] == "3"
    assert found["MESSAGE"].startswith("it failed: \\udcff\nTraceback")


def test_what_is_too_large_for_a_datagram(journal, logger):
    """It comes as a file that nobody can change any more."""
    text = "x" * 2_000_000
    logger.error("%s", text)
    descriptors = array.array("i")
    _, ancillary, _, _ = journal.recvmsg(16, socket.CMSG_SPACE(4))
    descriptors.frombytes(ancillary[0][2])
    with os.fdopen(descriptors[0], "rb") as file:
        file.seek(0)
        assert parsed(file.read())["MESSAGE"] == text
        with pytest.raises(OSError, match=r"not permitted|denied|descriptor"):
            os.write(file.fileno(), b"x")


def test_only_where_standard_error_is_the_journals(tmp_path):
    """By device and inode of JOURNAL_STREAM; a terminal or a file gets plain lines."""
    script = (
        "import os, sys\nfrom ingestd.service.journal import is_standard_error as there\n"
        "found = os.fstat(2)\n"
        "print(there({'JOURNAL_STREAM': f'{found.st_dev}:{found.st_ino}'}), there({'JOURNAL_STREAM': '1:2'}),"
        " there({}), there({'JOURNAL_STREAM': 'nonsense'}))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False", "False", "False"]


def test_no_journal_there(tmp_path):
    """The caller is told and uses the stream."""
    with pytest.raises(OSError, match="No such file"):
        JournalHandler(tmp_path / "none")
