"""Analysis of picture and sound: how many times real time in all, where the time goes, and whether it is right.

1080p with a key frame every two seconds, as recorders write; nobody speaks, so that the search for speech goes on to
its end. Right is: what is black, frozen, silent is told so, and a dark night, a still scene, a quiet room are not.
"""

from __future__ import annotations

import cProfile
import pstats
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from ingestd.media.analysis import look
from ingestd.media.analysis.run import Analyser
from tests.bench import homes
from tests.bench.report import Row
from tests.media.analysis import scenes

PART = "analysis"
LEAST_TIMES = 15
"""Issue 4: media work, on two cores."""
ROUNDS = 3
MADE_S, TIMES = 8, 15
STREET = "anoisesrc=amplitude=0.05"
"""Loud enough to be put before the detector of speech, and no speech."""
SHARES = {
    "speech": ("_listen",),
    "codes": ("_read",),
    "black, frozen": ("middle", "is_black", "is_stuck"),
    "in all": ("look",),
}


def measure(*, full: bool) -> list[Row]:
    """All figures of this part; ``full``: the table of scenes in every codec."""
    with homes.folder() as root:
        return [*_speed(root), *_scenes(root, tuple(scenes.CODECS) if full else ("h264",)), *_corpus()]


def _speed(root: Path) -> list[Row]:
    rows = []
    for codec in scenes.CODECS:
        scene = replace(scenes.SCENES["moving scene"], sound=STREET)
        made = scenes.make(root, scene, codec=codec, size="1920x1080", seconds=MADE_S, name=codec)
        clip = scenes.repeated(made, TIMES)
        with Analyser(busy=lambda: False, stop=threading.Event()) as analyser:
            analyser.analyse(made, length_ms=None)  # its start is not the clip's
            times = sorted(_times(analyser, clip) for _ in range(ROUNDS))
        rows.append(
            Row(
                part=PART,
                what=f"1080p {codec}, by processor time",
                value=_by_cpu(clip),
                unit="x real time a core",
                note="what one core would do alone, however busy the machine",
            )
        )
        shares = ", ".join(f"{name} {share:.0%}" for name, share in _shares(clip).items())
        rows.append(
            Row(
                part=PART,
                what=f"1080p {codec}, all together",
                value=times[ROUNDS // 2],
                unit="x real time",
                least=LEAST_TIMES,
                spread=(times[0], times[-1]),
                note=shares,
            )
        )
    return rows


def _times(analyser: Analyser, clip: Path) -> float:
    begun = time.perf_counter()
    found = analyser.analyse(clip, length_ms=None).analysis
    assert found is not None
    assert found.duration_ms is not None
    return found.duration_ms / 1000 / (time.perf_counter() - begun)


def _by_cpu(clip: Path) -> float:
    begun = time.process_time()
    found = _looked(clip)
    return float(found["duration_ms"]) / 1000 / (time.process_time() - begun)


def _shares(clip: Path) -> dict[str, float]:
    """Of the processor time, by what it is for; the rest is decoding."""
    profile = cProfile.Profile()
    with clip.open("rb", buffering=0) as file:
        profile.runcall(look.look, file)
    spent = {key[2]: value[3] for key, value in pstats.Stats(profile).stats.items()}  # type: ignore[attr-defined]  # not in its stub
    seconds = {name: sum(spent.get(one, 0.0) for one in parts) for name, parts in SHARES.items()}
    whole = seconds.pop("in all")
    return {name: part / whole for name, part in seconds.items()} | {
        "decoding": 1 - sum(seconds.values()) / whole
    }


def _scenes(root: Path, codecs: tuple[str, ...]) -> list[Row]:
    rows = []
    for codec in codecs:
        for name, scene in scenes.SCENES.items():
            clip = scenes.make(root, scene, codec=codec, size="1280x720", name="scene")
            found = sorted({kind for kind, _, _ in _looked(clip)["stretches"]})
            rows.append(
                Row(
                    part=PART,
                    what=f"{codec}: {name}",
                    value=float(found == sorted(scene.kinds)),
                    unit="right",
                    least=1,
                    note=", ".join(found) or "nothing found",
                )
            )
    return rows


def _corpus() -> list[Row]:
    """Real files of cameras: none of them has a black or a stuck picture."""
    root = Path(__file__).resolve().parents[3] / "shared/corpus"
    told, clips = [], 0
    for path in sorted(root.rglob("*.*")):
        try:
            found = _looked(path)
        except (ValueError, OSError):
            continue
        clips += 1
        if {kind for kind, _, _ in found["stretches"]} - {"silent"}:
            told.append(path.name)
    if not clips:
        return []
    what = f"of {clips} real clips told black or frozen"
    return [Row(part=PART, what=what, value=len(told), most=0, note=", ".join(told))]


def _looked(path: Path) -> dict[str, Any]:
    with path.open("rb", buffering=0) as file:
        return look.look(file)
