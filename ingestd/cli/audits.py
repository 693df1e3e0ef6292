"""`audit draw|void|judge|list|redo`: random playback audits (OWN-7), drawn so that neither side can steer them."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from ingestd import config
from ingestd.actions.audits import ANSWERS, VERDICTS
from ingestd.audits.population import Scope
from ingestd.audits.redo import Redo
from ingestd.cli import audit_views, nonces
from ingestd.cli.acting import act, tell
from ingestd.cli.homes import home_argument
from ingestd.cli.moments import moment, station_zone
from ingestd.cli.nonces import Kept, Nonces
from ingestd.cli.parsing import Command, Parser, json_argument
from ingestd.cli.reading import OpenHome, print_json
from ingestd.clock import StationClock
from ingestd.config import Config
from ingestd.errors import IngestdError, KeyMaterialError, LogError, NotFoundError, UsageError
from ingestd.index import audits
from ingestd.index.audits import DRAWN, EXPIRED, ITEMS, VOIDED
from ingestd.law.months import begin_of, later, month_of
from ingestd.ledger.files import LogFiles
from ingestd.ledger.note import NoteError, Verifier, parse_verifier
from ingestd.station import log_home
from ingestd.telling import audit_sentences
from ingestd.vault.blobs import Blobs
from ingestd.vault.layout import Home
from ingestd.words import Text


def _say(arguments: argparse.Namespace, text: Text) -> None:
    if not arguments.json:
        print(text.say(arguments.lang), flush=True)


# --- draw --------------------------------------------------------------------------------------------


def _draw_arguments(parser: Parser) -> None:
    home_argument(parser)
    parser.text_argument(
        "--month",
        metavar="YYYY-MM",
        help=Text(
            "某月入库的录像（默认上个月）", "recordings that came in within a month (default: last month)"
        ),
    )
    parser.text_argument(
        "--since", metavar="TIME", help=Text("时段起点（本地时间）", "begin of the period (local time)")
    )
    parser.text_argument("--until", metavar="TIME", help=Text("时段终点（不含）", "its end, not included"))
    parser.text_argument(
        "--unit", metavar="ID", help=Text("只抽该单位及其下级", "only of this unit and those below it")
    )
    parser.text_argument(
        "--keep",
        metavar="DIR",
        type=Path,
        help=Text(
            "公开之前随机数保存在此（默认 ~/.local/state/ingestd/audits，仅本人可读）",
            "where the nonce is kept until it is revealed (default ~/.local/state/ingestd/audits, only yours)",
        ),
    )
    json_argument(parser)


def _scope(arguments: argparse.Namespace, settings: Config) -> Scope:
    """The period that was asked for. Raises UsageError."""
    offset, now = settings.utc_offset_minutes, StationClock().now()
    if arguments.since is None and arguments.until is None:
        month = arguments.month or later(month_of(now, offset), -1)
        try:
            begin, end = begin_of(month, offset), begin_of(later(month, 1), offset)
        except ValueError as error:
            raise UsageError(
                Text("“{m}”不是月份；请写成 2026-10。", "{m!r} is no month; write 2026-10.").format(m=month)
            ) from error
        return Scope(since_at=begin, until_at=end, unit=arguments.unit)
    zone = station_zone(arguments.home)
    since, until = (moment(text, zone=zone, now=now) for text in (arguments.since, arguments.until))
    if since is None or until is None or arguments.month is not None:
        raise UsageError(
            Text(
                "请给出 --month，或同时给出 --since 和 --until。",
                "give --month, or both --since and --until.",
            )
        )
    return Scope(since_at=since, until_at=until, unit=arguments.unit)


def _draw(arguments: argparse.Namespace) -> int:
    """Bind, let the station seed, reveal, show. Each step is taken up where an earlier call was cut off."""
    settings = config.read(Home(arguments.home.resolve()).config)
    scope, mine = _scope(arguments, settings), Nonces(nonces.folder(arguments.keep))
    for kept in mine.of(settings.origin, scope):
        told = _bind(arguments, kept)
        if told["state"] not in (VOIDED, EXPIRED):
            break
        mine.forget(kept)
    else:
        kept = mine.make(settings.origin, scope)
        told = _bind(arguments, kept)
    if told["state"] != DRAWN:
        told = act(arguments, "audit.reveal", audit=told["audit"], nonce=kept.nonce)
        _say(arguments, Text("③ 随机数已公开并记入日志。", "3. The nonce is revealed and in the log."))
    mine.forget(kept)
    if arguments.json:
        print_json(told)
        return 0
    _say(
        arguments,
        Text(
            "④ 范围内共 {population} 段录像，抽中 {n} 段：",
            "4. {n} drawn of {population} recordings:",
        ).format(population=told["population"], n=len(told["drawn"])),
    )
    return _show(arguments, told["audit"])


def _bind(arguments: argparse.Namespace, kept: Kept) -> dict[str, Any]:
    told = act(
        arguments,
        "audit.commit",
        commitment=kept.commitment,
        since=kept.since_at,
        until=kept.until_at,
        unit=kept.unit,
    )
    if told["state"] in (VOIDED, EXPIRED):
        return told
    _say(
        arguments,
        Text(
            "① 抽查 {audit}：随机数的承诺（SHA-256）已记入日志。",
            "1. Audit {audit}: the nonce is bound by its SHA-256, which is in the log.",
        ).format(audit=told["audit"]),
    )
    _say(
        arguments,
        Text(
            "② 日志检查点（{size} 条）已确定，种子的另一半不再由任何人左右。",
            "2. The checkpoint of {size} entries stands: nobody can choose the other half of the seed any more.",
        ).format(size=told["size"]),
    )
    return told


# --- void, judge -------------------------------------------------------------------------------------


def _audit_argument(parser: Parser) -> None:
    home_argument(parser)
    parser.text_argument("audit", metavar="ID", help=Text("抽查编号", "id of the audit"))


def _void_arguments(parser: Parser) -> None:
    _audit_argument(parser)
    parser.text_argument("--reason", required=True, metavar="TEXT", help=Text("理由", "the reason"))
    json_argument(parser)


def _void(arguments: argparse.Namespace) -> int:
    told = act(arguments, "audit.void", audit=arguments.audit, reason=arguments.reason)
    done = Text(
        "抽查 {a} 已作废；在同一范围另行抽取之前，记为异常。",
        "audit {a} is given up; it is a finding until another draw of the same recordings is made.",
    )
    return tell(arguments, told, done.format(a=told["audit"]))


def _judge_arguments(parser: Parser) -> None:
    _audit_argument(parser)
    parser.text_argument(
        "clip", metavar="CLIP", help=Text("采集编号、摘要或路径", "acquisition, digest or path")
    )
    for item in ITEMS:
        parser.text_argument(f"--{item}", choices=ANSWERS, required=True, help=audit_sentences.ITEMS[item])
    parser.text_argument("--verdict", choices=VERDICTS, required=True, help=Text("结论", "the verdict"))
    parser.text_argument(
        "--note", metavar="TEXT", help=Text("问题说明（有问题时必填）", "what is wrong, where something is")
    )
    json_argument(parser)


def _judge(arguments: argparse.Namespace) -> int:
    answers = {item: getattr(arguments, item) for item in ITEMS}
    told = act(
        arguments,
        "audit.judge",
        audit=arguments.audit,
        clip=arguments.clip,
        verdict=arguments.verdict,
        note=arguments.note,
        **answers,
    )
    return tell(
        arguments, told, Text("评判已记入日志（第 {seq} 条）。", "judged (log entry {seq}).").format(**told)
    )


# --- list --------------------------------------------------------------------------------------------


def _list_arguments(parser: Parser) -> None:
    home_argument(parser)
    parser.text_argument(
        "audit", metavar="ID", nargs="?", help=Text("只看这一次及其录像", "this one with its clips")
    )
    json_argument(parser)


def _list(arguments: argparse.Namespace) -> int:
    if arguments.audit is not None:
        return _show(arguments, arguments.audit)
    opened = OpenHome(arguments)
    with opened.connection() as connection:
        found = audits.draws(connection)
    if arguments.json:
        print_json([audit_views.draw_json(one, opened.now()) for one in found])
    else:
        opened.print(audit_views.draws(found, now=opened.now(), zone=opened.zone, lang=opened.lang))
    return 0


def _show(arguments: argparse.Namespace, audit: str) -> int:
    opened = OpenHome(arguments)
    with opened.connection() as connection:
        draw, clips = audits.draw(connection, audit), audits.drawn_clips(connection, audit)
    if draw is None:
        raise NotFoundError(Text("没有抽查 {a}。", "there is no audit {a}.").format(a=audit[:40]))
    values = opened.values
    notes: dict[str, dict[str, Any] | None] = {
        clip.acquisition: values.get(clip.judgement.note_value)
        for clip in clips
        if clip.judgement is not None and clip.judgement.note_value is not None
    }
    if arguments.json:
        print_json(
            audit_views.draw_json(draw, opened.now()) | {"clips": audit_views.clips_json(clips, notes)}
        )
    else:
        opened.print(
            audit_views.draw(draw, clips, notes, now=opened.now(), zone=opened.zone, lang=opened.lang)
        )
    return 0


# --- redo --------------------------------------------------------------------------------------------


def _redo_arguments(parser: Parser) -> None:
    home_argument(parser)
    parser.text_argument("audit", metavar="ID", help=Text("抽查编号", "id of the audit"))
    parser.text_argument(
        "--key",
        metavar="VKEY",
        help=Text(
            "日志的验证公钥（您自己留存的；默认用证据库中的 keys/log.vkey）",
            "the log's verifier key as you hold it (default: keys/log.vkey of the home)",
        ),
    )
    json_argument(parser)


def _verifier(home: Home, key: str | None) -> Verifier:
    try:
        return parse_verifier((key or (home.keys / "log.vkey").read_text()).strip())
    except (OSError, NoteError, ValueError) as error:
        raise KeyMaterialError(
            Text("日志的验证公钥不可用：{e}", "the log's verifier key cannot be used: {e}").format(e=error)
        ) from error


def _redo(arguments: argparse.Namespace) -> int:
    """Needs log/, keys/log.vkey and vault/blobs/ of a home or of a copy, and writes nothing."""
    home = Home(arguments.home.resolve())
    redo = Redo(LogFiles(log_home(home)), _verifier(home, arguments.key), Blobs(home), arguments.audit)
    failed: IngestdError | None = None
    drawn: tuple[str, ...] = ()
    try:
        drawn = redo.run().acquisitions
    except LogError as error:
        failed = error
    if arguments.json:
        print_json(
            {
                "audit": arguments.audit,
                "ok": failed is None,
                "checks": [{"zh": one.zh, "en": one.en} for one in redo.checks],
                "remarks": [{"zh": one.zh, "en": one.en} for one in redo.remarks],
                "fault": None if failed is None else {"zh": failed.text.zh, "en": failed.text.en},
                "drawn": list(drawn),
            }
        )
    else:
        for sign, texts in (("✔", redo.checks), ("◐", redo.remarks)):
            for one in texts:
                print(f"{sign} {one.say(arguments.lang)}")
        for acquisition in drawn:
            print(f"  {acquisition}")
        if failed is not None:
            raise failed
    return 0 if failed is None else failed.exit_status


_ID = "8f0c5d1e2a7b4963"
COMMANDS = (
    Command(
        name="audit draw",
        help=Text(
            "随机抽取要调阅的录像（谁也不能左右）", "draw recordings at random, so that nobody can steer it"
        ),
        arguments=_draw_arguments,
        run=_draw,
        examples=(
            "ingestd audit draw --home /srv/ingestd",
            "ingestd audit draw --home /srv/ingestd --month 2026-10 --unit 二中队 --json",
        ),
    ),
    Command(
        name="audit list",
        help=Text(
            "历次抽查；一次抽查的录像与评判", "all audits; one audit's clips and what was said of them"
        ),
        arguments=_list_arguments,
        run=_list,
        examples=(
            "ingestd audit list --home /srv/ingestd",
            f"ingestd audit list --home /srv/ingestd {_ID} --json",
        ),
    ),
    Command(
        name="audit judge",
        help=Text(
            "调阅后逐段评判（录制人和参加人不能）",
            "judge a drawn clip (never who recorded it or was on its act)",
        ),
        arguments=_judge_arguments,
        run=_judge,
        examples=(
            (
                f"ingestd audit judge --home /srv/ingestd {_ID} DCIM/0001.MP4 --narrated yes --whole yes "
                "--certificate yes --informed yes --proper yes --verdict good"
            ),
        ),
    ),
    Command(
        name="audit void",
        help=Text("随机数丢失时作废（记为异常，须另抽）", "give up a draw whose nonce is lost (a finding)"),
        arguments=_void_arguments,
        run=_void,
        examples=(f'ingestd audit void --home /srv/ingestd {_ID} --reason "保存随机数的电脑损坏"',),
    ),
    Command(
        name="audit redo",
        help=Text("任何人由日志重新抽取并核对", "anybody draws it again from the log and compares"),
        arguments=_redo_arguments,
        run=_redo,
        examples=(
            f"ingestd audit redo --home /srv/ingestd {_ID}",
            f"ingestd audit redo --home copy {_ID} --key 'a/s+1f2e3d4c+AbCd…' --lang en",
        ),
    ),
)
