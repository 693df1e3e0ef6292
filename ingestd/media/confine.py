"""The limits that a child which parses media sets itself before it sees any. Imports nothing of ours."""

from __future__ import annotations

import os
import resource

DESCRIPTORS = 32
NICE = 10


def confine(memory_bytes: int) -> None:
    """No file can be written, few can be open; memory is bounded; others go first."""
    for what, limit in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, DESCRIPTORS),
    ):
        resource.setrlimit(what, (limit, limit))
    os.nice(NICE)


def allow_cpu(seconds: int) -> None:
    """So much more processor time may be spent; past it the kernel ends the process."""
    used = int(sum(resource.getrusage(resource.RUSAGE_SELF)[:2]))
    resource.setrlimit(resource.RLIMIT_CPU, (used + seconds, resource.RLIM_INFINITY))
