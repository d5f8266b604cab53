"""The practice organization for tests: over real HTTP, with a frozen clock."""

import asyncio
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from starlette.types import ASGIApp

from tokendesk.config import Settings
from tokendesk.desk.entries import Desk
from tokendesk.desk.policies import write_policy
from tokendesk.model.secret import Secret
from tokendesk.paths import profile_paths
from tokendesk.running.access import ApiAccess
from tokendesk.running.pull import pull_profile
from tokendesk.sandbox.organization import Organization
from tokendesk.sandbox.serve import serving

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def organization(users: int = 1204, tokens: int = 82, seed: int = 1) -> Organization:
    return Organization(seed, users, tokens, NOW, now=lambda: NOW)


@contextmanager
def practice(made: Organization | None = None) -> Iterator[ApiAccess]:
    """Serve `made`, by default the organization of the story, and yield the access to it."""
    with serving(made or organization()) as (address, _):
        yield ApiAccess(
            address.url, address.org_id, Secret(address.scoped_key), revoke_key=Secret(address.unscoped_key)
        )


@contextmanager
def serving_access(made: Organization, wrap: Callable[[ASGIApp], ASGIApp]) -> Iterator[ApiAccess]:
    """Serve `made` with faults."""
    with serving(made, wrap=wrap) as (address, _):
        yield ApiAccess(
            address.url, address.org_id, Secret(address.scoped_key), revoke_key=Secret(address.unscoped_key)
        )


def settings_in(home: Path, profile: str = "demo") -> Settings:
    return Settings(profile, profile_paths(profile, {"TOKENDESK_HOME": str(home)}), author="admin", configured=True)


async def pull_quietly(settings: Settings, access: ApiAccess) -> None:
    await pull_profile(settings, access, lambda progress: None, lambda why, seconds: None, clock=lambda: NOW)


def name_policies(settings: Settings, made: Organization) -> None:
    with Desk(settings.paths.desk, author="admin", clock=lambda: NOW) as desk:
        for policy in made.policies:
            write_policy(desk, policy.id, {"name": policy.name})


@cache
def _pulled_once(users: int, tokens: int, profile: str) -> TemporaryDirectory[str]:
    folder = TemporaryDirectory()
    with practice(organization(users, tokens)) as access:
        asyncio.run(pull_quietly(settings_in(Path(folder.name), profile), access))
    return folder


def copy_pulled(home: Path, users: int, tokens: int, profile: str = "demo") -> None:
    """Put into `home` what a pull left in another one."""
    shutil.copytree(_pulled_once(users, tokens, profile).name, home, dirs_exist_ok=True)


@cache
def _named_once(users: int, tokens: int) -> TemporaryDirectory[str]:
    folder = TemporaryDirectory()
    copy_pulled(Path(folder.name), users, tokens)
    name_policies(settings_in(Path(folder.name)), organization(users, tokens))
    return folder


def pulled_home(home: Path, users: int = 1204, tokens: int = 82) -> Settings:
    """Make `home` a copy of one that was pulled once: each test has a snapshot and a desk of its own."""
    shutil.copytree(_named_once(users, tokens).name, home, dirs_exist_ok=True)
    return settings_in(home)
