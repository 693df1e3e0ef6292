"""Recorders as the program sees them: the driver contract, families of cards, finding drivers."""
