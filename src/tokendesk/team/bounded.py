"""A connection that ends when the server stays silent, although the network still holds it."""

import logging
import socket
import threading
from collections.abc import Callable
from typing import Any

import psycopg

logging.getLogger("psycopg").addHandler(logging.NullHandler())  # else it prints what we say ourselves

SILENCE_SECONDS = 40.0
"""For one statement; the server itself ends one after 30 s."""


class BoundedConnection(psycopg.Connection[Any]):
    """Keepalives do not notice a server, or a proxy before it, that takes everything and answers nothing."""

    silence = SILENCE_SECONDS

    def wait(self, *arguments: Any, **options: Any) -> Any:
        timer = threading.Timer(self.silence, _ending(self.pgconn.socket))
        timer.daemon = True
        timer.start()
        try:
            return super().wait(*arguments, **options)
        finally:
            timer.cancel()


def _ending(descriptor: int) -> Callable[[], None]:
    """Return a function that ends the connection for both sides, so that whoever waits for an answer goes on."""

    def end() -> None:
        held = socket.socket(fileno=descriptor)
        try:
            held.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        finally:
            held.detach()  # libpq closes it

    return end
