"""Mutated responses, entries, plans, tables, settings and snapshots: each gives a message, never a crash."""
