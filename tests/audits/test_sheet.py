"""The sheet of playback audits: what was drawn and what was found, by the log."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone

from tests.audits.office import AUDITOR, Office

ANSWERS = {"narrated": "yes", "whole": "yes", "certificate": "none", "informed": "no", "proper": "yes"}


def test_what_was_drawn_and_what_was_found(office: Office) -> None:
    """One row a draw, of the month of the recordings, with verdicts and what was lacking; another month has none."""
    told = office.draw()
    for number, clip in enumerate(told["drawn"][:3]):
        verdict = {"verdict": "good", "note": None} if number else {"verdict": "flawed", "note": "未告知权利"}
        office.actions.judge(AUDITOR, {"audit": told["audit"], "clip": clip, **ANSWERS, **verdict})
    office.station.log.publish()
    zone = timezone(timedelta(hours=8))
    month = f"{datetime.fromtimestamp(office.since / 1000, zone):%Y-%m}"
    rows = _rows(office, month)
    assert len(rows) == 1
    (row,) = rows
    assert (row["audit"], row["auditor"], row["population"]) == (told["audit"], "person:jd01", 40)
    assert (row["drawn"], row["judged"]) == (len(told["drawn"]), 3)
    assert (row["good"], row["flawed"], row["failed"]) == (2, 1, 0)
    assert (row["narrated"], row["informed"]) == (0, 3)
    assert _rows(office, "2020-01") == []


def _rows(office: Office, month: str) -> list[dict[str, object]]:
    document = json.loads(office.rig.run("report", "month", month, "--json").out)
    return list(document["sheets"]["audits"])
