"""`verify` and `log check`: what is stored and logged, held against what was signed. Read-only, no private key."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Any

from sqlalchemy import Connection

from ingestd.cli.homes import home_argument
from ingestd.cli.parsing import Command, Parser, json_argument
from ingestd.cli.reading import OpenHome, print_json, print_json_lists
from ingestd.errors import EXIT_OK, LogError, NotFoundError, UsageError, VaultError
from ingestd.events import ClipQuarantined, ClipSecured, DocumentStored, Event
from ingestd.index import papers, queries
from ingestd.index.facts import Clip
from ingestd.index.inclusion import CONTRADICTS, LogReader, log_verifier
from ingestd.index.papers import Document
from ingestd.ledger import verify as log_verify
from ingestd.ledger.tiles import WIDTH
from ingestd.proving import expected, expected_document
from ingestd.sign import Certificates
from ingestd.telling.plain import shown
from ingestd.vault import check
from ingestd.vault.check import VaultFault
from ingestd.vault.layout import Home
from ingestd.words import Lang, Text


def _verify_arguments(parser: Parser) -> None:
    home_argument(parser)
    parser.text_argument(
        "keys",
        nargs="*",
        metavar="ID|SHA256",
        help=Text("采集、文件、文字记录的编号或摘要", "acquisitions, documents, text records or digests"),
    )
    parser.text_argument("--all", action="store_true", help=Text("全部", "everything"))
    json_argument(parser)


def _chosen(connection: Connection, keys: Sequence[str]) -> tuple[list[Clip], list[Document]]:
    clips, documents = list[Clip](), list[Document]()
    for key in keys:
        found = queries.clip(connection, key), papers.named(connection, key)
        if not any(found):
            raise NotFoundError(_NO_MATCH.format(k=key))
        clips += found[0]
        documents += found[1]
    return clips, documents


_NO_MATCH = Text(
    "没有与“{k}”相符的记录或文件；可用采集编号、文件编号、文字记录编号、摘要或卡上路径查找。",
    "nothing matches {k!r}: give an acquisition, a document, a text record, a digest or a path on the card.",
)


class _Checks:
    """Checks one after the other, and counts."""

    def __init__(self, home: Home) -> None:
        """Raises KeyMaterialError, LogError."""
        self._home = home
        self._certificates = Certificates.load(home.keys)
        self._log = LogReader(home)
        self._checked = self._faulty = 0
        self._unproved: dict[int, Text] = {}
        """Bundles of the log that do not hold what was signed."""

    def all_clips(self, connection: Connection) -> Iterator[dict[str, Any]]:
        """Every clip that the log says is stored, whatever the index has of it; then those of the index alone."""
        known = 0
        for events in self._bundles(ClipSecured.type, ClipQuarantined.type):
            clips = {seq: event for seq, event in events if isinstance(event, ClipSecured | ClipQuarantined)}
            held = queries.clips_of(connection, [clip.acquisition for clip in clips.values()])
            rows = {row.acquisition: row for row in held}
            known += len(rows)
            for seq, clip in clips.items():
                row = rows.get(clip.acquisition)
                is_same = row is not None and (row.seq, row.path, expected(row)) == (
                    (seq, clip.path, expected(clip))
                )
                yield self._clip(clip, None if is_same else _other(row))
        if queries.clip_count(connection) != known:
            yield from map(self.clip, filter(self._is_of_index_alone, queries.all_clips(connection)))

    def all_documents(self, connection: Connection) -> Iterator[dict[str, Any]]:
        """Every document, likewise."""
        known = 0
        for events in self._bundles(DocumentStored.type):
            documents = {seq: event for seq, event in events if isinstance(event, DocumentStored)}
            held = papers.those(connection, [document.document for document in documents.values()])
            rows = {row.document: row for row in held}
            known += len(rows)
            for seq, document in documents.items():
                row = rows.get(document.document)
                is_same = row is not None and (row.seq, expected_document(row)) == (
                    (seq, expected_document(document))
                )
                yield self._document(document, None if is_same else _other(row))
        if papers.document_count(connection) != known:
            yield from map(self.document, filter(self._is_of_index_alone, papers.all_documents(connection)))

    def clip(self, clip: Clip) -> dict[str, Any]:
        """A clip as the index has it, and all that is wrong with it."""
        return self._clip(clip, self._log.inclusion_fault(clip))

    def document(self, document: Document) -> dict[str, Any]:
        """A document, likewise."""
        return self._document(document, self._log.inclusion_fault(document))

    def counted(self) -> dict[str, Any]:
        """What was checked so far, and what of the log itself could not be."""
        return {
            "checkpoint": self._log.checkpoint.size,
            "checked": self._checked,
            "faulty": self._faulty,
            "log": [{"zh": text.zh, "en": text.en} for text in self._unproved.values()],
        }

    def _bundles(self, *types: str) -> Iterator[list[tuple[int, Event]]]:
        for bundle in range(self._log.bundles):
            try:
                yield self._log.events(bundle, types)
            except LogError as error:
                self._unproved[bundle] = error.text

    def _is_of_index_alone(self, stored: Clip | Document) -> bool:
        is_unproved = stored.seq // WIDTH in self._unproved
        return is_unproved or self._log.inclusion_fault(stored) is not None

    def _clip(self, clip: Clip | ClipSecured | ClipQuarantined, by_log: Text | None) -> dict[str, Any]:
        found = check.check_acquisition(self._home, expected(clip), self._certificates)
        ids = {"acquisition": clip.acquisition, "sha256": clip.sha256, "path": clip.path}
        return ids | self._told(found, by_log)

    def _document(self, document: Document | DocumentStored, by_log: Text | None) -> dict[str, Any]:
        found = check.check_document(self._home, expected_document(document), self._certificates)
        ids = {name: getattr(document, name) for name in ("document", "record", "case", "sha256")}
        return ids | self._told(found, by_log)

    def _told(self, found: Iterable[VaultFault], by_log: Text | None) -> dict[str, Any]:
        faults = [_fault(one.kind, one.text, one.offset, one.length) for one in found]
        if by_log is not None:
            faults.append(_fault("inclusion", by_log))
        self._checked += 1
        self._faulty += bool(faults)
        return {"ok": not faults, "faults": faults}


def _other(row: Clip | Document | None) -> Text:
    """What to say of what the log has, and the index has not, or has otherwise."""
    return _NOT_INDEXED if row is None else CONTRADICTS


_NOT_INDEXED = Text(
    "日志中有这一件，索引中没有：搜索和网页都不会显示它；请停止服务后运行 ingestd rebuild",
    "the log has it and the index does not, so no search and no page shows it: stop the daemon and run "
    "'ingestd rebuild'",
)


def _fault(kind: str, text: Text, offset: int | None = None, length: int | None = None) -> dict[str, Any]:
    return {"kind": kind, "zh": text.zh, "en": text.en, "offset": offset, "length": length}


def _line(told: dict[str, Any], lang: Lang) -> str:
    """What was checked, and below it what is wrong."""
    if "document" in told:
        id_, record = told["document"], shown(told["record"])
        what = Text(f"{id_} 文字记录 {record} 的文件", f"{id_} file of text record {record}").say(lang)
    else:
        what = f"{told['acquisition']} {shown(told['path'])}"
    faults = [f"    {shown(Text(fault['zh'], fault['en']).say(lang))}" for fault in told["faults"]]
    return "\n".join([f"{'✔' if told['ok'] else '▲'} {what}", *faults])


def _verify(arguments: argparse.Namespace) -> int:
    """Exit 0 where everything matches, 10 (VaultError) where not, 9 where the log alone does not; all is listed."""
    if not arguments.keys and not arguments.all:
        raise UsageError(
            Text(
                "请写明核验哪些：采集、文件或文字记录的编号、摘要，或 --all 核验全部。",
                "say what is to be checked: acquisitions, documents, text records, digests, or --all for everything.",
            )
        )
    opened = OpenHome(arguments)
    checks = _Checks(opened.home)
    with opened.connection() as connection:
        found: dict[str, Iterator[dict[str, Any]]]
        if arguments.all:
            found = {"clips": checks.all_clips(connection), "documents": checks.all_documents(connection)}
        else:
            clips, documents = _chosen(connection, arguments.keys)
            found = {"clips": map(checks.clip, clips), "documents": map(checks.document, documents)}
        if arguments.json:
            print_json_lists(found, checks.counted)
        else:
            for told in chain.from_iterable(found.values()):
                print(_line(told, opened.lang))
            counted = checks.counted()
            for fault in counted["log"]:
                print(shown(f"▲ {Text(**fault).say(opened.lang)}"))
            print(_COUNTED.format(**counted).say(opened.lang))
    counted = checks.counted()
    if counted["faulty"]:
        return VaultError.exit_status
    return LogError.exit_status if counted["log"] else EXIT_OK


_COUNTED = Text(
    "已核验 {checked} 件，{faulty} 件有误（日志检查点 {checkpoint} 条）",
    "{checked} checked, {faulty} faulty (checkpoint of {checkpoint} entries)",
)


def _log_arguments(parser: Parser) -> None:
    home_argument(parser)
    json_argument(parser)


def _log_check(arguments: argparse.Namespace) -> int:
    """Exit 0 where the log is whole, 9 (LogError) where not, 8 where there is no key to check it by."""
    home = Home(arguments.home.resolve())
    verifier = log_verifier(home)
    report = log_verify.check(home.log, home.checkpoints, verifier, origin=verifier.name)
    size = report.checkpoint.size if report.checkpoint else None
    if arguments.json:
        print_json(
            {
                "origin": verifier.name,
                "size": size,
                "root": report.checkpoint.root.hex() if report.checkpoint else None,
                "older": report.older,
                "faults": [
                    {"kind": f.kind.value, "path": f.path, "zh": f.text.zh, "en": f.text.en}
                    for f in report.faults
                ],
            }
        )
    else:
        for fault in report.faults:
            print(shown(f"▲ {fault.path}: {fault.text.say(arguments.lang)}"))
        if not report.faults:
            print(
                Text(
                    "✔ 日志完整：{o}，{n} 条，与 {k} 个旧检查点一致",
                    "✔ the log is whole: {o}, {n} entries, consistent with {k} older checkpoints",
                )
                .format(o=verifier.name, n=size, k=report.older)
                .say(arguments.lang)
            )
    return LogError.exit_status if report.faults else EXIT_OK


COMMANDS = (
    Command(
        name="verify",
        help=Text(
            "核验字节、分块、清单、签名、日志包含性", "check bytes, chunks, manifest, signature, inclusion"
        ),
        arguments=_verify_arguments,
        run=_verify,
        examples=(
            "ingestd verify --home /srv/ingestd --all",
            "ingestd verify --home /srv/ingestd 0193a5b2-7c1e-7abc-8def-0123456789ab --json",
            "ingestd verify --home /srv/ingestd WS-3701",
        ),
    ),
    Command(
        name="log check",
        help=Text("核验整个日志", "check the whole log"),
        arguments=_log_arguments,
        run=_log_check,
        examples=("ingestd log check --home /srv/ingestd",),
    ),
)
