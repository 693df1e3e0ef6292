"""From a docked recorder to sealed acquisitions: plan, copy, read back, probe, manifest, release."""
