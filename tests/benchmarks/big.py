"""A large snapshot in seconds, straight through the builder: python -m tests.benchmarks.big FOLDER USERS TOKENS"""

import random
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tokendesk.model.credential_kinds import KEY, SERVICE_ACCOUNT, SERVICE_TOKEN
from tokendesk.model.records import Credential, Membership, Token, User
from tokendesk.paths import profile_paths
from tokendesk.snapshot.build import SnapshotBuilder
from tokendesk.snapshot.work_file import new_work_file

PROFILE = "bench"
FIRST = ("Ada", "Bo", "Cyra", "Dmitri", "Élise", "Farid", "Giulia", "Håkon", "Ines", "Jürgen", "Kaija", "Marta", "Omar")
LAST = ("Martínez", "Example", "Sample", "Novák", "Okafor", "Lind", "Sánchez", "Tóth", "Bøe", "Marsh", "Iyer", "Doyle")
PRODUCTS = ("jira", "confluence", "bitbucket", "loom")
LABELS = ("jenkins", "backup-nas", "deploy", "nightly export", "test", "excel", "k8s secret", "release bot", "sync")


def make(home: Path, users: int, tokens: int, now: datetime) -> Path:
    """Write the snapshot of the profile `bench` under `home`; return its path."""
    rng = random.Random(users)
    paths = profile_paths(PROFILE, {"TOKENDESK_HOME": str(home)})
    with new_work_file(paths.cache) as work:
        for start in range(0, users, 1000):
            work.add_users(_user(number, rng, now) for number in range(start, min(users, start + 1000)))
        work.add_memberships(
            Membership(f"712020:{number:08x}", f"policy-{min(3, number % 97 // 30)}") for number in range(users)
        )
        work.add_tokens(_token(number, users, rng, now) for number in range(tokens))
        work.add_credentials(_credentials(rng, now))
        with SnapshotBuilder(paths.cache, work.path) as builder:
            builder.finish(
                {
                    "pull_id": "benchmark", "org_id": "benchmark", "org_name": "Benchmark",
                    "pulled_at": now.isoformat(), "users": str(users), "tokens": str(tokens), "policies": "4",
                }
            )  # fmt: skip
    return paths.snapshot


KEYS, ACCOUNTS, TOKENS_OF_EACH = 20, 1_000, 3


def _credentials(rng: random.Random, now: datetime) -> Iterator[Credential]:
    for number in range(KEYS):
        yield _credential(KEY, f"key-{number}", f"key {number}", None, rng, now)
    for number in range(ACCOUNTS):
        yield Credential(SERVICE_ACCOUNT, f"account-{number}", f"Account {number}", maker_id=f"712020:{number:08x}")
        for each in range(TOKENS_OF_EACH):
            label = f"{rng.choice(LABELS)} {number}"
            yield _credential(SERVICE_TOKEN, f"token-{number}-{each}", label, f"account-{number}", rng, now)


def _credential(
    kind: str, credential_id: str, name: str, account_id: str | None, rng: random.Random, now: datetime
) -> Credential:
    made = now - timedelta(hours=rng.randrange(24 * 364))
    return Credential(
        kind, credential_id, name, account_id=account_id, created_at=made.isoformat(),
        expires_at=(made + timedelta(days=365)).isoformat(),
        last_active_at=(made + (now - made) * rng.random()).isoformat(),
        scopes=rng.choice((("read:jira-work",), ("write:page:confluence",), ("manage:jira-configuration",))),
    )  # fmt: skip


def _name(number: int) -> tuple[str, str]:
    return FIRST[number % len(FIRST)], LAST[number // len(FIRST) % len(LAST)]


def _user(number: int, rng: random.Random, now: datetime) -> User:
    first, last = _name(number)
    active = now - timedelta(hours=rng.randrange(24 * 400))
    return User(
        f"712020:{number:08x}", f"{first} {last}", f"user{number}@example.com", "atlassian",
        "inactive" if number % 41 == 0 else "active", "active", last_active=active.isoformat(),
        roles=("atlassian/site-admin",) if number % 5_000 == 7 else ("jira-admin",) if number % 300 == 5 else (),
        products=dict.fromkeys(PRODUCTS[: 1 + number % 4], active.isoformat()),
    )  # fmt: skip


def _token(number: int, users: int, rng: random.Random, now: datetime) -> Token:
    made = now - timedelta(hours=rng.randrange(24 * 364))
    used = None if number % 9 == 0 else made + (now - made) * rng.random()
    return Token(
        f"token-{number:08x}", f"{rng.choice(LABELS)} {number}", "BLOCKED" if number % 50 == 0 else "ALLOWED",
        made.isoformat(), (made + timedelta(days=365)).isoformat(), used.isoformat() if used else None,
        f"712020:{rng.randrange(users):08x}", scopes=() if number % 3 else ("read:jira-work",),
    )  # fmt: skip


if __name__ == "__main__":
    print(make(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), datetime.now(UTC)))
