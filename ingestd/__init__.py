"""Evidence intake for enforcement recorders."""
