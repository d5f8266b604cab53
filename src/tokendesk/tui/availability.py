"""Says why an action is unavailable, without SQL."""

from dataclasses import dataclass

from tokendesk.tui.actions import Action, Needs

PANES = {
    "tokens": "Tokens",
    "users": "Users",
    "policies": "Policies",
    "changes": "Changes",
    "journal": "Journal",
    "credentials": "Credentials",
}
"""Panes and titles, in the order of their number keys."""

ROWS_PENDING = "the rows of this filter are not shown yet. Wait for them, or change the filter."


@dataclass(frozen=True, slots=True)
class BrowserState:
    """`file`: the name of the open saved snapshot, empty for the profile's own desk."""

    pane: str
    has_cursor: bool = False
    has_marks: bool = False
    are_rows_current: bool = True
    """Whether the rows on screen are those of the filter and pane."""
    file: str = ""
    offline_reason: str = ""


def unavailable(action: Action, state: BrowserState) -> str:
    """Return why `action` is unavailable, with the next step; empty if it is available."""
    panes = action.panes.split()
    if panes and state.pane not in panes:
        return f"{action.title} works in {_named(panes)}."
    if Needs.DESK in action.needs and state.file:
        return f"{state.file} is a saved snapshot and read-only. Write in your own desk, opened with: tokendesk"
    if Needs.ONLINE in action.needs and state.offline_reason:
        return state.offline_reason
    if action.needs & (Needs.ROWS | Needs.SHOWN) and not state.has_cursor and not state.has_marks:
        if not state.are_rows_current:
            return f"{action.title}: {ROWS_PENDING}"
        return f"{action.title}: there is no row here. esc widens the view."
    return ""


def _named(panes: list[str]) -> str:
    """Return `Tokens (1) and Users (2)`."""
    number = {pane: place for place, pane in enumerate(PANES, 1)}
    names = [f"{PANES[pane]} ({number[pane]})" for pane in PANES if pane in panes]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
