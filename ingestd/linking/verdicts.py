"""What people decided of a recording's clips, as one verdict where they agree. PURE."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ingestd.linking.facts import Decision
from ingestd.linking.recordings import Recording


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Decisions on the segments of one recording."""

    by_clip: tuple[tuple[str, tuple[str | None, ...]], ...] = ()
    """Clips that people linked: to which acts, None for no act."""
    act: str | None = None
    """The one act that all such decisions name."""
    is_none: bool = False
    """All such decisions say: no act."""
    refused: frozenset[str] = frozenset()
    """Acts that a segment was unlinked from."""

    @property
    def named(self) -> frozenset[str]:
        """All acts that decisions speak of."""
        linked = {act for _, acts in self.by_clip for act in acts if act is not None}
        return self.refused | linked

    @property
    def is_split(self) -> bool:
        """People decided differently for segments of one recording."""
        return bool(self.by_clip) and self.act is None and not self.is_none

    def of(self, acquisition: str) -> tuple[str | None, ...]:
        """What people linked one clip to; empty where nobody did."""
        return dict(self.by_clip).get(acquisition, ())


def verdicts(recordings: Sequence[Recording], decisions: Iterable[Decision]) -> dict[Recording, Verdict]:
    """Each recording's verdict."""
    by_clip: dict[str, list[Decision]] = {}
    for one in decisions:
        by_clip.setdefault(one.acquisition, []).append(one)
    return {one: _verdict(one, by_clip) for one in recordings}


def _verdict(recording: Recording, by_clip: dict[str, list[Decision]]) -> Verdict:
    theirs = [one for clip in recording.clips for one in by_clip.get(clip.acquisition, ())]
    linked: dict[str, set[str | None]] = {}
    for one in theirs:
        if one.linked:
            linked.setdefault(one.acquisition, set()).add(one.act)
    answers = {act for acts in linked.values() for act in acts}
    refused = frozenset(one.act for one in theirs if not one.linked and one.act is not None)
    only = next(iter(answers)) if len(answers) == 1 else None
    return Verdict(
        by_clip=tuple(
            (clip, tuple(sorted(acts, key=lambda act: act or ""))) for clip, acts in sorted(linked.items())
        ),
        act=None if only in refused else only,
        is_none=answers == {None},
        refused=refused,
    )
