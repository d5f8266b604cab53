"""JSON of roughly the right shape is decoded, or refused with an error that names the request."""

import contextlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tokendesk.api import decoding, http_errors, pacing, policy_shapes, shapes
from tokendesk.api.paging import next_cursor
from tokendesk.errors import TokendeskError
from tokendesk.model.text import fold, printable
from tokendesk.model.timestamps import parse_timestamp

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(
    ["id", "label", "status", "createdAt", "expiresAt", "lastActiveAt", "user", "scopes", "email", "name", "accountId",
     "accountStatus", "platformRoles", "productAccess", "policyId", "policy", "attributes", "actor", "auth"]
)  # fmt: skip
ITEMS = st.lists(st.dictionaries(NAMES, VALUES, max_size=6) | VALUES, max_size=4)


def tokens(body: bytes) -> object:
    return shapes.tokens(decoding.decode(body, shapes.Page, "Tokens").data, "Tokens")


def users(body: bytes) -> object:
    return shapes.users(decoding.decode(body, shapes.Page, "Users").data, "Users")


def accounts(body: bytes) -> object:
    return shapes.managed_accounts(decoding.decode(body, shapes.Page, "Users").data, "Users")


def policies(body: bytes) -> object:
    return policy_shapes.decode_policies(body, {"a": "a@example.com", "b": None}, "Policies")


def events(body: bytes) -> object:
    return shapes.events(decoding.decode(body, shapes.EventPage, "Events").data, "Events")


DECODERS: list[Callable[[bytes], object]] = [
    tokens, users, accounts, policies, events,
    lambda body: shapes.user_tokens(body, "Tokens"),
    lambda body: shapes.move_task(body, "Task"),
    lambda body: shapes.organization(body, "Organization"),
    lambda body: shapes.privileges(body, "Rights"),
    lambda body: shapes.event_actions(body, "Actions"),
    decoding.decode_count,
]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(items=ITEMS, bare=st.booleans(), links=VALUES)
def test_decoders_know_one_kind_of_error(items: list[Any], bare: bool, links: object) -> None:
    body = json.dumps(items if bare else {"data": items, "links": links}).encode()
    for decoder in DECODERS:
        try:
            decoder(body)
        except TokendeskError as error:
            assert "\n" not in str(error)


@given(body=st.binary(max_size=60))
def test_bytes_that_are_no_json_are_refused(body: bytes) -> None:
    for decoder in DECODERS:
        try:
            decoder(body)
        except TokendeskError as error:
            assert "\n" not in str(error)
    http_errors.error_detail(body)


@given(value=VALUES)
def test_any_next_value_is_a_cursor_or_an_error(value: object) -> None:
    with contextlib.suppress(TokendeskError):
        next_cursor(value, "https://api.example.com", "List")


@given(text=st.text(max_size=40))
def test_any_header_and_date_is_borne(text: str) -> None:
    headers = {"retry-after": text, "x-ratelimit-reset": text, "x-ratelimit-remaining": text, "date": text}
    wait = pacing.retry_after(headers, 0.0)
    assert wait is None or wait >= 0
    turns = pacing.RateLimiter()
    turns.acquire()
    turns.release(headers, 0.0)
    assert turns.delay(0.0) >= 0
    parse_timestamp(text)


@given(text=st.text())
def test_clean_text_has_nothing_that_a_terminal_runs(text: str) -> None:
    shown = printable(text)
    assert all(ord(c) >= 32 and not 0x7F <= ord(c) < 0xA0 for c in shown)
    assert "\n" not in shown
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("text", "second"),
    [
        ("2026-11-01T09:12:33.000Z", 1793524353),
        ("2026-11-01T09:12:33+00:00", 1793524353),
        ("2026-11-01T10:12:33+01:00", 1793524353),
        ("2026-11-01T09:12:33", 1793524353),
        ("2026-11-01T09:12:33.123456789Z", 1793524353),
        ("1793524353000", 1793524353),
        (1793524353999, 1793524353),
        ("once", None),
        (None, None),
        (True, None),
        ("9" * 40, None),
    ],
)
def test_moments_are_read_leniently(text: object, second: int | None) -> None:
    assert parse_timestamp(text) == second


def test_half_characters_become_a_sign() -> None:
    found = shapes.tokens(
        decoding.decode(b'{"data":[{"id":"a","label":"x\\ud83dy \\ud83d\\ude80 \\\\ud83d"}]}', shapes.Page, "T").data,
        "T",
    )
    assert found[0].label == "x\ufffdy 🚀 \\ud83d"


@pytest.mark.parametrize(
    ("sent", "read"), [(True, "yes"), (False, "no"), (None, None), ("ADMIN_BLOCKED", "ADMIN_BLOCKED"), (0, "0")]
)
def test_whether_a_token_is_disabled_is_read_however_it_is_said(sent: object, read: str | None) -> None:
    (token,) = shapes.user_tokens(json.dumps([{"id": "a", "disabledStatus": sent}]).encode(), "Tokens")
    assert token.disabled == read
    (token,) = shapes.user_tokens(b'[{"id": "a"}]', "Tokens")
    assert token.disabled is None


def test_what_an_organizations_list_says_beyond_the_documents_is_kept() -> None:
    item = {
        "id": "a", "status": "blocked", "disabledStatus": True,
        "user": {"id": "u", "orgId": "o", "userStatus": "ACTIVE"}, "createdBy": {"id": "u"},
    }  # fmt: skip
    (token,) = shapes.tokens([item], "Tokens")
    assert token.status == "BLOCKED"
    assert token.extra == {"disabledStatus": True, "user": {"userStatus": "ACTIVE"}, "createdBy": {"id": "u"}}
    (token,) = shapes.tokens([{"id": "a", "status": "Slumbering"}], "Tokens")
    assert token.status == "Slumbering"
