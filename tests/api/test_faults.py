"""Every fault over real sockets: the pull ends with exactly the server's data, or with the documented error."""

import asyncio
import json
import os
from pathlib import Path

import pytest

from tests.api.hurried import Hurry, held, hurried, policies, pull_with, truth
from tests.practice import organization
from tokendesk.api import pacing
from tokendesk.api.client import Client
from tokendesk.current_snapshot import current_snapshot
from tokendesk.errors import ApiError, KeyRefused, TokendeskError
from tokendesk.model.secret import Secret
from tokendesk.sandbox.auth import Keys
from tokendesk.sandbox.credential_faults import CREDENTIAL_FAULTS
from tokendesk.sandbox.faults import FAULTS, with_faults
from tokendesk.sandbox.serve import serving
from tokendesk.snapshot.file import snapshot_info
from tokendesk.snapshot.pull import pull

WHOLE = (
    "cursors-url", "empty-page", "extra-fields", "429", "429-retry-after", "429-date", "429-bare", "html-502",
    "403-insufficientScope", "orgs-empty", "users-v1", "policy-nested", "bulk-limit", "dropped",
    "dropped-after-accept", "slow", "policy-flat", "policy-list", "policy-object", "413-bulk", "500-bulk",
    "404-after-move", "404-policy-id", "500-without-page-size", "500-count", "cursor-alone", "status-lower",
    "lost-requests", "lost-answers", "100-bulk", "truncated-bulk", "small-token-pages", "truncated-tokens",
    "access-untold", "odd-access",
    "user-fields", "ids-differ", "owner-list-rounded", "disabled-status", "blocked-as-allowed", "429-minute",
    *CREDENTIAL_FAULTS,
)  # fmt: skip
"""Faults that change nothing of what a pull ends with."""


@pytest.mark.parametrize("fault", WHOLE)
async def test_a_fault_that_can_be_borne_leaves_the_whole_truth(fault: str, tmp_path: Path) -> None:
    made = organization(210, 40)
    await pull_with((fault,), tmp_path, made)
    tokens, users = held(tmp_path)
    assert tokens == truth(made)
    assert users == policies(made)
    assert snapshot_info(current_snapshot(tmp_path)).policies_unknown == 0


@pytest.mark.parametrize("faults", [("429", "html-502", "dropped"), ("cursors-url", "extra-fields", "429-date")])
async def test_faults_together_leave_the_whole_truth(faults: tuple[str, ...], tmp_path: Path) -> None:
    made = organization(210, 40)
    await pull_with(faults, tmp_path, made)
    assert held(tmp_path)[0] == truth(made)


@pytest.mark.parametrize("fault", ["missing-fields", "unknown-enum", "odd-dates", "surrogates"])
async def test_odd_content_is_kept(fault: str, tmp_path: Path) -> None:
    made = organization(210, 40)
    await pull_with((fault,), tmp_path, made)
    assert set(held(tmp_path)[0]) == set(truth(made))


@pytest.mark.parametrize("fault", ["403-policies", "402-policies"])
async def test_policies_that_may_not_be_read_are_unknown(fault: str, tmp_path: Path) -> None:
    made = organization(60, 10)
    await pull_with((fault,), tmp_path, made)
    assert set(held(tmp_path)[1].values()) == {None}
    assert snapshot_info(current_snapshot(tmp_path)).policies_problem


PARTLY_KNOWN = (
    "policy-error", "policy-null", "404-one-user", "500-one-user", "404-policies", "500-policies", "policy-unreadable",
)  # fmt: skip
"""Faults after which something is said to be unknown: tests/api/test_policies.py."""

FATAL: dict[str, type[TokendeskError]] = {
    "repeated-cursor": ApiError,
    "429-forever": ApiError,
    "502-forever": ApiError,
    "html-200": ApiError,
    "403-tokens": KeyRefused,
    "key-expires": KeyRefused,
    "foreign-next": ApiError,
    "redirect": ApiError,
    "never-answers": ApiError,
    "bad-json": ApiError,
    "wrong-shape": ApiError,
}


@pytest.mark.parametrize(("fault", "error"), FATAL.items())
async def test_a_fault_that_cannot_be_borne_keeps_the_old_snapshot(
    fault: str, error: type[TokendeskError], tmp_path: Path
) -> None:
    made = organization(210, 40)
    await pull_with((), tmp_path, made)
    before = current_snapshot(tmp_path)
    content = before.read_bytes()
    with pytest.raises(error) as raised:
        await pull_with((fault,), tmp_path, made, **({"timeout": 0.3} if fault == "never-answers" else {}))
    assert "\n" not in str(raised.value)
    assert current_snapshot(tmp_path) == before
    assert before.read_bytes() == content
    assert sorted(os.listdir(tmp_path / "snapshots")) == sorted([before.name, "current"])  # noqa: PTH208 - a path would be no better here
    assert os.listdir(tmp_path) == ["snapshots"]  # noqa: PTH208


async def test_the_page_of_a_proxy_is_called_one(tmp_path: Path) -> None:
    with pytest.raises(ApiError, match=r"a web page, not data.* proxy,.* Sign in with a browser"):
        await pull_with(("html-200",), tmp_path, organization(60, 10))


def test_every_fault_is_tried() -> None:
    tried = {
        *WHOLE,
        *FATAL,
        "missing-fields",
        "unknown-enum",
        "odd-dates",
        "surrogates",
        "403-policies",
        "402-policies",
        "403-events",  # these two in tests/history/test_events.py
        "402-events",
        "event-ids",  # in tests/views/test_evidence.py
        *PARTLY_KNOWN,
    }
    assert tried == set(FAULTS)


async def test_no_more_is_asked_than_the_rules_allow(tmp_path: Path) -> None:
    made = organization(60, 10)
    hurry = Hurry()
    with serving(made, wrap=with_faults(["429-forever"])) as (address, sandbox):
        client = hurried(address, hurry)
        with pytest.raises(ApiError, match="kept limiting the rate"):
            await pull(client, address.org_id, tmp_path)
        await client.close()
        assert set(sandbox.requests.values()) == {pacing.ATTEMPTS_LIMITED}
    assert hurry.slept >= (pacing.ATTEMPTS_LIMITED - 1) * 0.9


async def test_a_pull_that_is_cancelled_leaves_nothing_behind(tmp_path: Path) -> None:
    with serving(organization(210, 40), wrap=with_faults(["slow"])) as (address, sandbox):
        client = hurried(address, Hurry())
        task = asyncio.create_task(pull(client, address.org_id, tmp_path))
        while sandbox.requests.total() < 5:  # noqa: ASYNC110 - the server is in another thread
            await asyncio.sleep(0.005)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await client.close()
    assert os.listdir(tmp_path) == []  # noqa: PTH208


async def test_the_key_is_in_no_error_and_no_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    keys = Keys("scoped-example-key", "unscoped-example-key")
    for fault in ("key-expires", "bad-json", "502-forever"):
        with serving(organization(60, 10), keys, wrap=with_faults([fault])) as (address, _):
            client = hurried(address, Hurry())
            with pytest.raises(TokendeskError) as raised:
                await pull(client, address.org_id, tmp_path)
            await client.close()
            assert "example-key" not in f"{raised.value!r} {client!r} {vars(client)!r}"
    assert "example-key" not in caplog.text


async def test_the_deletion_of_all_tokens_cannot_be_sent() -> None:
    client = Client("http://127.0.0.1:1", Secret("example"))
    org = "/admin/api-access/v1/orgs/x"
    for path in (f"{org}/api-tokens", f"{org}/service-accounts/y/api-tokens", "/users/x/manage/api-tokens"):
        with pytest.raises(ValueError, match="only one token"):
            await client.mutate("DELETE", path, None, what="Tokens")
    await client.close()


def test_one_module_alone_can_delete() -> None:
    source = Path(__file__).parent.parent.parent / "src" / "tokendesk"
    senders = {
        path.name: path.read_text("utf-8").count('"DELETE"')
        for path in source.rglob("*.py")
        if "sandbox" not in path.parts and '"DELETE"' in path.read_text("utf-8")
    }
    assert senders == {"client.py": 1, "calls.py": 1}  # the refusal, and the one call that may


def test_an_unknown_fault_names_the_nearest() -> None:
    with pytest.raises(ValueError, match="did you mean html-502"):
        with_faults(["html-520"])


def test_faults_are_json_where_they_say_so() -> None:
    for fault in FAULTS.values():
        assert fault.help
    assert json.dumps(list(FAULTS))
