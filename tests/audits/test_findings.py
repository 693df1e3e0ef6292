"""OWN-7 beside the log: the law desk tells what became late, and takes it back by facts."""

from __future__ import annotations

import threading

from ingestd.actions.audits import ITEMS
from ingestd.index import audits, law_queries
from ingestd.index.database import reading
from ingestd.law.months import begin_of, later, month_of
from ingestd.law_desk import LawDesk
from ingestd.model import Millis
from tests.audits.office import AUDITOR, HOUR, Office

DAY = 24 * HOUR


def look(office: Office, desk: LawDesk) -> set[str]:
    """The findings of audits that stand after a look."""
    desk.look(threading.Event())
    with reading(office.station.engine) as connection:
        found = law_queries.open_findings(connection)
        return {f"{one.kind} {one.about}" for one in found if one.kind.startswith("audit-")}


def test_late_steps_are_findings_until_they_are_taken(office: Office) -> None:
    """Not drawn, not revealed, not judged; another desk over the same home tells nothing twice."""
    desk = LawDesk(office.station)
    assert look(office, desk) == set()
    kept = office.commit()["audit"]
    assert look(office, desk) == set()
    office.clock.later_ms += DAY + 1000
    assert look(office, desk) == {f"audit-unrevealed audit:{kept}"}

    offset = office.station.config.utc_offset_minutes
    month = month_of(office.since, offset)
    begin, end = (begin_of(one, offset) for one in (month, later(month, 1)))
    office.clock.later_ms += end + 10 * DAY - office.clock.now()
    overdue = f"audit-overdue month:{month}"
    assert look(office, desk) == {f"audit-unrevealed audit:{kept}", overdue}
    told = office.draw(b"m" * 32, since=begin, until=end)
    assert look(office, desk) == set()

    office.clock.later_ms += 20 * DAY + 1000
    unjudged = f"audit-unjudged audit:{told['audit']}"
    assert look(office, desk) >= {unjudged}
    size = office.station.log.size
    assert look(office, LawDesk(office.station)) >= {unjudged}
    assert office.station.log.size == size
    form = dict.fromkeys(ITEMS, "yes") | {"verdict": "good", "note": None}
    for clip in told["drawn"]:
        office.actions.judge(AUDITOR, {"audit": told["audit"], "clip": clip} | form)
    assert unjudged not in look(office, desk)
    rules = {one["data"]["rule"] for one in office.told("finding.opened") if "audit-" in one["data"]["kind"]}
    assert rules == {"OWN-7"}


def test_the_months_in_which_recordings_came_in(office: Office) -> None:
    """At the agency's place: the last minutes of a month are not the next one's."""
    offset = 480
    month = month_of(office.since, offset)
    with reading(office.station.engine) as connection:
        assert month in audits.months(connection)
        asked = (later(month, -1), month, later(month, 1))
        assert [one.month for one in audits.recorded(connection, asked, offset)] == [month]
    first = begin_of("2026-03", offset)
    assert (month_of(first, offset), month_of(Millis(first - 1), offset)) == ("2026-03", "2026-02")
