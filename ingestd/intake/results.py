"""What became of each file of a docking: for the release, for exit codes, for `intake --json`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from ingestd import canon
from ingestd.device.api import Item
from ingestd.events import SessionClosed
from ingestd.intake.acquire import Outcome
from ingestd.intake.intent import Intent
from ingestd.intake.plan import Left, Proof
from ingestd.model import AcquisitionId, CardPath, Kind, RecorderId, SessionId, Sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class FileResult:
    """One entry of the card."""

    path: CardPath
    size: int
    mtime_us: int | None
    kind: Kind
    stays: bool
    action: str
    """secured, quarantined, held (from an earlier docking, proved), failed, left."""
    acquisition: AcquisitionId | None = None
    sha256: Sha256 | None = None
    manifest: str | None = None
    fault: str | None = None
    why: str | None = None
    """Why it was left, failed, or not released."""
    flags: tuple[str, ...] = ()
    duplicate_of: AcquisitionId | None = None
    released: bool = False
    is_remnant: bool = False
    """What an interrupted deletion of ours left: held well, and not to be read any more."""

    def to_json(self) -> dict[str, object]:
        """As `intake --json` prints it."""
        return {
            "path": canon.path_text(self.path),
            "path_b64": canon.path_b64(self.path),
            "size": self.size,
            "kind": self.kind.value,
            "action": self.action,
            "acquisition": self.acquisition,
            "sha256": self.sha256,
            "manifest": self.manifest,
            "fault": self.fault,
            "why": self.why,
            "flags": list(self.flags),
            "duplicate_of": self.duplicate_of,
            "released": self.released,
        }


@dataclass(slots=True)
class Results:
    """Collects the results of a session; one a path, the last word counts."""

    files: dict[CardPath, FileResult] = field(default_factory=dict)
    complete: bool = True
    """False where a folder of the card could not be listed."""
    _failures: dict[CardPath, tuple[Intent, str, str]] = field(default_factory=dict)

    def left(self, left: Iterable[Left]) -> None:
        """Entries that are not acquired, with their reasons."""
        for one in left:
            self.files[one.item.path] = _result(one.item, "left", why=one.why)

    def retry(self, items: Iterable[Item]) -> None:
        """These are read (again): what was said of them before no longer counts."""
        for item in items:
            self._failures.pop(item.path, None)

    def acquired(self, outcome: Outcome) -> None:
        """Secured or quarantined."""
        intent = outcome.intent
        self._failures.pop(intent.path, None)
        self.files[intent.path] = FileResult(
            path=intent.path,
            size=intent.size,
            mtime_us=intent.mtime_us,
            kind=intent.kind,
            stays=intent.stays,
            action=outcome.action,
            acquisition=intent.acquisition,
            sha256=outcome.sha256,
            manifest=outcome.manifest,
            fault=outcome.fault,
            flags=outcome.flags,
            duplicate_of=outcome.duplicate_of,
        )

    def held(self, proof: Proof, fault: str | None = None) -> None:
        """Held from an earlier docking: proved, or (with a fault) not provable now."""
        self._held(proof, fault)

    def remnant(self, proof: Proof) -> None:
        """Held from an earlier docking, half deleted by us and not readable since: the deletion goes on."""
        self._held(proof, None)
        self.files[proof.item.path] = replace(self.files[proof.item.path], is_remnant=True)

    def _held(self, proof: Proof, fault: str | None) -> None:
        self.files[proof.item.path] = replace(
            _result(proof.item, "held", why=fault),
            acquisition=proof.held.acquisition,
            sha256=proof.held.sha256,
            fault=fault,
        )

    def failed(self, intent: Intent, fault: str, detail: str) -> None:
        """Not acquired, for now."""
        self._failures[intent.path] = (intent, fault, detail)

    def failures(self) -> Iterator[tuple[Intent, str, str]]:
        """What could not be acquired; each becomes a failed result."""
        for intent, fault, detail in self._failures.values():
            self.files[intent.path] = FileResult(
                path=intent.path,
                size=intent.size,
                mtime_us=intent.mtime_us,
                kind=intent.kind,
                stays=intent.stays,
                action="failed",
                acquisition=None,
                fault=fault,
                why=detail,
            )
            yield intent, fault, detail

    def released(self, acquisitions: Iterable[AcquisitionId], why: dict[AcquisitionId, str]) -> None:
        """What was deleted from the recorder, and why others were not."""
        gone = set(acquisitions)
        for path, result in self.files.items():
            if result.acquisition in gone:
                self.files[path] = replace(result, released=True)
            elif result.acquisition in why:
                self.files[path] = replace(result, why=why[result.acquisition])

    def closed(self, session: SessionId, recorder: RecorderId | None, outcome: str) -> SessionClosed:
        """How a docking ended, with its figures."""
        files = self.files.values()
        return SessionClosed(
            session=session,
            recorder=recorder,
            outcome=outcome,
            secured=self.count("secured"),
            quarantined=self.count("quarantined"),
            released=sum(file.released for file in files),
            left=self.count("left"),
            bytes=sum(file.size for file in files if file.action in ("secured", "quarantined")),
        )

    def count(self, action: str) -> int:
        """How many files have this action."""
        return sum(result.action == action for result in self.files.values())


def _result(item: Item, action: str, *, why: str | None) -> FileResult:
    return FileResult(
        path=item.path,
        size=item.size,
        mtime_us=item.mtime_us,
        kind=item.kind,
        stays=item.stays is not None,
        action=action,
        why=why,
    )
