"""The cards of the demonstration: real encoded clips, laid out as each family of recorders does."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ingestd.demo.cast import MINUTE_MS, Part, Recording
from ingestd.media.samples import cut_before_index, make_sample
from ingestd.model import Millis
from ingestd.testing.recorder import CHINA_MS, SimulatedRecorder

PICTURE, RATE, SOUND_HZ = "480x270", 2, 8_000
"""Small pictures, two a second, and thin sound: minutes of film are made within a second."""
DRAIN_S = 6
"""A card is read in about so many seconds: slow enough to be watched."""
ENCODERS = 2
SECTOR_BYTES = 512
BAD_SECTOR_AT = 3_000 * SECTOR_BYTES
"""Somewhere in the middle of a clip of a few megabytes."""
UNIT = "城管执法三中队（虚构）"


def lay_out(
    folder: Path, cast: Sequence[Part], now: Millis, told: Callable[[int, int], None], *, behind_ms: int
) -> dict[str, SimulatedRecorder]:
    """Make every clip and put it on its recorder's card; recorders by slot, none docked yet.

    ``behind_ms``: so far all clocks of the day are behind this machine's.
    """
    jobs = [(part, number) for part in cast for number in range(len(part.recordings))]
    with tempfile.TemporaryDirectory(prefix="ingestd-demo-clips-") as made:
        files = {job: Path(made) / f"{job[0].slot}-{job[1]}" for job in jobs}
        with ThreadPoolExecutor(ENCODERS) as pool:
            encodings = [pool.submit(_encode, files[job], job[0], job[1], now) for job in jobs]
            for done, encoding in enumerate(encodings, 1):
                encoding.result()
                told(done, len(jobs))
        return {
            part.slot: _recorder(folder / part.slot, part, files, now).describe(
                clock={"offset_ms": part.clock_ahead_ms - behind_ms}
            )
            for part in cast
        }


def _started(recording: Recording, now: Millis) -> Millis:
    return Millis(now - round(recording.ended_min * MINUTE_MS) - recording.seconds * 1000)


def _encode(path: Path, part: Part, number: int, now: Millis) -> None:
    """One file as the recorder writes it: its own clock, local time in the container (most do so)."""
    recording = part.recordings[number]
    wall = Millis(_started(recording, now) + part.clock_ahead_ms + CHINA_MS)
    title = f"{part.serial} {number + 1} {wall}"
    make_sample(
        path,
        kind=recording.kind,
        seconds=recording.seconds,
        size=PICTURE,
        rate=RATE,
        sound_hz=SOUND_HZ,
        created=wall,
        text=title,
    )
    if recording.fault == "unfinished":
        cut_before_index(path)


def _recorder(
    folder: Path, part: Part, files: dict[tuple[Part, int], Path], now: Millis
) -> SimulatedRecorder:
    recorder = SimulatedRecorder(folder).pull()
    card = recorder.card(
        part.family, serial=part.serial, officer=part.officer, clock_error_ms=part.clock_ahead_ms
    ).identity(name=part.name, unit=UNIT, charge=part.battery)
    bad = []
    for number, recording in enumerate(part.recordings):
        path = card.clip(
            files[part, number],
            started=_started(recording, now),
            duration_ms=recording.seconds * 1000,
            sequence=number + 1,
            marked=recording.marked,
            extension=recording.extension,
        )
        if recording.fault == "bad-sector":
            at = BAD_SECTOR_AT
            bad.append({"path": path.decode(), "start": at, "end": at + SECTOR_BYTES})
    size = sum(file.stat().st_size for file in recorder.card_root.rglob("*") if file.is_file())
    return recorder.describe(
        serial=part.serial,
        officer=part.officer,
        battery=part.battery,
        bytes_per_second=size // DRAIN_S,
        bad=bad,
    )
