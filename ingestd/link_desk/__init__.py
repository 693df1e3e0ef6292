"""Linking, running: facts out of rows and manifests, the weighing of `ingestd.linking`, events of what came of it."""
