"""Walks over the lists of credentials."""

from typing import Any

from tests.sandbox.conftest import Visitor


def listed(visitor: Visitor, path: str, **query: Any) -> list[dict[str, Any]]:
    """Return all items of a list, walking over its pages."""
    found: list[dict[str, Any]] = []
    while True:
        page = visitor.call("GET", f"{visitor.access}/{path}", params=query)
        found += page["data"] if "data" in page else page["items"]
        cursor = page["links"]["next"]
        if cursor is None:
            assert page.get("total", len(found)) == len(found)
            return found
        assert "/" not in cursor
        query["cursor"] = cursor


def identity(item: dict[str, Any]) -> str:
    text: str = item["clientId"] if "clientId" in item else item["id"]
    return text
