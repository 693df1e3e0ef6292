"""One connected card as the daemon sees it: typed questions to the slot's worker.

Whatever a worker answers came from a device that may lie: sizes, names and times are claims, and are checked
for form here, once.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ingestd.device.api import ClockReading, EntryType, Identity, Item, NamedTime
from ingestd.errors import DeviceError, NotARecorder
from ingestd.intake.habits import FileTimeHabit
from ingestd.intake.handle import Answer, WorkerHandle
from ingestd.intake.intent import Intent
from ingestd.model import AcquisitionId, BadRange, CardPath, Claim, Kind, Millis, Sha256
from ingestd.words import Text

MAX_ENTRIES = 1_000_000
"""More entries than any recorder's card holds: a listing without end is refused."""
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Connected:
    """What a card said when it was connected."""

    score: int
    reasons: tuple[str, ...]
    identity: Identity
    clock: ClockReading | None
    clock_asked_s: float
    """The machine's monotonic clock just before the recorder's was asked (seconds)."""
    clock_told_s: float
    """The same just after its answer came."""
    battery: int | None
    file_times: FileTimeHabit


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """All entries of a card."""

    items: tuple[Item, ...]
    complete: bool
    """False where a folder could not be listed."""

    @property
    def has_files(self) -> bool:
        """Whether there is anything but a system's own litter."""
        return any(item.litter is None for item in self.items)


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyReport:
    """What came of copying one file."""

    acquisition: AcquisitionId
    begun: bool
    """Whether bytes may lie in its partial folder."""
    sha256: Sha256 | None
    """None where the file is not complete in its partial folder."""
    size: int
    bad: tuple[BadRange, ...]
    fault: str | None
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletion:
    """One file to be deleted, as it was secured."""

    acquisition: AcquisitionId
    path: CardPath
    size: int
    mtime_us: int | None
    edges: tuple[tuple[int, str], ...]
    """Offset and BLAKE3 (hex) of its first and last chunk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleted:
    """What came of deleting."""

    deleted: tuple[AcquisitionId, ...]
    kept: tuple[tuple[AcquisitionId, str], ...]


class Card:
    """Asks one worker about one location. Raises what `WorkerHandle.ask` raises."""

    def __init__(self, handle: WorkerHandle, location: str) -> None:
        self._handle = handle
        self._location = location

    def connect(self, *, writable: bool = False) -> Connected:
        """Open the volume, read-only unless asked otherwise. Raises NotARecorder where the driver cannot."""
        answer = self._handle.ask("connect", location=self._location, writable=writable)
        if answer["score"] <= 0:
            raise NotARecorder(
                Text(
                    "所接设备不是可读取的记录仪，已拒绝：{why}。未作任何改动。",
                    "what is connected is no recorder that can be read and was refused: {why}. Nothing was changed.",
                ).format(why="; ".join(answer["reasons"]))
            )
        clock = answer["clock"]
        return Connected(
            score=answer["score"],
            reasons=tuple(answer["reasons"]),
            identity=Identity(
                family=answer["family"],
                evidence=tuple(answer["evidence"]),
                claims=_claims(answer["claims"]),
                counter_runs_on=answer["counter_runs_on"],
                counter_per=answer["counter_per"],
            ),
            clock=None
            if clock is None
            else ClockReading(wall=clock[0], zone=clock[1], resolution_ms=clock[2]),
            clock_asked_s=answer["clock_asked_s"],
            clock_told_s=answer["clock_told_s"],
            battery=answer["battery"],
            file_times=answer["file_times"],
        )

    def listing(self, progress: Progress) -> Listing:
        """Every entry. Raises DeviceGone where the card is no longer there at the end."""
        items: list[Item] = []

        def heard(answer: Answer) -> None:
            if answer["event"] == "items":
                items.extend(_item(facts) for facts in answer["items"])
                progress(len(items))
            if len(items) > MAX_ENTRIES:
                raise DeviceError(
                    Text(
                        "存储卡列出的文件超过 {n} 个，无法可信，未采集。",
                        "the card lists more than {n} entries, which cannot be true; nothing was acquired.",
                    ).format(n=MAX_ENTRIES)
                )

        answer = self._handle.ask("list", heard=heard)
        return Listing(items=tuple(items), complete=answer["complete"])

    def send_copy(self, batch: Sequence[tuple[Intent, Path]]) -> None:
        """Ask for files to be copied into their partial folders; `copied` tells what came of it.

        A second batch may be sent before the first is answered: then the device is read without a pause.
        """
        self._handle.send(
            "copy",
            batch=[
                {
                    "acquisition": intent.acquisition,
                    "path": base64.b64encode(intent.path).decode(),
                    "size": intent.size,
                    "mtime_us": intent.mtime_us,
                    "folder": str(folder),
                }
                for intent, folder in batch
            ],
        )

    def copied(self, progress: Progress) -> list[CopyReport]:
        """What came of the oldest batch sent, durable. Ends at the first file that was pulled."""
        answer = self._handle.answer(heard=_moved(progress))
        return [
            CopyReport(
                acquisition=report["acquisition"],
                begun=report["begun"],
                sha256=report.get("sha256"),
                size=report.get("size", 0),
                bad=tuple(BadRange(offset=offset, length=length) for offset, length in report.get("bad", ())),
                fault=report["fault"],
                detail=report["detail"],
            )
            for report in answer["copied"]
        ]

    def prove(self, path: CardPath, progress: Progress) -> tuple[Sha256 | None, str]:
        """A file's SHA-256 now, read in full; None and the fault where it cannot be read."""
        answer = self._handle.ask("prove", heard=_moved(progress), path=base64.b64encode(path).decode())
        return answer["sha256"], answer.get("fault") or ""

    def delete(self, files: Sequence[Deletion]) -> Deleted:
        """Delete what is still as it was secured (card connected writable)."""
        answer = self._handle.ask(
            "delete",
            files=[
                {
                    "acquisition": file.acquisition,
                    "path": base64.b64encode(file.path).decode(),
                    "size": file.size,
                    "mtime_us": file.mtime_us,
                    "edges": file.edges,
                }
                for file in files
            ],
        )
        return Deleted(
            deleted=tuple(answer["deleted"]), kept=tuple((acq, why) for acq, why in answer["kept"])
        )

    def close(self) -> None:
        """Let go of the volume."""
        self._handle.ask("close")


def _moved(progress: Progress) -> Callable[[Answer], None]:
    def heard(answer: Answer) -> None:
        if answer["event"] == "progress":
            progress(answer["bytes"])

    return heard


def _claims(raw: list[list[str]]) -> tuple[Claim, ...]:
    return tuple(Claim(what=what, value=value, source=source) for what, value, source in raw)


def _item(facts: Answer) -> Item:
    named, sidecar_of = facts["named"], facts["sidecar_of"]
    return Item(
        path=CardPath(base64.b64decode(facts["path"], validate=True)),
        type=EntryType(facts["type"]),
        size=int(facts["size"]),
        mtime_us=facts["mtime_us"],
        kind=Kind(facts["kind"]),
        stays=facts["stays"],
        litter=facts["litter"],
        named=None if named is None else NamedTime(wall=Millis(named[0]), zone=named[1]),
        sequence=facts["sequence"],
        marked=facts["marked"],
        claims=_claims(facts["claims"]),
        sidecar_of=None if sidecar_of is None else CardPath(base64.b64decode(sidecar_of, validate=True)),
    )
