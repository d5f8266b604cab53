"""API keys that are never shown."""

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
