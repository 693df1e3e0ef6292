"""The chain of custody of any item, read from the log in the order of time, with what is in doubt as doubt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo

from sqlalchemy import Connection

from ingestd import events
from ingestd.events import Event
from ingestd.index import chains, hands, queries
from ingestd.index.facts import Clip, Recorder
from ingestd.intake.holding import Statement, Stretch, holder_at, holder_in, span_of, stretches
from ingestd.law.deadlines import verdict
from ingestd.ledger import table
from ingestd.ledger.entry import Entry, parse
from ingestd.model import Millis
from ingestd.telling import chain_words
from ingestd.telling.chain_words import Line
from ingestd.telling.sentences import sentence
from ingestd.vault.blobs import Blobs
from ingestd.vault.layout import Home
from ingestd.vault.manifest import ManifestError
from ingestd.vault.manifest import parse as parse_manifest

_UNTOLD = (events.SessionOpened, events.CardListed, events.ReleaseStarted, events.ClipReleased)
"""What the chain of a recorder leaves to the summary of each docking."""
_OF_SESSION = (events.SessionOpened, events.CardListed, events.SessionClosed, events.ReleaseStarted)
"""What the chain of a clip leaves to that of its recorder."""

Links = Sequence[tuple[Entry, Event]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What a chain is told by, beside the log."""

    home: Home
    zone: tzinfo
    hours: int | None
    """REC-1's limit; None where there is none."""
    commissioned_at: Millis
    published: int | None
    """Entries of the newest checkpoint."""


def links(home: Home, connection: Connection, positions: Iterable[int]) -> list[tuple[Entry, Event]]:
    """The entries at these positions with their events."""
    blobs = Blobs(home)
    found = map(parse, table.some(connection, [*positions]))
    return [(entry, entry.event(blobs)) for entry in found]


def lines(told: Links, zone: tzinfo) -> list[Line]:
    """Each event as its sentence; of a finding that ended, which one; of a look that is over, whose it was."""
    kinds = {event.finding: event.kind for _, event in told if isinstance(event, events.FindingOpened)}
    looked = {event.look: entry.actor for entry, event in told if isinstance(event, events.LookOpened)}
    return [_line(entry, event, kinds, looked, zone) for entry, event in told]


def _line(
    entry: Entry, event: Event, kinds: Mapping[str, str], looked: Mapping[str, str], zone: tzinfo
) -> Line:
    """``looked``: who opened the looks of this chain; the station itself ends most of them."""
    if isinstance(event, events.FindingOpened):
        return chain_words.finding_opened(entry, event, zone)
    if isinstance(event, events.FindingClosed) and event.finding in kinds:
        return chain_words.finding_closed(entry, kinds[event.finding], event)
    actor = looked.get(event.look, entry.actor) if isinstance(event, events.LookClosed) else entry.actor
    text = sentence(event, actor=actor, zone=zone)
    return Line(at=entry.at, seq=entry.seq, text=text, type=event.type)


# --- a recorder ---------------------------------------------------------------------------------


def of_recorder(
    place: Place, connection: Connection, recorder: Recorder, now: Millis, positions: Sequence[int]
) -> list[Line]:
    """What its events say at these positions (`index.chains.recorder_history`), and where it stands now."""
    said = hands.statements(connection, recorder.recorder)
    found = links(place.home, connection, positions)
    told = {line.seq: line for line in lines(found, place.zone)}
    chain: list[Line] = []
    left_at: Millis | None = None
    stood: tuple[str, Millis] | None = None
    for entry, event in found:
        match event:
            case events.RecorderDocked() if event.recorder == recorder.recorder:
                if left_at is not None:
                    chain.append(chain_words.was_out(left_at, entry.at, _between(said, left_at, entry.at)))
                elif stood is not None:
                    chain.append(chain_words.was_not_seen_leaving(entry.at, *stood, place.zone))
                left_at, stood = None, (event.slot, entry.at)
            case events.RecorderUndocked() | events.RecorderPulledEarly():
                left_at, stood = entry.at, None
            case _:
                pass
        if not isinstance(event, _UNTOLD):
            chain.append(told[entry.seq])
    return [*chain, chain_words.stands(recorder, holder_at(said, now), now)]


def _between(said: Sequence[Statement], left_at: Millis, back_at: Millis) -> tuple[Stretch, ...]:
    """Who had it from its leaving to its return; a change at the return itself is none of that time."""
    history = stretches(said, since=left_at)
    return tuple(one for one in history if one.since_at is None or one.since_at < back_at)


# --- a clip -------------------------------------------------------------------------------------


def of_clip(place: Place, connection: Connection, clip: Clip) -> list[Line]:
    """From its recording to the last time that its bytes were read again."""
    judged = (
        verdict(clip.ended, clip.stored_at, place.hours, commissioned_at=place.commissioned_at)
        if clip.kind.is_recording and place.hours is not None
        else None
    )
    said = hands.statements(connection, clip.recorder)
    span = span_of(clip.started, clip.ended)
    found = links(place.home, connection, queries.history(connection, f"clip:{clip.acquisition}"))
    told = [(entry, event) for entry, event in found if not isinstance(event, _OF_SESSION)]
    chain = lines(told, place.zone)
    times, last_at = chains.looked_after(connection, clip)
    return [
        chain_words.recorded(clip, place.zone),
        chain_words.whose(
            clip,
            is_named=_is_named(place.home, clip, found),
            by_assignment=holder_in(stretches(said), span),
        ),
        *(line for line in chain if line.seq is not None and line.seq < clip.seq),
        *chain_words.stored(clip, judged, place.published),
        *(line for line in chain if line.seq is not None and line.seq >= clip.seq),
        chain_words.looked_after(times, last_at, clip, place.zone),
    ]


def _is_named(home: Home, clip: Clip, found: Links) -> bool:
    """Whether the file or its recorder itself names an officer (a claim), by manifest and docking."""
    claims = [
        claim for _, event in found if isinstance(event, events.RecorderDocked) for claim in event.claims
    ]
    try:
        manifest = parse_manifest(home.manifest_named(clip.manifest).read_bytes())
    except (OSError, ManifestError):
        return any(claim.what == "officer" for claim in claims)
    return any(claim.what == "officer" for claim in (*claims, *manifest.source.claims))
