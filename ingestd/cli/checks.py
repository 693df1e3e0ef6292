"""`verify` and `log check`: what is stored and logged, held against what was signed. Read-only, no private key."""

from __future__ import annotations

import argparse
from collections.abc import Iterable

from sqlalchemy import Connection

from ingestd.cli.homes import home_argument
from ingestd.cli.parsing import Command, Parser, json_argument
from ingestd.cli.reading import OpenHome, find_clips, print_json
from ingestd.errors import EXIT_OK, LogError, UsageError, VaultError
from ingestd.index import queries
from ingestd.index.facts import Clip
from ingestd.index.inclusion import LogReader
from ingestd.ledger import verify as log_verify
from ingestd.ledger.note import parse_verifier
from ingestd.proving import expected
from ingestd.sign import Certificates
from ingestd.vault import check
from ingestd.vault.layout import Home
from ingestd.words import Text


def _verify_arguments(parser: Parser) -> None:
    home_argument(parser)
    parser.text_argument(
        "keys", nargs="*", metavar="ID|SHA256", help=Text("采集编号或摘要", "acquisitions or digests")
    )
    parser.text_argument("--all", action="store_true", help=Text("全部", "everything"))
    json_argument(parser)


def _chosen(connection: Connection, arguments: argparse.Namespace) -> Iterable[Clip]:
    if arguments.all:
        return queries.all_clips(connection)
    return [clip for key in arguments.keys for clip in find_clips(connection, key)]


def _verify(arguments: argparse.Namespace) -> int:
    """Exit 0 where everything matches, 10 (VaultError) where not; every fault is listed."""
    if not arguments.keys and not arguments.all:
        raise UsageError(
            Text(
                "请写明核验哪些：采集编号、摘要，或 --all 核验全部。",
                "say what is to be checked: acquisitions, digests, or --all for everything.",
            )
        )
    opened = OpenHome(arguments)
    certificates = Certificates.load(opened.home.keys)
    log = LogReader(opened.home)
    results = []
    checked = faulty = 0
    with opened.connection() as connection:
        for clip in _chosen(connection, arguments):
            found = check.check_acquisition(opened.home, expected(clip), certificates)
            texts = [(fault.kind.value, fault.text, fault.offset, fault.length) for fault in found]
            if (missing := log.inclusion_fault(clip)) is not None:
                texts.append(("inclusion", missing, None, None))
            checked, faulty = checked + 1, faulty + bool(texts)
            results.append(
                {
                    "acquisition": clip.acquisition,
                    "sha256": clip.sha256,
                    "path": clip.path,
                    "ok": not texts,
                    "faults": [
                        {"kind": kind, "zh": text.zh, "en": text.en, "offset": offset, "length": length}
                        for kind, text, offset, length in texts
                    ],
                }
            )
            if not arguments.json:
                sign = "▲" if texts else "✔"
                print(f"{sign} {clip.acquisition} {clip.path}")
                for _, text, _, _ in texts:
                    print(f"    {text.say(opened.lang)}")
    if arguments.json:
        print_json(
            {"checkpoint": log.checkpoint.size, "checked": checked, "faulty": faulty, "clips": results}
        )
    else:
        print(
            Text(
                "已核验 {n} 件，{f} 件有误（日志检查点 {s} 条）",
                "{n} checked, {f} faulty (checkpoint of {s} entries)",
            )
            .format(n=checked, f=faulty, s=log.checkpoint.size)
            .say(opened.lang)
        )
    return VaultError.exit_status if faulty else EXIT_OK


def _log_arguments(parser: Parser) -> None:
    home_argument(parser)
    json_argument(parser)


def _log_check(arguments: argparse.Namespace) -> int:
    """Exit 0 where the log is whole, 9 (LogError) where not."""
    home = Home(arguments.home.resolve())
    verifier = parse_verifier((home.keys / "log.vkey").read_text().strip())
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
            print(f"▲ {fault.path}: {fault.text.say(arguments.lang)}")
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
