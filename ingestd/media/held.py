"""What the signed manifest of a stored clip says of it as media: probed once, at intake."""

from __future__ import annotations

from ingestd.media.model import Media, MediaError
from ingestd.vault.layout import Home
from ingestd.vault.manifest import ManifestError, parse


def media_of(home: Home, manifest: str) -> Media | None:
    """By the manifest's name; None where nothing is known, or the manifest can't be read."""
    try:
        media = parse(home.manifest_named(manifest).read_bytes()).media
        return None if media is None else Media.from_json(media)
    except (OSError, ManifestError, MediaError):
        return None
