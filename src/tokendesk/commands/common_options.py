"""The options that every command takes, at any place on the command line."""

from typing import NamedTuple

_QUIET = ("--quiet", "-q")
_NO_COLOR = "--no-color"


class CommonOptions(NamedTuple):
    profile: str | None = None
    quiet: bool = False
    """Nothing on standard error but errors."""
    no_color: bool = False
    """The same as NO_COLOR in the environment."""


def extract_common_options(arguments: list[str]) -> tuple[CommonOptions, list[str]]:
    """Return these options and the other arguments: they may stand before the command, or after its last argument."""
    found, rest = CommonOptions(), list[str]()
    waiting = iter(arguments)
    for text in waiting:
        if text == "--":
            rest += [text, *waiting]
        elif text in _QUIET:
            found = found._replace(quiet=True)
        elif text == _NO_COLOR:
            found = found._replace(no_color=True)
        elif text.startswith("--profile=") and found.profile is None:
            found = found._replace(profile=text.partition("=")[2])
        elif text == "--profile" and found.profile is None:
            name = next(waiting, None)
            if name is None:
                rest.append(text)  # its parser says that the name is missing
            else:
                found = found._replace(profile=name)
        else:
            rest.append(text)
    return found, rest
