"""Families of cards as data, and how a file's name is read by them. PURE.

A family says how its cards are recognised (weighed evidence), how names state whose and when, what is
marked, what kinds there are, what belongs to what, and what stays on the card. What holds on every card
(kinds by extension, litter of computers, name patterns) is one common table. Every value taken from a card
is a claim: nothing is chosen here, `identity.weigh` compares. Sequence roll-over is not judged here.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar, cast

from ingestd.device.api import CounterPer, EntryType, Item, NamedTime, Zone
from ingestd.device.entries import Entry
from ingestd.device.idfiles import FORMATS, BatteryFile, IdentityFile, is_unset
from ingestd.device.templates import Template, TemplateError, compiled
from ingestd.model import CardPath, Claim, Kind, Millis
from ingestd.words import Text

_T = TypeVar("_T")
_SEPARATORS = str.maketrans("", "", "-_.TZ")
_Reading = tuple[dict[str, str], Template]
"""The fields that a name gave, and by which template."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class FamilyError(ValueError):
    """Family data that means nothing: every fault of one file, with its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """One piece of evidence for a family: so many of the sampled paths fit a template."""

    template: Template
    weight: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A word that a template gives to the files that fit it: a reason to stay, or a kind."""

    template: Template
    word: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Litter:
    """What a computer, not the recorder, left on the card."""

    template: Template
    reason: str
    up_to: int | None
    """Bytes: a larger file of this name is no such litter and is acquired."""
    recordings: str | None
    """The reason for a file that is a recording by its extension (one that a person threw away)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Common:
    """What holds on every card, whatever its family."""

    threshold: int
    """Weight from which a family is taken for known."""
    lengths: Mapping[str, str]
    names: tuple[Template, ...]
    kinds: Mapping[bytes, Kind]
    """By extension, lower case, without dot."""
    sidecars: tuple[bytes, ...]
    """Ends of names (lower case) that belong to the recording of the same stem."""
    litter: tuple[Litter, ...]
    reasons: Mapping[str, Text]
    """Why something stays or is left, by the word that the log keeps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """One family of cards."""

    key: str
    title: Text
    zone: Zone
    """The habit of the times in its names."""
    signs: tuple[Sign, ...]
    identity: tuple[IdentityFile, ...]
    battery: BatteryFile | None
    counter_runs_on: bool
    """Its sequence numbers do not start anew by day, folder or after a reset."""
    counter_per: CounterPer | None
    """Where they start anew, ``card`` for nowhere; None where it is not known."""
    names: tuple[Template, ...]
    important: tuple[Template, ...]
    kinds: tuple[Placed, ...]
    stays: tuple[Placed, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How the entries of one card are read: its family over what is common to all."""

    common: Common
    family: Family | None
    stays: tuple[Placed, ...]
    """Of every family: an identity file is none the less one on another family's card."""
    special: re.Pattern[bytes]
    """Whether a path may stay or be litter at all (`templates.union`)."""

    def classify(self, entry: Entry) -> Item:
        """One entry as its family reads it. Links and the like keep their type and get no reading."""
        if entry.type is not EntryType.FILE:
            return Item(path=entry.path, type=entry.type, size=entry.size, mtime_us=entry.mtime_us)
        path = entry.path
        special = self.special.fullmatch(path) is not None
        stays = _placed(self.stays, path) if special else None
        kind = Kind.CONFIG if stays else self._kind(path)
        readings = self._readings(path)
        return Item(
            path=path,
            type=entry.type,
            size=entry.size,
            mtime_us=entry.mtime_us,
            kind=kind,
            stays=stays,
            litter=self._litter(path, kind, entry.size) if special else None,
            named=self._named(readings),
            sequence=next((int(r["sequence"]) for r, _ in readings if "sequence" in r), None),
            marked=any("mark" in r for r, _ in readings) or self._is_important(path),
            claims=_claims(readings),
            sidecar_of=self._sidecar_of(entry),
        )

    def _readings(self, path: bytes) -> list[_Reading]:
        templates = self.family.names if self.family else ()
        return [(found, t) for t in templates if (found := t.match(path)) is not None]

    def _kind(self, path: bytes) -> Kind:
        special = _placed(self.family.kinds, path) if self.family else None
        return Kind(special) if special else self.common.kinds.get(_extension(path), Kind.OTHER)

    def _is_important(self, path: bytes) -> bool:
        return self.family is not None and any(t.match(path) is not None for t in self.family.important)

    def _litter(self, path: bytes, kind: Kind, size: int) -> str | None:
        for litter in self.common.litter:
            if litter.template.match(path) is None or (litter.up_to is not None and size > litter.up_to):
                continue
            if litter.recordings and kind.is_recording:
                return litter.recordings
            return litter.reason
        return None

    def _named(self, readings: list[_Reading]) -> NamedTime | None:
        zone = self.family.zone if self.family else "unknown"
        times = {time for reading, _ in readings if (time := _time_of(reading, zone)) is not None}
        return times.pop() if len(times) == 1 else None

    def _sidecar_of(self, entry: Entry) -> CardPath | None:
        folder, slash, name = entry.path.rpartition(b"/")
        lower = name.lower()
        if not lower.endswith(self.common.sidecars):
            return None
        for end in (end for end in self.common.sidecars if lower.endswith(end)):
            for extension, kind in self.common.kinds.items():
                stem = name[: -len(end)]
                main = entry.siblings.find(stem + b"." + extension) if stem and kind.is_recording else None
                if main is not None and main != name:
                    return CardPath(folder + slash + main)
        return None


def _extension(path: bytes) -> bytes:
    stem, dot, extension = path.rpartition(b"/")[2].rpartition(b".")
    return extension.lower() if dot and stem else b""


def _placed(rules: tuple[Placed, ...], path: bytes) -> str | None:
    return next((rule.word for rule in rules if rule.template.match(path) is not None), None)


def _claims(readings: list[_Reading]) -> tuple[Claim, ...]:
    found = [
        Claim(what=what, value=reading[what], source="folder" if what in template.in_folders else "name")
        for reading, template in readings
        for what in ("serial", "officer")
        if what in reading and not is_unset(reading[what])
    ]
    return tuple(dict.fromkeys(found))


def _time_of(reading: dict[str, str], zone: Zone) -> NamedTime | None:
    """The wall time of a name, None where it states none or one that no calendar has."""
    text = reading.get("stamp") or reading.get("time")
    if text is None and "date" in reading and "clock" in reading:
        text = reading["date"] + reading["clock"]
    if text is None:
        return None
    digits = text.translate(_SEPARATORS)
    month, day, hour, minute, second = (int(digits[at : at + 2]) for at in range(4, 14, 2))
    try:
        wall = datetime(int(digits[:4]), month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        return None
    return NamedTime(
        wall=Millis((wall - _EPOCH) // timedelta(milliseconds=1)),
        zone="utc" if "stamp" in reading else zone,
    )


# --- reading the data ---------------------------------------------------------------------------------


def parse_common(text: str) -> Common:
    """The common table from TOML. Raises FamilyError."""
    return _parsed("common", text, _common)


def parse_family(text: str, common: Common) -> Family:
    """One family from TOML. Raises FamilyError."""
    return _parsed("family", text, lambda data: _family(data, common))


def _parsed(what: str, text: str, build: Callable[[dict[str, Any]], _T]) -> _T:
    try:
        return build(tomllib.loads(text))
    except KeyError as error:
        raise FamilyError(f"{what}: {error} is missing") from error
    except (tomllib.TOMLDecodeError, TemplateError, TypeError, ValueError) as error:
        raise FamilyError(f"{what}: {error}") from error


def _text(data: Mapping[str, str]) -> Text:
    return Text(data["zh"], data["en"])


def _common(data: dict[str, Any]) -> Common:
    _refuse_unknown(data, {field.name for field in fields(Common)})
    lengths = data["lengths"]
    reasons = {word: _text(said) for word, said in data["reasons"].items()}
    litter = tuple(
        Litter(
            template=compiled(entry["path"], lengths),
            reason=entry["reason"],
            up_to=entry.get("up_to"),
            recordings=entry.get("recordings"),
        )
        for entry in data["litter"]
    )
    for word in [word for entry in litter for word in (entry.reason, entry.recordings)]:
        if word is not None and word not in reasons:
            raise FamilyError(f"common: no reason {word!r}")
    return Common(
        threshold=data["threshold"],
        lengths=lengths,
        names=tuple(compiled(text, lengths) for text in data["names"]),
        kinds={ext.encode(): Kind(kind) for kind, exts in data["kinds"].items() for ext in exts},
        sidecars=tuple(end.encode() for end in data["sidecars"]),
        litter=litter,
        reasons=reasons,
    )


def _family(data: dict[str, Any], common: Common) -> Family:
    _refuse_unknown(data, {field.name for field in fields(Family)} | {"lengths"})
    lengths = {**common.lengths, **data.get("lengths", {})}
    if data["zone"] not in ("utc", "local", "unknown"):
        raise FamilyError(f"zone {data['zone']!r} is none of utc, local, unknown")

    def template(text: str) -> Template:
        return compiled(text, lengths)

    stays = tuple(Placed(template=template(s["path"]), word=s["reason"]) for s in data.get("stays", ()))
    for rule in stays:
        if rule.word not in common.reasons:
            raise FamilyError(f"no reason {rule.word!r}")
    return Family(
        key=data["key"],
        title=_text(data["title"]),
        zone=cast("Zone", data["zone"]),
        signs=tuple(Sign(template=template(s["path"]), weight=s["weight"]) for s in data.get("signs", ())),
        identity=tuple(_identity_file(entry, template(entry["path"])) for entry in data.get("identity", ())),
        battery=_battery_file(data["battery"], template) if "battery" in data else None,
        counter_runs_on=data.get("counter_runs_on", False) is True,
        counter_per=_counter_per(data),
        names=(*(template(text) for text in data.get("names", ())), *common.names),
        important=tuple(template(text) for text in data.get("important", ())),
        kinds=tuple(
            Placed(template=template(k["path"]), word=Kind(k["kind"])) for k in data.get("kinds", ())
        ),
        stays=stays,
    )


def _counter_per(data: Mapping[str, Any]) -> CounterPer | None:
    """A counter that runs on starts anew nowhere; any other says where, if that is known."""
    if data.get("counter_runs_on", False) is True:
        return "card"
    per = data.get("counter_per")
    if per not in (None, "folder", "day"):
        raise FamilyError(f"counter_per {per!r} is none of folder, day")
    return cast("CounterPer | None", per)


def _identity_file(entry: dict[str, Any], template: Template) -> IdentityFile:
    if entry["format"] not in FORMATS:
        raise FamilyError(f"identity format {entry['format']!r} is none of {', '.join(FORMATS)}")
    return IdentityFile(
        template=template,
        format=entry["format"],
        weight=entry["weight"],
        sections=tuple(s.lower() for s in entry.get("sections", ())),
        separator=entry.get("separator", ";"),
        claims={what: str(key).lower() for what, key in entry["claims"].items()},
    )


def _battery_file(entry: dict[str, str], template: Callable[[str], Template]) -> BatteryFile:
    return BatteryFile(template=template(entry["path"]), key=entry["key"].lower())


def _refuse_unknown(data: dict[str, Any], known: set[str]) -> None:
    if unknown := sorted(set(data) - known):
        raise FamilyError(f"unknown key {', '.join(unknown)}")
