"""Fixtures of this room."""

from tests.desk.pulled import colleague, command, office, pulled

__all__ = ["colleague", "command", "office", "pulled"]
