"""Many items at once are known as one by one: `tie_lists.Items` beside `ties.item`, in either database."""

from __future__ import annotations

import random

import pytest
from sqlalchemy import event

from ingestd.events import (
    ActStated,
    CaseStated,
    ClipLabelled,
    ClipLinked,
    DecisionStated,
    OfficerStated,
    RecorderAssigned,
    RecorderEnrolled,
    TextRecordLabelled,
    TextRecordStated,
    UnitStated,
)
from ingestd.index import registers
from ingestd.index.database import reading
from ingestd.index.projection import project
from ingestd.index.tie_lists import Items
from ingestd.index.ties import item
from ingestd.model import Interval, Millis
from tests.event_samples import T0, Entry, secured

MINUTE = 60_000
PEOPLE = ("a", "b", "c", "d", "stranger")


def _agency(seed: int) -> list[object]:
    """A few people, recorders that go from hand to hand, acts with and without begin and end, clips between."""
    chance = random.Random(seed)

    def moment() -> Millis:
        return Millis(T0 + chance.randrange(60) * MINUTE)

    def one_of(*some: object) -> object:
        return chance.choice(some)

    def act(number: int) -> ActStated:
        begin, end = one_of(None, moment()), one_of(None, moment())
        officers = tuple(chance.sample(PEOPLE[:4], chance.randrange(3)))
        case = one_of(None, "C0", "C1", "not stated")
        return ActStated(act=f"A{number}", case=case, started_at=begin, ended_at=end, officers=officers)

    def clip(number: int) -> list[object]:
        begin, end = one_of(None, moment()), one_of(None, moment())
        started = Interval(earliest=begin, latest=one_of(begin, None), basis="name")
        id_ = f"00000000-0000-4000-8000-{number:012}"
        told = [
            secured(
                number,
                acquisition=id_,
                recorder=f"R{number % 3}",
                officer=one_of(None, *PEOPLE[:3]),
                started=started,
                ended=Interval(earliest=end, latest=end, basis="name"),
            )
        ]
        if chance.random() < 0.6:
            act, case = one_of((None, None), (f"A{number % 5}", "C0"), (None, f"C{number % 2}"))
            told.append(ClipLinked(acquisition=id_, act=act, case=case, by="machine", score=1, reasons=()))
        return told

    return [
        UnitStated(unit="u0"),
        *(UnitStated(unit=f"u{n}", parent="u0") for n in (1, 2)),
        *(OfficerStated(officer=one, unit=unit) for one, unit in zip("abc", ("u1", "u2", None), strict=True)),
        *(RecorderEnrolled(recorder=f"R{n}", family=None, driver=None, claims=()) for n in range(3)),
        *(
            RecorderAssigned(
                recorder=f"R{chance.randrange(3)}",
                officer=one_of(None, *PEOPLE[:4]),
                mode=one_of("permanent", "shift", "ad-hoc"),
                since_at=moment(),
                until_at=one_of(None, Millis(T0 + 40 * MINUTE)),
            )
            for _ in range(8)
        ),
        *(CaseStated(case=f"C{n}", unit=one_of(None, "u1", "u2")) for n in range(2)),
        *(act(number) for number in range(6)),
        TextRecordStated(record="W0", case="C0"),
        TextRecordStated(record="W1"),
        DecisionStated(decision="D0", case="C1"),
        *(told for number in range(20) for told in clip(number)),
    ]


@pytest.mark.parametrize("seed", range(4))
def test_what_is_known_of_many_is_what_is_known_of_each(engine, seed):
    """Units, and everybody's ties, of every kind of item: named together, alone, and where there is none."""
    with engine.begin() as connection:
        project(
            connection,
            [
                (Entry(seq=n, at=Millis(T0 + n), actor="daemon"), event)
                for n, event in enumerate(_agency(seed))
            ],
        )
    clips = [f"clip:00000000-0000-4000-8000-{number:012}" for number in range(21)]
    abouts = [
        *clips,
        *(f"act:A{n}" for n in range(7)),
        *("act:A1/a", "case:C0", "case:C1", "case:C2", "text-record:W0", "text-record:W1", "decision:D0"),
        *("review:none", "recorder:R0", "recorder:R1/x", "unit:u1", "officer:a", "sheet:x", "station"),
    ]
    with reading(engine) as connection:
        together = Items(connection, abouts)
        known = {about: item(connection, about) for about in abouts}
        below = registers.below(registers.units(connection), "u0")
        assert any(one.tied for one in known.values())
        for about, one in known.items():
            alone = Items(connection)
            assert together.units(about) == alone.units(about) == one.units
            assert together.is_within(about, "u0", or_unknown=False) == bool(one.units & below)
            for person in PEOPLE:
                assert together.ties(about, person) == alone.ties(about, person) == one.ties_of(person)


def test_labels_of_a_page_come_in_one_query(engine):
    """However many items there are (REC-17); what is no clip and no text record bears none."""
    ids = [f"00000000-0000-4000-8000-{number:012}" for number in range(100)]
    said = [secured(number, acquisition=id_) for number, id_ in enumerate(ids)]
    said += [
        ClipLabelled(acquisition=id_, labels=("trade", "privacy"), reason_value=None) for id_ in ids[::2]
    ]
    said.append(TextRecordLabelled(record="r:1", labels=("state",), reason_value=None))
    entries = [(Entry(seq=n, at=Millis(T0 + n), actor="daemon"), one) for n, one in enumerate(said)]
    asked: list[str] = []
    with engine.begin() as connection:
        project(connection, entries)
    with reading(engine) as connection:
        items = Items(connection, [*(f"clip:{id_}" for id_ in ids), "case:C0", "text-record:r:1"])
        event.listen(engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
        found = [items.labels(f"clip:{id_}") for id_ in ids]
        assert found == [("trade", "privacy"), ()] * 50
        assert (items.labels("text-record:r:1"), items.labels("case:C0")) == (("state",), ())
        assert len(asked) == 1
