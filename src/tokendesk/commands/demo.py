"""`tokendesk demo`: the browser on a practice organization, pulled over HTTP like a real one."""

import argparse
import asyncio
import json
import shutil
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tokendesk.commands.arguments import organization_options, parse_clock
from tokendesk.commands.browse import has_terminal, open_screens
from tokendesk.config import Settings, load_settings
from tokendesk.desk.entries import Desk
from tokendesk.desk.policies import write_policy
from tokendesk.errors import Refused
from tokendesk.input_files import read_text
from tokendesk.model.bounds import PRACTICE_BYTES
from tokendesk.paths import ProfilePaths, make_folder
from tokendesk.running.access import ApiAccess, SandboxOptions, open_access

if TYPE_CHECKING:
    from tokendesk.sandbox.past import Past


def options(parser: argparse.ArgumentParser) -> None:
    organization_options(parser)
    parser.add_argument(
        "--fresh", action="store_true", help="begin without a past; a demo that is there is opened as it is"
    )
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
    meanwhile = _nothing if options.fresh else _begin_with_past(settings, given)
    with open_access(settings, SandboxOptions(tuple(made_by), meanwhile)) as access:
        _name_policies(settings, access)
        if has_terminal():
            return open_screens(settings, access, pull_at_start=not settings.paths.snapshot.exists())
        from tokendesk.running.pull import describe_pull, pull_profile

        info = asyncio.run(pull_profile(settings, access, lambda progress: None, lambda why, seconds: None))
    print(describe_pull(info))
    print("No terminal for the screens: read the rows with: tokendesk list tokens --profile demo")
    return 0


def _nothing() -> None:
    pass


def _begin_with_past(settings: Settings, given: Mapping[str, int | None]) -> Callable[[], None]:
    """Make the organization of a new demo after 60 days of pulls; return what writes down what they left.

    The organization has to be there before its server starts; what is written takes place while it does.
    """
    paths = settings.paths
    if any(path.exists() for path in (paths.sandbox, paths.desk, paths.history, paths.snapshot)):
        return _nothing
    from tokendesk.sandbox.organization import SEED, TOKENS, USERS, Organization
    from tokendesk.sandbox.past import Past, former_tokens, has_past

    now = settings.now()
    users, tokens, seed = (
        default if given[name] is None else int(given[name] or 0)
        for name, default in (("users", USERS), ("tokens", TOKENS), ("seed", SEED))
    )
    if not has_past(users, tokens, now.year):
        return _nothing
    make_folder(paths.sandbox.parent)
    former = former_tokens(tokens)
    past = Past(Organization(seed, users, tokens + former, now, now=lambda: now, state_file=paths.sandbox), former)
    past.apply()
    return partial(_write_past, settings, past)


def _write_past(settings: Settings, past: "Past") -> None:
    from tokendesk.sandbox.colleague import colleague_entries
    from tokendesk.sandbox.past_history import write_history

    write_history(settings.paths.history, past, settings.thresholds.idle)
    with Desk(settings.paths.desk, author="console") as desk:
        desk.bind_organization(past.organization.id)
        with desk.transaction(commit=True):
            desk.arrive(colleague_entries(past))


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
    made = {**state, "tokens": _first_tokens(state)}
    for name in ("users", "tokens", "seed"):
        asked = getattr(options, name)
        if asked is not None and asked != made.get(name):
            raise Refused(
                f"The demo has an organization with {made['users']:,} users and {made['tokens']:,} tokens, "
                "and your notes on it. Add --reset to start over with another."
            )


def _first_tokens(state: Mapping[str, Any]) -> int:
    """Return how many tokens were active when the organization began: others were revoked in its past."""
    revoked, anchor = state.get("revoked"), state.get("anchor")
    if not isinstance(revoked, dict) or not isinstance(anchor, int):
        return int(state["tokens"])
    return int(state["tokens"]) - sum(isinstance(at, int) and at < anchor for at in revoked.values())


def _reset(paths: ProfilePaths) -> None:
    for folder in {paths.cache, paths.data, paths.state}:
        shutil.rmtree(folder, ignore_errors=True)
