"""Lets the user end the search for users whose move is unknown."""

from typing import TYPE_CHECKING, Protocol, runtime_checkable

from tokendesk.model.counting import counted

if TYPE_CHECKING:
    from textual.app import App

    from tokendesk.errors import TokendeskError
    from tokendesk.running.recover import UnfinishedRun
    from tokendesk.running.run_context import SearchProgress

NOT_SETTLED = "A run could not be settled"


def describe_set_aside(run: "UnfinishedRun", error: "TokendeskError") -> str:
    return (
        f"The outcome of run {run.run_id[:8]} cannot be looked up now: {error} The next start tries again. "
        "The journal (5) shows it, and D there gives it up."
    )


class SearchControl:
    """The search of a recovery, and whether the user ended it."""

    search: "SearchProgress | None" = None
    has_enough = False

    @property
    def search_under_way(self) -> "SearchProgress | None":
        return None if self.has_enough else self.search

    def end_search(self) -> None:
        self.has_enough = True


@runtime_checkable
class Searching(Protocol):
    """What may search for users: a recovery, or the screen of a run."""

    @property
    def search_under_way(self) -> "SearchProgress | None": ...

    def end_search(self) -> None: ...


def ask_to_end_search(app: "App[int]") -> bool:
    """Ask whether to end the search of a recovery or run; return whether there is one."""
    from tokendesk.tui.screens.confirm import Confirm

    under_way = [
        (searching, search)
        for searching in (getattr(app, "recovery", None), *app.screen_stack)
        if isinstance(searching, Searching) and (search := searching.search_under_way) is not None
    ]
    if not under_way:
        return False
    searching, search = under_way[-1]
    if isinstance(app.screen, Confirm):
        return True

    def answered(answer: bool | None) -> None:
        if answer:
            searching.end_search()

    users = counted(search.users, "user")
    words = f"The outcome of {users} is not known yet. {_MEANS}"
    app.push_screen(Confirm("End the search?", words, "End the search"), answered)
    return True


_MEANS = (
    "If the search ends, it stays unknown, and nothing more is sent: look at them in the console, or pull, "
    "and make a new plan for those who did not move."
)
