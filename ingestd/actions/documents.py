"""The file of a text record: taken in like a clip. Hashed, written once, read back, signed, logged (REC-22, REC-26).

It comes in parts over the same socket as every request: one protocol with one check of who asks. Passing a
descriptor instead would let the sender change the file while it is read, and save a second in a minute's work.
Who may state text records may attach their files; a file is never taken away again, a newer one stands beside it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from typing import Any

from ingestd import canon
from ingestd.actions.authority import Authority
from ingestd.actions.caller import Caller
from ingestd.actions.refusals import Refusals
from ingestd.actions.registers import RegisterActions
from ingestd.actions.server import Action
from ingestd.actions.uploads import Uploads
from ingestd.errors import NotFoundError, UsageError
from ingestd.events import DocumentStored
from ingestd.index import papers, registers
from ingestd.index.database import reading
from ingestd.intake.disk import disk
from ingestd.model import Sha256
from ingestd.people.separation import Deed
from ingestd.station import Station
from ingestd.vault.blobs import Blobs
from ingestd.vault.document_types import TYPES, recognised
from ingestd.vault.documents import DocumentManifest
from ingestd.vault.manifest import Station as Signer
from ingestd.words import Text

ATTACHES = ("case-officer",)
"""Who states text records by hand, and sees evidence."""
NAME_CHARS = 255
_CELLS = ("act", "kind", "made_at", "signed", "refusal")
"""Of a new text record, as `register.add` takes them."""
_EMPTY = Text("文件是空的。", "the file is empty.")
_UNKNOWN_TYPE = Text(
    "不接收这种文件：按内容判断，只收 {all}。请转换为 PDF 或 OFD 后再传。",
    "this kind of file is not taken: by their content, {all} are. Make a PDF or OFD of it.",
)
_NO_RECORD = Text("没有文字记录 {r}。", "there is no text record {r}.")
_NO_CASE = Text("没有案件 {c}。", "there is no case {c}.")


class DocumentActions:
    """`document.part` and `document.store`. Each gives the JSON answer of the action."""

    def __init__(
        self, station: Station, refusals: Refusals, stated: RegisterActions, uploads: Uploads
    ) -> None:
        self._station = station
        self._refusals = refusals
        self._registers = stated
        self._uploads = uploads
        self._authority = Authority(station, refusals)
        self._blobs = Blobs(station.home)

    def verbs(self) -> dict[str, Action]:
        """By their names on the socket."""
        return {"document.part": self.part, "document.store": self.store}

    def part(self, who: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """A part of a file that is being sent for a case. Raises UsageError, BusyError, RefusedError."""
        self._check(who, str(arguments["case"]))
        return self._uploads.add(who, arguments)

    def store(self, who: Caller, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """What was sent becomes the file of a text record of ``case``: of ``record``, else of a new one.

        ``name`` is the file's; a new record has ``kind``, ``act``, ``made_at``, ``signed``, ``refusal`` too.
        """
        case = str(arguments["case"])
        self._check(who, case)
        said = self._said(arguments, case)
        data = self._uploads.take(who)
        media, digest = _media(data), Sha256(hashlib.sha256(data).hexdigest())
        with reading(self._station.engine) as connection:
            known = [] if "record" not in said else list(papers.of_record(connection, said["record"]))
        if (same := next((one for one in known if one.sha256 == digest), None)) is not None:
            return {"record": same.record, "document": same.document, "sha256": digest, "seq": None}
        with disk():
            self._blobs.put(data)
            self._blobs.get(digest)
        record = self._registers.add(who, {"register": "record", "said": said | {"sha256": digest}})["key"]
        facts = {
            "document": canon.new_id(self._station.clock.now(), os.urandom(10)),
            "record": record,
            "case": case,
            "sha256": digest,
            "size": len(data),
            "media": media,
        }
        event = self._sealed(facts, str(arguments.get("name") or "")[:NAME_CHARS])
        seq = self._station.books.append([event], actor=who.actor)[-1]
        self._station.books.ensure_published(seq)
        return {"record": record, "document": event.document, "sha256": digest, "seq": seq}

    def _check(self, who: Caller, case: str) -> None:
        with self._refusals.watch(who, "document.store", f"case:{case}"):
            who.require(*ATTACHES)
            self._authority.check(who, Deed.LOOK, f"case:{case}")

    def _said(self, arguments: Mapping[str, Any], case: str) -> dict[str, str]:
        """The cells of the text record. Raises NotFoundError."""
        record = arguments.get("record")
        with reading(self._station.engine) as connection:
            if registers.case(connection, case) is None:
                raise NotFoundError(_NO_CASE.format(c=case[:80]))
            found = None if record is None else registers.one(connection, "record", str(record))
        if record is not None and (found is None or found.row.case != case):
            raise NotFoundError(_NO_RECORD.format(r=str(record)[:80]))
        told = {} if record is None else {"record": str(record)}
        cells = {name: str(arguments[name]) for name in _CELLS if arguments.get(name)}
        return {**told, "case": case, **({} if record is not None else cells)}

    def _sealed(self, facts: dict[str, Any], name: str) -> DocumentStored:
        """Its manifest is signed and stored; then its event can say so."""
        station, config, keys = self._station, self._station.config, self._station.keys
        signer = Signer(
            agency=config.agency, station=config.station, certificate_sha256=keys.certificate_sha256
        )
        manifest = DocumentManifest(**facts, stored_at=station.clock.now(), station=signer).to_bytes()
        with disk():
            signature_sha256 = self._blobs.put(keys.sign_manifest(manifest))
            manifest_sha256 = self._blobs.put(manifest)
        return DocumentStored(
            **facts,
            name_value=station.services.put_value({"name": name}),
            manifest_sha256=manifest_sha256,
            signature_sha256=signature_sha256,
        )


def _media(data: bytes) -> str:
    """What the bytes are. Raises UsageError."""
    if not data:
        raise UsageError(_EMPTY)
    found = recognised(data)
    if found is None:
        names = [one.text for one in TYPES.values()]
        told = Text("、".join(one.zh for one in names), ", ".join(one.en for one in names))
        raise UsageError(_UNKNOWN_TYPE.format(all=told))
    return found
