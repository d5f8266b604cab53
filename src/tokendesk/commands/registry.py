"""The table of commands. A command's module is imported when it is asked for."""

from importlib import import_module
from typing import Any, NamedTuple


class Command(NamedTuple):
    name: str
    help: str
    takes_filter: bool = False
    """Whether it has `filter`, the words of a filter, among its arguments."""
    module: str = ""
    brief: str = ""
    """The help in at most 27 letters, for the list of all commands."""


COMMANDS = (
    Command("demo", "browse a practice organization, no account needed", brief="a practice organization"),
    Command("init", "set up your organization", brief="set up your organization"),
    Command("check", "what this key can do, and what would help", brief="what this key can do"),
    Command("pull", "copy the organization into the local snapshot", brief="copy the organization"),
    Command("list", "print the rows a pane would show", takes_filter=True, brief="print the rows of a pane"),
    Command("note", "write a note on every token that matches", takes_filter=True, brief="write notes on tokens"),
    Command("letters", "texts to owners: what are these tokens for?", takes_filter=True, brief="texts to owners"),
    Command("notes", "export or import all notes", brief="export or import notes"),
    Command("desk", "export or import every entry: the handover", brief="hand over every entry"),
    Command("policies", "what you know of policies: names, token settings", brief="name policies"),
    Command("goal", "the policy in which tokens are to be blocked", brief="where to block tokens"),
    Command("readiness", "what stops if a policy blocks user API tokens", brief="what stops if blocked"),
    Command(
        "move", "plan to move users to a policy, or carry it out", takes_filter=True, brief="move users to a policy"
    ),
    Command("revoke", "plan to revoke tokens, or carry it out", takes_filter=True, brief="revoke tokens"),
    Command("apply", "carry out a plan that was saved", brief="carry out a saved plan"),
    Command("undo", "plan to take a run back, or carry it out", takes_filter=True, brief="take a run back"),
    Command("settle", "find out what became of a run that broke off", brief="a run that broke off"),
    Command("quarantine", "the users who were moved to see whether anyone misses their tokens", brief="moved on trial"),
    Command("report", "a run as a page for the change ticket", brief="a run as a page"),
    Command("open", "browse a saved snapshot", brief="browse a saved snapshot"),
    Command("snapshot", "keep the snapshot as a file, or compare two", brief="save, describe or compare"),
    Command(
        "completion",
        "print what makes your shell complete commands, options and filters",
        brief="for bash, zsh and fish",
    ),
    Command("sandbox", "serve the practice organization on 127.0.0.1", brief="serve the practice one"),
)
"""In the order in which a newcomer meets them."""
GROUPS = {
    "every day": ("demo", "init", "check", "pull", "list", "note", "goal", "policies", "readiness"),
    "change": ("move", "revoke", "apply", "undo", "settle", "quarantine"),
    "share": ("notes", "desk", "snapshot", "open", "report", "letters"),
}
"""Under which title the help lists a command; those that are named nowhere stand under "more"."""


def grouped_commands() -> dict[str, list[Command]]:
    """Return the commands under their titles."""
    named = {name for names in GROUPS.values() for name in names}
    found = {title: [c for c in COMMANDS if c.name in names] for title, names in GROUPS.items()}
    return {**found, "more": [command for command in COMMANDS if command.name not in named]}


def command_module(command: Command) -> Any:
    return import_module(f"tokendesk.commands.{command.module or command.name}")
