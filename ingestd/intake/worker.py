"""The slot worker: a child process that does all I/O with the recorder of one slot.

It reads, hashes, writes into its partial folders and reports. It has no writer's lock, no key, no database
and no descriptor but its channel; it imports little. It holds a lock (flock) on a partial folder until what it
copied there is durable. When the daemon goes away the channel ends and so does the worker; when the device
hangs, the daemon abandons the worker and nothing else waits.

Requests and answers are JSON objects (`Channel`). Every answer carries the session's id. One of:
watch, connect, list, copy, prove, delete, close.
"""

from __future__ import annotations

import base64
import errno
import hashlib
import os
import select
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from blake3 import blake3

from ingestd.device.api import Driver, EntryType, Item, Source, Volume
from ingestd.device.loading import load
from ingestd.errors import DeviceError
from ingestd.intake.channel import Channel, ChannelClosed
from ingestd.intake.copy import GONE_ERRORS
from ingestd.intake.copying import Copying, changed, fault_of, told_time
from ingestd.intake.sink import SinkError
from ingestd.model import CHUNK_BYTES, CardPath, Fault

REPORT_EVERY_S = 0.5
LOOK_AGAIN_S = 10.0
"""How often the files of a docked recorder or a fixed room are looked at for new ones (at least)."""
PAGE = 500
"""Items a message while listing."""
Answer = dict[str, Any]


class Worker:
    """Serves one channel until it ends."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._driver: Driver | None = None
        self._volume: Volume | None = None
        self._copying: Copying | None = None
        self._session = ""
        self._reported = 0.0
        self._moved = 0
        self._saying = threading.Lock()
        self._seen = b""
        """Signature of the last listing: what a watch compares with."""

    def serve(self) -> None:
        """Answer requests in order until the channel ends."""
        with suppress(ChannelClosed):
            while True:
                request = self._channel.receive()
                self._session = request.get("session", "")
                self._serve_one(request)

    def _serve_one(self, request: dict[str, Any]) -> None:
        verb: Callable[[dict[str, Any]], Answer | None] = getattr(self, "_do_" + request["do"])
        try:
            answer = verb(request)
        except (DeviceError, SinkError, OSError) as error:
            self._answer_earlier()
            self._say_failed(error, self._session)
        else:
            if answer is not None:
                self._answer_earlier()
                self._say("done", self._session, **answer)

    def _answer_earlier(self) -> None:
        """Answers keep the order of the requests: batches that are being settled come first."""
        if self._copying is not None:
            self._copying.drain()

    def _say_failed(self, error: Exception, session: str) -> None:
        if isinstance(error, DeviceError):
            self._say("failed", session, code=error.code, zh=error.text.zh, en=error.text.en)
        elif isinstance(error, SinkError):
            self._say("failed", session, code="sink", errno=error.errno, zh=str(error), en=str(error))
        else:
            assert isinstance(error, OSError)
            code = "device-gone" if self._is_gone(error) else "device"
            self._say("failed", session, code=code, errno=error.errno, zh=str(error), en=str(error))

    def _is_gone(self, error: OSError) -> bool:
        """Whether an error means that the recorder was taken: kernels say EIO for that too."""
        if error.errno in GONE_ERRORS:
            return True
        if self._volume is None:
            return False
        try:
            self._volume.alive()
        except (OSError, DeviceError):
            return True
        return False

    def _say(self, event: str, session: str, **facts: Any) -> None:
        with self._saying:
            self._channel.send(session=session, event=event, **facts)

    @property
    def _open_volume(self) -> Volume:
        if self._volume is None:
            raise OSError(errno.ENOTCONN, "no volume is connected")
        return self._volume

    # --- requests -----------------------------------------------------------------------------

    def _do_watch(self, request: dict[str, Any]) -> Answer:
        """Wait until something else is at the location than `token`, or other files than were last listed.

        Ends early when a message waits. New files count once two looks in a row agree: not while they grow.
        """
        driver, location = self._driver_of(request), request["location"]
        self._close_volume()
        token = driver.present(location)
        before, next_look = self._seen, time.monotonic() + LOOK_AGAIN_S
        while token == request["token"] and not self._channel.waiting(0):
            driver.wait(location, request["every"])
            token = driver.present(location)
            if token is None or time.monotonic() < next_look:
                continue
            begun = time.monotonic()
            now = _signature(driver, location)
            if now == before != self._seen:
                return {"token": token}
            before = now
            next_look = time.monotonic() + max(LOOK_AGAIN_S, 100 * (time.monotonic() - begun))
        return {"token": token}

    def _do_connect(self, request: dict[str, Any]) -> Answer:
        """Open the volume and say who it is; the clock is read before anything else."""
        self._close_volume()
        driver = self._driver_of(request)
        score = driver.score(request["location"])
        if score.value <= 0:
            return {"score": 0, "reasons": list(score.reasons)}
        volume = self._volume = driver.connect(request["location"], writable=request["writable"])
        self._copying = Copying(volume, self._progressed)
        asked = time.monotonic()
        clock = volume.clock()
        told = time.monotonic()
        volume.alive()
        identity = volume.identity()
        return {
            "score": score.value,
            "reasons": list(score.reasons),
            "clock": None if clock is None else [clock.wall, clock.zone, clock.resolution_ms],
            "clock_asked_s": asked,
            "clock_told_s": told,
            "battery": volume.battery(),
            "file_times": volume.file_times,
            "family": identity.family,
            "evidence": list(identity.evidence),
            "counter_runs_on": identity.counter_runs_on,
            "counter_per": identity.counter_per,
            "claims": [[c.what, c.value, c.source] for c in identity.claims],
        }

    def _driver_of(self, request: dict[str, Any]) -> Driver:
        if self._driver is None:
            self._driver = load(request["driver"])
        return self._driver

    def _do_list(self, _request: dict[str, Any]) -> Answer:
        """Every entry of the card, in pages; an empty listing counts only with a sign of life after it."""
        volume = self._open_volume
        page: list[Answer] = []
        count, unlistable = 0, 0
        seen = hashlib.sha256()
        for item in volume.items():
            seen.update(_item_mark(item))
            page.append(_item_facts(item))
            count += 1
            unlistable += item.type is EntryType.UNLISTABLE
            if len(page) == PAGE or self._is_time():
                self._say("items", self._session, items=page)
                page = []
        volume.alive()
        if page:
            self._say("items", self._session, items=page)
        self._seen = seen.digest()
        return {"count": count, "complete": unlistable == 0}

    def _do_copy(self, request: dict[str, Any]) -> None:
        """Copy a batch of files into their partial folders; answered, a report each, once it is durable."""
        if self._copying is None:
            raise OSError(errno.ENOTCONN, "no volume is connected")
        session = self._session

        def answer(reports: list[Answer] | Exception) -> None:
            if isinstance(reports, Exception):
                self._say_failed(reports, session)
            else:
                self._say("done", session, copied=reports)

        self._copying.copy(request["batch"], answer)
        self._tell_progress()

    def _do_prove(self, request: dict[str, Any]) -> Answer:
        """Read a file in full again: its SHA-256, or null with the reason."""
        volume = self._open_volume
        try:
            source = volume.open(CardPath(base64.b64decode(request["path"])))
        except OSError as error:
            return {"sha256": None} | fault_of(volume, Fault.VANISHED, str(error))
        digest, size = hashlib.sha256(), 0
        buffer = memoryview(bytearray(CHUNK_BYTES))
        try:
            while count := source.read_into(size, buffer):
                digest.update(buffer[:count])
                size += count
                self._progressed(count)
        except OSError as error:
            return {"sha256": None} | fault_of(volume, Fault.READ_ERROR, str(error))
        finally:
            source.close()
        self._tell_progress()
        return {"sha256": digest.hexdigest(), "size": size}

    def _do_delete(self, request: dict[str, Any]) -> Answer:
        """Delete the named files where size, time, first and last chunk are still as secured."""
        volume = self._open_volume
        deleted: list[str] = []
        kept: list[tuple[str, str]] = []
        for task in request["files"]:
            why = self._unfit_for_deletion(volume, task)
            if not why:
                try:
                    volume.delete(CardPath(base64.b64decode(task["path"])))
                except OSError as error:
                    volume.alive()
                    why = "read-only" if error.errno == errno.EROFS else str(error)
            if why:
                kept.append((task["acquisition"], why))
            else:
                deleted.append(task["acquisition"])
            self._progressed(0)
        volume.flush()
        volume.alive()
        return {"deleted": deleted, "kept": kept}

    @staticmethod
    def _unfit_for_deletion(volume: Volume, task: dict[str, Any]) -> str:
        try:
            source = volume.open(CardPath(base64.b64decode(task["path"])))
        except FileNotFoundError:
            volume.alive()
            return "vanished"
        try:
            if fault := changed(source, task):
                return str(fault)
            for offset, wanted in task["edges"]:
                if _chunk_digest(source, offset) != wanted:
                    return "changed: other bytes under the same name, size and time"
        finally:
            source.close()
        return ""

    def _do_close(self, _request: dict[str, Any]) -> Answer:
        self._close_volume()
        return {}

    def _close_volume(self) -> None:
        if self._copying is not None:
            self._copying.close()
            self._copying = None
        if self._volume is not None:
            self._volume.close()
            self._volume = None

    # --- progress -----------------------------------------------------------------------------

    def _is_time(self) -> bool:
        now = time.monotonic()
        if now - self._reported < REPORT_EVERY_S:
            return False
        self._reported = now
        return True

    def _progressed(self, count: int) -> None:
        self._moved += count
        if self._is_time():
            self._tell_progress()

    def _tell_progress(self) -> None:
        self._say("progress", self._session, bytes=self._moved)
        self._moved = 0


def _item_mark(item: Item) -> bytes:
    return b"%s\0%d\0%d\0" % (item.path, item.size, item.mtime_us or 0)


def _signature(driver: Driver, location: str) -> bytes:
    """A digest over names, sizes and times of what is there now; of nothing where it cannot be listed."""
    seen = hashlib.sha256()
    try:
        volume = driver.connect(location)
        try:
            for item in volume.items():
                seen.update(_item_mark(item))
            volume.alive()
        finally:
            volume.close()
    except (OSError, DeviceError):
        return b""
    return seen.digest()


def _item_facts(item: Item) -> Answer:
    return {
        "path": base64.b64encode(item.path).decode(),
        "type": item.type,
        "size": item.size,
        "mtime_us": told_time(item.mtime_us),
        "kind": item.kind,
        "stays": item.stays,
        "litter": item.litter,
        "named": None if item.named is None else [item.named.wall, item.named.zone],
        "sequence": item.sequence,
        "marked": item.marked,
        "claims": [[c.what, c.value, c.source] for c in item.claims],
        "sidecar_of": None if item.sidecar_of is None else base64.b64encode(item.sidecar_of).decode(),
    }


def _chunk_digest(source: Source, offset: int) -> str:
    buffer = memoryview(bytearray(CHUNK_BYTES))
    filled = 0
    while filled < CHUNK_BYTES and (count := source.read_into(offset + filled, buffer[filled:])):
        filled += count
    return blake3(buffer[:filled]).hexdigest()


def main() -> None:
    """Entry of the child process: serve the channel whose descriptor is the first argument."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C on a terminal is the daemon's to handle
    channel = Channel(socket.socket(fileno=int(sys.argv[1])))
    threading.Thread(target=_end_with, args=(channel,), daemon=True).start()
    Worker(channel).serve()


def _end_with(channel: Channel) -> None:
    """Die with the daemon even while the device hangs: nobody would end this process otherwise."""
    daemon = select.poll()
    daemon.register(channel, select.POLLRDHUP)
    daemon.poll()
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main()
