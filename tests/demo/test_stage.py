"""The demonstration's stage: its clock, and what its case platform exports."""

from __future__ import annotations

import pytest

from ingestd.clock import StationClock, StepWatch
from ingestd.demo.exports import NAMES, exports
from ingestd.demo.stage import YESTERDAY_MS, OfficeClock
from ingestd.model import Millis

DAY_MS = 86_400_000


def test_a_night_passes_without_a_step() -> None:
    """The clock is behind, then it is the machine's; no step is seen, and nothing ever runs backwards."""
    clock, machine = OfficeClock(YESTERDAY_MS), StationClock()
    watch = StepWatch(clock)
    assert machine.now() - clock.now() == pytest.approx(YESTERDAY_MS, abs=1000)
    before = clock.state().monotonic_ms
    clock.catch_up()
    assert clock.now() == pytest.approx(machine.now(), abs=1000)
    assert clock.state().monotonic_ms - before == pytest.approx(YESTERDAY_MS, abs=1000)
    assert watch.step_ms() == 0


@pytest.mark.parametrize("at", [0, 31 * DAY_MS, 800 * DAY_MS])
def test_the_platforms_moments_go_with_the_day(at: int) -> None:
    """Whenever the recorders come back: no placeholder is left, certificates are valid still."""
    made = exports(Millis(at), 480)
    texts = {
        name: data.decode("utf-8-sig" if data[:1] == b"\xef" else "gb18030") for name, data in made.items()
    }
    assert tuple(texts) == NAMES
    assert not any("{" in text for text in texts.values())
    assert texts["act.csv"].count("\r\n") == 10
