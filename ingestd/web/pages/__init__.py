"""The pages, one module each: a `router` with its paths, and what viewing it asks of whom."""
