"""Faults of calls and of events, on demand and by chance."""
