"""`tokendesk demo`: the browser on a practice organization, pulled over HTTP like a real one."""

import argparse
import asyncio
import json
import shutil
from pathlib import Path

from tokendesk.commands.arguments import organization_options, parse_clock
from tokendesk.commands.browse import has_terminal, open_screens
from tokendesk.config import Settings, load_settings
from tokendesk.desk.entries import Desk
from tokendesk.desk.policies import write_policy
from tokendesk.errors import Refused
from tokendesk.input_files import read_text
from tokendesk.model.bounds import PRACTICE_BYTES
from tokendesk.paths import ProfilePaths
from tokendesk.running.access import ApiAccess, SandboxOptions, open_access


def options(parser: argparse.ArgumentParser) -> None:
    organization_options(parser)
    parser.add_argument("--reset", action="store_true", help="start over: delete the demo's moves and notes")


def run(options: argparse.Namespace) -> int:
    settings = load_settings("demo")
    if options.reset:
        _reset(settings.paths)
    _refuse_other_organization(settings.paths.sandbox, options)
    settings = settings._replace(allow_writes=True)
    if options.clock:
        settings = settings._replace(clock=parse_clock(options.clock))
    given = {name: getattr(options, name) for name in ("users", "tokens", "seed")}
    made_by = [f"--{name}={value}" for name, value in given.items() if value is not None]
    with open_access(settings, SandboxOptions(tuple(made_by))) as access:
        _name_policies(settings, access)
        if has_terminal():
            return open_screens(settings, access, pull_at_start=not settings.paths.snapshot.exists())
        from tokendesk.running.pull import describe_pull, pull_profile

        info = asyncio.run(pull_profile(settings, access, lambda progress: None, lambda why, seconds: None))
    print(describe_pull(info))
    print("No terminal for the screens: read the rows with: tokendesk list tokens --profile demo")
    return 0


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
    for name in ("users", "tokens", "seed"):
        asked = getattr(options, name)
        if asked is not None and asked != state.get(name):
            raise Refused(
                f"The demo has an organization with {state.get('users'):,} users and {state.get('tokens'):,} tokens, "
                "and your notes on it. Add --reset to start over with another."
            )


def _reset(paths: ProfilePaths) -> None:
    for folder in {paths.cache, paths.data, paths.state}:
        shutil.rmtree(folder, ignore_errors=True)
