"""`tokendesk` without a command: the browser on the profile's last snapshot."""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from tokendesk.config import Settings, load_settings
from tokendesk.errors import UsageError
from tokendesk.running.migration import open_reader
from tokendesk.snapshot.file import OutdatedSnapshot
from tokendesk.tui.startup import paused_gc, resume_gc, set_frame_rate

if TYPE_CHECKING:
    import argparse

    from tokendesk.running.access import ApiAccess
    from tokendesk.tui.connection import Offline, Online


def run(options: "argparse.Namespace") -> int:
    settings = load_settings(options.profile)
    if options.write:
        settings = settings._replace(allow_writes=True)
    if settings.is_demo and has_terminal():
        from tokendesk.extras import describe_missing_server
        from tokendesk.running.access import open_access

        if (missing := describe_missing_server()) and settings.paths.snapshot.exists():
            return open_screens(settings, offline_reason=f"Browsing the snapshot only. {missing}")
        with open_access(settings) as practice:
            return open_screens(settings, practice)
    if not settings.configured and not settings.paths.snapshot.exists():
        if has_terminal():
            return _welcome(settings)
        raise UsageError(
            "Nothing is set up yet. Try the practice organization with: tokendesk demo. For yours: tokendesk init"
        )
    if not has_terminal():
        raise UsageError("No terminal: read the snapshot with: tokendesk list tokens")
    pull_at_start = not settings.paths.snapshot.exists()
    if settings.key_command:
        # It may prompt in this terminal, so it runs before the screens.
        found, reason = _access_or_reason(_connect(settings))
        return open_screens(settings, found, offline_reason=reason, pull_at_start=pull_at_start)
    return open_screens(settings, connect=lambda: _connect(settings), pull_at_start=pull_at_start)


def _connect(settings: Settings) -> "Offline | Online":
    """Return the access to the organization, or why there is none."""
    from tokendesk.running.access import open_access
    from tokendesk.tui.connection import Offline, Online

    try:
        with open_access(settings) as found:
            return Online(found)
    except UsageError as error:
        return Offline(f"Browsing the snapshot only. {error}")


def _access_or_reason(state: "Offline | Online") -> "tuple[ApiAccess | None, str]":
    from tokendesk.tui.connection import Offline

    return (None, state.reason) if isinstance(state, Offline) else (state.access, "")


def _welcome(settings: Settings) -> int:
    """Show the ways to start, and run the chosen command."""
    from tokendesk.commands.parser import command_parser
    from tokendesk.commands.registry import COMMANDS, command_module
    from tokendesk.tui.welcome import WelcomeApp

    resume_gc()
    app = WelcomeApp(settings)
    words = app.run()
    if not words:
        return app.return_code or 0
    command = next(command for command in COMMANDS if command.name == words[0])
    options = command_parser(command).parse_args(words[1:])
    return int(command_module(command).run(options))


def has_terminal() -> bool:
    """Whether there is a terminal for input and output: Textual draws on standard error."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout, sys.__stderr__))


@paused_gc()
def open_screens(
    settings: Settings,
    access: "ApiAccess | None" = None,
    *,
    offline_reason: str = "",
    connect: "Callable[[], Offline | Online] | None" = None,
    pull_at_start: bool = False,
) -> int:
    """`connect` finds the access after the first frame, if it is not passed."""
    set_frame_rate()
    _share(settings)
    # Report an unreadable file on the command line, not inside the screens. A snapshot that only a pull can fix is
    # reported by the screens, if there is a connection to pull with.
    try:
        reader = open_reader(settings.paths, settings.thresholds)
    except OutdatedSnapshot:
        if connect is not None:
            access, offline_reason = _access_or_reason(connect())
            connect = None
        if access is None:
            raise
        reader = open_reader(settings.paths, settings.thresholds, lenient=True)
    if settings.paths.file is None and reader.info and not reader.is_settled(reader.info.pull_id):
        from tokendesk.history.record import complete_pull

        complete_pull(settings.paths.history, reader.info.pull_id)
    from tokendesk.tui.app import TokendeskApp

    pull_at_start = pull_at_start or ((access or connect) is not None and reader.info is None)
    app = TokendeskApp(
        settings, access, offline_reason=offline_reason, connect=connect, pull_at_start=pull_at_start, reader=reader,
        clock=lambda: int(settings.now().timestamp()),
    )  # fmt: skip
    app.run()
    _share(settings)
    return app.return_code or 0


def _share(settings: Settings) -> None:
    """Exchange notes: before the screens open, and after they close."""
    if settings.share is None:
        return
    from tokendesk.running.sharing import describe_exchange, share_notes

    for line in describe_exchange(share_notes(settings)):
        print(f"tokendesk: {line}", file=sys.stderr)
