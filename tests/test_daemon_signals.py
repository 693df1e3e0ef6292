"""A signal ends the daemon, whichever of its threads the kernel gives it to."""

from __future__ import annotations

import subprocess
import sys

_RUN = """
import signal, sys, threading, time
sys.path[:] = eval(sys.argv[1])
from ingestd import daemon
from ingestd.clock import StationClock

class Quick:
    def __init__(self, root, clock, notifier):
        threading.Thread(target=self.end, daemon=True).start()
    def end(self):
        time.sleep(0.2)
        signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
        time.sleep(60)
    def close(self, reason):
        print("ended by", reason)

daemon.Daemon = Quick
daemon.run(None, StationClock())
"""


def test_a_signal_to_another_thread_wakes_the_one_that_waits() -> None:
    """A busy kernel may hand SIGTERM to any thread; the interpreter's lock would go on waiting."""
    done = subprocess.run(
        [sys.executable, "-c", _RUN, repr(sys.path)], capture_output=True, text=True, timeout=30, check=False
    )
    assert done.stdout == "ended by SIGTERM\n", done.stderr
