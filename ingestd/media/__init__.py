"""FFmpeg in child processes with limits: probing and previews."""
