"""Filters, compared with plain Python on the organization's own records."""

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.practice import NOW, name_policies, organization, practice, pull_quietly, settings_in
from tests.reach_told import power_told, reach_told, stops_told
from tests.views.filters_made import plain
from tokendesk.desk.entries import Desk
from tokendesk.desk.notes import write_note
from tokendesk.filtering.errors import FilterError
from tokendesk.model.findings import Thresholds
from tokendesk.sandbox.organization import Organization
from tokendesk.views.query import Query
from tokendesk.views.reader import Reader

DAY = 86_400
PRESENT = int(NOW.timestamp())


@dataclass
class T:
    """A token as a person would write it down."""

    id: str
    label: str
    owner: str
    email: str
    owner_id: str
    owner_off: bool
    policy: str
    status: str
    created: int
    expires: int | None
    used: int | None
    scopes: tuple[str, ...] | None
    title: str
    department: str
    purpose: str = ""
    decision: str = "undecided"
    tags: tuple[str, ...] = ()
    siblings: int = 0

    @property
    def idle(self) -> float:
        return float("nan") if self.used is None else (PRESENT - self.used) / DAY

    @property
    def age(self) -> float:
        return (PRESENT - self.created) / DAY

    @property
    def left(self) -> float:
        return float("nan") if self.expires is None else (self.expires - PRESENT) / DAY


@dataclass
class World:
    reader: Reader
    made: Organization
    tokens: dict[str, T]

    def found(self, text: str, pane: str = "tokens") -> list[str]:
        ids = self.reader.ids(Query(pane, filter=text), PRESENT)
        records = self.reader.records(pane, ids)
        return [records[row_id] for row_id in ids]


def has(needle: str, *texts: str) -> bool:
    return any(plain(needle) in plain(text) for text in texts)


def seen(t: T, word: str) -> bool:
    return (
        has(word, "\n".join([t.label, t.owner, t.email])) or has(word, t.purpose) or any(has(word, g) for g in t.tags)
    )


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    made = organization()
    settings = settings_in(tmp_path_factory.mktemp("home"))
    with practice(made) as access:
        asyncio.run(pull_quietly(settings, access))
    name_policies(settings, made)
    names = {policy.id: policy.name for policy in made.policies}
    tokens: dict[str, T] = {}
    for _, life in made.living():
        token = made.token(life)
        person = made.person(token.owner)
        policy = made.policy_of(token.owner)
        used = made.last_use(token.number)
        tokens[token.id] = T(
            token.id, token.label, person.name, person.email or "", person.account_id,
            person.account_status != "active", names[policy],
            "BLOCKED" if made.blocks(policy) else "ALLOWED", token.created, token.expires,
            int(used.timestamp()) if used else None, token.scopes, person.job_title or "", person.department or "",
        )  # fmt: skip
    for t in tokens.values():
        t.siblings = sum(other.owner_id == t.owner_id for other in tokens.values())
    order = sorted(tokens)
    with Desk(settings.paths.desk) as desk:
        for ids, fields in (
            (order[:7], {"purpose": "Nightly Büro export", "tag:ci": True}),
            (order[5:12], {"decision": "revoke", "tag:old": True}),
            (order[20:23], {"purpose": "ask [b]Bo[/b]", "decision": "keep"}),
        ):
            write_note(desk, "token", ids, fields)  # type: ignore[arg-type]
    for record in order[:7]:
        tokens[record].purpose, tokens[record].tags = "Nightly Büro export", ("ci",)
    for record in order[5:12]:
        tokens[record].decision, tokens[record].tags = "revoke", (*tokens[record].tags, "old")
    for record in order[20:23]:
        tokens[record].purpose, tokens[record].decision = "ask [b]Bo[/b]", "keep"
    with Reader(settings.paths, Thresholds()) as reader:
        yield World(reader, made, tokens)


def on(text: str) -> int:
    return int(datetime.fromisoformat(f"{text}T00:00:00+00:00").timestamp())


def noted(t: T) -> bool:
    return bool(t.purpose or t.tags or t.decision != "undecided")


CASES: list[tuple[str, Callable[[T], bool]]] = [
    ("", lambda t: True),
    ("deploy", lambda t: seen(t, "deploy")),
    ("DEPLOY", lambda t: seen(t, "deploy")),
    ("jenkins", lambda t: seen(t, "jenkins")),
    ("a", lambda t: seen(t, "a")),
    ("k8", lambda t: seen(t, "k8")),
    ("ø", lambda t: seen(t, "ø")),
    ("ubersetzung", lambda t: seen(t, "ubersetzung")),
    ("sanchez", lambda t: seen(t, "sanchez")),
    ("Sánchez", lambda t: seen(t, "sanchez")),
    ("buro", lambda t: seen(t, "buro")),
    ("nightly export", lambda t: seen(t, "nightly") and seen(t, "export")),
    ('"nightly export"', lambda t: seen(t, "nightly export")),
    ("-export", lambda t: not seen(t, "export")),
    ("not export", lambda t: not seen(t, "export")),
    ("svc prod", lambda t: seen(t, "svc") and seen(t, "prod")),
    ("svc or prod", lambda t: seen(t, "svc") or seen(t, "prod")),
    ("svc OR prod OR test", lambda t: seen(t, "svc") or seen(t, "prod") or seen(t, "test")),
    ("(svc or prod) -export", lambda t: (seen(t, "svc") or seen(t, "prod")) and not seen(t, "export")),
    ("-(svc or prod)", lambda t: not (seen(t, "svc") or seen(t, "prod"))),
    ("%", lambda t: seen(t, "%")),
    ("_", lambda t: seen(t, "_")),
    ("'", lambda t: seen(t, "'")),
    ('"[/markup]"', lambda t: seen(t, "[/markup]")),
    ("=1+1", lambda t: seen(t, "=1+1")),
    ("example.com", lambda t: seen(t, "example.com")),
    ("label:export", lambda t: has("export", t.label)),
    ("label:=prod", lambda t: plain(t.label) == "prod"),
    ('label:="nightly export"', lambda t: plain(t.label) == "nightly export"),
    ("label:none", lambda t: t.label == ""),
    ("label:any", lambda t: t.label != ""),
    ("-label:any", lambda t: t.label == ""),
    ("owner:bo", lambda t: has("bo", t.owner)),
    ("owner:bo,svc", lambda t: has("bo", t.owner) or has("svc", t.owner)),
    ("-owner:svc", lambda t: not has("svc", t.owner)),
    ('owner:svc policy:"Integrations"', lambda t: has("svc", t.owner) and t.policy == "Integrations"),
    ('owner:bo policy:"Service accounts"', lambda t: has("bo", t.owner) and t.policy == "Service accounts"),
    ("OWNER:SVC", lambda t: has("svc", t.owner)),
    ("email:contractors", lambda t: has("contractors", t.email)),
    ('policy:"Default"', lambda t: t.policy == "Default"),
    ("policy:def", lambda t: has("def", t.policy)),
    ("policy:=Default", lambda t: t.policy == "Default"),
    ("policy:integrations,contractors", lambda t: t.policy in ("Integrations", "Contractors")),
    ("-policy:default", lambda t: t.policy != "Default"),
    ("policy:none", lambda t: False),
    ("status:blocked", lambda t: t.status == "BLOCKED"),
    ("status:BLOCKED", lambda t: t.status == "BLOCKED"),
    ("status:allowed,blocked", lambda t: True),
    ("status:slumbering", lambda t: False),
    ("-status:allowed", lambda t: t.status != "ALLOWED"),
    ("idle:>90d", lambda t: t.idle > 90),
    ("idle>90d", lambda t: t.idle > 90),
    ("idle:>=90d", lambda t: t.idle >= 90),
    ("idle:<30d", lambda t: t.idle < 30),
    ("-idle:>90d", lambda t: not t.idle > 90),
    ("idle:30d..90d", lambda t: 30 <= t.idle <= 90),
    ("idle:..7d", lambda t: t.idle <= 7),
    ("idle:180d..", lambda t: t.idle >= 180),
    ("idle:>3mo", lambda t: t.idle > 90),
    ("idle:>12w", lambda t: t.idle > 84),
    ("idle:<12h", lambda t: t.idle < 0.5),
    ("idle:>1y", lambda t: t.idle > 365),
    ("used:never", lambda t: t.used is None),
    ("used:any", lambda t: t.used is not None),
    ("-used:never", lambda t: t.used is not None),
    ("used:<7d", lambda t: t.idle < 7),
    ("used:<7d,never", lambda t: t.used is None or t.idle < 7),
    ("used:>2026-10-01", lambda t: t.used is not None and t.used >= on("2026-10-02")),
    ("used:>=2026-10-01", lambda t: t.used is not None and t.used >= on("2026-10-01")),
    ("used:2026-10", lambda t: t.used is not None and on("2026-10-01") <= t.used < on("2026-11-01")),
    ("used:today", lambda t: t.used is not None and on("2026-11-23") <= t.used < on("2026-11-24")),
    ("used:yesterday", lambda t: t.used is not None and on("2026-11-22") <= t.used < on("2026-11-23")),
    ("created:<2024-01-01", lambda t: t.created < on("2024-01-01")),
    ("created:<2026-06-01", lambda t: t.created < on("2026-06-01")),
    ("created:2026", lambda t: on("2026-01-01") <= t.created < on("2027-01-01")),
    ("created:2026-03..2026-05", lambda t: on("2026-03-01") <= t.created < on("2026-06-01")),
    ("created:2026-03-10..2026-05-20", lambda t: on("2026-03-10") <= t.created < on("2026-05-21")),
    ("created:>90d", lambda t: t.age > 90),
    ("created:<30d", lambda t: t.age < 30),
    ("expires:<30d", lambda t: 0 <= t.left < 30),
    ("expires:>30d", lambda t: t.left > 30),
    ("expires:never", lambda t: t.expires is None),
    ("expires:any", lambda t: t.expires is not None),
    ("expires:<2026-12-24", lambda t: t.expires is not None and t.expires < on("2026-12-24")),
    ("expires:30d..60d", lambda t: 30 <= t.left <= 60),
    ("expires:<30d idle:<30d", lambda t: 0 <= t.left < 30 and t.idle < 30),
    ("scope:jira", lambda t: any(has("jira", s) for s in t.scopes or ())),
    ("scope:none", lambda t: not t.scopes),
    ("scope:any", lambda t: bool(t.scopes)),
    ("reach:bitbucket", lambda t: "bitbucket" in reach_told(t.scopes)),
    ("-reach:bitbucket", lambda t: "bitbucket" not in reach_told(t.scopes)),
    ("reach:jira", lambda t: "jira" in reach_told(t.scopes)),
    ("reach:JIRA,rovo", lambda t: bool({"jira", "rovo"} & {*reach_told(t.scopes)})),
    ("reach:everything", lambda t: not t.scopes),
    ("reach:not-told", lambda t: False),
    ('reach:"read:video:loom"', lambda t: "read:video:loom" in (t.scopes or ())),
    ("reach:any", lambda t: True),
    ("power:read", lambda t: power_told(t.scopes) == "read"),
    ("power:write,delete,admin", lambda t: power_told(t.scopes) != "read"),
    ("power:admin scope:any", lambda t: bool(t.scopes) and power_told(t.scopes) == "admin"),
    ("-power:admin", lambda t: power_told(t.scopes) != "admin"),
    ("stops:yes", lambda t: stops_told(t.scopes) == "yes"),
    ("stops:may-not", lambda t: stops_told(t.scopes) == "may-not"),
    ("stops:not-told idle:<30d", lambda t: stops_told(t.scopes) == "not-told" and t.idle < 30),
    ("-stops:yes", lambda t: stops_told(t.scopes) != "yes"),
    ("is:idle-write", lambda t: t.idle > 90 and power_told(t.scopes) != "read"),
    ("title:any", lambda t: bool(t.title)),
    ("department:finance", lambda t: has("finance", t.department)),
    ("owner.status:deactivated", lambda t: t.owner_off),
    ("owner.status:active", lambda t: not t.owner_off),
    ("owner.tokens:>1", lambda t: t.siblings > 1),
    ("owner.tokens:9", lambda t: t.siblings == 9),
    ("owner.tokens:2..4", lambda t: 2 <= t.siblings <= 4),
    ("purpose:none", lambda t: not t.purpose),
    ("purpose:any", lambda t: bool(t.purpose)),
    ("purpose:büro", lambda t: has("buro", t.purpose)),
    ('purpose:"[b]"', lambda t: has("[b]", t.purpose)),
    ("decision:revoke", lambda t: t.decision == "revoke"),
    ("decision:revoke,keep", lambda t: t.decision in ("revoke", "keep")),
    ("decision:undecided", lambda t: t.decision == "undecided"),
    ("-decision:undecided", lambda t: t.decision != "undecided"),
    ("tag:ci", lambda t: "ci" in t.tags),
    ("tag:CI", lambda t: "ci" in t.tags),
    ("-tag:ci", lambda t: "ci" not in t.tags),
    ("tag:ci tag:old", lambda t: {"ci", "old"} <= set(t.tags)),
    ("tag:ci,old", lambda t: bool(t.tags)),
    ("tag:none", lambda t: not t.tags),
    ("tag:any", lambda t: bool(t.tags)),
    ("note:none", lambda t: not (t.purpose or t.tags)),
    ("has:note", noted),
    ("has:tag", lambda t: bool(t.tags)),
    ("has:purpose", lambda t: bool(t.purpose)),
    ("has:decision", lambda t: t.decision != "undecided"),
    ("-has:purpose", lambda t: not t.purpose),
    ("is:untagged", lambda t: not t.tags),
    ("is:decided", lambda t: t.decision != "undecided"),
    ("is:undecided", lambda t: t.decision == "undecided"),
    ("is:in-use", lambda t: t.idle < 30),
    ("is:idle", lambda t: t.idle > 90),
    ("is:stale", lambda t: t.idle > 365),
    ("is:never-used", lambda t: t.used is None and t.age > 30),
    ("is:expiring", lambda t: 0 <= t.left < 30),
    ("is:expiring-in-use", lambda t: 0 <= t.left < 30 and t.idle < 30),
    ("is:ends-unused", lambda t: 0 <= t.left < 30 and t.idle > 90),
    ("is:owner-inactive", lambda t: t.owner_off),
    ("is:owner-unknown", lambda t: False),
    ("is:blocked", lambda t: t.status == "BLOCKED"),
    ("is:no-purpose", lambda t: not t.purpose),
    ("is:unscoped", lambda t: not t.scopes),
    ("is:no-expiry", lambda t: t.expires is None),
    ("is:expired", lambda t: t.expires is not None and t.expires <= PRESENT),
    ("-is:idle -is:never-used", lambda t: not t.idle > 90 and not (t.used is None and t.age > 30)),
    ("idle:>1y or used:never", lambda t: t.idle > 365 or t.used is None),
    ("idle:>90d policy:default -purpose:any", lambda t: t.idle > 90 and t.policy == "Default" and not t.purpose),
    ("(idle:>90d or used:never) svc", lambda t: (t.idle > 90 or t.used is None) and seen(t, "svc")),
    ("-(idle:>90d -tag:ci)", lambda t: not (t.idle > 90 and "ci" not in t.tags)),
    ("not not svc", lambda t: seen(t, "svc")),
    ("svc and prod", lambda t: seen(t, "svc") and seen(t, "prod")),
]


@pytest.mark.parametrize(("text", "expected"), CASES, ids=[text or "(empty)" for text, _ in CASES])
def test_a_filter_finds_what_the_oracle_finds(world: World, text: str, expected: Callable[[T], bool]) -> None:
    assert set(world.found(text)) == {t.id for t in world.tokens.values() if expected(t)}


def test_marks_are_found_and_narrow_on(world: World) -> None:
    marked = [token for token in world.tokens if "a" in token[:6]]
    world.reader.marked("tokens", [*marked, "gone-since"])
    assert set(world.found("is:marked")) == set(marked)
    assert set(world.found("-is:marked")) == set(world.tokens) - set(marked)
    assert set(world.found("is:marked idle:>90d")) == {token for token in marked if world.tokens[token].idle > 90}
    world.reader.marked("tokens", [])
    assert world.found("is:marked") == []


USERS: list[tuple[str, Callable[[list[T]], bool]]] = [
    ("tokens:>1", lambda ts: len(ts) > 1),
    ("tokens:0", lambda ts: not ts),
    ("tokens:>=5", lambda ts: len(ts) >= 5),
    ("is:many-tokens", lambda ts: len(ts) >= 5),
    ("token.idle:>90d", lambda ts: any(t.idle > 90 for t in ts)),
    ("-token.idle:>90d tokens:>0", lambda ts: bool(ts) and not any(t.idle > 90 for t in ts)),
    ("token.label:export", lambda ts: any(has("export", t.label) for t in ts)),
    ("token.status:blocked", lambda ts: any(t.status == "BLOCKED" for t in ts)),
    ("token.expires:<30d", lambda ts: any(0 <= t.left < 30 for t in ts)),
    ("used:<7d", lambda ts: any(t.idle < 7 for t in ts)),
    ("reach:bitbucket", lambda ts: any("bitbucket" in reach_told(t.scopes) for t in ts)),
    ("tokens:>0 -reach:everything", lambda ts: bool(ts) and all(t.scopes for t in ts)),
    ("power:write", lambda ts: any(power_told(t.scopes) == "write" for t in ts)),
    ("is:inactive-with-tokens", lambda ts: any(t.owner_off for t in ts)),
]


@pytest.mark.parametrize(("text", "expected"), USERS, ids=[text for text, _ in USERS])
def test_users_are_found_by_their_tokens(world: World, text: str, expected: Callable[[list[T]], bool]) -> None:
    of: dict[str, list[T]] = {world.made.person(i).account_id: [] for i in range(1204)}
    for t in world.tokens.values():
        of[t.owner_id].append(t)
    assert set(world.found(text, "users")) == {account for account, ts in of.items() if expected(ts)}


def test_policies_are_found_by_their_counts(world: World) -> None:
    assert len(world.found("tokens:>10", "policies")) == 2
    assert len(world.found("blocked:>0", "policies")) == 1
    assert len(world.found("users:>1000", "policies")) == 1
    assert world.found("name:none", "policies") == []
    for text, holds in (("reach:bitbucket", "bitbucket"), ("reach:compass", "compass")):
        having = {t.policy for t in world.tokens.values() if holds in reach_told(t.scopes)}
        assert set(world.found(text, "policies")) == {p.id for p in world.made.policies if p.name in having}


SORTS: dict[str, Callable[[T], object | None]] = {
    "label": lambda t: plain(t.label) or None,
    "owner": lambda t: plain(t.owner),
    "used": lambda t: t.used,
    "expires": lambda t: t.expires,
    "status": lambda t: plain(t.status),
    "policy": lambda t: plain(t.policy),
    "decision": lambda t: t.decision,
    "purpose": lambda t: plain(t.purpose) if t.purpose else None,
}


@pytest.mark.parametrize("name", SORTS)
@pytest.mark.parametrize("down", [False, True])
def test_rows_stand_in_order_and_those_without_a_value_last(world: World, name: str, down: bool) -> None:
    ids = world.reader.ids(Query("tokens", sort=(f"-{name}" if down else name,)), PRESENT)
    records = world.reader.records("tokens", ids)
    values = [SORTS[name](world.tokens[records[row_id]]) for row_id in ids]
    there = [value for value in values if value is not None]
    assert values[len(there) :] == [None] * (len(values) - len(there))
    assert there == sorted(there, reverse=down)  # type: ignore[type-var]


def test_a_second_order_holds_where_the_first_is_equal(world: World) -> None:
    ids = world.reader.ids(Query("tokens", sort=("policy", "-used")), PRESENT)
    records = world.reader.records("tokens", ids)
    tokens = [world.tokens[records[row_id]] for row_id in ids]
    assert tokens == sorted(tokens, key=lambda t: (plain(t.policy), t.used is None, -(t.used or 0)))


def test_list_gives_the_same_rows_in_the_same_order(
    world: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from tokendesk.cli import main

    home: Path = world.reader.paths.config_file.parent
    monkeypatch.setenv("TOKENDESK_HOME", str(home))
    monkeypatch.setenv("TOKENDESK_CLOCK", NOW.isoformat())
    for text in ("idle:>90d", "svc or prod", "-tag:ci"):
        assert main(["list", "tokens", "--profile", "demo", "--format", "json", "--", text]) == 0
        assert [row["id"] for row in json.loads(capsys.readouterr().out)] == world.found(text)


PIECES = st.sampled_from(
    ["svc", "idle:>90d", "-", "(", ")", "or", "not", '"', "tag:", "is:idle", "used:never", ":", "..", ">", "policy:x",
     "expires:<30d", "created:2026", "'; DROP TABLE token; --", "é", "\x00", "%"]
)  # fmt: skip


@hypothesis_settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pieces=st.lists(PIECES, max_size=6), glue=st.sampled_from(["", " "]))
def test_no_filter_crashes(world: World, pieces: list[str], glue: str) -> None:
    try:
        assert set(world.found(glue.join(pieces))) <= set(world.tokens)
    except FilterError as error:
        assert str(error)
