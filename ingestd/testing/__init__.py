"""For the authors of drivers: the suite that every driver must pass."""
