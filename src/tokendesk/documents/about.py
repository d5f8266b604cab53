"""Describes a member of a document in its schema."""

from msgspec import Meta


def about(text: str) -> Meta:
    return Meta(description=text)
