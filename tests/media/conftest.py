"""Samples that the media tests share: encoded once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingestd.media.probe import Prober
from ingestd.media.samples import make_sample
from ingestd.model import Millis

CREATED = Millis(1_795_255_200_000)
SUFFIX = {"h264-mp4": "mp4", "h265-mp4": "mp4", "mjpeg-avi": "avi", "wav": "wav", "jpg": "jpg"}


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One clip of each kind, two seconds long."""
    folder = tmp_path_factory.mktemp("samples")
    made = {}
    for kind, suffix in SUFFIX.items():
        made[kind] = folder / f"{kind}.{suffix}"
        make_sample(made[kind], kind=kind, created=CREATED, text="张某 巡查")
    return made


@pytest.fixture(scope="module")
def prober() -> Iterator[Prober]:
    """A prober with its child."""
    with Prober() as made:
        yield made
