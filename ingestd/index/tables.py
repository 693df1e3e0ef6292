"""The tables of the read model, in SQL that SQLite and PostgreSQL share.

What is promised: every row follows from the log alone, so the tables can be dropped and replayed. There are
no foreign keys: the log has been accepted already, and a projection that refuses an entry would stop intake.
Times are milliseconds UTC; lists are canonical JSON text. Search keys that may be long (paths) are indexed by
digest, since a PostgreSQL btree takes no key above 2.7 kB.
"""

from __future__ import annotations

import hashlib
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Dialect,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    event,
    literal_column,
)
from sqlalchemy.types import TypeDecorator

metadata = MetaData()

PATH_DIGEST_DIGITS = 32
"""128 bits: no accidental collision among all paths a station will ever see."""


def path_digest(path: bytes) -> str:
    """What a path is looked up by: the first 128 bits of its SHA-256 in hex."""
    return hashlib.sha256(path).hexdigest()[:PATH_DIGEST_DIGITS]


def partial_index(name: str, *columns: ColumnElement[Any], where: ColumnElement[bool]) -> Index:
    """An index of the rows that a condition holds for.

    PostgreSQL is told the condition when its tables are made: naming it here would load its dialect, a twentieth of
    every start.
    """
    return Index(name, *columns, sqlite_where=where)


@event.listens_for(metadata, "before_create")
def _tell_postgresql(told: MetaData, connection: Connection, **_: Any) -> None:
    if connection.dialect.name == "postgresql":
        for index in (index for table in told.tables.values() for index in table.indexes):
            index.dialect_options["postgresql"]["where"] = index.dialect_options["sqlite"]["where"]


class PlainText(TypeDecorator[str]):
    """Text as devices and people give it. NUL becomes U+FFFD: PostgreSQL's text cannot hold it."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        del dialect
        return value.replace("\0", "\ufffd") if value is not None else None


_SEQ = BigInteger().with_variant(Integer, "sqlite")
"""A log position as primary key; in SQLite an INTEGER, so that the table is ordered by it."""


def _text(name: str, *, null: bool = False) -> Column[Any]:
    return Column(name, PlainText, nullable=null)


def _number(name: str, *, null: bool = False) -> Column[Any]:
    return Column(name, BigInteger, nullable=null)


def _flag(name: str) -> Column[Any]:
    return Column(name, Boolean, nullable=False)


def _key(name: str) -> Column[Any]:
    return Column(name, PlainText, primary_key=True)


def _interval(name: str) -> tuple[Column[Any], ...]:
    return (
        _number(f"{name}_earliest", null=True),
        _number(f"{name}_latest", null=True),
        _text(f"{name}_basis"),
    )


clips = Table(
    "clips",
    metadata,
    Column("seq", _SEQ, primary_key=True, autoincrement=False),  # of its clip.secured or clip.quarantined
    Column("acquisition", PlainText, nullable=False, unique=True),
    _text("state"),  # secured, quarantined, released, missing, superseded
    _number("secured_at"),
    _number("stored_at"),
    _text("session"),
    _text("recorder"),
    _text("slot"),
    _text("officer", null=True),
    _text("manifest"),
    _text("manifest_sha256"),
    _text("sha256"),
    _number("size"),
    _text("path"),
    _text("path_b64", null=True),
    _text("path_digest"),  # of the path as text, as people type it
    _number("mtime_us", null=True),
    _text("kind"),
    _flag("marked"),
    _number("sequence", null=True),
    *_interval("started"),
    *_interval("ended"),
    _number("start_key"),  # start for order and search: earliest bound, else latest, else stored_at
    _text("flags"),
    _text("duplicate_of", null=True),
    _text("supersedes"),
    _text("superseded_by", null=True),
    _text("fault", null=True),
    _text("bad_ranges"),
    _flag("partial"),
    _number("released_at", null=True),
    _text("claimed_recorder", null=True),  # the recorder that the file names, where that is another
    _flag("preview_due"),
    _flag("analysis_due"),
)
Index("clips_recorder_start", clips.c.recorder, clips.c.start_key)
Index("clips_officer_start", clips.c.officer, clips.c.start_key)
Index("clips_start_end", clips.c.start_key, clips.c.ended_latest)
# With the size, so that counting a million clips reads the index only.
Index("clips_state_start", clips.c.state, clips.c.start_key, clips.c.size)
Index("clips_recorder_state", clips.c.recorder, clips.c.state)
Index("clips_sha256", clips.c.sha256)
Index("clips_session", clips.c.session)
Index("clips_path", clips.c.path_digest)
_due, _unseen = clips.c.preview_due.is_(True), clips.c.analysis_due.is_(True)
_foreign = clips.c.claimed_recorder.is_not(None)
partial_index("clips_claimed", clips.c.claimed_recorder, clips.c.seq, where=_foreign)
partial_index("clips_preview_due", clips.c.seq, where=_due)
partial_index("clips_analysis_due", clips.c.seq, where=_unseen)

card_files = Table(
    "card_files",
    metadata,
    _key("recorder"),
    _key("path_digest"),  # of the path's exact bytes
    _key("card"),  # empty, or the session where the recorder is unidentified: each such card is its own
    _text("session"),
    _number("listed_at"),
    _number("first_seen_at"),
    _text("path"),
    _text("path_b64", null=True),
    _number("size"),
    _number("mtime_us", null=True),
    _text("kind"),
    _flag("recording"),
    _number("sequence", null=True),
    _number(
        "told_end"
    ),  # file time where it lies before the first listing, else that: orders, proves nothing
    _text("fault", null=True),
    _number("gone_at", null=True),  # no longer on the card, and never secured
)
Index("card_files_told_end", card_files.c.gone_at, card_files.c.recording, card_files.c.told_end)

releases = Table(
    "releases",
    metadata,
    _key("acquisition"),
    _text("recorder"),
    _text("session"),
    _number("started_at"),
    _number("started_seq"),
)
Index("releases_recorder", releases.c.recorder)

recorders = Table(
    "recorders",
    metadata,
    _key("recorder"),
    _text("state"),
    _number("since_at"),
    _text("family", null=True),
    _text("driver", null=True),
    _text("claims"),
    _number("enrolled_at", null=True),
    _text("slot", null=True),
    _text("session", null=True),
    _text("outcome", null=True),  # of its newest docking
    _number("docked_at", null=True),
    _number(
        "out_since_at", null=True
    ),  # in somebody's hands; null: in a slot, taken back, or never given out
    _number("issued_at", null=True),  # when it last left a slot, and to whom it was assigned then
    _text("issued_to", null=True),
    _number("battery", null=True),
    _text("problem", null=True),
    _text("detail", null=True),
    _number("unsecured", null=True),
)

assignments = Table(
    "assignments",
    metadata,
    Column("seq", _SEQ, primary_key=True, autoincrement=False),  # of its recorder.assigned
    _text("recorder"),
    _text("officer", null=True),
    _text("mode"),
    _text("said_by"),
    _number("said_at"),
    _number("since_at"),
    _number("until_at", null=True),
    _flag("till_back"),  # ends when the recorder, once out, is docked
)
Index("assignments_recorder", assignments.c.recorder, assignments.c.seq)

urges = Table(
    "urges",
    metadata,
    _key("recorder"),
    _key("path_digest"),  # of the path's exact bytes; empty: everything on the recorder
    _text("path", null=True),
    _text("path_b64", null=True),
    _text("urged_by"),
    _number("urged_at"),
)

verifications = Table(
    "verifications",
    metadata,
    Column("seq", _SEQ, primary_key=True, autoincrement=False),  # of its vault.verified
    _number("at"),
    _text("after"),  # digests above this ...
    _text("up_to"),  # ... and not above this were read again; empty: all the rest
    _number("faults"),
)

sessions = Table(
    "sessions",
    metadata,
    _key("session"),
    _number("seq"),
    _number("opened_at"),
    _text("slot"),
    _text("driver"),
    _text("location"),
    _text("recorder", null=True),
    _number("docked_at", null=True),
    _number("clock_wall", null=True),
    _text("clock_zone", null=True),
    _number("listed", null=True),
    Column("complete", Boolean, nullable=True),
    _number("closed_at", null=True),
    _text("outcome", null=True),
    _number("secured", null=True),
    _number("quarantined", null=True),
    _number("released", null=True),
    _number("left", null=True),
    _number("bytes", null=True),
)
Index("sessions_recorder", sessions.c.recorder, sessions.c.docked_at)
Index("sessions_closed", sessions.c.closed_at)

slots = Table(
    "slots",
    metadata,
    _key("slot"),
    _text("state"),  # receiving, may-be-taken, do-not-take, problem, empty
    _number("since_at"),
    _text("session"),
    _text("driver"),
    _text("recorder", null=True),
)

findings = Table(
    "findings",
    metadata,
    _key("finding"),
    _text("kind"),
    _text("about"),
    _text("rule", null=True),
    _text("layer", null=True),
    _text("policy_sha256", null=True),
    _text("facts"),
    _number("opened_at"),
    _number("opened_seq"),
    _number("closed_at", null=True),
    _text("why", null=True),
    _text("section", null=True),
    _text("level", null=True),
    _number("since_earliest", null=True),
    _number("since_latest", null=True),
    _text("since_basis", null=True),
    _number("due_at", null=True),
    _text("concerns", null=True),
    _text("state"),  # open, acknowledged, explained, waived
)
FINDING_RANK: ColumnElement[int] = literal_column(
    "(CASE coalesce(level, 'violation') WHEN 'violation' THEN 0 WHEN 'unclear' THEN 1 WHEN 'proposal' THEN 2 "
    "ELSE 3 END)"
)
"""How urgent a finding is by its level; what the dock found counts as a violation."""
FINDING_TIME: ColumnElement[int] = literal_column("(coalesce(due_at, opened_at))")
"""Among those of one rank: the deadline, or since when."""
STANDS: ColumnElement[bool] = (findings.c.closed_at + 0).is_(None)
"""Facts have not ended it: for queries by item. The sum keeps SQLite from reading all that stand, in the order of
the log, where the index by item has a row or two."""
# In the order of lists, with what narrows and counts them: thousands stand, and no row is read for those left out.
Index(
    "findings_urgent", findings.c.closed_at, FINDING_RANK, FINDING_TIME, findings.c.opened_seq, findings.c.state,
    findings.c.level, findings.c.rule, findings.c.kind, findings.c.about,
)  # fmt: skip
Index("findings_open", findings.c.closed_at, findings.c.opened_seq)
Index("findings_about", findings.c.about)

actions = Table(
    "actions",
    metadata,
    _key("action"),
    _text("verb"),
    _text("about"),
    _text("reason_value", null=True),
    _text("proposed_by"),
    _number("proposed_at"),
    _number("proposed_seq"),
)

erased = Table("erased", metadata, _key("digest"), _number("at"), _number("seq"))
"""Personal values that two people had erased."""

damaged = Table(
    "damaged",
    metadata,
    _key("sha256"),  # of a clip's bytes; of a document, of its manifest: no other document has that
    _number("found_at"),
    _number("found_seq"),
    _text("found_by"),
    _text("detail"),
    _number("repaired_at", null=True),
    _text("repaired_by", null=True),
)

previews = Table(
    "previews",
    metadata,
    _key("sha256"),  # of the clip
    _text("acquisition"),
    _number("made_at"),
    _text("preview", null=True),
    _text("preview_sha256", null=True),
    _text("tool", null=True),
    _text("settings", null=True),
    _text("failure", null=True),
)

subjects = Table(
    "subjects",
    metadata,
    _key("subject"),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

meta = Table("meta", metadata, _key("name"), _text("value"))
