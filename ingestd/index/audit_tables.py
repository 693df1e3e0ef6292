"""The tables of random playback audits: draws with their steps, what was drawn, what was judged."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Table

from ingestd.index.tables import PlainText, metadata


def _text(name: str, *, null: bool = False, key: bool = False) -> Column[str]:
    return Column(name, PlainText, nullable=null, primary_key=key)


def _number(name: str, *, null: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=null)


audits = Table(
    "audits",
    metadata,
    _text("audit", key=True),
    _text("commitment"),
    _number("since_at"),
    _number("until_at"),
    _text("unit", null=True),
    _number("percent"),
    _number("at_least"),
    _text("strata"),
    _number("reveal_by_at"),
    _text("rule"),
    _text("layer"),
    _text("policy_sha256"),
    _text("committed_by"),
    _number("committed_at"),
    _number("committed_seq"),
    _number("seeded_at", null=True),
    _number("seeded_seq", null=True),
    _number("size", null=True),  # of the checkpoint's tree
    _text("nonce", null=True),
    _number("revealed_at", null=True),
    _number("drawn_at", null=True),
    _number("drawn_seq", null=True),
    _number("population", null=True),
    _number("drawn", null=True),
    _number("voided_at", null=True),
    _text("voided_by", null=True),
    _text("reason_value", null=True),
)
Index("audits_committed", audits.c.committed_seq)

audit_clips = Table(
    "audit_clips",
    metadata,
    _text("audit", key=True),
    _text("acquisition", key=True),
    _number("place"),  # in the order of their lots, from 0
)
Index("audit_clips_acquisition", audit_clips.c.acquisition)

judgements = Table(
    "judgements",
    metadata,
    Column(
        "seq", BigInteger, primary_key=True, autoincrement=False
    ),  # a later one takes the earlier one's place
    _text("audit"),
    _text("acquisition"),
    _text("narrated"),
    _text("whole"),
    _text("certificate"),
    _text("informed"),
    _text("proper"),
    _text("verdict"),
    _text("note_value", null=True),
    _text("judged_by"),
    _number("at"),
)
# With the moment, so that the last word on each clip is found in the index alone.
Index("judgements_audit", judgements.c.audit, judgements.c.acquisition, judgements.c.seq, judgements.c.at)
