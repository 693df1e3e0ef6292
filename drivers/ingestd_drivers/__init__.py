"""The drivers that ship with ingestd."""
