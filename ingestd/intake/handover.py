"""What is said when a recorder changes hands: it comes into a slot, it leaves one.

Who has it when it leaves is told by its assignment at that moment. Whether it may leave is told by the log, not
by what a slot shows: so a recorder that was taken while nobody watched is told of as well, with the doubt of when.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ingestd import canon
from ingestd.device.api import EntryType, Item
from ingestd.device.identity import OFFICER, SERIAL, Weighed, id_text
from ingestd.events import Event, IssuedTo, RecorderPulledEarly, RecorderUndocked
from ingestd.intake.custody import NOT_RETURNED
from ingestd.intake.findings import closed, opened
from ingestd.intake.holding import Holder, Stretch, holder_at, officers_of, stretches
from ingestd.intake.ports import Books, KnownRecorder
from ingestd.model import UNIDENTIFIED, CardPath, Millis, RecorderId, SessionId, SlotName

HISTORY_MS = 35 * 86_400_000
"""Assignments older than this do not go with a docking: as long as a clock that was reset may run so."""
OTHERS_TOLD = 16
"""A card that names more recorders than this is told by the first ones."""
LOST = "lost"


def history_of(known: KnownRecorder | None, now: Millis) -> tuple[Stretch, ...]:
    """Who had the recorder in the last weeks, as it is kept with each file until that is secured."""
    if known is None:
        return ()
    long_ago = Millis(now - HISTORY_MS)
    is_short = all(one.since_at > long_ago for one in known.said)
    return stretches(known.said, since=None if is_short else long_ago)


def holder_of(known: KnownRecorder | None, now: Millis) -> Holder:
    """Who has the recorder."""
    return Holder() if known is None else holder_at(known.said, now)


# --- it leaves ----------------------------------------------------------------------------------


def departed(
    books: Books, recorder: RecorderId | None, slot: SlotName, now: Millis, *, was_watched: bool
) -> list[Event]:
    """What a slot's being empty (or another recorder's being in it) says of what stood in it before."""
    if recorder is None or recorder == UNIDENTIFIED:
        return [RecorderUndocked(recorder=UNIDENTIFIED, slot=slot)]
    known = books.recorder(recorder)
    if known is None or known.custody.slot != slot or known.custody.session is None:
        return []
    if known.custody.leaves_early:
        early = RecorderPulledEarly(
            recorder=recorder, session=known.custody.session, unsecured=known.unsecured
        )
        return [early, opened("pulled-early", f"recorder:{recorder}", ("slot", slot))]
    holder = holder_at(known.said, now)
    return [
        RecorderUndocked(
            recorder=recorder,
            slot=slot,
            issued_to=IssuedTo(officer=holder.officer, mode=holder.mode, is_clear=holder.is_clear),
            not_before_at=None if was_watched else known.since_at,
        )
    ]


def left_meanwhile(books: Books, slot: SlotName, now: Millis, *, there: RecorderId | None) -> list[Event]:
    """What stood in a slot when it was last watched, and is not what is there now."""
    before = books.recorder_in(slot)
    if before in (None, there):
        return []
    return departed(books, before, slot, now, was_watched=False)


# --- it comes -----------------------------------------------------------------------------------


def arrived(
    weighed: Weighed, items: Sequence[Item], known: KnownRecorder | None, session: SessionId
) -> list[Event]:
    """What a docking ends, and what does not fit to who had the recorder."""
    recorder = weighed.recorder
    if recorder == UNIDENTIFIED:
        return []
    about = f"recorder:{recorder}"
    events: list[Event] = [closed(kind, about, "docked") for kind in (NOT_RETURNED, LOST)]
    return [*events, *_other_officer(weighed, items, known), *_other_recorders(recorder, items, session)]


def _named(items: Iterable[Item], what: str) -> dict[str, list[CardPath]]:
    """What the files of a card claim, each value with the files that do."""
    found: dict[str, list[CardPath]] = {}
    for item in items:
        for claim in item.claims if item.type is EntryType.FILE else ():
            if claim.what == what:
                found.setdefault(id_text(claim.value), []).append(item.path)
    return found


def _other_officer(weighed: Weighed, items: Sequence[Item], known: KnownRecorder | None) -> list[Event]:
    """A recorder that comes back with claims of somebody who did not have it; ended by one that does not."""
    if known is None:
        return []
    about, kind = f"recorder:{weighed.recorder}", "other-officer"
    had = {id_text(officer) for officer in officers_of(stretches(known.said, since=known.last_docked_at))}
    named = {*weighed.device_officers, *_named(items, OFFICER)}
    if not had or not named:
        return []  # nothing that could contradict, or agree
    others = sorted(named - had)
    if not others:
        return [closed(kind, about, "claims agree")]
    facts = (("assigned", ", ".join(sorted(had))), ("named", ", ".join(others[:OTHERS_TOLD])))
    return [opened(kind, about, *facts)]


def _other_recorders(recorder: RecorderId, items: Sequence[Item], session: SessionId) -> list[Event]:
    """Footage that came by another recorder or card than the one that it names."""
    foreign = {serial: paths for serial, paths in _named(items, SERIAL).items() if serial != recorder}
    return [
        opened(
            "other-recorder",
            f"session:{session}/{serial}",
            ("recorder", recorder),
            ("named", serial),
            ("files", len(paths)),
            ("path", canon.path_text(paths[0])),
        )
        for serial, paths in sorted(foreign.items())[:OTHERS_TOLD]
    ]
