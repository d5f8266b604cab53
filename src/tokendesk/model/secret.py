"""API keys that are never shown."""

import re
from threading import Lock
from weakref import WeakSet


class Secret:
    """An API key. Printing, logging or a traceback never reveals its value.

    While it exists, it is redacted from all API responses.
    """

    __slots__ = ("__weakref__", "_value")

    def __init__(self, value: str) -> None:
        self._value = value
        with _lock:
            _live_secrets.add(self)

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return "Secret('…')"


_live_secrets: WeakSet[Secret] = WeakSet()
_lock = Lock()


def known_keys() -> set[str]:
    """Return every key in this process."""
    with _lock:
        return {secret.reveal() for secret in _live_secrets}


_SHORTEST = 16
"""A shorter key may be an ordinary word."""
_OF_ATLASSIAN = r"(AT[A-Z]{3}3xFfG[A-Z]0)[A-Za-z0-9_=-]{12,}"


def contains_key(text: str) -> bool:
    """Return whether a key of this process, or one that looks like Atlassian's, is part of `text`."""
    return re.search(_OF_ATLASSIAN, text) is not None or any(
        key in text for key in known_keys() if len(key) >= _SHORTEST
    )


def hide_unknown_keys(text: str) -> str:
    """Return `text` without what looks like a key of Atlassian."""
    return re.sub(_OF_ATLASSIAN, r"\1[redacted]", text)
