"""Where derived files of a clip lie below ``derived/``: never evidence, made again at any time. PURE."""

from __future__ import annotations

from pathlib import Path

from ingestd.model import Sha256


def preview_path(derived: Path, sha256: Sha256) -> Path:
    """The preview, whole."""
    return derived / "previews" / sha256[:2] / f"{sha256}.mp4"


def strip_path(derived: Path, sha256: Sha256) -> Path:
    """Five frames side by side, JPEG."""
    return derived / "strips" / sha256[:2] / f"{sha256}.jpg"


def work_folder(derived: Path, sha256: Sha256) -> Path:
    """Where one is made; gone once it is made or given up."""
    return derived / "making" / sha256


def growing(derived: Path, sha256: Sha256) -> Path:
    """The preview while it is made: fragments that can be played as they come."""
    return work_folder(derived, sha256) / "growing.mp4"


def progress(derived: Path, sha256: Sha256) -> Path:
    """What FFmpeg says about how far it is."""
    return work_folder(derived, sha256) / "progress"
