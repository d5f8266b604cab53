"""Holding a key without ever showing it."""

from tokendesk.model.redaction import hold


class Secret:
    """An API key. Printed, logged or dumped with a traceback it shows that it is there, never what it is.

    From then on it is redacted from all that an API answers.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value
        hold(value)

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return "Secret('…')"
