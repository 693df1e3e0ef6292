"""What the kiosk shows an officer: recordings that lack a note, newest first, and phrases for each.

No evidence: no picture, no sound, nobody's name but the officer's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, tzinfo

from sqlalchemy import Connection

from ingestd.index.unnoted import Unnoted, unnoted
from ingestd.model import Interval, Kind, Millis, length_between
from ingestd.policy.catalog import Policy
from ingestd.telling.phrases import guide
from ingestd.telling.plain import interval_text, moment_text, span_text
from ingestd.web.watch import NOTES_RULE
from ingestd.words import Lang, Text

DAYS = 60
"""How far back the kiosk asks; older ones are the supervisor's (their findings stand)."""
TIMES = "OWN-18"
"""The baseline's rule that says within how many hours."""
_DAY_MS, _HOUR_MS, _MINUTE_MS = 86_400_000, 3_600_000, 60_000

KINDS = {
    Kind.VIDEO: Text("录像", "video"),
    Kind.AUDIO: Text("录音", "sound"),
    Kind.PHOTO: Text("照片", "photo"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One that wants a note."""

    acquisition: str
    kind: Text
    when: Text
    length: Text | None
    """None: a photo, or it cannot be told."""
    segments: int
    act: str | None
    case: str | None
    due: Text | None
    """Until when the note is due, where a rule asks for it."""
    is_late: bool
    phrases: tuple[Text, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notes:
    """All of an officer's."""

    rule: Text | None
    """Rule and source that ask for notes; None where the policy in force has none."""
    recordings: tuple[Recording, ...]


def notes(connection: Connection, officer: str, policy: Policy, *, now: Millis, zone: tzinfo) -> Notes:
    """What lacks a note, of the last `DAYS`."""
    rule, hours = policy.find(NOTES_RULE), _hours(policy)
    found = unnoted(connection, since=Millis(now - DAYS * _DAY_MS), officer=officer)
    return Notes(
        rule=None if rule is None else rule.source(),
        recordings=tuple(_recording(one, hours, policy, now, zone) for one in found),
    )


def _hours(policy: Policy) -> int | None:
    """How long after being stored a note is due; None where no rule asks for one."""
    times = policy.find(TIMES)
    return None if times is None or policy.find(NOTES_RULE) is None else times.number("note_hours")


def _recording(one: Unnoted, hours: int | None, policy: Policy, now: Millis, zone: tzinfo) -> Recording:
    due = None if hours is None else Millis(one.stored_at + hours * _HOUR_MS)
    return Recording(
        acquisition=one.acquisition,
        kind=KINDS[one.kind],
        when=Text(
            _when(one.started, now, zone, "zh") + " 开始", "from " + _when(one.started, now, zone, "en")
        ),
        length=None if one.kind is Kind.PHOTO else _length(one.started, one.ended),
        segments=one.segments,
        act=one.act_kind,
        case=one.case,
        due=None if due is None else Text(*(_minute(due, now, zone, lang) for lang in ("zh", "en"))),
        is_late=due is not None and due < now,
        phrases=guide(one.act_kind, policy.acts),
    )


def _when(started: Interval, now: Millis, zone: tzinfo, lang: Lang) -> str:
    """When it began, to the minute; its doubt where that is longer."""
    first, last = started.earliest, started.latest
    if first is None or last is None or _day(first, zone) != _day(last, zone):
        return interval_text(started, zone=zone, lang=lang)
    begin = _minute(first, now, zone, lang)
    if first // _MINUTE_MS == last // _MINUTE_MS:
        return begin
    return f"{begin}–{datetime.fromtimestamp(last / 1000, zone):%H:%M}"


def _minute(at: Millis, now: Millis, zone: tzinfo, lang: Lang) -> str:
    """A moment without its seconds."""
    day, _, rest = moment_text(at, now=now, zone=zone, lang=lang).partition(" ")
    clock, _, where = rest.partition(" ")
    return " ".join(part for part in (day, clock[:-3], where) if part)


def _day(at: Millis, zone: tzinfo) -> str:
    return f"{datetime.fromtimestamp(at / 1000, zone):%Y%m%d}"


def _length(started: Interval, ended: Interval) -> Text | None:
    """How long it lasts."""
    length = length_between(started, ended)
    return None if length is None else Text(span_text(length, "zh"), span_text(length, "en"))
