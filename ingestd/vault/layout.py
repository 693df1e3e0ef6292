"""Where everything lies below a node's home (design 6, "Layout of DIR"). PURE: no file is touched.

The only place that names these paths. What becomes part of a path is checked here, so that no id from a
command line or a page can point elsewhere. `clip_at`, `manifest_at` and `partial_at` give text: they are asked
for hundreds of files at once, and a `Path` costs more than the system call it is for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ingestd.errors import UsageError
from ingestd.model import AcquisitionId, Millis, Sha256
from ingestd.words import Text

INTAKE_RECORD = "intake.json"
BYTES = "bytes"
CHUNKS = "chunks"
MANIFEST = "manifest.json"
SIGNATURE = "manifest.json.p7s"
CHUNKS_SUFFIX, SIGNATURE_SUFFIX, DONE_SUFFIX = ".chunks", ".p7s", ".done"
PARTIAL_NAMES = (INTAKE_RECORD, BYTES, CHUNKS, MANIFEST, SIGNATURE)
"""What an acquisition's partial folder may hold (design 5)."""

_DIGEST = re.compile(r"[0-9a-f]{64}")
_ACQUISITION = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MANIFEST_NAME = re.compile(rf"\d{{4}}/\d{{2}}/\d{{2}}/{_ACQUISITION.pattern}")


def is_digest(text: str) -> bool:
    """Whether this is the form of a SHA-256 (or of a value's digest): 64 lower-case hex digits."""
    return _DIGEST.fullmatch(text) is not None


def is_acquisition(text: str) -> bool:
    """Whether this is the form of an acquisition's id (a UUID in lower case)."""
    return _ACQUISITION.fullmatch(text) is not None


def manifest_name(acquisition: AcquisitionId, docked_at: Millis) -> str:
    """``YYYY/MM/DD/<acquisition>``, the UTC day of the docking: what a `clip.secured` carries."""
    day = datetime.fromtimestamp(docked_at // 1000, UTC)
    return f"{day.year:04}/{day.month:02}/{day.day:02}/{_checked(_ACQUISITION, acquisition)}"


@dataclass(frozen=True, slots=True)
class Home:
    """One node's folder (DIR)."""

    root: Path

    @property
    def config(self) -> Path:
        """The configuration, TOML."""
        return self.root / "ingestd.toml"

    @property
    def policy(self) -> Path:
        """The agency's own policy file, TOML; need not be there."""
        return self.root / "policy.toml"

    @property
    def keys(self) -> Path:
        """Keys and certificates (their names are `ingestd.sign`'s)."""
        return self.root / "keys"

    @property
    def log(self) -> Path:
        """The tlog-tiles tree and nothing else."""
        return self.root / "log"

    @property
    def checkpoints(self) -> Path:
        """Checkpoints that someone holds, by tree size."""
        return self.root / "checkpoints"

    @property
    def log_aside(self) -> Path:
        """What lay beyond the checkpoint and was not the log's (design 5)."""
        return self.root / "log-aside"

    @property
    def staging(self) -> Path:
        """Where the publisher prepares files: on the log's file system, outside `log`."""
        return self.root / "staging"

    @property
    def vault(self) -> Path:
        """Everything that is evidence, or becomes it."""
        return self.root / "vault"

    @property
    def clips_root(self) -> Path:
        """Clips by the digest of their bytes."""
        return self.vault / "clips" / "sha256"

    @property
    def manifests_root(self) -> Path:
        """Manifests and signatures by the day of the docking."""
        return self.vault / "manifests"

    @property
    def values_root(self) -> Path:
        """Personal values by digest."""
        return self.vault / "values"

    @property
    def partial_root(self) -> Path:
        """Acquisitions under way; closed to readers."""
        return self.vault / "partial"

    @property
    def damaged(self) -> Path:
        """Clips that rotted and were replaced."""
        return self.vault / "damaged"

    @property
    def derived(self) -> Path:
        """Previews and strips: never evidence."""
        return self.root / "derived"

    @property
    def run(self) -> Path:
        """Lock and socket of the running daemon."""
        return self.root / "run"

    @property
    def lock(self) -> Path:
        """The writer's lock."""
        return self.run / "lock"

    @property
    def socket(self) -> Path:
        """Where the daemon takes actions."""
        return self.run / "ingestd.sock"

    @property
    def database(self) -> Path:
        """The projection and the event table."""
        return self.root / "index.db"

    def clips(self, sha256: Sha256) -> Path:
        """The stored bytes of this digest."""
        return Path(self.clip_at(sha256))

    def clip_at(self, sha256: Sha256) -> str:
        """The same as text."""
        first, second, name = _fanned(sha256)
        return f"{self.root}/vault/clips/sha256/{first}/{second}/{name}"

    def chunks(self, sha256: Sha256) -> Path:
        """The chunk list beside the stored bytes."""
        return Path(self.clip_at(sha256) + CHUNKS_SUFFIX)

    def manifest_at(self, acquisition: AcquisitionId, docked_at: Millis) -> str:
        """The manifest of an acquisition as text; its signature adds `SIGNATURE_SUFFIX`."""
        return f"{self.root}/vault/manifests/{manifest_name(acquisition, docked_at)}.json"

    def manifest_named(self, name: str) -> Path:
        """The manifest by the name that its event carries (see `manifest_name`)."""
        return self.root.joinpath("vault", "manifests", f"{_checked(_MANIFEST_NAME, name)}.json")

    def signature_named(self, name: str) -> Path:
        """The signature by the name that its event carries."""
        return self.root.joinpath(
            "vault", "manifests", f"{_checked(_MANIFEST_NAME, name)}.json{SIGNATURE_SUFFIX}"
        )

    def partial(self, acquisition: AcquisitionId) -> Path:
        """The folder of an acquisition under way (its files: `PARTIAL_NAMES`)."""
        return Path(self.partial_at(acquisition))

    def partial_at(self, acquisition: AcquisitionId) -> str:
        """The same as text; once its event stands in the log, `DONE_SUFFIX` says that it is to be removed."""
        return f"{self.root}/vault/partial/{_checked(_ACQUISITION, acquisition)}"

    def value(self, digest: str) -> Path:
        """A personal value's file."""
        return self.values_root / _checked(_DIGEST, digest)[:2] / f"{digest}.json"

    def blob(self, sha256: Sha256) -> Path:
        """Data of an entry that is too large for the log."""
        return self.root.joinpath("vault", "blobs", "sha256", *_fanned(sha256))

    def station_folders(self) -> tuple[tuple[Path, int], ...]:
        """Every folder that `init` makes, with its mode: 0750 where group ``ingestd-read`` may read."""
        readable = (
            self.log,
            self.checkpoints,
            self.vault,
            self.clips_root,
            self.manifests_root,
            self.values_root,
            self.damaged,
            self.derived,
            self.run,
        )
        closed = (self.log_aside, self.staging, self.partial_root)
        return (*((f, 0o750) for f in readable), *((f, 0o700) for f in closed))


def _fanned(digest: str) -> tuple[str, str, str]:
    _checked(_DIGEST, digest)
    return digest[:2], digest[2:4], digest


def _checked(form: re.Pattern[str], text: str) -> str:
    if form.fullmatch(text) is None:
        raise UsageError(
            Text(
                f"“{text:.80}”不是有效的编号或摘要：请从“ingestd show”或页面复制",
                f"{text!r:.80} is no id or digest: copy it from `ingestd show` or from a page",
            )
        )
    return text
