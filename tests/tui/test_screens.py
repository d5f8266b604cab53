"""What holds for every screen: nothing is left that a mixin only announced."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator

from textual.screen import Screen

from tests.tui.test_main import app_on, opened, pulled, until
from tokendesk.config import Settings
from tokendesk.sandbox.organization import Organization
from tokendesk.tui import screens

__all__ = ["pulled"]


def all_screens() -> Iterator[type[Screen[object]]]:
    for module in pkgutil.iter_modules(screens.__path__):
        found = importlib.import_module(f"{screens.__name__}.{module.name}")
        for thing in vars(found).values():
            if inspect.isclass(thing) and issubclass(thing, Screen) and thing.__module__ == found.__name__:
                yield thing


def announced(screen: type[Screen[object]]) -> Iterator[str]:
    """The methods of `screen` that raise NotImplementedError: no mixin after it in the order says what they do."""
    for name in dir(screen):
        member = inspect.getattr_static(screen, name)
        function = member.fget if isinstance(member, property) else member
        if inspect.isfunction(function) and "NotImplementedError" in function.__code__.co_names:
            yield f"{screen.__name__}.{name} is that of {function.__qualname__}"


def test_no_screen_has_a_method_that_was_only_announced() -> None:
    found = list(all_screens())
    assert len(found) > 10
    leaves = [screen for screen in found if not any(issubclass(s, screen) and s is not screen for s in found)]
    assert [line for screen in leaves for line in announced(screen)] == []


async def test_o_says_that_the_practice_organization_has_no_console(pulled: tuple[Settings, Organization]) -> None:
    async with opened(app_on(pulled[0])) as pilot:
        await pilot.press("o")
        await until(pilot, lambda: any("has no console" in n.message for n in pilot.app._notifications))
        assert pilot.app.is_running
