"""The ways in which desks exchange entries: a folder, or a team's database."""

from typing import Protocol

from tokendesk.desk.entries import Desk
from tokendesk.desk.sharing import Exchanged


class SharedLog(Protocol):
    """Where entries of all desks are kept.

    Not split into sending and receiving: what a desk may send depends on what it finds there under its own id.
    """

    @property
    def place(self) -> str:
        """What it is called in a sentence, such as `the shared folder`."""

    def exchange(self, desk: Desk) -> Exchanged:
        """Send this desk's entries, and receive those of others.

        Raises UsageError or another TokendeskError if the place cannot be used; nothing is lost then.
        """
