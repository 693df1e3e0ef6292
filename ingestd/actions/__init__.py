"""What people ask of the daemon: who, role, state are checked, then an event is appended."""
