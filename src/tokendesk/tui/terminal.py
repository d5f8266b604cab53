"""Whether the terminal is still there."""

import select
import sys


def is_gone() -> bool:
    """Return whether the terminal of the standard input was closed.

    Mostly a signal ends the program then. One that is not its session's terminal sends none, and Textual would read
    the end of its input over and over, with a processor of its own, for as long as the machine runs.
    """
    if not hasattr(select, "poll") or sys.__stdin__ is None:
        return False
    poll = select.poll()
    poll.register(sys.__stdin__.fileno(), 0)
    return any(event & select.POLLHUP for _, event in poll.poll(0))
