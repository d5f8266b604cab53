"""`tokendesk pull`: progress on stderr, one line of summary on stdout."""

import argparse
import asyncio
import json
import sys
from typing import TYPE_CHECKING

from tokendesk.commands.arguments import duration
from tokendesk.commands.json_output import print_json
from tokendesk.commands.stdout import status_line, urgent_stderr
from tokendesk.config import Settings, load_settings
from tokendesk.errors import UsageError
from tokendesk.model.timestamps import iso
from tokendesk.running import events
from tokendesk.running.access import ApiAccess, open_access
from tokendesk.running.pull import (
    PULL_DAILY_HINT,
    describe_pull,
    describe_unknown_policies,
    describe_unread_credentials,
    is_first_pull,
    pull_profile,
)
from tokendesk.snapshot.file import SnapshotInfo
from tokendesk.snapshot.progress import Progress, Waits, describe_progress, until

if TYPE_CHECKING:
    from tokendesk.documents.facts import EventsDocument, PullDocument


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="progress and summary as JSON lines")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--events", action="store_true", help="read only audit events: what tokens were used for")
    which.add_argument("--no-events", action="store_true", help="do not read audit events (the default)")
    parser.add_argument(
        "--tokens", action="store_true", help="only tokens, their owners and the owners' policies: a few requests"
    )
    parser.add_argument("--fresh", action="store_true", help="start over, ignoring what an interrupted pull has read")
    parser.add_argument("--since", type=duration, metavar="30d", help="with --events: read again, from this long ago")


def run(options: argparse.Namespace) -> int:
    settings = load_settings(options.profile)
    if options.since is not None and not options.events:
        raise UsageError("--since needs --events.")
    if options.fresh and options.events:
        raise UsageError("--fresh is not for --events: use --since.")
    if options.tokens and options.events:
        raise UsageError("--tokens and --events are two pulls: run one after the other.")
    with open_access(settings) as access:
        if options.events:
            return _events(options, settings, access)
        shown = _ProgressOutput(as_json=options.json)
        first = is_first_pull(settings.paths)
        try:
            info = asyncio.run(
                pull_profile(
                    settings,
                    access,
                    shown.progress,
                    shown.waiting,
                    on_note=shown.say,
                    on_problem=shown.say_problem,
                    fresh=options.fresh,
                    tokens_only=options.tokens,
                )
            )  # fmt: skip
        finally:
            shown.end()
    if options.json:
        print_json(_facts(info))
    else:
        print(describe_pull(info))
    if unknown := describe_unknown_policies(info):
        print(f"tokendesk: {unknown}", file=sys.stderr)
    if unread := describe_unread_credentials(info):
        print(f"tokendesk: {unread}", file=sys.stderr)
    if words := _never_touch_problems(settings):
        print(f"tokendesk: {words}", file=sys.stderr)
    if first and not settings.is_demo:
        shown.say(PULL_DAILY_HINT)
    return 0


def _never_touch_problems(settings: Settings) -> str:
    from tokendesk.running.never_touch import describe_never_touch_problems

    return describe_never_touch_problems(settings)


def _events(options: argparse.Namespace, settings: Settings, access: ApiAccess) -> int:
    now = int(settings.now().timestamp())
    since = None if options.since is None else now - options.since
    shown = _ProgressOutput(as_json=options.json)
    if shown.live:
        shown.say(events.describe_start(events.load_state(settings.paths), since, now))
    try:
        read = asyncio.run(events.pull_events(settings, access, shown.progress, shown.waiting, since=since))
    finally:
        shown.end()
    if options.json:
        document: EventsDocument = {
            "document": "pull-events", "version": 1, "event": "done", "what": events.EVENTS,
            "read": read.done, "kept": read.kept, "since": iso(read.since),
        }  # fmt: skip
        print_json(document)
    else:
        print(events.describe_result(read))
    return 0


def _facts(info: SnapshotInfo) -> "PullDocument":
    return {
        "document": "pull",
        "version": 1,
        "event": "done",
        "org_id": info.org_id,
        "org_name": info.org_name,
        "pulled_at": info.pulled_at,
        "tokens": info.tokens,
        "users": info.users,
        "policies": None if info.no_policies else info.policies,
        "policies_problem": info.policies_problem,
        "policies_unknown": info.policies_unknown,
        "policies_unknown_why": info.policies_unknown_why,
        "oldest_at": info.oldest_at,
        "only_owners": info.only_owners,
        "credentials": None if info.credentials_at is None else info.credentials,
        "credentials_problem": info.credentials_problem,
    }


class _ProgressOutput:
    """Progress on stderr: one line that is redrawn on a terminal, or JSON lines."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._renew = None if as_json else status_line()
        self.live = self._renew is not None
        self._latest: dict[str, Progress] = {}
        self._waits = Waits()

    def progress(self, progress: Progress) -> None:
        self._latest[progress.what] = progress
        if self._as_json:
            event: dict[str, object] = {
                "event": "progress",
                "what": progress.what,
                "done": progress.done,
                "total": progress.total,
            }
            if progress.pace is not None:
                event |= progress.pace._asdict()
            if isinstance(progress, events.EventsProgress):
                event |= {"reached": iso(progress.reached), "minutes_left": progress.minutes_left}
            print(json.dumps(event), file=sys.stderr, flush=True)
        elif self.live and isinstance(progress, events.EventsProgress):
            self._line(events.describe_progress(progress))
        elif self.live:
            self._line(describe_progress(self._latest.values(), self._waits.describe()))

    def waiting(self, why: str, seconds: float) -> None:
        if self._as_json:
            print(
                json.dumps({"event": "waiting", "why": why, "seconds": round(seconds, 1), "until": until(seconds)}),
                file=sys.stderr,
                flush=True,
            )
        elif self.live:
            self._waits.begin(why, seconds)
            self._line(describe_progress(self._latest.values(), self._waits.describe()))

    def say(self, words: str) -> None:
        """Print a message."""
        if not self._as_json:
            print(words, file=sys.stderr, flush=True)

    def say_problem(self, words: str) -> None:
        """Print an error, which --quiet leaves."""
        if not self._as_json:
            print(words, file=urgent_stderr(), flush=True)

    def end(self) -> None:
        if self.live:
            self._line("")

    def _line(self, text: str) -> None:
        if self._renew is not None:
            self._renew(text)
