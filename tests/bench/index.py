"""How the read model behaves with a million clips: start-up, lookups, and the cost of projecting.

Run as ``python -m tests.bench.index``. Rows are put in directly, as the projection would make them: nine in
ten released, the rest on their recorders; twenty recorders; every 500th content held twice.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, insert

from ingestd.events import ClipSecured
from ingestd.index import clip_rows, projection, queries
from ingestd.index.database import open_database, reading
from ingestd.index.tables import clips, subjects
from ingestd.model import Interval, Kind, Millis, Sha256

CLIPS = 1_000_000
ROWS_A_STEP = 20_000
RECORDERS = 20
T0 = 1_795_270_000_000
CLIP_MS = 300_000
REPEATS = 20
BATCH = 256


class _Entry:
    """Where a clip's event stands."""

    def __init__(self, seq: int) -> None:
        self.seq = seq
        self.at = Millis(T0 + seq)
        self.actor = "daemon"


def _digest(number: int) -> Sha256:
    return Sha256(f"{number * 2654435761 % 2**32:08x}{number:056x}")


def _acquisition(number: int) -> str:
    return f"{number >> 16:08x}-{number & 0xFFFF:04x}-7000-8000-000000000000"


def clip_event(number: int, count: int = CLIPS) -> ClipSecured:
    """The event of one of so many clips: twenty recorders in turn, the last made at `T0`."""
    start = Millis(T0 - (count - number) * CLIP_MS // RECORDERS)
    end = Millis(start + CLIP_MS)
    bytes_of = number - 250 if number % 500 == 499 else number
    plain: dict[str, Any] = {
        "acquisition": _acquisition(number),
        "session": f"session-{number // 12}",
        "recorder": f"7-{number % RECORDERS:06}",
        "slot": str(number % RECORDERS),
        "manifest": f"2026/11/21/{_acquisition(number)}",
        "manifest_sha256": _digest(number + count),
        "sha256": _digest(bytes_of),
        "size": 217_000_000 + number,
        "path": f"DCIM/{number % 10_000:04}.MP4",
        "path_b64": None,
        "mtime_us": end * 1000,
        "kind": Kind.VIDEO,
        "marked": False,
        "sequence": number % 10_000,
        "officer": f"10{number % RECORDERS:04}",
        "started": Interval(earliest=start, latest=start, basis="name"),
        "ended": Interval(earliest=end, latest=end, basis="name+container"),
        "stored_at": Millis(end + CLIP_MS),
        "duplicate_of": None,
        "supersedes": (),
        "flags": (),
    }
    return ClipSecured(**plain)


def _rows() -> Iterator[list[dict[str, Any]]]:
    for first in range(0, CLIPS, ROWS_A_STEP):
        rows = []
        for number in range(first, first + ROWS_A_STEP):
            row = clip_rows.row_of(_Entry(number), clip_event(number))
            is_released = number < CLIPS * 9 // 10
            rows.append(
                row | {"state": "released", "preview_due": False, "analysis_due": False}
                if is_released
                else row | {"preview_due": False, "analysis_due": False}
            )
        yield rows


def _fill(engine: Engine) -> None:
    for rows in _rows():
        with engine.begin() as connection:
            connection.execute(insert(clips), rows)
            chains = [{"subject": f"clip:{row['acquisition']}", "seq": row["seq"]} for row in rows]
            connection.execute(insert(subjects), chains)


def _milliseconds(engine: Engine, query: Callable[..., Any], *arguments: Any, **named: Any) -> float:
    times = []
    for _ in range(REPEATS):
        with reading(engine) as connection:
            began = time.perf_counter()
            query(connection, *arguments, **named)
            times.append((time.perf_counter() - began) * 1000)
    return round(statistics.median(times), 3)


def _batch(engine: Engine) -> dict[str, float]:
    with engine.begin() as connection:
        wall, cpu = time.perf_counter(), time.process_time()
        numbers = range(CLIPS, CLIPS + BATCH)
        projection.project(connection, [(_Entry(number), clip_event(number)) for number in numbers])
        cpu = time.process_time() - cpu
    wall = time.perf_counter() - wall
    return {"batch_cpu_ms_a_clip": round(cpu * 1000 / BATCH, 3), "batch_s": round(wall, 3)}


def measure(url: str | None = None) -> dict[str, float]:
    """Milliseconds of each query with a million clips (SQLite in a new file, or an empty database's URL)."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "index.db"
        engine = open_database(url or path)
        projection.create(engine)
        began = time.perf_counter()
        _fill(engine)
        found = {"fill_s": round(time.perf_counter() - began, 1), **_batch(engine)}
        engine.dispose()
        if url is None:
            found["size_MiB"] = path.stat().st_size >> 20
        began = time.perf_counter()
        engine = open_database(url or path)
        with reading(engine) as connection:
            queries.counts(connection)
            queries.open_sessions(connection)
        found["start_ms"] = round((time.perf_counter() - began) * 1000, 1)
        one, day = clip_event(CLIPS // 2), 86_400_000
        questions: dict[str, tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]] = {
            "counts": (queries.counts, (), {}),
            "held_files (5000)": (queries.held_files, (one.recorder,), {}),
            "held_files (none)": (queries.held_files, ("other",), {}),
            "clip by id": (queries.clip, (one.acquisition,), {}),
            "clip by digest": (queries.clip, (one.sha256,), {}),
            "clip by prefix": (queries.clip, (one.sha256[:8],), {}),
            "clip by path (100)": (queries.clip, (one.path,), {}),
            "next_deadlines": (queries.next_deadlines, (50,), {}),
            "newest 50": (queries.clips, (), {}),
            "recorder + week": (
                queries.clips,
                (),
                {"recorder": one.recorder, "since": one.started.earliest, "until": T0 + 7 * day},
            ),
            "state + day": (queries.clips, (), {"state": "secured", "since": T0 - day}),
            "officer, newest 50": (queries.clips, (), {"officer": one.officer}),
            "next_to_verify (100)": (queries.next_to_verify, (one.sha256, 100), {}),
            "without_preview": (queries.without_preview, (10,), {}),
            "stored_digests (1)": (queries.stored_digests, ([one.sha256],), {}),
            "history": (queries.history, (f"clip:{one.acquisition}",), {}),
        }
        for name, (query, arguments, named) in questions.items():
            found[f"{name}, ms"] = _milliseconds(engine, query, *arguments, **named)
        engine.dispose()
        return found


if __name__ == "__main__":
    print(json.dumps(measure(), indent=1))
