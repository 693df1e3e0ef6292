"""`custody RECORDER|CLIP`: the chain in sentences, in the order of time, with what is in doubt as doubt."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping, Sequence
from datetime import tzinfo

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text as Styled
from sqlalchemy import Connection

from ingestd import events
from ingestd.cli.homes import home_argument
from ingestd.cli.parsing import Command, Parser, json_argument
from ingestd.cli.reading import OpenHome, find_clips, newest_checkpoint, print_json
from ingestd.cli.render import stamp_text
from ingestd.events import Event
from ingestd.index import chains, hands, queries
from ingestd.index.facts import Clip, Recorder
from ingestd.intake.holding import Statement, Stretch, holder_at, holder_in, span_of, stretches
from ingestd.law.deadlines import verdict
from ingestd.ledger import table
from ingestd.ledger.entry import Entry, parse
from ingestd.model import Millis, RecorderId
from ingestd.telling import chain_words
from ingestd.telling.chain_words import Line, line_json
from ingestd.telling.finding_about import subject_text
from ingestd.telling.sentences import sentence
from ingestd.vault.blobs import Blobs
from ingestd.vault.manifest import ManifestError
from ingestd.vault.manifest import parse as parse_manifest
from ingestd.words import Lang, Text

_UNTOLD = (events.SessionOpened, events.CardListed, events.ReleaseStarted, events.ClipReleased)
"""What the chain of a recorder leaves to the summary of each docking."""
_OF_SESSION = (events.SessionOpened, events.CardListed, events.SessionClosed, events.ReleaseStarted)
"""What the chain of a clip leaves to that of its recorder."""

_Links = Sequence[tuple[Entry, Event]]


def _links(opened: OpenHome, connection: Connection, positions: Iterable[int]) -> list[tuple[Entry, Event]]:
    blobs = Blobs(opened.home)
    found = [parse(table.rows(connection, seq, seq + 1)[0]) for seq in positions]
    return [(entry, entry.event(blobs)) for entry in found]


def _lines(links: _Links, zone: tzinfo) -> list[Line]:
    """Each event as its sentence; of a finding that ended, which one."""
    kinds = {event.finding: event.kind for _, event in links if isinstance(event, events.FindingOpened)}
    return [_line(entry, event, kinds, zone) for entry, event in links]


def _line(entry: Entry, event: Event, kinds: Mapping[str, str], zone: tzinfo) -> Line:
    if isinstance(event, events.FindingOpened):
        return chain_words.finding_opened(entry, event, zone)
    if isinstance(event, events.FindingClosed) and event.finding in kinds:
        return chain_words.finding_closed(entry, kinds[event.finding], event)
    text = sentence(event, actor=entry.actor, zone=zone)
    return Line(at=entry.at, seq=entry.seq, text=text, type=event.type)


# --- a recorder ---------------------------------------------------------------------------------


def _of_recorder(opened: OpenHome, connection: Connection, recorder: Recorder, now: Millis) -> list[Line]:
    said = hands.statements(connection, recorder.recorder)
    links = _links(opened, connection, chains.recorder_history(connection, recorder.recorder))
    told = {line.seq: line for line in _lines(links, opened.zone)}
    lines: list[Line] = []
    left_at: Millis | None = None
    stood: tuple[str, Millis] | None = None
    for entry, event in links:
        match event:
            case events.RecorderDocked() if event.recorder == recorder.recorder:
                if left_at is not None:
                    lines.append(chain_words.was_out(left_at, entry.at, _between(said, left_at, entry.at)))
                elif stood is not None:
                    lines.append(chain_words.was_not_seen_leaving(entry.at, *stood, opened.zone))
                left_at, stood = None, (event.slot, entry.at)
            case events.RecorderUndocked() | events.RecorderPulledEarly():
                left_at, stood = entry.at, None
            case _:
                pass
        if not isinstance(event, _UNTOLD):
            lines.append(told[entry.seq])
    return [*lines, chain_words.stands(recorder, holder_at(said, now), now)]


def _between(said: Sequence[Statement], left_at: Millis, back_at: Millis) -> tuple[Stretch, ...]:
    """Who had it from its leaving to its return; a change at the return itself is none of that time."""
    history = stretches(said, since=left_at)
    return tuple(one for one in history if one.since_at is None or one.since_at < back_at)


# --- a clip -------------------------------------------------------------------------------------


def _of_clip(opened: OpenHome, connection: Connection, clip: Clip) -> list[Line]:
    checkpoint = newest_checkpoint(opened.home)
    judged = (
        verdict(clip.ended, clip.stored_at, opened.hours, commissioned_at=opened.config.commissioned_at)
        if clip.kind.is_recording and opened.hours is not None
        else None
    )
    said = hands.statements(connection, clip.recorder)
    span = span_of(clip.started, clip.ended)
    links = _links(opened, connection, queries.history(connection, f"clip:{clip.acquisition}"))
    told = [(entry, event) for entry, event in links if not isinstance(event, _OF_SESSION)]
    lines = _lines(told, opened.zone)
    times, last_at = chains.looked_after(connection, clip)
    return [
        chain_words.recorded(clip, opened.zone),
        chain_words.whose(
            clip,
            is_named=_is_named(opened, clip, links),
            by_assignment=holder_in(stretches(said), span),
        ),
        *(line for line in lines if line.seq is not None and line.seq < clip.seq),
        *chain_words.stored(clip, judged, None if checkpoint is None else checkpoint.size),
        *(line for line in lines if line.seq is not None and line.seq >= clip.seq),
        chain_words.looked_after(times, last_at, clip, opened.zone),
    ]


def _is_named(opened: OpenHome, clip: Clip, links: _Links) -> bool:
    """Whether the file or its recorder itself names an officer (a claim), by manifest and docking."""
    claims = [
        claim for _, event in links if isinstance(event, events.RecorderDocked) for claim in event.claims
    ]
    try:
        manifest = parse_manifest(opened.home.manifest_named(clip.manifest).read_bytes())
    except (OSError, ManifestError):
        return any(claim.what == "officer" for claim in claims)
    return any(claim.what == "officer" for claim in (*claims, *manifest.source.claims))


# --- the command ----------------------------------------------------------------------------------


def _arguments(parser: Parser) -> None:
    home_argument(parser)
    parser.text_argument(
        "key",
        metavar="RECORDER|CLIP",
        help=Text(
            "记录仪编号，或记录的采集编号、摘要、卡上路径",
            "id of a recorder; or acquisition, digest or path on the card of a clip",
        ),
    )
    json_argument(parser)


def _chains(opened: OpenHome, connection: Connection, key: str) -> list[tuple[str, list[Line]]]:
    """A heading and its chain, for each thing that a key names. Raises NotFoundError."""
    now = opened.now()
    recorder = queries.recorder(connection, RecorderId(key.upper()), now)
    if recorder is not None:
        return [(f"recorder:{recorder.recorder}", _of_recorder(opened, connection, recorder, now))]
    waiting = hands.waiting_at(connection, key)
    found = [
        (f"recorder:{file.recorder}/{file.path}", chain_words.waits(file, opened.zone)) for file in waiting
    ]
    if found and not queries.clip(connection, key):
        return found
    clips = find_clips(connection, key)
    return found + [(f"clip:{clip.acquisition}", _of_clip(opened, connection, clip)) for clip in clips]


def render(heading: str, lines: Iterable[Line], *, lang: Lang, zone: tzinfo) -> RenderableType:
    """One chain for a terminal: when, where in the log, what."""
    made = Table.grid(padding=(0, 2))
    for line in lines:
        at = "" if line.at is None else stamp_text(line.at, zone)
        place = Text("", "") if line.seq is None else Text(f"第 {line.seq} 条", f"entry {line.seq}")
        made.add_row(
            Styled(at, style="dim"), Styled(place.say(lang), style="dim"), Styled(line.text.say(lang))
        )
    return Group(Styled(subject_text(heading).say(lang), style="bold"), made)


def _custody(arguments: argparse.Namespace) -> int:
    opened = OpenHome(arguments)
    with opened.connection() as connection:
        found = _chains(opened, connection, arguments.key)
    if arguments.json:
        told = [{"about": about, "chain": [line_json(line) for line in lines]} for about, lines in found]
        print_json(told[0] if len(told) == 1 else told)
        return 0
    for heading, lines in found:
        opened.print(render(heading, lines, lang=opened.lang, zone=opened.zone))
    return 0


COMMANDS = (
    Command(
        name="custody",
        help=Text(
            "保管链：记录仪或记录由谁、在何处、做了什么",
            "the chain of custody of a recorder or a clip, in sentences",
        ),
        arguments=_arguments,
        run=_custody,
        examples=(
            "ingestd custody --home /srv/ingestd KD01234",
            "ingestd custody --home /srv/ingestd 0193a5b2-7c1e-7abc-8def-0123456789ab --lang en",
        ),
    ),
)
