"""The connection to the organization: connecting, offline with a reason, or online."""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from tokendesk.background import in_background

if TYPE_CHECKING:
    from tokendesk.running.access import ApiAccess


class Connecting(NamedTuple):
    """The key is being loaded, which a system's keyring can make slow."""


class Offline(NamedTuple):
    reason: str


class Online(NamedTuple):
    access: "ApiAccess"


class Connection:
    """`connect` loads the key, or returns why there is none; it may be slow."""

    def __init__(self, state: Offline | Online, connect: Callable[[], Offline | Online] | None = None) -> None:
        self._connect = connect
        self.state: Connecting | Offline | Online = state if connect is None else Connecting()

    @property
    def access(self) -> "ApiAccess | None":
        return self.state.access if isinstance(self.state, Online) else None

    @property
    def is_connecting(self) -> bool:
        return isinstance(self.state, Connecting)

    @property
    def offline_reason(self) -> str:
        """Why there is no connection now; empty when there is, or when the reason is unknown."""
        match self.state:
            case Online():
                return ""
            case Offline(reason):
                return reason
            case Connecting():
                return "The key is still being loaded: try again in a moment."

    async def connect(self) -> None:
        if self._connect is not None:
            connect, self._connect = self._connect, None
            self.state = await in_background(connect)
