"""The read model: tables projected from the log, rebuilt from it at will."""
