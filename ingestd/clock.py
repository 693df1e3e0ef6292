"""The only asker of the time (`Clock`), and what the station knows of its own clock.

Every event states the clock: synchronised or free, its uncertainty, a monotonic reading. A backward
step is told by comparing the wall clock with the monotonic one.
"""

from __future__ import annotations

import ctypes
import threading
import time
from dataclasses import dataclass
from typing import Protocol

from ingestd.model import Millis

STEP_TOLERANCE_MS = 1_000
"""Slewing and measuring jitter stay below this; more is a step."""
FREE_DRIFT_PPM = 50
"""A free crystal's drift bound (usual PC crystals: 20-50 ppm)."""
UNKNOWN_MS = 16_000
"""What the kernel itself says of a clock of which nothing is known (NTP_PHASE_LIMIT, linux/timex.h)."""
_STA_UNSYNC = 0x0040  # linux/timex.h


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockState:
    """What an event says of the station's clock at its moment."""

    synchronised: bool
    uncertainty_ms: int
    monotonic_ms: int
    """Milliseconds since boot, including suspend: never goes back within a boot."""


class Clock(Protocol):
    """Wall time, its state, and a monotonic reading for time-outs."""

    def now(self) -> Millis:
        """Station time, UTC."""

    def state(self) -> ClockState:
        """What is known of the station clock now."""

    def monotonic(self) -> float:
        """Seconds on a clock that never steps."""


class _Timex(ctypes.Structure):
    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("padding", ctypes.c_byte * 256),
    )


class StationClock:
    """The kernel's clock; adjtimex(2) says whether it is disciplined and how far off it may be."""

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)

    def now(self) -> Millis:
        """Station time, UTC."""
        return Millis(time.time_ns() // 1_000_000)

    def monotonic(self) -> float:
        """Seconds on a clock that never steps."""
        return time.monotonic()

    def state(self) -> ClockState:
        """Asks the kernel (adjtimex, read only)."""
        timex = _Timex()
        # A sandbox that forbids the call leaves the structure empty, which would read as a perfect clock.
        told = self._libc.adjtimex(ctypes.byref(timex)) >= 0
        return ClockState(
            synchronised=told and not timex.status & _STA_UNSYNC,
            uncertainty_ms=-(-timex.maxerror // 1000) if told else UNKNOWN_MS,
            monotonic_ms=time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000,
        )


class StepWatch:
    """Tells steps of the wall clock from the passing of time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._offset_ms = self._reading()

    def _reading(self) -> int:
        return self._clock.now() - self._clock.state().monotonic_ms

    def step_ms(self) -> int:
        """Milliseconds that the wall clock jumped since the last call; 0 where it only ran."""
        with self._lock:
            offset = self._reading()
            step = offset - self._offset_ms
            self._offset_ms = offset
        return step if abs(step) >= STEP_TOLERANCE_MS else 0
