"""Detects that the terminal was closed."""

import select
import sys


def is_gone() -> bool:
    """Return whether the terminal of standard input was closed.

    Usually a signal ends the program. A terminal that is not its session's sends none, and Textual would read the end
    of its input in a busy loop.
    """
    if sys.platform == "win32" or not hasattr(select, "poll") or sys.__stdin__ is None:
        return False
    poll = select.poll()
    poll.register(sys.__stdin__.fileno(), 0)
    return any(event & select.POLLHUP for _, event in poll.poll(0))
