"""The policies that ship with ingestd."""
