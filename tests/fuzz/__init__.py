"""Answers, entries, plans, tables, settings and snapshots with something wrong in them: each ends in a sentence."""
