"""A year of an invented office as events of a real home, and figures counted from the log by code of their own."""

from __future__ import annotations

import random
import threading
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ingestd.clock import StationClock
from ingestd.events import (
    ActStated,
    CaseStated,
    ClipLinked,
    DecisionStated,
    Event,
    OfficerStated,
    ReviewStated,
    UnitStated,
)
from ingestd.law_desk import LawDesk
from ingestd.model import Interval, Millis
from ingestd.station import Station
from tests.event_samples import secured
from tests.rig import Found, Rig

HOUR = 3_600_000
DAY = 24 * HOUR
CHINA = timedelta(hours=8)
YEAR_BEGAN = Millis(1_767_196_800_000)  # 2026-01-01T00:00:00+08:00
UNITS = {"u0": None, "u1": "u0", "u2": "u0", "u11": "u1", "u12": "u1"}
OFFICERS = {f"o{n}": unit for n, unit in enumerate(("u0", "u11", "u11", "u12", "u12", "u2", "u2", None))}


def exactly(at: int, spread: int = 0) -> Interval:
    return Interval(earliest=Millis(at - spread), latest=Millis(at + spread), basis="clock-read")


class Year:
    """An open home; what is said goes through the log, findings come from the law desk."""

    def __init__(self, root: Path) -> None:
        self.rig = Rig(root, commissioned_at="2025-01-01T00:00:00.000Z")
        self.station = Station.open(self.rig.root, StationClock())

    def say(self, *events: Event) -> None:
        self.station.books.append(list(events))

    def judge(self) -> None:
        LawDesk(self.station).look(threading.Event())

    def close(self) -> Rig:
        if self.station.log.size:
            self.station.books.ensure_published(self.station.log.size - 1)
        self.station.close()
        return self.rig


def clip(number: int, began: int, minutes: int, **told: Any) -> Any:
    """A film by its begin; ``spread``: how uncertain its clock is, ``waited``: hours until it was stored."""
    spread, waited = told.pop("spread", 0), told.pop("waited", 2)
    end = began + minutes * 60_000
    ended = told.pop("ended", exactly(end, spread))
    plain: dict[str, Any] = {
        "started": exactly(began, spread),
        "ended": ended,
        "stored_at": Millis(round(end + waited * HOUR)),
    }
    return secured(number, **plain | told)


def year(seed: int) -> list[Event]:
    """Units, officers, dockings late and early, acts whole and not, cases decided with and without review."""
    draw = random.Random(seed)
    events: list[Event] = [
        UnitStated(unit=key, parent=parent, name=f"{key} 队") for key, parent in UNITS.items()
    ]
    events += [OfficerStated(officer=key, unit=unit, reviewer=key == "o0") for key, unit in OFFICERS.items()]
    for case in range(24):
        at = Millis(YEAR_BEGAN + draw.randrange(-40, 380) * DAY + draw.choice((0, 5 * HOUR, 23 * HOUR)))
        decided = Millis(at + 5 * DAY) if draw.random() < 0.6 else None
        events.append(
            CaseStated(
                case=f"c{case}",
                unit=draw.choice([*UNITS, None]),
                kind=draw.choice(("penalty", "inspection", "permit", None)),
                opened_at=at,
                decided_at=decided,
                concluded_at=None if decided is None else Millis(decided + 20 * DAY),
                major=draw.choice((True, False, None)),
                random_inspection=draw.random() < 0.3,
            )
        )
        if draw.random() < 0.5:
            opinion = draw.choice(("agree", "correct", None))
            events.append(
                ReviewStated(
                    review=f"r{case}",
                    case=f"c{case}",
                    submitted_at=Millis(at + DAY),
                    opinion=opinion,
                    opinion_at=None if opinion is None else Millis(at + 2 * DAY),
                )
            )
        if decided is not None and draw.random() < 0.7:
            events.append(
                DecisionStated(
                    decision=f"d{case}", case=f"c{case}", at=decided, public_at=Millis(decided + DAY)
                )
            )
    number = 0
    for docking in range(60):
        officer = draw.choice(list(OFFICERS))
        began = YEAR_BEGAN + draw.randrange(-3, 368) * DAY + draw.randrange(24) * HOUR
        waited = draw.choice((2, 20, 40))
        for part in range(draw.randrange(1, 4)):
            number += 1
            events.append(
                clip(
                    number,
                    began + part * HOUR,
                    30,
                    waited=waited,
                    spread=draw.choice((0, 60_000, 6 * HOUR)),
                    session=f"s{docking}",
                    recorder=f"R{docking % 7}",
                    officer=draw.choice((officer, None)),
                )
            )
            if draw.random() < 0.6:
                act = f"a{number}"
                start = Millis(began + part * HOUR + draw.choice((0, 20 * 60_000)))
                events.append(
                    ActStated(
                        act=act,
                        case=f"c{draw.randrange(24)}",
                        kind=draw.choice(("seizure", "inspection", "forced-demolition")),
                        started_at=start,
                        ended_at=Millis(start + 20 * 60_000),
                        officers=tuple(draw.sample(list(OFFICERS), 2)),
                    )
                )
                if draw.random() < 0.8:
                    events.append(
                        ClipLinked(
                            acquisition=events[-2].acquisition,  # type: ignore[attr-defined]  # the clip above
                            act=act,
                            case=None,
                            by="machine",
                            score=9000,
                            reasons=(),
                        )
                    )
    return events


# --- counted from the log, by nothing of the program's own ------------------------------------------


def _moment(text: str | int) -> int:
    if isinstance(text, int):
        return text
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def month(at: int) -> str:
    return (datetime.fromtimestamp(at / 1000, UTC) + CHINA).strftime("%Y-%m")


class Counted:
    """What the log of a home says of a year, dimension by dimension."""

    def __init__(self, entries: list[Found], label: str) -> None:
        self.label = label
        self.last: dict[str, dict[str, Found]] = defaultdict(dict)
        self.clips: list[Found] = []
        self.links: dict[str, str] = {}
        self.findings: dict[str, Found] = {}
        for entry in entries:
            self._read(entry)
        self.by: dict[str, dict[str | None, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
        self._count()

    def _read(self, entry: Found) -> None:
        data, sort = entry["data"], entry["type"]
        if sort.endswith(".stated"):
            key = {"text-record": "record"}.get(sort.partition(".")[0], sort.partition(".")[0])
            self.last[key][data[key]] = data
        elif sort == "clip.secured":
            self.clips.append(data)
        elif sort == "clip.linked":
            self.links[data["acquisition"]] = data["act"]
        elif sort == "finding.opened":
            self.findings[data["finding"]] = data | {"at": _moment(entry["at"]), "open": True}
        elif sort == "finding.closed":
            self.findings[data["finding"]]["open"] = False

    def _has(self, at: int | None) -> bool:
        return at is not None and month(at).startswith(self.label)

    def _unit(self, officer: str | None) -> str | None:
        return self.last["officer"].get(officer or "", {}).get("unit")

    def _case_unit(self, case: str | None) -> str | None:
        return self.last["case"].get(case or "", {}).get("unit")

    def _count(self) -> None:
        for one in self.clips:
            self._clip(one)
        for act in self.last["act"].values():
            self._act(act)
        for one in self.findings.values():
            if self._has(one["at"]):
                self._add("findings", rule=one.get("rule"))
                self._add("standing" if one["open"] else "ended", rule=one.get("rule"))
        for case in self.last["case"].values():
            for name in ("opened", "decided", "concluded"):
                if self._has(case.get(f"{name}_at")):
                    self._add(name, **{"case-kind": case.get("kind")}, month=month(case[f"{name}_at"]))

    def _clip(self, one: Found) -> None:
        end, stored, officer = one["ended"], one["stored_at"], one.get("officer")
        if not self._has(end["latest"]):
            return
        word = "late" if end["latest"] + DAY < stored else "untold"
        word = "on_time" if end["earliest"] + DAY >= stored else word
        act = self.last["act"].get(self.links.get(one["acquisition"], ""))
        unit = self._unit(officer) or (None if act is None else self._case_unit(act.get("case")))
        for name in ("clips", word):
            self._add(name, unit=unit, officer=officer, recorder=one["recorder"], month=month(end["latest"]))

    def _act(self, act: Found) -> None:
        if not self._has(act["started_at"]):
            return
        unit = self._case_unit(act["case"])
        for officer in act["officers"]:
            unit = unit or self._unit(officer)
            self.by["officer"][officer]["acts"] += 1
        self._add("acts", unit=unit, month=month(act["started_at"]), act=act["kind"])

    def _add(self, name: str, **keys: str | None) -> None:
        self.by["all"][None][name] += 1
        for dimension, key in keys.items():
            self.by[dimension][key][name] += 1

    def below(self, unit: str, name: str) -> int:
        """A figure of a unit with all that stand under it, by walking down."""
        children = [key for key, row in self.last["unit"].items() if row.get("parent") == unit]
        return self.by["unit"][unit][name] + sum(self.below(child, name) for child in children)
