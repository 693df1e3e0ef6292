"""A text record as a page: what is known of it, its files, how anybody checks them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from ingestd.errors import NotFoundError
from ingestd.index import labels, papers, registers
from ingestd.people.separation import Deed
from ingestd.policy.model import Label
from ingestd.telling import outsider
from ingestd.telling.plain import shown
from ingestd.telling.register_views import Reader, history
from ingestd.web.case_page import Paper, paper
from ingestd.web.desk import Desk
from ingestd.words import Text

_NONE = Text("没有文字记录 {r}。", "there is no text record {r}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """One of its files."""

    paper: Paper
    commands: tuple[str, ...]
    """What an outsider runs to check digest, signature and log."""
    is_newest: bool
    """The one that the record names now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordPage:
    """The whole page."""

    record: str
    case: str | None
    title: str
    labels: tuple[str, ...]
    """Classification labels."""
    closed_by: tuple[Label, ...]
    """The labels that it bears, where they keep the person from opening it (OWN-24)."""
    facts: tuple[tuple[str, str], ...]
    files: tuple[File, ...]
    statements: tuple[tuple[int, int, str, str], ...]
    """Position, moment, who, what."""


def record_page(desk: Desk, connection: Connection, record: str) -> RecordPage:
    """The page of a text record. The caller asks for sight. Raises NotFoundError."""
    stated = registers.one(connection, "record", record)
    if stated is None:
        raise NotFoundError(_NONE.format(r=record[:80]))
    reader = Reader(desk.watch.values, zone=desk.zone, lang=desk.lang)
    about = f"text-record:{record}"
    marks = labels.borne_by(connection, about)
    is_closed = desk.against(connection, Deed.OPEN, about) is not None
    found, bad = papers.of_record(connection, record), papers.damaged_of(connection, (record,))
    said = [one for one in history(connection, desk.watch.home, about) if one.register == "record"]
    first = Text("首次登记", "first stated").say(desk.lang)
    join = Text("；", "; ").say(desk.lang)
    return RecordPage(
        record=record,
        case=stated.row.case,
        title=shown(stated.row.kind or record),
        labels=marks,
        closed_by=desk.watch.policy.borne(marks) if is_closed else (),
        facts=tuple(reader.fields("record", stated.row)),
        files=tuple(
            File(
                paper=paper(reader, one, bad),
                commands=outsider.document_commands(
                    desk.watch.home.root, one, program="ingestd", lang=desk.lang
                ),
                is_newest=one.sha256 == stated.row.sha256,
            )
            for one in reversed(found)
        ),
        statements=tuple(
            (
                one.seq,
                one.at,
                one.actor,
                first if one.before is None else shown(join.join(reader.change(one))),
            )
            for one in reversed(said)
        ),
    )
