"""Readiness, compared with counts from the organization's own data."""

import asyncio
from pathlib import Path

from tests.practice import NOW, name_policies, organization, practice, pull_quietly, settings_in
from tests.reach_told import stops_told
from tokendesk.desk.entries import Desk
from tokendesk.desk.notes import write_note
from tokendesk.reporting.document import render
from tokendesk.reporting.readiness_page import readiness_document
from tokendesk.views.query import Query
from tokendesk.views.reader import Reader
from tokendesk.views.readiness import policy_readiness

PRESENT = int(NOW.timestamp())
DAY = 86_400


def test_every_number_equals_a_count_over_the_organization(tmp_path: Path) -> None:
    made = organization()
    settings = settings_in(tmp_path)
    name_policies(settings, made)
    with practice(made) as access:
        asyncio.run(pull_quietly(settings, access))
    policy = made.policies[0]
    members = [
        (made.token(life), made.person(life_owner), made.last_use_in(life, PRESENT))
        for _, life in made.living()
        if made.policy_of(life_owner := made.token(life).owner) == policy.id
    ]
    members = [m for m in members if m[0].expires is None or m[0].expires > PRESENT]
    noted = {token.id for token, _, _ in members[::3]}
    kept = {token.id for token, _, _ in members[::4]}
    with Desk(settings.paths.desk) as desk:
        write_note(desk, "token", sorted(noted), {"purpose": "known"})
        write_note(desk, "token", sorted(kept), {"decision": "keep"})
    with Reader(settings.paths, settings.thresholds) as reader:
        found = policy_readiness(reader, policy.id, PRESENT)
        shown = {step.title: len(reader.ids(Query("tokens", filter=step.filter), PRESENT)) for step in found.steps}
        text = render(readiness_document(found, reader.info, PRESENT), "markdown")
    for window in found.windows:
        mine = [
            m for m in members
            if window.days is None or (m[2] is not None and (NOW - m[2]).total_seconds() < window.days * DAY)
        ]  # fmt: skip
        assert window.tokens == len(mine)
        assert window.owners == len({person.account_id for _, person, _ in mine})
        assert window.with_purpose == sum(token.id in noted for token, _, _ in mine)
        assert window.decided == sum(token.id in kept for token, _, _ in mine)
        groups = [stops_told(token.scopes) for token, _, _ in mine]
        told = (window.stop, window.may_not_stop, window.not_told)
        assert told == (groups.count("yes"), groups.count("may-not"), groups.count("not-told"))
    used = [m for m in members if m[2] is not None and (NOW - m[2]).total_seconds() < 30 * DAY]
    counts = []
    for stops, tokens in (("yes", found.stopping), ("may-not", found.may_not_stop), ("not-told", found.not_told)):
        mine = [m for m in used if stops_told(m[0].scopes) == stops]
        assert {token.token_id for token in tokens} == {token.id for token, _, _ in mine}
        owners = len({person.account_id for _, person, _ in mine})
        counts.append(f"{len(mine)} token{'s'[: len(mine) - 1]} of {owners} owner{'s'[: owners - 1]}")
    stopping, going_on, untold = found.sentences("in Default")
    assert stopping == f"{counts[0]} would stop if tokens are blocked in Default now."
    assert going_on.startswith(f"{counts[1]} may not stop: a policy's token setting does not extend to Bitbucket")
    assert untold.startswith(f"For {counts[2]} it cannot be told")
    assert all(sentence in text for sentence in (stopping, going_on, untold))
    assert "BCLOUD-23832" in text
    steps = {step.title: step.tokens for step in found.steps}
    assert steps == shown
    assert steps["find out what they are for"] == sum(token.id not in noted for token, _, _ in used)
    assert steps["move the owners of what is kept"] == sum(token.id in kept for token, _, _ in used)
    undecided = [token for token, _, _ in used if token.id not in kept]
    bitbucket = sum(stops_told(token.scopes) == "may-not" for token in undecided)
    assert steps["decide on Bitbucket tokens, which may not stop"] == bitbucket > 0
