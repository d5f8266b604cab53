"""How slow work learns that nobody waits for it any more. `background.py` runs such work."""

from collections.abc import Callable
from contextvars import ContextVar

is_asked_to_stop: ContextVar[Callable[[], bool]] = ContextVar("is asked to stop", default=lambda: False)
"""Set for the work of one thread by the one who waits for it."""


class Stopped(BaseException):
    """Raised in work that nobody waits for. Like KeyboardInterrupt it is no error: nothing has to be reported."""


def is_stopped() -> bool:
    """Return whether the present work was asked to stop; False if it is not in the background."""
    return is_asked_to_stop.get()()


def check_stopped() -> None:
    """Raise Stopped if the present work was asked to stop. For loops over input of any length."""
    if is_stopped():
        raise Stopped


def ending_signals() -> list[int]:
    """Return the signals that ask a program without screens to end. On Windows ctrl+break sends one of them."""
    import signal  # late: other work needs no signals

    found = (getattr(signal, name, None) for name in ("SIGINT", "SIGTERM", "SIGBREAK"))
    return [number for number in found if number is not None]
