"""Files of text records: checked whole against the digest in the log, never rendered as active content."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import quote

from starlette.responses import Response

from ingestd.errors import NotFoundError
from ingestd.index import papers, registers
from ingestd.index.papers import Document
from ingestd.model import Sha256
from ingestd.vault.document_types import TYPES
from ingestd.vault.layout import is_digest
from ingestd.web.desk import Desk
from ingestd.web.suspecting import suspect
from ingestd.web.verified import DamagedError
from ingestd.words import Text

MOST_BYTES = 256 << 20
_NAME_CHARS = 120
_INLINE = {b"%PDF-": "application/pdf", b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}
"""What is shown, by its first bytes; all else is taken away as a file."""
_NONE = Text("没有这份文书。", "there is no such document.")
_NOT_IT = Text(
    "文书缺失或与日志中的摘要不符，不予显示；已告知采集服务核验。",
    "the document is missing or not what the log names: it isn't shown, and the daemon was told to check it.",
)
_NOT_HERE = Text(
    "登记的文书未由本站入库，其字节缺失或与登记的摘要不符，不予显示；请上传文书。",
    "the document that was stated was not stored here, and its bytes are missing or not those: send the file.",
)


def document(desk: Desk, sha256: str, look: str) -> Response:
    """The file of the text record that a look is at. Raises what a look does, NotFoundError, DamagedError."""
    about, _ = desk.watch.looks.find(desk.visitor, look)
    record = about.removeprefix("text-record:")
    with desk.reading() as connection:
        stored = [one for one in papers.of_record(connection, record) if one.sha256 == sha256]
        stated = registers.one(connection, "record", record)
    is_stated = stated is not None and stated.row.sha256 == sha256
    if not is_digest(sha256) or not (stored or is_stated):
        raise NotFoundError(_NONE)
    desk.watch.looks.require(desk.visitor, look, f"text-record:{record}", ("document",))
    data = _checked(desk.watch.home.blob(Sha256(sha256)), sha256)
    if data is None:
        for one in stored:
            suspect(desk, "document.suspect", document=one.document)
        data = _checked(desk.watch.home.clips(Sha256(sha256)), sha256)
    if data is None:
        raise DamagedError(_NOT_IT if stored else _NOT_HERE)
    desk.watch.looks.sent(look, 0, len(data))
    type_ = next((one for begin, one in _INLINE.items() if data.startswith(begin)), None)
    headers = {
        "content-disposition": _disposition(desk, stored, sha256, is_shown=type_ is not None),
        "content-security-policy": "sandbox; default-src 'none'; frame-ancestors 'self'",
    }
    return Response(data, media_type=type_ or "application/octet-stream", headers=headers)


def _disposition(desk: Desk, stored: Sequence[Document], sha256: str, *, is_shown: bool) -> str:
    """What it is saved as (RFC 6266): by the name that it was sent with, else by its digest and type."""
    how, name, media = "inline" if is_shown else "attachment", None, None
    if stored:
        name, media = desk.personal(stored[-1].name_value, "name"), stored[-1].media
    ending = "" if media is None or media not in TYPES else TYPES[media].suffix
    plain = f'{how}; filename="{sha256[:16]}{ending}"'
    return plain if not name else f"{plain}; filename*=UTF-8''{quote(_safe_name(name, ending), safe='')}"


def _safe_name(name: str, ending: str) -> str:
    """A name that no file system reads a folder, a device or another type into."""
    flat = re.sub(r'[\\/:*?"<>|\n]+', "_", name).strip(". ")[:_NAME_CHARS]
    return flat if flat.lower().endswith(ending) else f"{flat}{ending}"


def _checked(path: Path, sha256: str) -> bytes | None:
    """The file's bytes; None where it hasn't those of the digest."""
    try:
        data = path.read_bytes() if path.stat().st_size <= MOST_BYTES else b""
    except OSError:
        return None
    return data if hashlib.sha256(data).hexdigest() == sha256 else None
