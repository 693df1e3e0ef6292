"""`demo`: a field office's day."""

from __future__ import annotations

from ingestd.cli.parsing import Command

COMMANDS: tuple[Command, ...] = ()
