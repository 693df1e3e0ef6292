"""Times, sizes, doubt and foreign text as they are shown."""

from __future__ import annotations

from datetime import UTC, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestd.cli.render import interval_text, moment_text, shown, size_text, span_text, zone_text
from ingestd.model import Interval, Millis
from ingestd.telling.as_json import to_json
from ingestd.telling.plain import in_one_line, interval_brief, shown_lines, typed
from tests.event_samples import ANY_EVENT, T0, secured

CHINA = timezone(timedelta(hours=8))
NOON = Millis(1_795_320_000_000)  # 2026-11-22T04:00:00Z, noon in China


@pytest.mark.parametrize(
    ("back_ms", "zh", "en"),
    [
        (1000, "今天 11:59:59", "today 11:59:59"),
        (12 * 3_600_000, "今天 00:00:00", "today 00:00:00"),
        (12 * 3_600_000 + 1000, "昨天 23:59:59", "yesterday 23:59:59"),
        (36 * 3_600_000 + 1000, "2026-11-20 23:59:59 UTC+8", "2026-11-20 23:59:59 UTC+8"),
    ],
)
def test_a_moment_never_stands_without_day_or_zone(back_ms: int, zh: str, en: str) -> None:
    """Today and yesterday by station days; else the date with its zone."""
    at = Millis(NOON - back_ms)
    assert moment_text(at, now=NOON, zone=CHINA, lang="zh") == zh
    assert moment_text(at, now=NOON, zone=CHINA, lang="en") == en


def test_zones() -> None:
    """Half hours and west too."""
    west = timezone(timedelta(hours=-3, minutes=-30))
    assert [zone_text(zone, NOON) for zone in (UTC, CHINA, west)] == ["UTC", "UTC+8", "UTC-3:30"]


@pytest.mark.parametrize(
    ("earliest", "latest", "expected"),
    [
        (NOON, NOON, "2026-11-22 12:00:00 UTC+8 (name)"),
        (NOON, NOON + 36_000, "2026-11-22 12:00:00 UTC+8 – 2026-11-22 12:00:36 UTC+8 (name)"),
        (None, NOON, "not after 2026-11-22 12:00:00 UTC+8 (name)"),
        (NOON, None, "not before 2026-11-22 12:00:00 UTC+8 (name)"),
        (None, None, "cannot tell"),
        (2**53, 2**53, "9007199254740992 ms (name)"),
    ],
)
def test_doubt_is_shown_as_doubt(earliest: int | None, latest: int | None, expected: str) -> None:
    """Never a false exact value, and never a crash on an absurd claim."""
    bounds = [None if at is None else Millis(at) for at in (earliest, latest)]
    interval = Interval(earliest=bounds[0], latest=bounds[1], basis="name")
    assert interval_text(interval, zone=CHINA, lang="en") == expected


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1 kB"),
        (8_400_000_000, "8.4 GB"),
        (217_000_000, "217 MB"),
        (10**16, "10000 TB"),
    ],
)
def test_sizes(count: int, expected: str) -> None:
    """Three digits and a unit."""
    assert size_text(count) == expected


def test_spans() -> None:
    """Two units are enough."""
    assert [span_text(ms, "en") for ms in (0, 59_000, 11_520_000, 90_000_000)] == [
        "0 s",
        "59 s",
        "3 h 12 min",
        "1 d 1 h",
    ]
    assert span_text(-11_520_000, "zh") == "3 小时 12 分钟"


@given(st.text())
def test_foreign_text_cannot_move_the_cursor_or_reorder(text: str) -> None:
    """Every character printed is one that stands there; ordinary names stay as they are."""
    assert shown(text).isprintable() or not text.isprintable()
    assert shown("录像 丙.mp4") == "录像 丙.mp4"
    assert shown("a\x1b[2J\n\u202eb") == "a\\x1b[2J\\n\\u202eb"


def test_json_has_moments_as_text() -> None:
    """RFC 3339 for people's scripts; intervals keep both bounds."""
    found = to_json(secured(0))["data"]
    assert found["path"] == "DCIM/0000.MP4"
    assert to_json(secured(0).ended) == {
        "earliest": "2026-11-21T14:06:40.900Z",
        "latest": "2026-11-21T14:06:40.950Z",
        "basis": "name",
    }
    assert T0 == 1_795_270_000_000


@given(ANY_EVENT)
def test_any_event_has_a_json_form(event: object) -> None:
    """Nothing that the log may hold stops a script."""
    assert set(to_json(event)) == {"type", "data"}


@pytest.mark.parametrize(
    ("earliest", "latest", "zh"),
    [
        (None, None, "不能确定"),
        (None, 0, "不晚于 今天 12:00:00"),
        (0, None, "不早于 今天 12:00:00"),
        (0, 400, "今天 12:00:00"),
        (0, 36_000, "今天 12:00:00 – 12:00:36"),
        (-86_400_000, -86_364_000, "昨天 12:00:00 – 12:00:36"),
        (-172_800_000, -172_764_000, "2026-11-20 12:00:00 – 12:00:36 UTC+8"),
        (-86_400_000, 0, "昨天 12:00:00 – 今天 12:00:00"),
    ],
)
def test_a_moment_with_its_doubt_in_a_narrow_place(earliest: int | None, latest: int | None, zh: str) -> None:
    """Both bounds, the day once, the zone where the day is a date."""
    first, last = (None if one is None else Millis(NOON + one) for one in (earliest, latest))
    interval = Interval(earliest=first, latest=last, basis="name")
    assert interval_brief(interval, now=NOON, zone=CHINA, lang="zh") == zh


def test_what_people_typed_keeps_its_lines_and_nothing_else() -> None:
    """CRLF as browsers send it is one line's end; bidi overrides and escapes stay visible."""
    said = "一\r\n二\r三\n\x1b[2J\u202e四\r\n"
    assert typed(said) == "一\n二\n三\n\x1b[2J\u202e四"
    assert shown_lines(said) == "一\n二\n三\n\\x1b[2J\\u202e四"
    assert shown(in_one_line("一\r\n\r\n 二\u202e")) == "一 / 二\\u202e"
