"""What a document is, by its bytes alone; torn and hostile ones are none, and nothing is unpacked."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestd.vault.document_types import TYPES, recognised


def zipped(*names, content=b""):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, content)
    return made.getvalue()


def odt():
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr("content.xml", "<x/>")
    return made.getvalue()


KNOWN = {
    "pdf": b"%PDF-1.4\n",
    "jpeg": b"\xff\xd8\xff\xe0",
    "png": b"\x89PNG\r\n\x1a\n",
    "tiff": b"MM\x00*",
    "docx": zipped("[Content_Types].xml", "word/document.xml"),
    "xlsx": zipped("[Content_Types].xml", "xl/workbook.xml"),
    "odt": odt(),
    "ofd": zipped("OFD.xml", "Doc_0/Document.xml"),
}


def test_every_kind_is_known():
    assert {word: recognised(data) for word, data in KNOWN.items()} == {word: word for word in TYPES}


@pytest.mark.parametrize(
    "data",
    [b"", b"\n%PDF-1.4", b"<svg/>", b"PK\x03\x04", zipped("a.txt"), zipped("word/document.xml"), b"MZ\x90"],
)
def test_all_else_is_none(data):
    assert recognised(data) is None


def test_a_bomb_is_not_unpacked():
    """A thousand times its size inside: its names are read, its content is not."""
    bomb = zipped("OFD.xml", content=b"0" * 20_000_000)
    assert len(bomb) < 40_000
    assert recognised(bomb) == "ofd"


def test_a_list_of_names_that_is_too_long_is_not_read():
    data = bytearray(KNOWN["docx"])
    struct.pack_into("<I", data, data.rfind(b"PK\x05\x06") + 12, 1 << 30)
    assert recognised(bytes(data)) is None


@given(st.binary(max_size=200), st.sampled_from(sorted(KNOWN)), st.integers(0, 400))
def test_hostile_bytes_fail_quietly(noise, kind, at):
    """Whatever is overwritten or cut."""
    data = KNOWN[kind]
    recognised(b"PK\x03\x04" + noise)
    assert recognised(data[:at] + noise + data[at:]) in (None, *TYPES)
