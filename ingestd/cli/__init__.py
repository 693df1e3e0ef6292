"""The command line: parse, call, exit status; one file a subject, one `Command` a verb."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib import import_module
from typing import TextIO

from ingestd import __version__
from ingestd.actions.client import RemoteError
from ingestd.cli import outlets
from ingestd.cli.parsing import Command, build, wanted_language
from ingestd.errors import EXIT_BUG, IngestdError, LogError, NoSpaceError
from ingestd.ledger.faults import is_no_space
from ingestd.service import journal
from ingestd.telling.plain import shown_lines
from ingestd.words import Lang, Text

SUBJECTS: Mapping[str, tuple[str, ...]] = {
    "homes": ("init", "certificate", "rebuild"),
    "daemons": ("run",),
    "intake": ("intake",),
    "web": ("web",),
    "mounting": ("mount-unit",),
    "reading": ("status", "show", "findings"),
    "slots": ("slot", "udev-rules"),
    "policies": ("policy",),
    "checks": ("verify", "log"),
    "chain": ("custody",),
    "custody": ("recorder", "urge", "confirm"),
    "law": ("finding", "clip", "case", "sheet"),
    "links": ("link",),
    "values": ("value",),
    "audits": ("audit",),
    "registers": ("unit", "officer", "subject", "case", "act", "recorder"),
    "users": ("user",),
    "tokens": ("token",),
    "reviews": ("review",),
    "reports": ("report",),
    "doctor": ("drivers", "doctor"),
    "installing": ("install",),
    "demo": ("demo",),
}
"""Modules and the first words of their verbs, in the order of `ingestd --help`. One that is not asked for is not
imported: a daemon starts in half the time."""
BROKEN_PIPE = 141
INTERRUPTED = 130
_FULL = Text(
    "磁盘已满，命令没有做完；已入库的证据和已公布的日志不受影响。请腾出空间后再执行一次。",
    "the disk is full, and the command was not done; secured evidence and the published log stay as they are. "
    "Make room, then run it again.",
)
log = logging.getLogger(__name__)


def commands(word: str = "") -> tuple[Command, ...]:
    """The verbs of the modules that know this first word; all where none does."""
    names = [name for name, words in SUBJECTS.items() if word in words] or list(SUBJECTS)
    return tuple(command for name in names for command in import_module(f"{__name__}.{name}").COMMANDS)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit status (see `errors`)."""
    outlets.make_sure()
    given = sys.argv[1:] if arguments is None else list(arguments)
    lang = wanted_language(given)
    _log_to(sys.stderr, logging.INFO if given[:1] in (["run"], ["web"]) else logging.WARNING)
    try:
        parsed = build(commands(*given[:1]), lang, version=__version__).parse_args(given)
        status: int = parsed.command.run(parsed)
    except IngestdError as error:
        return _tell(error, lang)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:
        if is_no_space(error):
            return _tell(NoSpaceError(_FULL), lang)
        log.exception("an internal error")
        text = Text(
            "程序内部错误（详情见上）。已入库的证据不受影响；请将以上内容报告给维护者。",
            "an internal error (see above). Secured evidence is not affected; please report the lines above.",
        )
        print(text.say(lang), file=sys.stderr)
        return EXIT_BUG
    return status


def _log_to(stream: TextIO, level: int) -> None:
    """Into the journal with its fields where standard error is the journal's, else as plain lines."""
    handlers: list[logging.Handler] = []
    if journal.is_standard_error(os.environ):
        with suppress(OSError):  # no journal listens: the stream is there all the same
            handlers.append(journal.JournalHandler())
    plain = "%(message)s" if handlers else "%(levelname)s %(name)s: %(message)s"
    logging.basicConfig(level=level, format=plain, handlers=handlers or [logging.StreamHandler(stream)])
    logging.getLogger("apscheduler").setLevel(logging.WARNING)  # its every run is no news


def _tell(error: IngestdError, lang: Lang) -> int:
    print(f"ingestd: {shown_lines(error.say(lang))}", file=sys.stderr)
    if isinstance(error, RemoteError):
        return error.remote_exit
    if isinstance(error, LogError):
        log.debug("log error", exc_info=error)
    return error.exit_status
