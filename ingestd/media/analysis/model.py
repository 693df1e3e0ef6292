"""What picture and sound of a clip have in them. PURE.

Integers only; times are milliseconds from the clip's begin. A child that read a hostile clip has answered:
`Analysis.from_json` takes nothing that is out of bounds.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ingestd.facts import E6, is_id
from ingestd.model import Stretch

DURATION_MAX_MS = 7 * 86_400_000
STRETCHES_MAX = 500
"""The longest ones; a policy counts stretches of half a minute and more."""
CODES_MAX = 16
POINTS_MAX = 600
"""Of a track, evenly thinned: one in six seconds of an hour."""
TIMED_BY = ("satellite", "recorder")
KINDS = ("black", "frozen", "silent")


class AnalysisError(ValueError):
    """An answer that is no analysis."""


class Presence(StrEnum):
    """Whether there is a picture, or a sound, at all."""

    THERE = "there"
    ABSENT = "absent"
    UNREADABLE = "unreadable"
    """A stream of it, of which nothing can be decoded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A place the recorder says it was at, WGS 84, millionths of a degree."""

    at: int | None
    """Milliseconds UTC by the satellites, or the recorder's own clock as if UTC; None: no time with it."""
    lat: int
    lon: int
    accuracy_dm: int
    """Standard deviation as the receiver's figures suggest it, decimetres."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """Where a clip was recorded."""

    timed_by: str
    """satellite, recorder."""
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """One clip's; what nobody could look at is told apart from what is not there."""

    duration_ms: int | None
    picture: Presence
    sound: Presence
    stretches: tuple[Stretch, ...]
    speech_from_ms: int | None
    """When speech is first heard, where it is within the first minutes (`sound.SPEECH_WITHIN_MS`)."""
    codes: tuple[str, ...]
    """Case numbers read from codes that were shown to the camera."""
    track: Track | None

    @staticmethod
    def from_json(value: object) -> Analysis:
        """What a child answered. Raises AnalysisError."""
        try:
            return _analysis(value)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise AnalysisError(str(error)) from error


def _analysis(value: Any) -> Analysis:
    track = value["track"]
    codes = _list(value["codes"], CODES_MAX)
    if not all(isinstance(code, str) and is_id(code) for code in codes):
        raise AnalysisError("codes")
    duration, speech = value["duration_ms"], value["speech_from_ms"]
    return Analysis(
        duration_ms=None if duration is None else _number(duration, 0, DURATION_MAX_MS),
        picture=Presence(value["picture"]),
        sound=Presence(value["sound"]),
        stretches=tuple(_stretch(one) for one in _list(value["stretches"], STRETCHES_MAX)),
        speech_from_ms=None if speech is None else _number(speech, 0, DURATION_MAX_MS),
        codes=tuple(codes),
        track=None if track is None else _track(track),
    )


def _stretch(value: Any) -> Stretch:
    kind, begin, end = value
    if kind not in KINDS:
        raise AnalysisError("kind")
    begin = _number(begin, 0, DURATION_MAX_MS)
    return Stretch(kind=kind, begin=begin, end=_number(end, begin + 1, DURATION_MAX_MS))


def _track(value: Any) -> Track:
    if value["timed_by"] not in TIMED_BY:
        raise AnalysisError("timed_by")
    return Track(
        timed_by=value["timed_by"],
        points=tuple(_point(*one) for one in _list(value["points"], POINTS_MAX)),
    )


def _point(at: Any, lat: Any, lon: Any, accuracy: Any) -> Point:
    return Point(
        at=None if at is None else _number(at, 0, 1 << 48),
        lat=_number(lat, -90 * E6, 90 * E6),
        lon=_number(lon, -180 * E6, 180 * E6),
        accuracy_dm=_number(accuracy, 0, 1_000_000),
    )


def _list(value: Any, most: int) -> list[Any]:
    if not isinstance(value, list) or len(value) > most:
        raise AnalysisError("a short list was expected")
    return value


def _number(value: Any, least: int, most: int) -> int:
    if type(value) is not int or not least <= value <= most:
        raise AnalysisError("a number within bounds was expected")
    return value
