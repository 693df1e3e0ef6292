"""Configuration and policy in force, and how another policy comes to be: checked first, then logged, then used.

The policy is the configuration's key, its files in the package, under the agency's own file (``DIR/policy.toml``).
A file that has faults never replaces anything, over a restart neither: the text that was taken last is kept in the
vault's blobs, the log names it, and it speaks on until a good one is there.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection, Engine

from ingestd.config import Config
from ingestd.errors import NotFoundError, PolicyError, VaultError, system_text
from ingestd.events import Event, PolicyChanged
from ingestd.index import queries
from ingestd.index.books import StationBooks
from ingestd.index.database import reading
from ingestd.intake import findings
from ingestd.intake.services import Rules
from ingestd.law.rulebook import Rulebook
from ingestd.law.workdays import Workdays
from ingestd.model import Millis
from ingestd.policy import catalog
from ingestd.policy.catalog import Policy, Rule
from ingestd.policy.judges import HOUR_MS
from ingestd.policy.schema import LARGEST_BYTES
from ingestd.vault.blobs import Blobs
from ingestd.vault.layout import Home
from ingestd.words import Text

log = logging.getLogger(__name__)

REFUSED = "policy-refused"


@dataclass(slots=True)
class InForce:
    """Configuration and policy, as they are now: the one thing of a station that changes while it runs."""

    config: Config
    policy: Policy
    refused: Text | None = field(default=None)
    """Why the agency's file, as it lies there, is not in force; None where it is."""
    _book: tuple[Policy, Config, Rulebook] | None = field(default=None)

    def book(self) -> Rulebook:
        """The policy ready for judging; the same object for as long as policy and configuration are the same."""
        known = self._book
        if known is None or known[0] is not self.policy or known[1] is not self.config:
            workdays = Workdays(
                utc_offset_minutes=self.config.utc_offset_minutes, told=dict(self.config.calendar)
            )
            book = Rulebook(self.policy, workdays=workdays, commissioned_at=self.config.commissioned_at)
            known = self._book = (self.policy, self.config, book)
        return known[2]

    def rules(self) -> Rules:
        """What they say to a session."""
        return Rules(
            utc_offset_minutes=self.config.utc_offset_minutes,
            commissioned_at=self.config.commissioned_at,
            reserve_bytes=self.config.reserve_bytes,
            release=self.config.release and self.policy.find("OWN-2") is not None,
            store_within_ms=None if self.store_hours is None else self.store_hours * HOUR_MS,
        )

    @property
    def store_rule(self) -> Rule | None:
        """REC-1 of the layer that speaks; None where the agency switched its own off."""
        return self.policy.find("REC-1")

    @property
    def store_hours(self) -> int | None:
        """REC-1's limit; None: there is none."""
        return None if self.store_rule is None else self.store_rule.number("hours")

    def commissioned_at(self) -> Millis:
        """Clips that ended before are backlog."""
        return self.config.commissioned_at


def of_log(home: Home, key: str, connection: Connection) -> Policy:
    """The policy of a key under the agency's text that was taken last. Raises ConfigError for an unknown key.

    Where that text is lost, or does not fit the key, the policy without it: the next look says so.
    """
    known = queries.station(connection)
    digest = None if known is None else known.agency_sha256
    if digest is None:
        return catalog.load(key)
    try:
        return catalog.load(key, Blobs(home).get(digest))
    except (PolicyError, NotFoundError, VaultError):
        return catalog.load(key)


class PolicyKeeper:
    """Looks at the agency's file and takes what is good. Safe from any thread."""

    def __init__(self, home: Home, in_force: InForce, books: StationBooks, engine: Engine) -> None:
        self._home = home
        self._engine = engine
        self._in_force = in_force
        self._books = books
        self._lock = threading.Lock()
        self._looked_at: tuple[str, bytes | None] | None = None
        """Key and text that were taken last: a look at the same costs no more than the reading of the file."""

    def restore(self) -> None:
        """At a start: what the log says was in force. Nothing is written."""
        with reading(self._engine) as connection:
            self._in_force.policy = of_log(self._home, self._in_force.config.policy, connection)

    def candidate(self, key: str) -> Policy:
        """The policy that a key would have with the file as it lies there. Raises ConfigError, PolicyError."""
        return catalog.load(key, self._text(), own_name=str(self._home.policy))

    def look(self) -> None:
        """Take the agency's file if it is good and another than before; a faulty one is a finding."""
        with self._lock:
            key = self._in_force.config.policy
            try:
                text = self._text()
                if (key, text) == self._looked_at:
                    return
                policy = catalog.load(key, text, own_name=str(self._home.policy))
            except PolicyError as error:
                self._refuse(error)
            else:
                self._accept(policy, text)
                self._looked_at = (key, text)

    def _accept(self, policy: Policy, text: bytes | None) -> None:
        """Into the log where it is another, with the text where it can be read again; only then it has effect."""
        news: list[Event] = [findings.closed(REFUSED, "station", "corrected")]
        with reading(self._engine) as connection:
            known = queries.station(connection)
        if known is None or policy.sha256 != known.policy_sha256:
            if text is not None:
                Blobs(self._home).put(text)
            news.append(
                PolicyChanged(
                    policy=policy.key, policy_sha256=policy.sha256, agency_sha256=policy.agency_sha256
                )
            )
        self._books.append(news)
        if len(news) > 1:
            log.info("policy taken: %s, digest %s", policy.key, policy.sha256)
        self._in_force.policy, self._in_force.refused = policy, None

    def _text(self) -> bytes | None:
        return own_text(self._home.policy)

    def _refuse(self, error: PolicyError) -> None:
        """Say it once; what is in force stays."""
        self._looked_at = None
        if self._in_force.refused == error.text:
            return
        self._in_force.refused = error.text
        log.error("policy not taken: %s", error)
        file, line, key = error.places[0]
        facts = (("file", Path(file).name), ("line", line), ("key", key), ("faults", len(error.places)))
        self._books.append([findings.opened(REFUSED, "station", *facts)])


def own_text(path: Path) -> bytes | None:
    """The text of an agency's own file; None where there is none. Raises PolicyError where it can't be read."""
    try:
        with path.open("rb") as file:
            return file.read(LARGEST_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        why = system_text(error)
        raise PolicyError(
            Text(
                f"{path}:1: 无法读取：{why.zh}；原有规则继续有效。",
                f"{path}:1: cannot be read: {why.en}; what was in force stays so.",
            ),
            places=((str(path), 1, "file"),),
        ) from error
