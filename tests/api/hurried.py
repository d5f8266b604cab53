"""Pulls without real waits, from an organization with faults."""

import asyncio
import random
import sqlite3
import time
from pathlib import Path

from tests.practice import NOW
from tokendesk.api.client import Client
from tokendesk.current_snapshot import current_snapshot
from tokendesk.model.secret import Secret
from tokendesk.sandbox.app import Sandbox
from tokendesk.sandbox.faults import with_faults
from tokendesk.sandbox.organization import Organization
from tokendesk.sandbox.serve import Address, serving
from tokendesk.snapshot.file import snapshot_uri
from tokendesk.snapshot.pull import pull


class Hurry:
    """A clock that a sleep moves: waits are kept in the client's own time, and over at once in ours."""

    def __init__(self) -> None:
        self.slept = 0.0

    def clock(self) -> float:
        return time.time() + self.slept

    async def sleep(self, seconds: float) -> None:
        self.slept += seconds
        await asyncio.sleep(0)


def hurried(address: Address, hurry: Hurry, **options: float) -> Client:
    return Client(
        address.url,
        Secret(address.scoped_key),
        sleep=hurry.sleep,
        clock=hurry.clock,
        rng=random.Random(1),
        **options,  # type: ignore[arg-type]
    )


async def pull_with(faults: tuple[str, ...], cache: Path, made: Organization, **options: float) -> Sandbox:
    with serving(made, wrap=with_faults(faults)) as (address, sandbox):
        client = hurried(address, Hurry(), **options)
        try:
            await pull(client, address.org_id, cache, clock=lambda: NOW)
        finally:
            await client.close()
    return sandbox


def held(cache: Path) -> tuple[dict[str, tuple[object, ...]], dict[str, str | None]]:
    db = sqlite3.connect(snapshot_uri(current_snapshot(cache)), uri=True)
    tokens = {row[0]: row[1:] for row in db.execute("SELECT token_id, label, owner_id, created, expires FROM token")}
    users = dict(
        db.execute("SELECT account_id, policy_id FROM user LEFT JOIN policy ON policy.id = user.policy").fetchall()
    )
    db.close()
    return tokens, users


def truth(made: Organization) -> dict[str, tuple[object, ...]]:
    living = [made.token(life) for _, life in made.living()]
    return {
        token.id: (token.label, made.person(token.owner).account_id, token.created, token.expires) for token in living
    }


def policies(made: Organization) -> dict[str, str | None]:
    """Return the policy of each managed account as the organization has it."""
    return {made.person(index).account_id: made.policy_of(index) for index in range(made.users)}


def asked_for_policies(sandbox: Sandbox) -> int:
    return sum(number for (_, path), number in sandbox.requests.items() if path.endswith("bulk-fetch"))
