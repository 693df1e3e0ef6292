"""Statistics (REC-16, DIS-4, DIS-6, INF-3): figures of a period, what stands out, sheets to give out. Mostly pure."""
