"""A pull reads what there is of credentials, and is complete without them."""

import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import Scope

from tests.credentials_served import Answering, Instead, holding, of_status
from tests.practice import NOW, organization, pull_quietly, serving_access, settings_in
from tokendesk.api.credential_lists import CREDENTIAL_LISTS
from tokendesk.config import Settings
from tokendesk.model.findings import Thresholds
from tokendesk.running.access import ApiAccess
from tokendesk.running.pull import describe_unread_credentials, pull_profile
from tokendesk.snapshot.file import SnapshotInfo, snapshot_info
from tokendesk.views.query import Query
from tokendesk.views.reader import Reader
from tokendesk.views.unread_lists import describe_unread


def pulled(home: Path, answer: Answering, *, tokens_only: bool = False) -> tuple[SnapshotInfo, Instead]:
    served, settings = Instead(answer), settings_in(home)
    with serving_access(organization(), served) as access:
        asyncio.run(_pull(settings, access, tokens_only=tokens_only))
    return snapshot_info(settings.paths.snapshot), served


async def _pull(settings: Settings, access: ApiAccess, *, tokens_only: bool) -> None:
    await pull_profile(
        settings, access, lambda progress: None, lambda why, seconds: None, clock=lambda: NOW, tokens_only=tokens_only
    )


def rows(home: Path, sql: str) -> list[Any]:
    with closing(sqlite3.connect(settings_in(home).paths.snapshot)) as db:
        return db.execute(sql).fetchall()


def nothing_else(name: str, scope: Scope) -> Response | None:
    return None


@pytest.mark.parametrize(
    "answer",
    [
        *map(of_status, (400, 401, 402, 403, 404, 405, 500)),
        lambda name, scope: PlainTextResponse("<html>sign in</html>"),
        lambda name, scope: PlainTextResponse(""),
        *map(holding, ({}, "text", 7, None, {"data": "text"}, {"data": [1, "a", None]}, [[[[]]]])),
        holding({"data": [{"id": "a"}], "links": {"next": "https://elsewhere.example.com/?cursor=x"}}),
        holding({"data": [{"id": "a"}], "links": {"next": {"odd": 1}}}),
        holding({"data": [{"id": "a"}], "links": {"next": "same"}}),
        lambda name, scope: None if name in ("api-keys", "service-accounts") else JSONResponse({}, 404),
    ],
)
def test_a_pull_is_complete_whatever_these_lists_answer(tmp_path: Path, answer: Answering) -> None:
    info, _ = pulled(tmp_path, answer)
    assert (info.tokens, info.users, info.policies, info.policies_unknown) == (82, 1204, 4, 0)
    assert info.credentials_at is not None
    assert describe_unread_credentials(info)
    with Reader(settings_in(tmp_path).paths, Thresholds()) as reader:
        assert describe_unread(reader, "ctrl+r").endswith(".")
    (kinds,) = rows(tmp_path, "SELECT count(DISTINCT kind) FROM credential")
    assert kinds[0] == info.credentials or kinds[0] == 2


def test_an_organization_without_credentials_costs_five_requests(tmp_path: Path) -> None:
    info, served = pulled(tmp_path, of_status(404))
    assert len(served.of_lists) == 5
    info, served = pulled(tmp_path, holding({"data": [], "links": {"next": None}}))
    assert (len(served.of_lists), info.credentials, info.credentials_problem) == (5, 0, None)


def test_all_pages_are_read_and_what_came_before_an_error_is_kept(tmp_path: Path) -> None:
    def three_pages(name: str, scope: Scope) -> Response:
        at = int(scope["query_string"].decode().partition("cursor=")[2] or 0)
        if at == 2 and name == "oauth-clients":
            return JSONResponse({}, 500)
        items = [{"id": f"{name}-{at}-{number}", "name": f"n{number}"} for number in range(50)]
        return JSONResponse({"items": items, "links": {"next": str(at + 1) if at < 2 else None}, "total": 150})

    info, _ = pulled(tmp_path, three_pages)
    assert info.credentials == 4 * 150 + 100
    assert info.credentials_problem is not None
    assert info.credentials_problem.startswith("OAuth clients: only 100 were read: ")


def test_a_page_size_that_is_refused_is_left_out(tmp_path: Path) -> None:
    def unsized(name: str, scope: Scope) -> Response:
        return JSONResponse({}, 400) if b"pageSize" in scope["query_string"] else JSONResponse([{"id": name}])

    info, _ = pulled(tmp_path, unsized)
    assert (info.credentials, info.credentials_problem) == (5, None)


@pytest.mark.parametrize(
    "answer",
    [
        {"errors": [], "message": "temporarily unavailable"}, {"data": None, "warnings": []},
        {"error": {"code": 1}, "items": []}, {"items": None, "links": []}, {"errors": [{"code": 1}], "data": []},
    ],
)  # fmt: skip
def test_an_answer_without_a_list_is_no_empty_list(tmp_path: Path, answer: Any) -> None:
    before, _ = pulled(tmp_path, nothing_else)
    info, _ = pulled(tmp_path, holding(answer))
    assert info.credentials == before.credentials
    assert "contains no list" in (info.credentials_problem or "")
    with closing(sqlite3.connect(settings_in(tmp_path).paths.history)) as db:
        assert db.execute("SELECT * FROM change").fetchall() == []


def test_a_list_that_names_a_next_page_for_ever_ends_with_its_total(tmp_path: Path) -> None:
    items = [{"id": "a"}, {"id": "b"}]
    info, served = pulled(tmp_path, holding({"items": items, "total": 2, "links": {"next": "again"}}))
    assert (info.credentials_problem, len(served.of_lists)) == (None, 5)


def test_what_is_in_two_lists_is_as_the_first_has_it_with_what_the_second_adds(tmp_path: Path) -> None:
    lists = {
        "service-clients": [{"clientId": "x", "clientName": "from service"}],
        "oauth-clients": [
            {"clientId": "x", "clientName": "from clients", "status": "ACTIVE", "createdAt": "2026-01-01"}
        ],
    }
    pulled(tmp_path, lambda name, scope: JSONResponse({"items": lists.get(name, [])}))
    found = rows(tmp_path, "SELECT name, status, created_text FROM credential")
    assert found == [("from service", "ACTIVE", "2026-01-01")]


def test_members_that_are_not_sent_any_more_have_not_changed(tmp_path: Path) -> None:
    whole = {"id": "a", "label": "job", "expiresAt": "2027-03-01T00:00:00Z", "status": "ACTIVE", "scopes": ["read:x"]}
    for item in (whole, {"id": "a"}, {**whole, "status": "active"}):
        pulled(tmp_path, holding([item]))
    with closing(sqlite3.connect(settings_in(tmp_path).paths.history)) as db:
        assert db.execute("SELECT kind, before, after FROM change").fetchall() == []


def test_very_long_members_and_lists_of_scopes_are_bounded(tmp_path: Path) -> None:
    item = {"id": "a", "scopes": [f"read:{n}" for n in range(5_000)], "odd": "x" * 50_000, "deep": [["y" * 9_000] * 9]}
    pulled(tmp_path, lambda name, scope: JSONResponse([item] if name == "api-keys" else []))
    (found,) = rows(tmp_path, "SELECT scopes, extra FROM credential")
    assert len(json.loads(found[0])) == 1_000
    assert json.loads(found[1]) == {"odd": "(50,002 bytes, not kept)", "deep": "(81,030 bytes, not kept)"}


def test_a_client_in_two_lists_is_one(tmp_path: Path) -> None:
    pulled(tmp_path, holding({"data": [{"clientId": "c", "clientName": "app"}]}))
    assert rows(tmp_path, "SELECT name FROM credential WHERE kind = 'oauth-client'") == [("app",)]


def test_tokens_are_joined_to_their_account_by_either_id(tmp_path: Path) -> None:
    account = {"id": "s", "atlassianId": "712020:s", "displayName": "Importer"}
    tokens = [{"id": "1", "serviceAccountId": "s"}, {"id": "2", "user": {"id": "712020:s"}}, {"id": "3", "owner": "t"}]
    lists = {"service-accounts": [account], "service-tokens": tokens}
    pulled(tmp_path, lambda name, scope: JSONResponse({"items": lists.get(name, [])}))
    found = rows(
        tmp_path, "SELECT credential_id, account_name, account_id FROM credential WHERE kind = 'service-token'"
    )
    assert sorted(found) == [("1", "Importer", "s"), ("2", "Importer", "s"), ("3", None, "t")]
    assert rows(tmp_path, "SELECT tokens FROM credential WHERE kind = 'service-account'") == [(2,)]


def test_a_quick_pull_leaves_them_out_and_keeps_those_of_before(tmp_path: Path) -> None:
    info, served = pulled(tmp_path, nothing_else, tokens_only=True)
    assert (info.credentials, info.credentials_at, served.of_lists) == (0, None, [])
    with Reader(settings_in(tmp_path).paths, Thresholds()) as reader:
        assert "ctrl+r" in describe_unread(reader, "ctrl+r")
    whole, _ = pulled(tmp_path, nothing_else)
    before = rows(tmp_path, "SELECT * FROM credential ORDER BY id")
    assert before and whole.credentials == len(before)
    info, served = pulled(tmp_path, of_status(500), tokens_only=True)
    assert (info.credentials, info.credentials_at, served.of_lists) == (whole.credentials, whole.credentials_at, [])
    assert rows(tmp_path, "SELECT * FROM credential ORDER BY id") == before


def test_what_lists_did_not_tell_has_not_gone(tmp_path: Path) -> None:
    def without_keys(name: str, scope: Scope) -> Response | None:
        return JSONResponse({}, 403) if name == "api-keys" else None

    def fewer(name: str, scope: Scope) -> Response | None:
        if name != "service-accounts":
            return None
        return JSONResponse({"items": [{"id": "new", "displayName": "New"}]})

    pulled(tmp_path, nothing_else)
    accounts = len(rows(tmp_path, "SELECT 1 FROM credential WHERE kind = 'service-account'"))
    pulled(tmp_path, without_keys)
    with closing(sqlite3.connect(settings_in(tmp_path).paths.history)) as db:
        assert db.execute("SELECT kind FROM change").fetchall() == []
        pulled(tmp_path, nothing_else)
        assert db.execute("SELECT kind FROM change").fetchall() == []
        pulled(tmp_path, fewer)
        found = dict(db.execute("SELECT kind, count(*) FROM change WHERE subject = 'credential' GROUP BY kind"))
        assert found == {"created": 1, "gone": accounts}


def test_a_list_that_fails_keeps_its_entries_and_what_vanished_meanwhile_is_told(tmp_path: Path) -> None:
    keys: list[dict[str, Any]] = [{"id": "a", "label": "first"}, {"id": "b", "label": "second"}]

    def failing(name: str, scope: Scope) -> Response:
        return JSONResponse({}, 500) if name == "api-keys" else JSONResponse([])

    def listing(name: str, scope: Scope) -> Response:
        return JSONResponse(keys if name == "api-keys" else [])

    pulled(tmp_path, listing)
    info, _ = pulled(tmp_path, failing)
    assert info.credentials == 2
    assert "500" in (info.credentials_problem or "")
    with Reader(settings_in(tmp_path).paths, Thresholds()) as reader:
        assert "API keys" in describe_unread(reader, "ctrl+r")
    keys[0] = {"id": "c", "label": "third"}
    info, _ = pulled(tmp_path, listing)
    assert info.credentials_problem is None
    with closing(sqlite3.connect(settings_in(tmp_path).paths.history)) as db:
        assert sorted(db.execute("SELECT kind, label FROM change")) == [("created", "third"), ("gone", "first")]


def test_a_list_that_is_read_for_the_first_time_has_nothing_new(tmp_path: Path) -> None:
    keys = [{"id": "a", "label": "first"}]
    pulled(tmp_path, of_status(403))
    pulled(tmp_path, lambda name, scope: JSONResponse(keys if name == "api-keys" else []))
    with closing(sqlite3.connect(settings_in(tmp_path).paths.history)) as db:
        assert db.execute("SELECT * FROM change").fetchall() == []


def test_entries_without_an_id_that_look_alike_are_counted(tmp_path: Path) -> None:
    info, _ = pulled(tmp_path, lambda name, scope: JSONResponse([{"label": "ci"}] * 3 if name == "api-keys" else []))
    assert info.credentials == 1
    assert info.credentials_problem == "API keys: 2 entries have no id, or the id of another, and are left out"


def test_whoever_was_not_read_yet_is_no_stranger(tmp_path: Path) -> None:
    maker = {"id": organization().person(900).account_id, "name": "Somebody"}
    key = {"id": "a", "label": "first", "createdBy": maker}
    pulled(tmp_path, lambda name, scope: JSONResponse([key] if name == "api-keys" else []))
    with Reader(settings_in(tmp_path).paths, Thresholds()) as reader:
        assert reader.count_found(Query("credentials", filter="is:maker-unknown"), int(NOW.timestamp())) == 0
    with closing(sqlite3.connect(settings_in(tmp_path).paths.snapshot)) as db:
        db.execute("UPDATE credential SET maker = NULL, maker_state = NULL")
        db.commit()
    for only_owners, strangers in (("no", 1), ("yes", 0)):
        with closing(sqlite3.connect(settings_in(tmp_path).paths.snapshot)) as db:
            db.execute("INSERT OR REPLACE INTO meta VALUES ('only_owners', ?)", (only_owners,))
            db.commit()
        with Reader(settings_in(tmp_path).paths, Thresholds()) as reader:
            found = reader.count_found(Query("credentials", filter="is:maker-unknown"), int(NOW.timestamp()))
        assert found == strangers


def test_no_request_of_a_pull_changes_a_credential(tmp_path: Path) -> None:
    methods: list[tuple[str, str]] = []

    def noted(name: str, scope: Scope) -> None:
        methods.append((name, scope["method"]))

    pulled(tmp_path, noted)
    assert {name for name, _ in methods} == {each.name for each in CREDENTIAL_LISTS}
    assert {method for _, method in methods} == {"GET"}


def test_scopes_and_unread_members_are_stored_as_json(tmp_path: Path) -> None:
    odd = {"id": "k", "label": "=1+1", "scopes": ["read:x"], "odd": {"deep": [1]}}
    pulled(tmp_path, lambda name, scope: JSONResponse([odd] if name == "api-keys" else []))
    (found,) = rows(tmp_path, "SELECT scopes, extra FROM credential")
    assert (json.loads(found[0]), json.loads(found[1])) == (["read:x"], {"odd": {"deep": [1]}})


async def test_a_refusal_of_all_lists_leaves_the_key_in_use(tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    with serving_access(organization(), Instead(of_status(401))) as access:
        await pull_quietly(settings, access)
    problem = snapshot_info(settings.paths.snapshot).credentials_problem
    assert problem is not None
    assert "does not accept the API key" in problem
