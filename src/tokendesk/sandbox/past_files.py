"""Gives a new demo its past: the organization's state, the history and the colleague's entries.

A mark is made first and removed last. All else follows from the state: a start that finds the mark writes what is
missing, and leaves what is there.
"""

from datetime import UTC, datetime

from tokendesk.desk.entries import Desk
from tokendesk.paths import ProfilePaths, make_folder
from tokendesk.sandbox.colleague import colleague_entries
from tokendesk.sandbox.organization import Organization
from tokendesk.sandbox.past import Past, former_tokens, has_past
from tokendesk.sandbox.past_history import write_history
from tokendesk.sandbox.state import State


def begin_past(paths: ProfilePaths, seed: int, users: int, tokens: int, now: datetime) -> Past | None:
    """Make an organization with a past, for `write_past`; None if one of this size gets none."""
    if not has_past(users, tokens, now.year):
        return None
    now = now.replace(microsecond=0)
    former = former_tokens(tokens)
    organization = Organization(seed, users, tokens + former, now, now=lambda: now)
    make_folder(paths.sandbox.parent)
    paths.unfinished_past.touch(0o600)
    organization.state.path = paths.sandbox
    past = Past(organization, former)
    past.apply()
    return past


def unfinished_past(paths: ProfilePaths) -> Past | None:
    """Return the past of the organization that is there; None if it has none, or is damaged."""
    try:
        state = State.load(paths.sandbox)
    except ValueError:
        return None  # its server says so
    if state.former is None:  # the mark is of a start that was killed before it made the organization
        paths.unfinished_past.unlink(missing_ok=True)
        return None
    anchor = datetime.fromtimestamp(state.anchor, UTC)
    return Past(Organization(now=lambda: anchor, state_file=paths.sandbox), state.former)


def write_past(paths: ProfilePaths, past: Past, idle_days: int) -> None:
    write_history(paths.history, past, idle_days)
    with Desk(paths.desk, author="console") as desk:
        desk.bind_organization(past.organization.id)
        with desk.transaction(commit=True):
            desk.arrive(colleague_entries(past))
    paths.unfinished_past.unlink(missing_ok=True)
