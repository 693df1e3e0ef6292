"""`init`, `rebuild`, and taking in the agency's certificate: making and mending a home."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from sqlalchemy import Engine

from ingestd import config, durable, sign
from ingestd.cli.files import content
from ingestd.cli.parsing import Command, Parser
from ingestd.clock import StationClock
from ingestd.errors import KeyMaterialError, LogError, NotFoundError, UsageError
from ingestd.index import projection
from ingestd.index.database import into_one_file, open_database
from ingestd.ledger.faults import translated
from ingestd.ledger.rebuild import rebuild
from ingestd.policy import catalog
from ingestd.sign import StationKeys
from ingestd.station import WriterLock, create, import_certificate, log_home, note_signer
from ingestd.vault.blobs import Blobs
from ingestd.vault.layout import Home
from ingestd.words import Text


def home_argument(parser: Parser, *, required: bool = True) -> None:
    """``--home DIR``, as every command has it; INGESTD_HOME stands in where it is not given."""
    default = os.environ.get("INGESTD_HOME")
    parser.text_argument(
        "--home",
        metavar="DIR",
        type=Path,
        required=required and default is None,
        default=None if default is None else Path(default),
        help=Text("证据库目录（也可用环境变量 INGESTD_HOME）", "the home of evidence (or INGESTD_HOME)"),
    )


def _init_arguments(parser: Parser) -> None:
    home_argument(parser)
    parser.text_argument("--agency", metavar="ID", required=True, help=Text("机关编号", "id of the agency"))
    parser.text_argument(
        "--station", metavar="ID", required=True, help=Text("采集点编号", "id of the station")
    )
    parser.text_argument(
        "--policy",
        metavar="KEY",
        required=True,
        help=Text("规则：{k}", "the policy: {k}").format(k=", ".join(catalog.keys())),
    )
    parser.text_argument(
        "--csr",
        action="store_true",
        help=Text(
            "不建私有 CA，生成证书请求交机关的 CA 签发", "no private CA: make a request for the agency's CA"
        ),
    )
    parser.text_argument(
        "--ca-key-to",
        metavar="DIR",
        type=Path,
        help=Text("把 CA 私钥移到此处（如移动介质）", "take the CA's key off the machine, to this folder"),
    )


def _init(arguments: argparse.Namespace) -> int:
    if arguments.csr and arguments.ca_key_to:
        raise UsageError(Text("--csr 时没有 CA 私钥可移。", "with --csr there is no CA key to take away."))
    if arguments.ca_key_to:
        _require_off(arguments.ca_key_to, arguments.home)
    policy = create(
        arguments.home,
        agency=arguments.agency,
        station=arguments.station,
        policy=arguments.policy,
        csr=arguments.csr,
        clock=StationClock(),
    )
    home, lang = Home(arguments.home.resolve()), arguments.lang
    print(Text("证据库已建立：{home}", "the home is made: {home}").format(home=home.root).say(lang))
    print(Text("  规则：{p}", "  policy: {p}").format(p=policy.title).say(lang))
    if arguments.csr:
        print(
            Text(
                "  证书请求：{csr}\n  请机关的 CA 签发后运行："
                "ingestd certificate --home {home} --station-pem 文件 --ca-pem 文件",
                "  certificate request: {csr}\n  when the agency's CA has signed it: "
                "ingestd certificate --home {home} "
                "--station-pem FILE --ca-pem FILE",
            )
            .format(csr=home.keys / "station.csr", home=home.root)
            .say(lang)
        )
        return 0
    if arguments.ca_key_to:
        try:
            moved = sign.remove_ca_key(home.keys, arguments.ca_key_to)
        except OSError as error:
            raise KeyMaterialError(
                _NOT_MOVED.format(
                    to=arguments.ca_key_to, why=error.strerror, key=home.keys / "private/ca.key"
                )
            ) from error
        print(
            Text("  CA 私钥已移到 {p}，请妥善保管", "  the CA's key is now at {p}; keep it safe")
            .format(p=moved)
            .say(lang)
        )
    else:
        print(
            Text(
                "  CA 私钥仍在本机：{p}。建议移走，并备份 keys/private。",
                "  the CA's key is still on this machine: {p}. Better take it away, and back up keys/private.",
            )
            .format(p=home.keys / "private" / "ca.key")
            .say(lang)
        )
    print(
        Text(
            "  日志验证公钥（请抄送监督部门）：{k}",
            "  the log's verifier key (give it to the supervising office): {k}",
        )
        .format(k=(home.keys / "log.vkey").read_text().strip())
        .say(lang)
    )
    print(
        Text("  下一步：ingestd run --home {h}", "  next: ingestd run --home {h}")
        .format(h=home.root)
        .say(lang)
    )
    return 0


def _require_off(folder: Path, home: Path) -> None:
    """Raises UsageError where the CA's key cannot go to this folder, before anything is made."""
    try:
        place = folder.resolve(strict=True)
        is_free = place.is_dir() and not (place / "ca.key").exists() and os.access(place, os.W_OK | os.X_OK)
    except OSError:
        is_free = False
    if not is_free:
        raise UsageError(
            Text(
                "CA 私钥无法放到 {to}：须是已有、可写、尚无 ca.key 的目录。未建立任何内容；请先接好介质并建目录。",
                "the CA's key cannot go to {to}: it takes a folder that is there, can be written to, and holds no "
                "ca.key yet. Nothing was made; connect the medium and make the folder first.",
            ).format(to=folder)
        )
    if place.is_relative_to(home.resolve()):
        raise UsageError(
            Text(
                "{to} 在证据库之内，CA 私钥在那里等于没有移走；未建立任何内容。请给出移动介质上的目录。",
                "{to} lies inside the home, where the CA's key would not be off it. Nothing was made; give a folder "
                "on a medium that can be taken away.",
            ).format(to=folder)
        )


_NOT_MOVED = Text(
    "证据库已建立，但 CA 私钥未能复制到 {to}（{why}），仍在本机：{key}。请自行复制到离线介质，核对后删除本机的一份。",
    "the home is made, but the CA's key could not be copied to {to} ({why}) and is still on this machine: {key}. "
    "Copy it to a medium off this machine yourself, compare, and delete it here.",
)


def _certificate_arguments(parser: Parser) -> None:
    home_argument(parser)
    parser.text_argument(
        "--station-pem",
        metavar="FILE",
        type=Path,
        required=True,
        help=Text("CA 签发的证书", "the certificate that the CA made"),
    )
    parser.text_argument(
        "--ca-pem", metavar="FILE", type=Path, required=True, help=Text("CA 的证书", "the CA's certificate")
    )


def _certificate(arguments: argparse.Namespace) -> int:
    import_certificate(
        arguments.home,
        content(arguments.station_pem),
        content(arguments.ca_pem),
        StationClock(),
    )
    print(
        Text("证书已导入，证据库可以使用。", "the certificate is taken in; the home can be used.").say(
            arguments.lang
        )
    )
    return 0


def _rebuild(arguments: argparse.Namespace) -> int:
    """Replay the log into a new database and swap it in for the old one, which need not be readable.

    A kill at any point leaves the old one or the new one; what the log holds beyond it the next start replays.
    """
    home, clock = Home(arguments.home.resolve()), StationClock()
    settings = config.read(home.config)
    keys = StationKeys.load(home.keys, at=clock.now())
    lock = WriterLock(home)
    new = home.database.with_name("index.db.new")
    try:
        with translated():
            _remove(new)
            engine = _old(home)
            fresh = open_database(new)
            projection.create(fresh)
            checkpoint = rebuild(
                log_home(home),
                engine=engine,
                new_engine=fresh,
                signer=note_signer(keys),
                origin=settings.origin,
                node=settings.origin,
                clock=clock,
                blobs=Blobs(home),
                project=projection.project,
            )
            into_one_file(fresh)
            if engine is not None:
                engine.dispose()
            # Not after the exchange: a log of the old file beside the new one would be taken for the new one's.
            for companion in _companions(home.database):
                companion.unlink(missing_ok=True)
            new.replace(home.database)
            durable.settle([home.root])
    finally:
        _remove(new)  # what a full disk left of it takes no room from the daemon
        lock.close()
    print(
        Text("已由日志重建：{n} 条，索引 {db}", "rebuilt from the log: {n} entries, index {db}")
        .format(n=checkpoint.size, db=home.database)
        .say(arguments.lang)
    )
    return 0


def _old(home: Home) -> Engine | None:
    """The database that is to be replaced; None where there is none, or none that can be read."""
    try:
        return open_database(home.database, create=False)
    except (LogError, NotFoundError):
        return None


def _remove(database: Path) -> None:
    for path in (database, *_companions(database)):
        path.unlink(missing_ok=True)


def _companions(database: Path) -> tuple[Path, ...]:
    return tuple(database.with_name(database.name + suffix) for suffix in ("-wal", "-shm"))


COMMANDS = (
    Command(
        name="init",
        help=Text("建立证据库：目录、配置、密钥、日志", "make a home: folders, configuration, keys, log"),
        arguments=_init_arguments,
        run=_init,
        examples=(
            "ingestd init --home /srv/ingestd --agency tongling-jiaoqu --station north-1 --policy tongling-jiaoqu",
            "ingestd init --home /srv/ingestd --agency a --station s --policy baseline --ca-key-to /media/usb",
        ),
    ),
    Command(
        name="certificate",
        help=Text(
            "导入机关 CA 签发的证书（init --csr 之后）",
            "take in the agency CA's certificate (after init --csr)",
        ),
        arguments=_certificate_arguments,
        run=_certificate,
        examples=("ingestd certificate --home /srv/ingestd --station-pem station.pem --ca-pem ca.pem",),
    ),
    Command(
        name="rebuild",
        help=Text("由日志重建索引（守护进程须停止）", "make the index again from the log (daemon stopped)"),
        arguments=home_argument,
        run=_rebuild,
        examples=("ingestd rebuild --home /srv/ingestd",),
    ),
)
