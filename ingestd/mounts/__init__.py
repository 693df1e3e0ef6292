"""Mounting recorders: a small program that runs as root, and how a slot's worker asks it.

The daemon and its workers have no right to mount, to write to a recorder, or to delete from one. The unit has,
and does nothing else: for devices at configured dock ports only, one process a client, one mount a connection.
"""
