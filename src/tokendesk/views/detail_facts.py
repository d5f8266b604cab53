"""Facts that the details of several panes have."""

import json

from tokendesk.model.text import printable
from tokendesk.model.timestamps import NEVER, ago, day_and_time, is_endless, is_unset
from tokendesk.views.facts import Fact

POLICY_PROBLEM = "policyProblem"
"""The key under which a pull stores why a user's policy is unknown (snapshot/finish.sql)."""


def moment(name: str, at: int | None, raw: str | None, now: int, *, absent: str = "unknown") -> Fact:
    if at is None or is_unset(at * 1000):
        told = bool(raw) and not (absent.startswith(NEVER) and (is_unset(raw) or is_endless(raw)))
        return Fact(name, printable(raw or "") if told else absent, "" if told else "dim")
    return Fact(name, f"{day_and_time(at)} · {ago(at, now)}")


def extra_facts(extra: str | None) -> tuple[Fact, ...]:
    if not extra:
        return ()
    return tuple(
        Fact(
            printable(name),
            printable(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))[:200],
            "dim",
        )
        for name, value in json.loads(extra).items()
        if name != POLICY_PROBLEM
    )
