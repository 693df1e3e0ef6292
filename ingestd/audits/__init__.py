"""Random playback audits: the population by the log, the station's half of the seed, the draw done again."""
