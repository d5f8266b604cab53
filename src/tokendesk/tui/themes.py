"""The colours: dark, light, high contrast, and those of the terminal itself."""

from dataclasses import replace
from typing import Any, NamedTuple

from textual.app import App
from textual.theme import BUILTIN_THEMES, Theme

from tokendesk.errors import UsageError
from tokendesk.filtering.fields import nearest

DARK = {"muted": "#8593a8", "faint": "#56637a", "cursor": "#234a68", "cursor-blurred": "#1c3145"}
"""Colours that Textual's themes lack: secondary text, zeroes, the row under the cursor."""
LIGHT = {"muted": "#4d5967", "faint": "#77828e", "cursor": "#b9d7ee", "cursor-blurred": "#dbe8f2"}

_QUIET = {"block-cursor-text-style": "none"}


def _bars(thumb: str, ground: str) -> dict[str, str]:
    """Return scrollbar colours like the frames', so that an unused gutter is invisible."""
    backgrounds = ("scrollbar-background", "scrollbar-background-hover", "scrollbar-background-active")
    return {"scrollbar": thumb, **dict.fromkeys((*backgrounds, "scrollbar-corner-color"), ground)}


_DARK = Theme(
    name="tokendesk",
    primary="#4c8dd6",
    secondary="#7a8fb3",
    accent="#5fb3d9",
    foreground="#d8dee9",
    background="#10151c",
    surface="#161d27",
    panel="#1d2632",
    success="#8fbf7f",
    warning="#e0b35c",
    error="#e5786d",
    dark=True,
    variables={"border-blurred": "#33415a", **_bars("#3d4e6b", "#10151c"), **_QUIET, **DARK},
)
_LIGHT = Theme(
    name="tokendesk-light",
    primary="#1f5f9e",
    secondary="#4d6580",
    accent="#14689c",
    foreground="#1c2430",
    background="#fbfcfd",
    surface="#f1f4f7",
    panel="#e3e9ef",
    success="#2f6f2a",
    warning="#8a5a00",
    error="#b3261e",
    dark=False,
    variables={
        "border-blurred": "#b4bfca",
        **_bars("#b4bfca", "#fbfcfd"),
        "text-accent": "#14689c",
        "text-error": "#b3261e",
        "text-warning": "#8a5a00",
        "text-success": "#2f6f2a",
        "text-primary": "#174a7c",
        **_QUIET,
        **LIGHT,
    },
)
_CONTRAST = Theme(
    name="tokendesk-contrast",
    primary="#66b2ff",
    secondary="#ffffff",
    accent="#ffe14d",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#1a1a1a",
    success="#5cff5c",
    warning="#ffd24d",
    error="#ffa8a0",
    dark=True,
    variables={
        "border-blurred": "#9a9a9a",
        **_bars("#9a9a9a", "#000000"),
        "text-accent": "#ffe14d",
        "text-error": "#ffa8a0",
        "text-warning": "#ffd24d",
        "text-success": "#5cff5c",
        "muted": "#d9d9d9",
        "faint": "#b0b0b0",
        "cursor": "#00305f",
        "cursor-blurred": "#3a3a3a",
        **_QUIET,
    },
)


def _of_terminal(base: str, name: str, **colours: str) -> Theme:
    theme = BUILTIN_THEMES[base]
    named = {key.replace("_", "-"): value for key, value in colours.items()}
    return replace(theme, name=name, variables={**theme.variables, **_QUIET, **named})


_ANSI = _of_terminal(
    "ansi-dark",
    "tokendesk-ansi",
    muted="ansi_white",
    faint="ansi_bright_black",
    cursor="ansi_blue",
    cursor_blurred="ansi_black",
    border_blurred="ansi_bright_black",
)
_ANSI_LIGHT = _of_terminal(
    "ansi-light",
    "tokendesk-ansi-light",
    muted="ansi_bright_black",
    faint="ansi_bright_black",
    cursor="ansi_cyan",
    cursor_blurred="ansi_white",
    border_blurred="ansi_bright_black",
)


class Look(NamedTuple):
    """A theme by the name it has in config.toml."""

    name: str
    help: str
    theme: Theme


LOOKS = (
    Look("dark", "light text on a dark ground", _DARK),
    Look("light", "dark text on a light ground", _LIGHT),
    Look("contrast", "white and bright colours on black", _CONTRAST),
    Look("ansi", "the sixteen colours of your terminal, if it is dark", _ANSI),
    Look("ansi-light", "the sixteen colours of your terminal, if it is light", _ANSI_LIGHT),
)


def find_look(name: str) -> Look | None:
    return next((look for look in LOOKS if look.name == name), None)


def look_named(name: str) -> Look:
    found = find_look(name)
    if found is None:
        near = nearest(name, [look.name for look in LOOKS])
        names = ", ".join(look.name for look in LOOKS)
        meant = f"did you mean {near}?" if near else f"there are: {names}"
        raise UsageError(f"In config.toml, there is no theme {name!r} ({meant}).")
    return found


def apply_look(app: App[Any], look: Look) -> None:
    """Apply `look`. Without colours an ANSI theme would be black on black, so the dark theme replaces it."""
    theme = _DARK if app.no_color and look.theme.ansi else look.theme
    app.theme = theme.name
