"""What the command palette offers that has no key."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from tokendesk.tui.screens.main import MainScreen


class Extra(NamedTuple):
    title: str
    help: str
    run: Callable[[], Any]


def extras(screen: "MainScreen") -> Iterator[Extra]:
    yield Extra("Add policy", "take down a policy by its id, such as one without members", screen.add_policy)
    yield Extra("Check what the key can do", "asks the organization, by reading only", screen.check_key)
    yield Extra("Letters to owners", "to those who can say what the marked or shown tokens are for", screen.letters)
    yield Extra("Pull audit events", "read what was done with tokens, from where it was left", screen.pull_events)
