"""Fixtures of this room."""

from tests.desk.pulled import office, pulled

__all__ = ["office", "pulled"]
