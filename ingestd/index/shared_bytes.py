"""Clips by the bytes that they share: what is found of bytes (``bytes:<sha256>``) is every clip's that has them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection

from ingestd.index import link_queries
from ingestd.index.facts import Clip
from ingestd.index.law_facts import portions
from ingestd.index.row_values import CLIP, clip_of
from ingestd.index.tables import clips

PREFIX = "bytes:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sharer:
    """A clip of some bytes, and where it is linked."""

    clip: Clip
    case: str | None


def abouts(of: Iterable[Clip]) -> frozenset[str]:
    """What findings about these clips are about: the clips themselves, and their bytes."""
    return frozenset(about for clip in of for about in (f"clip:{clip.acquisition}", f"{PREFIX}{clip.sha256}"))


def sharers(connection: Connection, found_about: Iterable[str]) -> Mapping[str, tuple[Sharer, ...]]:
    """The clips of each of these subjects that is bytes, oldest first; all else is left out."""
    wanted = [about.removeprefix(PREFIX) for about in found_about if about.startswith(PREFIX)]
    found = dict[str, list[Clip]]()
    for some in portions(wanted):
        rows = connection.execute(CLIP.where(clips.c.sha256.in_(some)).order_by(clips.c.seq)).mappings()
        for clip in map(clip_of, rows):
            found.setdefault(PREFIX + clip.sha256, []).append(clip)
    linked = link_queries.told(connection, [one.acquisition for each in found.values() for one in each])
    return {
        about: tuple(
            Sharer(clip=one, case=linked[one.acquisition].case if one.acquisition in linked else None)
            for one in each
        )
        for about, each in found.items()
    }
