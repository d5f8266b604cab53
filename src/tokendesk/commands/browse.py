"""Bare `tokendesk`: the screens on the profile's last snapshot."""

import gc
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from tokendesk.config import Settings, load_settings
from tokendesk.errors import UsageError
from tokendesk.snapshot.file import Replaceable
from tokendesk.views.reader import Reader

if TYPE_CHECKING:
    import argparse

    from tokendesk.running.access import Access


def run(options: "argparse.Namespace") -> int:
    settings = load_settings(options.profile)
    if options.write:
        settings = settings._replace(allow_writes=True)
    if settings.is_demo and has_terminal():
        from tokendesk.running.access import access

        with access(settings) as practice:
            return open_screens(settings, practice)
    if not settings.configured and not settings.places.snapshot.exists():
        if has_terminal():
            return _welcome(settings)
        raise UsageError(
            "Nothing is set up yet. Try the practice organization with: tokendesk demo. For yours: tokendesk init"
        )
    if not has_terminal():
        raise UsageError("There is no terminal here. Read the snapshot with: tokendesk list tokens")
    pull_at_start = not settings.places.snapshot.exists()
    if settings.key_command:
        # It may have something to ask in this terminal, so it comes before the screens.
        way, no_way = _way(settings)
        return open_screens(settings, way, no_way=no_way, pull_at_start=pull_at_start)
    return open_screens(settings, None, find_way=lambda: _way(settings), pull_at_start=pull_at_start)


def _way(settings: Settings) -> "tuple[Access | None, str]":
    """Return the way to the organization, or why there is none."""
    from tokendesk.running.access import access

    try:
        with access(settings) as way:
            return way, ""
    except UsageError as error:
        return None, f"Browsing the snapshot only. {error}"


def _welcome(settings: Settings) -> int:
    """Offer the ways to begin, and go the one that was chosen."""
    from tokendesk.commands.parser import parser_of
    from tokendesk.commands.table import COMMANDS, module_of
    from tokendesk.tui.welcome import WelcomeApp

    gc.enable()
    app = WelcomeApp(settings)
    words = app.run()
    if not words:
        return app.return_code or 0
    command = next(command for command in COMMANDS if command.name == words[0])
    options = parser_of(command).parse_args(words[1:])
    return int(module_of(command).run(options))


def has_terminal() -> bool:
    """Whether there are keys to read and a screen to draw on: Textual draws by way of standard error."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout, sys.__stderr__))


def open_screens(
    settings: Settings,
    way: "Access | None",
    *,
    no_way: str = "",
    find_way: "Callable[[], tuple[Access | None, str]] | None" = None,
    pull_at_start: bool = False,
) -> int:
    """`find_way` looks for the way, if it is not there yet, once the first frame stands."""
    # The next frame waits for the frame tick: at 500 a second for 2 ms at most, and nothing is drawn unasked.
    os.environ.setdefault("TEXTUAL_FPS", "500")
    gc.disable()  # as the command line did where nothing but the screens was asked for
    _share(settings)
    # A file that cannot be read is said on the command line, not from inside the screens; they go on with the
    # connection. Of a snapshot that only a pull can help the screens say so themselves, if there is a way to pull.
    try:
        reader = Reader(settings.places, settings.thresholds)
    except Replaceable:
        if find_way is not None:
            (way, no_way), find_way = find_way(), None
        if way is None:
            raise
        reader = Reader(settings.places, settings.thresholds, lenient=True)
    if settings.places.file is None and reader.info and not reader.is_settled(reader.info.pull_id):
        from tokendesk.history.record import settle

        settle(settings.places.history, reader.info.pull_id)
    from tokendesk.tui.app import TokendeskApp

    pull_at_start = pull_at_start or ((way or find_way) is not None and reader.info is None)
    app = TokendeskApp(
        settings, way, no_way=no_way, find_way=find_way, pull_at_start=pull_at_start, reader=reader,
        clock=lambda: int(settings.now().timestamp()),
    )  # fmt: skip
    app.run()
    _share(settings)
    return app.return_code or 0


def _share(settings: Settings) -> None:
    """Before the screens open for what colleagues wrote, and once they are closed for what was written here."""
    if settings.share is None:
        return
    from tokendesk.running.sharing import share_notes, sharing_words

    for line in sharing_words(share_notes(settings)):
        print(f"tokendesk: {line}", file=sys.stderr)
