"""The tables of accounts, as far as the log tells: roles, which credential counts, logins, tokens. No secret."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Table

from ingestd.index.tables import PlainText, metadata

accounts = Table(
    "accounts",
    metadata,
    Column("account", PlainText, primary_key=True),
    Column("name_value", PlainText, nullable=True),
    Column("roles", PlainText, nullable=False),
    Column("unit", PlainText, nullable=True),
    Column("active", Boolean, nullable=False),
    Column("stated_seq", BigInteger, nullable=False),
    Column("stated_at", BigInteger, nullable=False),
    Column("stated_by", PlainText, nullable=False),
    Column("password", PlainText, nullable=True),  # the credential that counts
    Column("password_at", BigInteger, nullable=True),
    Column("must_change", Boolean, nullable=False),
    Column("totp", PlainText, nullable=True),
    Column("totp_at", BigInteger, nullable=True),
    Column("pin", PlainText, nullable=True),
    Column("pin_at", BigInteger, nullable=True),
    Column("locked", PlainText, nullable=True),  # what: password, totp, pin, account
    Column("locked_at", BigInteger, nullable=True),
    Column("locked_until", BigInteger, nullable=True),
)

standings = Table(
    "account_standings",  # each that an account ever had: from its entry to the next
    metadata,
    Column("account", PlainText, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("roles", PlainText, nullable=False),
    Column("unit", PlainText, nullable=True),
    Column("active", Boolean, nullable=False),
)

logins = Table(
    "logins",
    metadata,
    Column("login", PlainText, primary_key=True),
    Column("account", PlainText, nullable=False),
    Column("means", PlainText, nullable=False),
    Column("opened_at", BigInteger, nullable=False),
    Column("confirmed_at", BigInteger, nullable=True),
    Column("ended_at", BigInteger, nullable=True),
    Column("why", PlainText, nullable=True),
)
Index("logins_account", logins.c.account, logins.c.ended_at)
Index("logins_ended", logins.c.ended_at)

tokens = Table(
    "tokens",
    metadata,
    Column("token", PlainText, primary_key=True),
    Column("account", PlainText, nullable=False),
    Column("scopes", PlainText, nullable=False),
    Column("label_value", PlainText, nullable=True),
    Column("made_at", BigInteger, nullable=False),
    Column("made_by", PlainText, nullable=False),
    Column("until_at", BigInteger, nullable=False),
    Column("ended_at", BigInteger, nullable=True),
    Column("why", PlainText, nullable=True),
)
Index("tokens_account", tokens.c.account)
