"""What the rules say of the facts: calendars, clocks, coverage, draws, findings. Pure: no clock, no database."""
