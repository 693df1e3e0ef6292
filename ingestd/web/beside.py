"""The web process as a child of the daemon (`ingestd run --with-web`): begun again when it ends, gone with it.

For a small office that runs one program by hand. Under systemd the pages have a unit and a user of their own.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Self

log = logging.getLogger(__name__)

AGAIN_S = 3.0
"""After an end the child is begun again so much later."""
_LOOK_S = 0.2
_END_S = 3.0
_NOT_ITS = ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID")
"""The service manager's words are for the daemon."""


class Beside:
    """Runs the child between `start` and `close`; a daemon that just dies takes it along (its standard input)."""

    def __init__(self, root: Path) -> None:
        self._command = [sys.executable, "-m", "ingestd", "web", "--home", str(root), "--child"]
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="web", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._ending.set()
        self._thread.join(2 * _END_S)

    def _keep(self) -> None:
        environment = {name: value for name, value in os.environ.items() if name not in _NOT_ITS}
        while not self._ending.is_set():
            with subprocess.Popen(self._command, stdin=subprocess.PIPE, env=environment) as child:
                while child.poll() is None and not self._ending.wait(_LOOK_S):
                    pass
                child.terminate()
                try:
                    child.wait(_END_S)
                except subprocess.TimeoutExpired:
                    child.kill()
            if not self._ending.is_set():
                log.error("the pages ended with status %s and are begun again", child.returncode)
            self._ending.wait(AGAIN_S)
