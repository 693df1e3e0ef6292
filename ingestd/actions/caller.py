"""Who asks: a person with roles, by the peer of a connection or by the login that a request names (design 5).

The kernel says which Unix user is at the other end (SO_PEERCRED); `[people]` of the configuration says who that
is. A user that it does not name is nobody and may do nothing. A request that carries a login's token is the
person's who logged in, whoever carries it (`actions.logins`).
"""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass

from ingestd.config import Config
from ingestd.errors import RefusedError
from ingestd.model import Millis
from ingestd.people.separation import FRESH_MS, ROLES
from ingestd.words import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """By what a person acts who is not known by the Unix user."""

    id: str
    """Of the login or token."""
    stage: str
    """half, full, kiosk, token (`people.store.Key`)."""
    second_at: Millis | None = None
    has_totp: bool = False
    scopes: tuple[str, ...] = ()
    """Of a token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A person, as far as the daemon knows."""

    uid: int
    person: str | None
    roles: frozenset[str]
    unit: str | None = None
    """Top of the units whose matters they see; None: the whole agency."""
    by: Pass | None = None
    """None: by the Unix user."""

    @property
    def actor(self) -> str:
        """As an entry of the log names them."""
        return f"uid:{self.uid}" if self.person is None else f"person:{self.person}"

    def is_fresh(self, now: Millis) -> bool:
        """Whether a second factor was shown within the last minutes.

        Who acts by the Unix user was let in by the machine: that stands in for it.
        """
        if self.by is None:
            return self.person is not None
        return self.by.second_at is not None and 0 <= now - self.by.second_at <= FRESH_MS

    def require(self, *roles: str) -> None:
        """Raises RefusedError unless the caller has one of these roles."""
        if not self.roles & set(roles):
            raise RefusedError(
                Text(
                    "{who} 无权执行此操作，须由{zh}执行；角色由管理员登记（账户，或配置的 [people]）。",
                    "{who} may not do this; it takes: {en}. The administrator gives roles (accounts, or [people] "
                    "in the configuration).",
                ).format(
                    who=self.actor,
                    zh="、".join(ROLES[one].zh for one in roles),
                    en=", ".join(ROLES[one].en for one in roles),
                )
            )


def caller(uid: int, config: Config) -> Caller:
    """The person of a Unix user."""
    for person in config.people:
        if person.uid == uid:
            return Caller(uid=uid, person=person.person, roles=frozenset(person.roles))
    return Caller(uid=uid, person=None, roles=frozenset())


def peer_uid(connection: socket.socket) -> int:
    """The Unix user at the other end of a Unix socket (SO_PEERCRED: pid, uid, gid)."""
    size = struct.calcsize("3i")
    _pid, uid, _gid = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size))
    return int(uid)
