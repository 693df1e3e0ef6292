"""A field office's day with four simulated recorders: for people who want to see what this program does.

Real encoded clips, the real daemon, simulated recorders; people, numbers and units are invented.
"""
