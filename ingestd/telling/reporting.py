"""A report read from an index and told: for the command line, the pages and programs, from whatever copy each has.

Everything is read in one transaction and judged at the time of its newest entry: the same size of the log gives the
same bytes, whoever asks and whenever.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta, timezone
from typing import Any

from sqlalchemy import Connection

from ingestd.config import Config
from ingestd.errors import NotFoundError, VaultError
from ingestd.index import law_facts, registers, report_facts
from ingestd.law.facts import Clip
from ingestd.law.rulebook import Rulebook
from ingestd.ledger import table as entries
from ingestd.ledger.entry import parse
from ingestd.model import Millis
from ingestd.policy.model import Policy
from ingestd.reports import making
from ingestd.reports.document import Document, Fact
from ingestd.reports.period import Period
from ingestd.telling.plain import stamp_text
from ingestd.vault.values import Values
from ingestd.words import Text

COUNTED_AT_ONCE = 2000
"""After so many recordings the caller hears how far it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What a report is read by, beside the rows."""

    config: Config
    policy: Policy
    book: Rulebook
    values: Values
    root: Callable[[int], str | Text]
    """Of the tree of so many entries, hex; words where it is not published yet."""


def document(
    connection: Connection,
    source: Source,
    wanted: Period,
    *,
    unit: str | None = None,
    heard: Callable[[int], None] | None = None,
) -> Document:
    """The report of a period, of a unit with those below it (None: of all). Raises NotFoundError.

    ``heard`` is told how many recordings were counted so far.
    """
    size = entries.size(connection)
    as_of = newest_at(connection)
    facts = _facts(connection, source, wanted, as_of, heard or _nobody)
    if unit is not None and unit not in facts.base.units:
        raise NotFoundError(Text("没有单位 {u}。", "there is no unit {u}.").format(u=unit[:64]))
    heading = _heading(source, wanted, size, as_of)
    return making.made(facts, source.book, wanted, as_of=as_of, heading=heading, unit=unit)


def newest_at(connection: Connection) -> Millis:
    """When the newest entry was written."""
    return _at(connection, entries.size(connection) - 1)


def oldest_at(connection: Connection) -> Millis:
    """When the first entry was written."""
    return _at(connection, 0)


def _at(connection: Connection, seq: int) -> Millis:
    return parse(entries.rows(connection, seq, seq + 1)[0]).at


def _nobody(_: int) -> None:
    """Nobody wants to hear how far it is."""


def _told(clips: Iterable[Clip], heard: Callable[[int], None]) -> Iterator[Clip]:
    for number, clip in enumerate(clips, 1):
        if number % COUNTED_AT_ONCE == 0:
            heard(number)
        yield clip


def _facts(
    connection: Connection, source: Source, wanted: Period, as_of: Millis, heard: Callable[[int], None]
) -> making.Facts:
    watched = frozenset(slot.name for slot in source.config.slots)
    base = report_facts.base_of(connection, wanted)
    parties = {
        party
        for case in base.cases.values()
        if case.random_inspection and wanted.has(case.concluded_at)
        for party in case.subjects
    }
    return making.Facts(
        base=base,
        clips=_told(report_facts.clips_of(connection, wanted), heard),
        recorders=law_facts.recorders(connection, None, as_of, watched),
        findings=report_facts.findings_of(connection, wanted),
        audits=report_facts.audits_of(connection, wanted),
        names=_organisations(connection, source.values, parties),
    )


def _organisations(connection: Connection, values: Values, parties: set[str]) -> dict[str, str]:
    """Names of the organisations among these; who is a person has none on a sheet (DIS-3)."""
    found = {}
    for party, stated in registers.stated(connection, "subject", sorted(parties)).items():
        if stated.row.kind != "organisation" or stated.row.party_value is None:
            continue
        try:
            name = (values.get(stated.row.party_value) or {}).get("name")
        except VaultError:
            continue
        if name is not None:
            found[party] = str(name)
    return found


def _heading(source: Source, wanted: Period, size: int, as_of: Millis) -> tuple[Fact, ...]:
    config, policy = source.config, source.policy
    zone = timezone(timedelta(minutes=config.utc_offset_minutes))
    is_over = as_of >= wanted.end
    state = (
        Text("期间已满", "the period is over") if is_over else Text("期间未满，暂定", "not over: provisional")
    )
    told: tuple[tuple[str, str, str, Any], ...] = (
        ("station", "采集点", "station", f"{config.agency}/{config.station}"),
        ("period", "期间", "period", wanted.label),
        ("state", "状态", "state", state),
        ("log_size", "日志条数（检查点）", "log size (checkpoint)", size),
        ("log_root", "日志根散列", "root of the log", source.root(size)),
        ("as_of", "截至", "as of", stamp_text(as_of, zone)),
        ("policy", "规则", "policy", policy.title),
        ("policy_sha256", "规则摘要", "digest of the rules", policy.sha256),
    )
    return tuple(Fact(key=key, title=Text(zh, en), value=value) for key, zh, en, value in told)
