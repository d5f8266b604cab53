"""Holding a key without ever showing it."""


class Secret:
    """An API key. Printed, logged or dumped with a traceback it shows that it is there, never what it is."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return "Secret('…')"
