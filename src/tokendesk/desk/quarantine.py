"""Writes the admin's answer that ends a quarantine."""

from tokendesk.desk.entries import Desk
from tokendesk.desk.runs import QUARANTINE, QUARANTINE_ENDS
from tokendesk.errors import UsageError


def end_quarantine(desk: Desk, run_id: str, how: str) -> None:
    """Write the answer."""
    if how not in QUARANTINE_ENDS:
        raise UsageError(f"{how!r} is not an answer. Use one of: {', '.join(QUARANTINE_ENDS)}.")
    desk.append(QUARANTINE, {"run": run_id, "how": how})
