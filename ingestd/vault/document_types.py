"""What a document's bytes are, by their content: its name says nothing that counts.

A file is looked at, never opened: the first bytes, and of a ZIP the list of its names. What a file has inside
(scripts in a PDF, macros, a bomb of a ZIP) is kept as it is and never run: it is served as a file and nothing else.
"""

from __future__ import annotations

import io
import struct
import zipfile
from dataclasses import dataclass

from ingestd.words import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentType:
    """One kind of file that a text record may have."""

    text: Text
    suffix: str
    media_type: str


TYPES: dict[str, DocumentType] = {
    "pdf": DocumentType(text=Text("PDF", "PDF"), suffix=".pdf", media_type="application/pdf"),
    "jpeg": DocumentType(text=Text("JPEG 图片", "JPEG picture"), suffix=".jpg", media_type="image/jpeg"),
    "png": DocumentType(text=Text("PNG 图片", "PNG picture"), suffix=".png", media_type="image/png"),
    "tiff": DocumentType(text=Text("TIFF 图片", "TIFF picture"), suffix=".tif", media_type="image/tiff"),
    "docx": DocumentType(
        text=Text("Word 文档", "Word document"),
        suffix=".docx",
        media_type="application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ),
    "xlsx": DocumentType(
        text=Text("Excel 表格", "Excel workbook"),
        suffix=".xlsx",
        media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ),
    "odt": DocumentType(
        text=Text("ODT 文档", "ODT document"),
        suffix=".odt",
        media_type="application/vnd.oasis.opendocument.text",
    ),
    "ofd": DocumentType(
        text=Text("OFD 版式文件", "OFD document"), suffix=".ofd", media_type="application/ofd"
    ),
}
"""By the word that stands in the log."""

_BEGINNINGS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "pdf"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
)
_ZIP = b"PK\x03\x04"
_MARKERS: tuple[tuple[frozenset[str], str], ...] = (
    (frozenset(("[Content_Types].xml", "word/document.xml")), "docx"),
    (frozenset(("[Content_Types].xml", "xl/workbook.xml")), "xlsx"),
    (frozenset(("OFD.xml",)), "ofd"),
)
_ODT = b"mimetypeapplication/vnd.oasis.opendocument.text"
_ODT_AT = 30
"""OpenDocument 1.3, part 2, 3.3: the name and content of ``mimetype`` stand there, stored as they are."""
_LISTED_BYTES = 4 << 20
"""A longer list of names than this is no office file's."""
_END, _END_BYTES, _COMMENT = b"PK\x05\x06", 22, 65_535


def recognised(data: bytes) -> str | None:
    """The word of `TYPES` for these bytes; None where they are none of these kinds."""
    for beginning, word in _BEGINNINGS:
        if data.startswith(beginning):
            return word
    return _zipped(data) if data.startswith(_ZIP) else None


def _zipped(data: bytes) -> str | None:
    """An office file by the names within it; nothing is unpacked."""
    rest = data[_ODT_AT : _ODT_AT + len(_ODT) + 1]
    if rest.startswith(_ODT) and rest[len(_ODT) :] in (b"P", b""):
        return "odt"
    end = data.rfind(_END, max(0, len(data) - _END_BYTES - _COMMENT))
    if end < 0 or len(data) - end < _END_BYTES:
        return None
    if struct.unpack_from("<I", data, end + 12)[0] > _LISTED_BYTES:
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = frozenset(archive.namelist())
    except (
        zipfile.BadZipFile,
        ValueError,
        struct.error,
        OverflowError,
        NotImplementedError,
        EOFError,
        OSError,
    ):
        return None
    return next((word for markers, word in _MARKERS if markers <= names), None)
