"""Fixtures of this room."""

from tests.desk.pulled import command, office, pulled

__all__ = ["command", "office", "pulled"]
