"""Loading one driver by its target text: all that a slot's worker needs of the registry."""

from __future__ import annotations

import importlib

from ingestd.device.api import Driver


def load(target: str) -> Driver:
    """The driver of ``module:Class``. Raises ImportError, AttributeError."""
    module, _, name = target.partition(":")
    driver: Driver = getattr(importlib.import_module(module), name)()
    return driver
