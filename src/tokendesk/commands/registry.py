"""The registry of commands. A command's module is imported on demand."""

from importlib import import_module
from typing import Any, NamedTuple


class Command(NamedTuple):
    name: str
    help: str
    takes_filter: bool = False
    """Whether it has a `filter` argument."""
    module: str = ""
    brief: str = ""
    """The help in at most 27 characters, for the list of all commands."""


COMMANDS = (
    Command("demo", "browse a practice organization, no account needed", brief="a practice organization"),
    Command("init", "set up your organization", brief="set up your organization"),
    Command("check", "test what this key can do", brief="what this key can do"),
    Command("pull", "copy the organization into the local snapshot", brief="copy the organization"),
    Command("list", "print the rows a pane would show", takes_filter=True, brief="print the rows of a pane"),
    Command("note", "write a note on every token that matches", takes_filter=True, brief="write notes on tokens"),
    Command("letters", "letters to owners: what are these tokens for?", takes_filter=True, brief="letters to owners"),
    Command("notes", "export or import all notes", brief="export or import notes"),
    Command("desk", "export or import all entries, for a handover", brief="notes, decisions and runs: hand all over"),
    Command("policies", "what you know about policies: names, token settings", brief="name policies"),
    Command("goal", "the policy in which tokens should be blocked", brief="where to block tokens"),
    Command("readiness", "what stops if a policy blocks user API tokens", brief="what stops if blocked"),
    Command("move", "plan a move of users to a policy, or apply it", takes_filter=True, brief="move users to a policy"),
    Command("revoke", "plan a revocation of tokens, or apply it", takes_filter=True, brief="revoke tokens"),
    Command("apply", "apply a saved plan", brief="apply a saved plan"),
    Command("undo", "plan to undo a run, or apply it", takes_filter=True, brief="undo a run"),
    Command("settle", "find out the outcome of an interrupted run", brief="finish interrupted runs"),
    Command("quarantine", "users whose tokens are blocked on trial", brief="users moved on trial"),
    Command("team", "share notes through a PostgreSQL database", brief="share through PostgreSQL"),
    Command("report", "a run as a page for the change ticket", brief="a run as a page"),
    Command("open", "browse a saved snapshot", brief="browse a saved snapshot"),
    Command("snapshot", "save the snapshot as a file, or compare two", brief="save, describe or compare"),
    Command("help", "print the help of a command", brief="the help of a command"),
    Command("config", "every setting and its source, or whether config.toml is valid", brief="settings, their sources"),
    Command("profiles", "list the profiles, and how old their snapshots are", brief="your organizations"),
    Command("version", "print the version, and what it runs on", brief="what this runs on"),
    Command(
        "completion",
        "print a completion script for your shell",
        brief="for bash, zsh and fish",
    ),
    Command("sandbox", "serve the practice organization on 127.0.0.1", brief="serve the practice one"),
)
"""In the order in which a newcomer needs them."""
GROUPS = {
    "every day": ("demo", "init", "check", "pull", "list", "note", "goal", "policies"),
    "change": ("readiness", "move", "revoke", "apply", "undo", "settle", "quarantine"),
    "share": ("notes", "desk", "team", "snapshot", "open", "report", "letters"),
}
"""The titles in the help; commands that are not listed here are under "more"."""


def grouped_commands() -> dict[str, list[Command]]:
    """Return the commands by title."""
    named = {name for names in GROUPS.values() for name in names}
    found = {title: [c for c in COMMANDS if c.name in names] for title, names in GROUPS.items()}
    return {**found, "more": [command for command in COMMANDS if command.name not in named]}


def command_module(command: Command) -> Any:
    return import_module(f"tokendesk.commands.{command.module or command.name}")
