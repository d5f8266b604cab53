"""Fixtures for tests of the desk."""

from tests.desk.pulled import colleague, command, office, pulled

__all__ = ["colleague", "command", "office", "pulled"]
