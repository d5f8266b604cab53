"""Computes what the practice organization's tokens reach from the words of their scopes, in plain Python."""

from collections.abc import Sequence

_NAMED = {"jira": "Jira", "confluence": "Confluence", "bitbucket": "Bitbucket", "compass": "Compass"}
_NAMES = {**_NAMED, "rovo": "Rovo MCP", "account": "account"}
_OF_ITS_OWNER = ("jira", "confluence", "compass", "opsgenie", "goals", "rovo", "account")
_POWER = ("read", "write", "delete", "admin")


def reach_told(scopes: Sequence[str] | None) -> tuple[str, ...]:
    """Return the values that a filter finds a token by. Other tokens have scopes."""
    if not scopes:
        return ("everything", *_OF_ITS_OWNER)
    found = [name for name in _NAMED if any(name in scope for scope in scopes)]
    found += ["rovo"] if any("agent-interface" in scope for scope in scopes) else []
    found += ["account"] if {"read:me", "read:account"} & set(scopes) else []
    return (*found, *(scope for scope in scopes if "loom" in scope))


def words_told(scopes: Sequence[str] | None) -> str:
    if not scopes:
        return "everything of its owner"
    return ", ".join(_NAMES.get(name, name) for name in reach_told(scopes))


def power_told(scopes: Sequence[str] | None) -> str:
    if not scopes:
        return "admin"
    verbs = {scope.split(":")[0].replace("search", "read").replace("manage", "admin") for scope in scopes}
    return max(verbs, key=_POWER.index)


def stops_told(scopes: Sequence[str] | None) -> str:
    if any("bitbucket" in scope for scope in scopes or ()):
        return "may-not"
    return "not-told" if any("loom" in scope for scope in scopes or ()) else "yes"
