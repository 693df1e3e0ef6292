"""People who log in: passwords, second factors, secrets at rest, waits, and who may not do what to which item."""
