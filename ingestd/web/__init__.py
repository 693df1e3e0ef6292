"""The web process: a follower of the published log that shows pages; it holds no keys and writes no evidence.

It reads the log's files into a projection of its own, asks the running daemon over its socket what is live, and
runs as another user. Whatever a page wants done becomes an action that the daemon checks.
"""
