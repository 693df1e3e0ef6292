"""``python -m tests.bench [--full] [PART...]``: ratios against limits and rivals, kept in bench.json."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import platform
import sys
import time
from pathlib import Path

BUSY = 0.25
"""Load a core, before the first part, from which on the figures are not the program's alone."""
PARTS = (
    "fast",
    "docks",
    "small",
    "stages",
    "resident",
    "ledger",
    "law",
    "analysis",
    "serving",
    "players",
    "search",
    "pages",
    "wall",
    "firstframe",
)


def main() -> int:
    """Run parts, print the table, write the file; 0 where every bar was met, else 1."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"some of {', '.join(PARTS)}; default all")
    parser.add_argument("--full", action="store_true", help="the full lengths and sizes")
    parser.add_argument("--json", type=Path, default=Path("bench.json"))
    arguments = parser.parse_args()
    unknown = set(arguments.parts) - set(PARTS)
    if unknown:
        parser.error(f"no part {', '.join(sorted(unknown))}")
    rows, load = [], [os.getloadavg()[0]]
    if load[0] > BUSY * (os.cpu_count() or 1):
        print(
            f"the machine is busy (load {load[0]:.1f}): figures of CPU and wall time suffer", file=sys.stderr
        )
    for name in arguments.parts or PARTS:
        begun = time.perf_counter()
        # Each part alone: what one imports must not weigh in another's figures.
        part = importlib.import_module(f"tests.bench.{name}")
        rows += part.measure(full=arguments.full)
        print(f"{name}: {time.perf_counter() - begun:.0f} s", file=sys.stderr)
    from tests.bench.report import table

    print(table(rows))
    load.append(os.getloadavg()[0])
    machine = {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "kernel": platform.release(),
        "load": load,
    }
    document = {"machine": machine, "full": arguments.full, "rows": [row.to_json() for row in rows]}
    arguments.json.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", "utf-8")
    return int(any(row.met is False for row in rows))


if __name__ == "__main__":
    sys.exit(main())
