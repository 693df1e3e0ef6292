"""Evidence intake for enforcement recorders."""

__version__ = "0.1.0"
