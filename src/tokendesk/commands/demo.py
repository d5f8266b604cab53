"""`tokendesk demo`: the browser on a practice organization, pulled over HTTP like a real one."""

import argparse
import asyncio
import json
import shutil
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from tokendesk.commands.arguments import organization_options, parse_clock
from tokendesk.commands.browse import has_terminal, open_screens
from tokendesk.config import Settings, load_settings
from tokendesk.desk.entries import Desk
from tokendesk.desk.policies import write_policy
from tokendesk.errors import Refused, UsageError
from tokendesk.extras import require_server
from tokendesk.input_files import read_text
from tokendesk.model.bounds import PRACTICE_BYTES
from tokendesk.paths import ProfilePaths
from tokendesk.running.access import ApiAccess, SandboxOptions, open_access


def options(parser: argparse.ArgumentParser) -> None:
    organization_options(parser)
    parser.add_argument(
        "--fresh", action="store_true", help="begin without a past; a demo that is there is opened as it is"
    )
    parser.add_argument("--reset", action="store_true", help="start over: delete the demo's moves and notes")


def run(options: argparse.Namespace) -> int:
    require_server()
    settings = load_settings("demo")
    if options.reset:
        _reset(settings.paths)
    _refuse_other_organization(settings.paths.sandbox, options)
    settings = settings._replace(allow_writes=True)
    if options.clock:
        settings = settings._replace(clock=parse_clock(options.clock))
    given = {name: getattr(options, name) for name in ("users", "tokens", "seed")}
    made_by = [f"--{name}={value}" for name, value in given.items() if value is not None]
    meanwhile = prepare_past(settings, given, fresh=options.fresh)
    with open_access(settings, SandboxOptions(tuple(made_by), meanwhile)) as access:
        _name_policies(settings, access)
        if has_terminal():
            return open_screens(settings, access, pull_at_start=not settings.paths.snapshot.exists())
        from tokendesk.running.pull import describe_pull, pull_profile

        info = asyncio.run(pull_profile(settings, access, lambda progress: None, lambda why, seconds: None))
    print(describe_pull(info))
    print("No terminal for the screens: read the rows with: tokendesk list tokens --profile demo", file=sys.stderr)
    return 0


def _nothing() -> None:
    pass


def prepare_past(settings: Settings, given: Mapping[str, int | None], *, fresh: bool) -> Callable[[], None]:
    """Make the organization of a new demo after 60 days of pulls; return what writes down what they left.

    The organization has to be there before its server starts; what is written takes place while it does. After a start
    that was killed meanwhile, the next one writes what is missing.
    """
    paths = settings.paths
    is_there = paths.sandbox.exists()
    if is_there and not paths.unfinished_past.exists():
        return _nothing
    if not is_there and (fresh or any(path.exists() for path in (paths.desk, paths.history, paths.snapshot))):
        return _nothing
    from tokendesk.sandbox.organization import SEED, TOKENS, USERS
    from tokendesk.sandbox.past_files import begin_past, unfinished_past, write_past

    if is_there:
        past = unfinished_past(paths)
    else:
        users, tokens, seed = (
            default if given[name] is None else int(given[name] or 0)
            for name, default in (("users", USERS), ("tokens", TOKENS), ("seed", SEED))
        )
        past = begin_past(paths, seed, users, tokens, settings.now())
    return _nothing if past is None else partial(write_past, paths, past, settings.thresholds.idle)


def _name_policies(settings: Settings, access: ApiAccess) -> None:
    """Store the policies' names once, as an admin who reads them in the console would."""
    with Desk(settings.paths.desk, author="console") as desk:
        if any(entry.kind == "policy" for entry in desk.entries()):
            return
        for policy_id, name in access.policy_names.items():
            write_policy(desk, policy_id, {"name": name})


def _refuse_other_organization(kept: Path, options: argparse.Namespace) -> None:
    """Refuse other options than those of the last demo: its organization is kept until `--reset`."""
    try:
        state = json.loads(read_text(kept, PRACTICE_BYTES))
    except OSError:
        return
    except (ValueError, RecursionError):
        state = None
    if not isinstance(state, dict) or not all(isinstance(state.get(name), int) for name in ("users", "tokens")):
        raise Refused(f"{kept} is not a practice organization. Add --reset to start over.")
    former = state.get("former")  # tokens that were revoked in its past
    made = {**state, "tokens": state["tokens"] - (former if isinstance(former, int) else 0)}
    for name in ("users", "tokens", "seed"):
        asked = getattr(options, name)
        if asked is not None and asked != made.get(name):
            raise Refused(
                f"The demo has an organization with {made['users']:,} users and {made['tokens']:,} tokens, "
                "and your notes on it. Add --reset to start over with another."
            )


def _reset(paths: ProfilePaths) -> None:
    """Delete the demo's folders. Raises UsageError if something is left: Windows deletes no file that is open."""
    for folder in {paths.cache, paths.data, paths.state}:
        shutil.rmtree(folder, ignore_errors=True)
        left = next((path for path in (*folder.glob("**/*"), folder) if path.is_file()), None)
        if left is not None:
            raise UsageError(
                f"{left} cannot be deleted. Close the other programs that have it open, such as another demo, and "
                "check that it is yours; then start again with: tokendesk demo --reset"
            )
