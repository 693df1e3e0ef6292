"""``python -m ingestd.mounts``: the mount unit without the rest of the program (`ingestd mount-unit` comes here)."""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

from ingestd.errors import IngestdError
from ingestd.mounts.unit import Ports, Unit


def main() -> int:
    """Run it; the exit status."""
    parser = argparse.ArgumentParser(prog="ingestd mount-unit")
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--socket", type=Path, required=True)
    parser.add_argument("--mounts", type=Path, required=True)
    parser.add_argument("--user", required=True)
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    try:
        ports = Ports(given.home / "ingestd.toml")
        Unit(path=given.socket, mounts=given.mounts.resolve(), user=given.user, ports=ports).run()
    except IngestdError as error:
        print(f"ingestd mount-unit: {error.text.both()}", file=sys.stderr)  # noqa: T201 - a command
        return error.exit_status
    return 0


raise SystemExit(main())
