"""The probe shows the structure of responses, and none of their content."""

import asyncio
import inspect
import json
import re
from collections.abc import Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.practice import NOW, organization
from tests.scripted import KEY, ORG, Scripted, scripted
from tokendesk.api.client import Client
from tokendesk.errors import ApiError, KeyRefused
from tokendesk.model.secret import Secret
from tokendesk.running import outline, probe
from tokendesk.running.outline import Outline, Pseudonyms, SeenTexts, outline_headers, text_form
from tokendesk.running.probe import Probe
from tokendesk.sandbox.app import Sandbox
from tokendesk.sandbox.faults import FAULTS, with_faults
from tokendesk.sandbox.serve import Address, serving

Wrap = Callable[[ASGIApp], ASGIApp]
READING = re.compile(r"/(users/search|bulk-fetch)\Z")


async def at_once(_: float) -> None:
    await asyncio.sleep(0)


@asynccontextmanager
async def clients(address: Address, patience: float = 30.0) -> Any:
    client = Client(address.url, Secret(address.scoped_key), timeout=patience)
    revoking = Client(address.url, Secret(address.unscoped_key), timeout=patience)
    try:
        yield client, revoking
    finally:
        await client.close()
        await revoking.close()


async def probed(
    wrap: Wrap | None = None, *, limits: bool = False, users: int = 300, tokens: int = 40, patience: float = 30.0
) -> tuple[dict[str, Any], Sandbox]:
    with serving(organization(users, tokens), wrap=wrap) as (address, sandbox):
        async with clients(address, patience) as (client, revoking):
            asking = Probe(client, address.org_id, revoking=revoking, sleep=at_once, clock=NOW.timestamp)
            return await asking.run(limits=limits), sandbox


def found(told: dict[str, Any], title: str) -> dict[str, Any]:
    return next(answer for answer in told["answers"] if answer["asked"] == title)


def texts(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield each text in an answer with the name of its member."""
    if isinstance(value, dict):
        for key, member in value.items():
            yield from texts(member, key)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item, name)
    elif isinstance(value, str):
        yield name, value


class Listening:
    """Hears all answers, and may change each before it is sent."""

    def __init__(self, change: Callable[[Any], Any] = lambda content: content) -> None:
        self.served: list[Any] = []
        self._change = change

    def __call__(self, app: ASGIApp) -> ASGIApp:
        async def inner(scope: Scope, receive: Receive, send: Send) -> None:
            start: list[Message] = []

            async def changed(message: Message) -> None:
                if message["type"] == "http.response.start":
                    start.append(message)
                    return
                content = self._change(json.loads(message["body"]))
                self.served.append(content)
                body = json.dumps(content).encode()
                headers = [(name, value) for name, value in start[0]["headers"] if name != b"content-length"]
                await send({**start[0], "headers": [*headers, (b"content-length", str(len(body)).encode())]})
                await send({**message, "body": body})

            await app(scope, receive, changed if scope["type"] == "http" else send)

        return inner


VOCABULARY = (
    "status", "accountStatus", "membershipStatus", "claimStatus", "accountType", "type", "authType", "key", "product",
    "managementSource", "format", "platformRoles", "action",
)  # fmt: skip
"""Members whose values are words of Atlassian's, such as `active`."""


OURS = (inspect.getsource(outline) + inspect.getsource(probe)).casefold()
"""What is a word of our own too, such as a label `token`, cannot be told apart."""


async def test_nothing_of_the_practice_organization_is_in_it() -> None:
    listening = Listening()
    told, sandbox = await probed(listening, limits=True)
    written = json.dumps(told, ensure_ascii=False).casefold()
    values = {
        text
        for content in listening.served
        for name, text in texts(content)
        if len(text) >= 5 and name not in VOCABULARY
    }
    assert len(values) > 1_000
    leaked = {text for text in values if text.casefold() in written and text.casefold() not in OURS}
    assert leaked == set()
    people = [sandbox.organization.person(index) for index in range(300)]
    assert not any(p.email and p.email.casefold() in written for p in people)
    assert not any(p.account_id.casefold() in written for p in people)
    for secret in (sandbox.organization.id, sandbox.keys.scoped, sandbox.keys.unscoped, "127.0.0.1"):
        assert secret.casefold() not in written


def marked(content: Any, number: list[int]) -> Any:
    """Return `content` with a mark in each text and in the names of objects that are keyed by something."""
    if isinstance(content, dict):
        return {
            name: marked(value, number) if name not in ("next", "id", "accountId", "tokenId") else value
            for name, value in content.items()
        } | keyed(number)
    if isinstance(content, list):
        return [marked(item, number) for item in content]
    if isinstance(content, str):
        number[0] += 1
        return f"Zqx{'abcdefghij'[number[0] % 10]} said {number[0]}"
    return content


def keyed(number: list[int]) -> dict[str, Any]:
    return {
        "712020:zqx-0000-4000": {"role": "x"},
        "zqx@example.com": 1,
        "Zqx Lovelace": [1],
        "zqx1c0ffee": None,
        "[/b]zqx": {},
        "zqxa": {"policy": "p"},
        "team": {"zqxa": {"one": 1}, "zqxlovelace": {"one": 1}, "zqxhopper": {"one": 2}},
    }


async def test_a_hostile_server_gets_nothing_into_it() -> None:
    number = [0]
    told, _ = await probed(Listening(lambda content: marked(content, number)), limits=True)
    assert number[0] > 1_000
    assert "zqx" not in json.dumps(told).casefold()


async def test_members_that_nobody_knows_yet_are_named() -> None:
    def added(content: Any) -> Any:
        for item in content.get("data", []) if isinstance(content, dict) else []:
            item |= {"rotationState": "DUE", "usage": {"lastThirtyDays": 4}}
        return content

    told, _ = await probed(Listening(added))
    each = found(told, "tokens, page of 1,000")["answer"]["data"]["(list of 40, each)"]
    assert each["rotationState"] == "string, length 3, UPPER CASE"
    assert each["usage"] == {"lastThirtyDays": "number, 1 digits"}


async def test_the_same_id_is_the_same_number_wherever_it_is_met() -> None:
    told, _ = await probed()
    first = found(told, "tokens, page of 1")["answer"]["data"]["(list of 1, each)"]
    again = found(told, "tokens, page of 1,000")["answer"]["data"]["(list of 40, each)"]
    policy = found(told, "policy of one user")["answer"]["(list of 1, each)"]
    assert first["id"].endswith("number 1")
    assert "number 1 " in again["id"]
    assert first["user"]["id"].endswith("number 2")
    assert policy["accountId"].endswith("number 2")
    noted = found(told, "tokens of one owner")["noted"]
    assert noted["ids that are in both"] == noted["tokens of this owner here"] > 0


async def test_ids_of_two_lists_that_differ_are_seen_to() -> None:
    def other(content: Any) -> Any:
        if isinstance(content, list):
            for item in content:
                if "lastAccess" in item or "expiry" in item:
                    item |= {"id": f"container-{item['id']}", "disabledStatus": False}
        return content

    told, _ = await probed(Listening(other))
    noted = found(told, "tokens of one owner")["noted"]
    assert noted["ids that are in both"] == 0
    assert noted["with disabledStatus"] == noted["tokens of this owner here"] > 0


async def test_it_reads_and_asks_for_little() -> None:
    told, sandbox = await probed()
    assert told["limits were tried"] is False
    assert all(method == "GET" or READING.search(path) for method, path in sandbox.requests)
    assert sum(sandbox.requests.values()) < 20
    assert not any(path.endswith("/events") for _, path in sandbox.requests)


async def test_limits_are_tried_on_demand() -> None:
    told, sandbox = await probed(with_faults(["100-bulk"]), limits=True, users=700)
    assert all(method == "GET" or READING.search(path) for method, path in sandbox.requests)
    assert found(told, "policies of 100 users")["status"] == 200
    assert found(told, "policies of 200 users")["status"] == 400
    assert not any(answer["asked"] == "policies of 500 users" for answer in told["answers"])
    assert found(told, "audit events, quick calls")["noted"]["statuses in their order"].split() == ["200"] * 11


async def test_the_headers_of_a_limit_are_told() -> None:
    told, _ = await probed(with_faults(["429-forever"]))
    answer = found(told, "tokens, page of 1")
    assert (answer["first try"], answer["status"]) == ("status 429", 429)
    assert answer["headers"]["limits"]["x-ratelimit-limit"] == 10
    assert answer["headers"]["limits"]["x-ratelimit-reset"].startswith("time 0000-00-00T00:00:00.000")


@pytest.mark.parametrize("fault", FAULTS)
async def test_every_fault_is_told_of(fault: str) -> None:
    if fault == "never-answers":
        with pytest.raises(ApiError, match="nothing to write"):
            await probed(with_faults([fault]), users=60, tokens=20, patience=0.3)
        return
    told, _ = await probed(with_faults([fault]), users=60, tokens=20)
    assert len(told["answers"]) >= 10
    assert all(
        "status" in answer or "no answer" in answer or "not asked" in answer["noted"] for answer in told["answers"]
    )


async def test_a_key_that_is_not_accepted_leaves_nothing_to_write() -> None:
    with serving(organization(60, 10)) as (address, _):
        client = Client(address.url, Secret("another-example"))
        try:
            with pytest.raises(KeyRefused, match="nothing to write"):
                await Probe(client, address.org_id, sleep=at_once).run(limits=False)
        finally:
            await client.close()


def odd_server(script: Scripted, body: Any) -> None:
    for method, path in (
        ("GET", "/admin/api-access/v1/orgs/{org}/api-tokens"),
        ("POST", "/admin/v2/orgs/{org}/directories/-/users/search"),
        ("POST", "/admin/control/v1/orgs/{org}/users/auth-policies/bulk-fetch"),
        ("GET", "/admin/v1/orgs/{org}/event-actions"),
        ("GET", "/admin/v1/orgs/{org}/events-stream"),
    ):
        script.route(method, path, lambda query, asked: (200, body, {}))


@pytest.mark.parametrize(
    "body",
    [
        b"", b"null", b"[]", b"[[[1]]]", b'{"data": {"a": 1}}', b'{"data": [1, null]}', b'{"links": []}', b"\xff\xfe",
        b'{"data": [{"id": {"x": 1}, "user": [], "accountId": 5}]}', b"NaN", b"[1e999]", b"[" * 5_000,
        rb'{"data": [{"id": "\ud83d", "accountId": "\ud83d", "user": {"id": "\ud83d"}}], "links": {"next": "\ud83d"}}',
        b'{"data": [{"attributes": {"actor": {"auth": {"tokenId": ["t"]}}}}], "links": {"next": 5}}',
    ],
)  # fmt: skip
async def test_any_body_is_borne(body: bytes) -> None:
    with scripted() as script:
        odd_server(script, body)
        client = Client(script.url, Secret(KEY))
        try:
            told = await Probe(client, ORG, sleep=at_once).run(limits=True)
        finally:
            await client.close()
    assert found(told, "tokens, page of 1")["bytes"] == len(body)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("2026-11-23T09:00Z", "time 0000-00-00T00:00Z"),
        ("2026-11-23T09:00:00.123+00:00", "time 0000-00-00T00:00:00.000+00:00"),
        ("ALLOWED", "UPPER CASE"),
        ("active", "lower case"),
        ("", "empty"),
        ("https://example.com/x", "URL"),
        ("ada@example.com", "address"),
        ("Ada Example", "other"),
    ],
)
def test_a_text_is_told_by_its_form(text: str, form: str) -> None:
    assert text_form(text) == form


@pytest.mark.parametrize(
    "name", ["712020:aa", "ada@example.com", "1", "Ada Example", "a1b2c3d4e5f6a7b8", "x" * 60, "", "svc-ada", "[b]"]
)
def test_a_name_that_is_no_plain_word_or_somebodys_is_not_shown(name: str) -> None:
    seen = Outline(Pseudonyms(), SeenTexts())
    seen.add({"name": "Ada Example", name: True})
    assert seen.as_json() == {"name": "string, length 11, other", "(name not shown 1)": "boolean"}


@pytest.mark.parametrize(
    "name",
    [
        "Lovelace", "ATATTxFfGFabcdefghijKLMNOP", "deadbeefcafedeadbeefcafe", "abcdefab-abcd-abcd-abcd-abcdefabcdef",
        "abcdefab_abcd_abcd", "ownerDeadbeefcafe", "svc-backup", "abcdefghijklmnopqrst", "XFfGF", "_", "a__b",
    ],
)  # fmt: skip
def test_a_name_that_looks_like_an_id_or_somebodys_is_not_shown(name: str) -> None:
    seen = Outline(Pseudonyms(), SeenTexts())
    seen.add({"total": 1, name: True})
    assert seen.as_json() == {"total": "number, 1 digits", "(name not shown 1)": "boolean"}


@pytest.mark.parametrize(
    "name", ["rotationState", "last_rotated", "siteURL", "usage", "isDue", "added", "lastUsedByIp"]
)
def test_a_name_of_a_few_short_words_is_shown(name: str) -> None:
    seen = Outline(Pseudonyms(), SeenTexts())
    seen.add({"total": 1, name: True})
    assert name in seen.as_json()


@pytest.mark.parametrize(
    "content",
    [
        {"lovelace": 3, "hopper": 1},
        {"lovelace": 3, "hopper": None},
        {"lovelace": "a", "hopper": "b"},
        {"lovelace": [], "hopper": [1]},
        {"lovelace": {}, "hopper": {}},
        {"lovelace": {"count": 1}, "hopper": {"count": 2}, "size": 3},
        {"lovelace": {"noether": 1}, "hopper": {"turing": 2, "curie": 3}},
        {"lovelace": {"a": 1}, "hopper": {"b": "x"}, "noether": [1]},
    ],
)
def test_names_of_a_map_are_not_shown(content: dict[str, Any]) -> None:
    seen = Outline(Pseudonyms(), SeenTexts())
    seen.add({"items": [{"countsPerOwner": content}], "total": 1})
    written = json.dumps(seen.as_json())
    assert "countsPerOwner" in written
    assert not any(name in written for name in content)


def test_entries_of_a_map_that_are_spread_over_a_list_are_not_shown() -> None:
    seen = Outline(Pseudonyms(), SeenTexts())
    seen.add([{"lovelace": 3}, {"hopper": 1}])
    assert "lovelace" not in json.dumps(seen.as_json())


def test_of_very_many_members_some_are_shown_and_all_are_counted() -> None:
    letters = "ghijklmnopqrstuvwxyz"
    names = [f"x{a}{b}{c}z" for a in letters for b in letters for c in letters]
    seen = Outline(Pseudonyms(), SeenTexts())
    seen.add(dict.fromkeys(names, 1) | {"total": 1})
    written = seen.as_json()
    assert len(written) == 61
    assert "total" in written
    assert written["(more members)"] == len(names) + 1 - 60


def test_only_headers_that_are_well_known_are_named() -> None:
    headers = {
        "content-type": "x", "x-corp-secret-host": "x", "x-ratelimit-mueller": "1", "x-ratelimit-limit": "10",
        "retry-after": "soon", "etag": "x",
    }  # fmt: skip
    assert outline_headers(headers) == {
        "limits": {"x-ratelimit-limit": 10, "retry-after": "lower case"},
        "others": ["content-type", "etag"],
        "names not shown": 2,
    }


def test_a_word_that_is_a_value_is_not_shown_as_a_part_of_a_name_either() -> None:
    words = SeenTexts()
    seen = Outline(Pseudonyms(), words)
    seen.add({"label": "Globex", "reason": "limit by user of api", "globexPlan": 1, "apiPlan": 1, "userPlan": 1})
    names = seen.as_json()
    assert {"apiPlan", "userPlan", "(name not shown 1)"} < set(names)
    assert "globexPlan" not in names


async def test_the_file_itself_says_that_it_is_to_be_read_before_it_is_sent() -> None:
    told, _ = await probed(users=60)
    assert "read the file before you send it" in told["what this is"]
