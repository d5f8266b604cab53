"""The limits on JSON, for responses."""

from tokendesk.json_bounds import JsonTooLarge, check_json

__all__ = ["JsonTooLarge", "check_json"]
