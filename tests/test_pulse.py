"""A loop is told hung by its silence: not while it rests, and not within the time that it asked for."""

from __future__ import annotations

from ingestd.pulse import SLOWEST_BYTES_PER_S, Pulse, Steps, time_for


class Watch:
    """A clock that a test turns."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def test_a_loop_that_does_not_beat_is_silent():
    """From its last beat on; a longer step that was announced counts from its end."""
    watch = Watch()
    pulse = Pulse(watch)
    watch.now += 5
    assert pulse.silent_s() == 5
    pulse.beat()
    assert pulse.silent_s() == 0
    pulse.beat(60)
    watch.now += 50
    assert pulse.silent_s() == 0
    watch.now += 15
    assert pulse.silent_s() == 5


def test_a_loop_that_rests_is_not_silent():
    """However long; afterwards it counts anew."""
    watch = Watch()
    pulse = Pulse(watch)
    with pulse.resting():
        watch.now += 86_400
        assert pulse.silent_s() == 0
    assert pulse.silent_s() == 0
    watch.now += 3
    assert pulse.silent_s() == 3


def test_steps_have_the_time_of_their_bytes():
    """The most overdue of those under way counts; one that ended does not."""
    watch = Watch()
    steps = Steps(watch)
    assert steps.silent_s() == 0
    with steps.step(10 * SLOWEST_BYTES_PER_S):
        with steps.step(0):
            watch.now += 4
            assert steps.silent_s() == 4
        assert steps.silent_s() == 0
        watch.now += 8
        assert steps.silent_s() == 2
    assert steps.silent_s() == 0
    assert time_for(SLOWEST_BYTES_PER_S) == 1
