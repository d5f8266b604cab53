"""Holding a key without ever showing it."""

from threading import Lock
from weakref import WeakSet


class Secret:
    """An API key. Printed, logged or dumped with a traceback it shows that it is there, never what it is.

    While it is held, it is redacted from all that an API answers.
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
    """Return every key that this process holds."""
    with _lock:
        return {secret.reveal() for secret in _live_secrets}
