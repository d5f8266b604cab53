"""The goal's text and the order of triage, on the practice organization."""

import json
from collections.abc import Iterable, Sequence

from tests.desk.pulled import PRESENT, Office
from tests.reach_told import stops_told
from tokendesk.desk.goals import write_goal
from tokendesk.desk.notes import write_note
from tokendesk.desk.policies import write_policy
from tokendesk.views.counts import scope_counts
from tokendesk.views.goals import describe_goal
from tokendesk.views.reader import Reader
from tokendesk.views.triage import describe_triage_order, triage_groups


def triage_order(reader: Reader, ids: Sequence[int], now: int) -> list[int]:
    return [row_id for group in triage_groups(reader, ids, now) for row_id in group.ids]


def groups_of(office: Office, tokens: Iterable[str]) -> tuple[int, int]:
    """Return how many of these tokens a block may not stop, and of how many that cannot be told."""
    wanted = set(tokens)
    rows = office.reader.db.execute("SELECT token_id, scopes FROM main.token")
    found = [stops_told(json.loads(row["scopes"] or "[]")) for row in rows if row["token_id"] in wanted]
    return found.count("may-not"), found.count("not-told")


def test_without_a_goal_there_are_no_words(office: Office) -> None:
    assert describe_goal(office.reader, PRESENT) is None
    with office.desk() as desk:
        write_goal(desk, office.policy("Default"))
        write_goal(desk, None)
    assert describe_goal(office.reader, PRESENT) is None


def test_the_goal_counts_what_is_used_explained_and_decided_in_its_policy(office: Office) -> None:
    used = office.records("policy:=Default used:<30d")
    everything = office.records("policy:=Default")
    with office.desk() as desk:
        write_goal(desk, office.policy("Default"))
        write_note(desk, "token", used[:4], {"purpose": "CI"})
        write_note(desk, "token", everything[-7:], {"decision": "revoke"})
        write_note(desk, "token", office.records("policy:=Integrations")[:2], {"decision": "keep"})
    going_on, untold = groups_of(office, used)
    stop = len(used) - going_on - untold
    assert going_on
    assert untold
    assert describe_goal(office.reader, PRESENT) == (
        f"Default: {len(used)} in use: {stop} stop, {going_on} may not stop (Bitbucket), {untold} cannot be told · "
        f"{len(used) - 4} unexplained · 7 of {len(everything)} decided"
    )


def test_tokens_listed_as_blocked_are_said_to_be_listed_so(office: Office) -> None:
    blocked = office.records("status:blocked")
    policy = office.reader.db.execute(
        "SELECT policy_id, name, allowed, blocked FROM policy_row WHERE blocked > 0"
    ).fetchone()
    with office.desk() as desk:
        write_goal(desk, policy["policy_id"])
    assert len(blocked) == policy["blocked"]
    words = f"{policy['name']}: {len(blocked)} of {len(blocked)} tokens BLOCKED, as Atlassian lists it"
    assert describe_goal(office.reader, PRESENT) == words


def test_a_policy_said_to_block_shows_what_it_still_allows(office: Office) -> None:
    here = office.records("policy:=Default")
    bitbucket, _ = groups_of(office, here)
    with office.desk() as desk:
        write_goal(desk, office.policy("Default"))
        write_policy(desk, office.policy("Default"), {"tokens": "blocked"})
    words = f"Default: 0 of {len(here)} tokens BLOCKED, {len(here) - bitbucket} ALLOWED, "
    words += f"{bitbucket} of Bitbucket ALLOWED, which a block may leave so, as Atlassian lists it"
    assert describe_goal(office.reader, PRESENT) == words


def test_a_goal_that_no_pull_has_seen_is_no_crash(office: Office) -> None:
    with office.desk() as desk:
        write_goal(desk, '1234") or (')
    assert describe_goal(office.reader, PRESENT) == "Policy 1234…: no tokens"


def test_triage_begins_with_what_is_in_use_and_unexplained(office: Office) -> None:
    ids = office.ids()
    explained = office.records("used:<30d")[0]
    with office.desk() as desk:
        write_note(desk, "token", [explained], {"purpose": "CI"})
        write_note(desk, "token", office.records("idle:>90d")[:3], {"decision": "revoke"})
    groups = triage_groups(office.reader, ids, PRESENT)
    assert [group.title for group in groups] == [
        "in use without purpose", "owner inactive", "idle", "the rest", "decided",
    ]  # fmt: skip
    assert set(groups[0].ids) == set(office.ids("used:<30d purpose:none"))
    assert set(groups[-1].ids) == set(office.ids("decision:revoke"))
    order = triage_order(office.reader, ids, PRESENT)
    assert sorted(order) == sorted(ids)
    assert [row for row in ids if row in groups[0].ids] == order[: len(groups[0].ids)]
    assert triage_order(office.reader, ids[:3], PRESENT) == sorted(ids[:3], key=order.index)


def test_with_a_goal_the_tokens_of_its_policy_come_first(office: Office) -> None:
    with office.desk() as desk:
        write_goal(desk, office.policy("Integrations"))
    mine = set(office.ids("policy:=Integrations"))
    order = triage_order(office.reader, office.ids(), PRESENT)
    assert set(order[: len(mine)]) == mine
    assert describe_triage_order(office.reader).startswith("Tokens in Integrations first; in use without purpose")
    assert triage_groups(office.reader, order, PRESENT)[0].title == "in use without purpose, in Integrations"


def test_the_scope_pane_counts_decisions_and_answers(office: Office) -> None:
    records = office.records()
    with office.desk() as desk:
        write_note(desk, "token", records[:5], {"decision": "revoke"})
        write_note(desk, "token", records[5:9], {"decision": "ask", "asked_on": "2026-11-01", "reply_by": "2026-11-22"})
        write_note(
            desk, "token", records[9:10], {"decision": "ask", "asked_on": "2026-11-01", "reply_by": "2026-11-23"}
        )
        write_note(desk, "token", records[8:9], {"answer": "ours, keep it"})
    counted = {line.title: line.count for line in scope_counts(office.reader, "tokens", PRESENT).decisions}
    assert counted == {
        "undecided": 72, "keep": 0, "move": 0, "revoke": 5, "ask": 5, "waiting": 4, "overdue": 3,
    }  # fmt: skip
    assert office.records("asked:>14d reply:<today") == office.records("is:answer-overdue or answer:any")
