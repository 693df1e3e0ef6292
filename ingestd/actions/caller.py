"""Who asks: the peer of a connection as a person with roles (design 5).

The kernel says which Unix user is at the other end (SO_PEERCRED); `[people]` of the configuration says who
that is. A user that it does not name is nobody and may do nothing.
"""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass

from ingestd.config import Config
from ingestd.errors import RefusedError
from ingestd.words import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """A person, as far as the daemon knows."""

    uid: int
    person: str | None
    roles: frozenset[str]

    @property
    def actor(self) -> str:
        """As an entry of the log names them."""
        return f"uid:{self.uid}" if self.person is None else f"person:{self.person}"

    def require(self, *roles: str) -> None:
        """Raises RefusedError unless the caller has one of these roles."""
        if not self.roles & set(roles):
            raise RefusedError(
                Text(
                    "{who} 无权执行此操作；需要的角色：{roles}。请在配置 [people] 中登记，或由有权的人执行。",
                    "{who} may not do this; it takes one of the roles {roles}. Enter the person under [people] "
                    "in the configuration, or let somebody do it who may.",
                ).format(who=self.actor, roles=", ".join(roles))
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
