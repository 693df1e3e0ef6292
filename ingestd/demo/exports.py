"""What the demonstration's case platform exports: an invented agency with its units, officers and cases.

Names, numbers, places and cases in ``platform/`` are invented: an inspection, a seizure filmed by two recorders, a
demolition with a gap, an act with no footage, a recorder that never comes back, a late upload, a service by
leaving, a major decision that lacks its review. ``{191}`` there is the moment 191 minutes before the demonstration
began, so that the files fit the clips whenever it runs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from importlib.resources import files

from ingestd.model import Millis

_AGO = re.compile(r"\{(\d+)\}")
_UTF8_MARKED = frozenset({"case.csv", "act.csv"})
"""The others are in GBK: platforms differ."""
NAMES = ("unit.csv", "officer.csv", "case.csv", "act.csv", "record.csv", "decision.csv", "review.csv")


def exports(now: Millis, utc_offset_minutes: int) -> Mapping[str, bytes]:
    """The files by name as they are dropped: local times of the station, ends of lines as spreadsheets write them."""
    there = datetime.fromtimestamp(now / 1000, timezone(timedelta(minutes=utc_offset_minutes)))

    def ago(found: re.Match[str]) -> str:
        """As a spreadsheet shows a moment: no zeros before months, days and hours."""
        at = there - timedelta(minutes=int(found[1]))
        return f"{at.year}/{at.month}/{at.day} {at.hour}:{at.minute:02}:{at.second:02}"

    made = {}
    for name in NAMES:
        text = _AGO.sub(ago, (files("ingestd.demo") / "platform" / name).read_text("utf-8"))
        encoding = "utf-8-sig" if name in _UTF8_MARKED else "gb18030"
        made[name] = text.replace("\n", "\r\n").encode(encoding)
    return made
