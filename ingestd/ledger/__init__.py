"""The append-only Merkle log: events, entries, tiles, checkpoints, recovery, offline proofs."""
