"""Composition root: builds every stage from the configuration and runs the loops."""
