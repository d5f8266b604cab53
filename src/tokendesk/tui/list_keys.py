"""What a key of the list means on a page over it."""

from typing import Any

from textual import events
from textual.screen import Screen

from tokendesk.tui.actions import Action
from tokendesk.tui.keymap import actions_of


def list_action(page: Screen[Any], event: events.Key) -> Action | None:
    """Return the action of the list that a key has, where `page` has no action for it.

    Call it for each key: Textual passes keys on before it looks for a binding.
    """
    if event.key in page.active_bindings:
        return None
    found = (action for action in actions_of(page.app) if {"screen", "list"} & {*action.contexts})
    return next((action for action in found if event.key in action.keys.split(",")), None)


def say_where_it_works(page: Screen[Any], event: events.Key) -> None:
    """Say that a key works in the list."""
    if (action := list_action(page, event)) is not None:
        event.stop()
        page.notify(f"{action.title} works in the list: esc goes back to it.")
