"""Applies `[keys]` of config.toml to the table of actions."""

import unicodedata
from collections.abc import Collection, Iterable, Mapping
from itertools import product

from tokendesk.errors import UsageError
from tokendesk.filtering.fields import nearest
from tokendesk.tui.actions import ACTIONS, Action

_TEXTUAL = {"solidus": "slash", "reverse_solidus": "backslash", "commercial_at": "at", "hyphen_minus": "minus",
            "plus_sign": "plus", "low_line": "underscore"}  # fmt: skip
_OTHERS = {"esc": "escape", "pgdn": "pagedown", "pgup": "pageup", "return": "enter", "del": "delete"}
_ARRIVES_AS = {"ctrl+h": "backspace", "ctrl+i": "tab", "ctrl+m": "enter"}


def remapped(wanted: Mapping[str, str]) -> tuple[Action, ...]:
    """Return the actions with the keys of `wanted` (by id, as written in config.toml).

    Raises UsageError for an unknown id, a key that no terminal sends, or two actions on one key.
    """
    known = {key.id: key for key in ACTIONS}
    for name in wanted:
        if name not in known:
            near = nearest(name, known)
            meant = f"did you mean {near}?" if near else "the help lists them"
            raise UsageError(f"config.toml: unknown key id {name!r} ({meant}).")
    table = tuple(
        key._replace(keys=",".join(_keys(key.id, wanted[key.id])), shown=" ".join(_parts(wanted[key.id])))
        if key.id in wanted
        else key
        for key in ACTIONS
    )
    given = {(place, one) for key in table if key.id in wanted for place, one in _places(key)}
    table = tuple(_yielding(key, given) if key.yields and key.id not in wanted else key for key in table)
    _refuse_clashes(table)
    return table


def _places(key: Action) -> Iterable[tuple[str, str]]:
    """Return the contexts of an action with each of its keys."""
    # The list or the details have the focus, so their keys and the screen's share one namespace.
    places = {"screen" if place in ("list", "details") else place for place in key.contexts}
    return product(sorted(places), filter(None, key.keys.split(",")))


def _yielding(key: Action, given: Collection[tuple[str, str]]) -> Action:
    """Return the action without the keys in `given`."""
    taken = {one for place, one in _places(key) if (place, one) in given}
    kept = [one for one in key.keys.split(",") if one not in taken]
    return key._replace(keys=",".join(kept)) if taken else key


def actions_of(app: object) -> tuple[Action, ...]:
    """Return the actions with their keys in `app`."""
    table: tuple[Action, ...] = getattr(app, "actions", ACTIONS)
    return table


def _keys(name: str, typed: str) -> list[str]:
    keys = [_key(part) for part in _parts(typed)]
    if not keys:
        raise UsageError(f"config.toml: {name} has no key. Write one in quotes, or remove the line.")
    for key in keys:
        if key in _ARRIVES_AS:
            raise UsageError(
                f"config.toml: {name} is on {key}, which terminals send as {_ARRIVES_AS[key]}. Use another key."
            )
    return keys


def _parts(typed: str) -> list[str]:
    """Split at commas and spaces; a single comma is a key."""
    return [","] if typed.strip() == "," else typed.replace(",", " ").split()


def _key(typed: str) -> str:
    """Return Textual's name of a key, as `slash` for `/`."""
    before, plus, last = typed.rpartition("+") if len(typed) > 1 else ("", "", typed)
    if len(last) == 1 and not last.isalnum():
        name = unicodedata.name(last, last).lower().replace("-", "_").replace(" ", "_")
        last = _TEXTUAL.get(name, name)
    return f"{before}{plus}{_OTHERS.get(last, last)}"


def _refuse_clashes(table: tuple[Action, ...]) -> None:
    taken: dict[tuple[str, str], Action] = {}
    for key in table:
        for place, one in _places(key):
            other = taken.setdefault((place, one), key)
            if other.id != key.id:
                raise UsageError(
                    f"config.toml: {other.id} and {key.id} are both on {one}. Give one of them another key."
                )
