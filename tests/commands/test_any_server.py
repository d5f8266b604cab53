"""`pull` and `list` against a different server, over real HTTP."""

import json
from pathlib import Path

import pytest

from tests.scripted import ORG, TOKENS, USERS, Scripted, scripted, server
from tokendesk.cli import main
from tokendesk.current_snapshot import current_snapshot

__all__ = ["server"]


def rows(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, object]]:
    capsys.readouterr()
    assert main(["list", *arguments, "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert isinstance(found, list)
    return found


def test_what_the_server_holds_is_what_list_prints(server: Scripted, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pull"]) == 0
    assert "3 tokens of managed users, 3 users, 2 policies" in capsys.readouterr().out
    tokens = {row["id"]: row for row in rows(capsys, "tokens")}
    assert set(tokens) == {"tok-1", "tok-2", "tok-3"}
    first = tokens["tok-1"]
    assert first["created"] == TOKENS[0]["createdAt"]
    assert first["expires"] == TOKENS[0]["expiresAt"]
    assert first["used"] == TOKENS[0]["lastActiveAt"]
    assert (first["owner_id"], first["policy"], first["policy_id"]) == ("712020:aa", "Main", "pol-1")
    assert first["scopes"] == ["read:jira-work"]
    assert tokens["tok-2"]["label"] == TOKENS[1]["label"]
    assert (tokens["tok-2"]["status"], tokens["tok-2"]["policy_id"]) == ("PAUSED", "pol-2")
    assert (tokens["tok-3"]["owner"], tokens["tok-3"]["created"], tokens["tok-3"]["label"]) == ("Gone", "once", "")
    users = {row["id"]: row for row in rows(capsys, "users")}
    assert {key: user["name"] for key, user in users.items()} == {u["accountId"]: u["name"] for u in USERS}
    assert users["712020:cc"]["status"] == "frozen"
    assert users["712020:cc"]["policy_id"] is None
    assert {row["id"]: row["users"] for row in rows(capsys, "policies")} == {"pol-1": 1, "pol-2": 1}


def test_everything_but_pull_works_without_network(server: Scripted, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pull"]) == 0
    server.routes.clear()
    assert len(rows(capsys, "tokens", "owner:ada")) == 1
    assert main(["pull"]) == 2
    assert len(rows(capsys, "tokens")) == 3


def test_a_wrong_key_is_refused_in_one_sentence(
    server: Scripted, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKENDESK_API_KEY", "another-example")
    assert main(["pull"]) == 3
    said = capsys.readouterr().err
    assert said.startswith("tokendesk: Atlassian does not accept the API key")
    assert said.count("\n") == 1
    assert "another-example" not in said


def test_a_wrong_organization_id_is_named(
    server: Scripted, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKENDESK_ORG_ID", "no-such-organization")
    assert main(["pull"]) == 2
    assert "no organization no-such-organization" in capsys.readouterr().err


def test_without_the_right_to_read_policies_the_rest_is_there(
    server: Scripted, capsys: pytest.CaptureFixture[str]
) -> None:
    server.route(
        "POST",
        "/admin/control/v1/orgs/{org}/users/auth-policies/bulk-fetch",
        lambda query, body: (403, {"errors": [{"code": "ADMIN-403-3", "title": "Not allowed"}]}, {}),
    )
    assert main(["pull"]) == 0
    captured = capsys.readouterr()
    assert "policies unknown" in captured.out
    assert "Not allowed" in captured.err
    assert [row["policy"] for row in rows(capsys, "tokens")] == [None, None, None]


def test_a_server_error_for_policies_keeps_the_old_snapshot(
    server: Scripted, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["pull"]) == 0
    before = current_snapshot(tmp_path / "default").read_bytes()
    server.route(
        "POST", "/admin/control/v1/orgs/{org}/users/auth-policies/bulk-fetch", lambda query, body: (200, {"no": 1}, {})
    )
    assert main(["pull"]) == 4
    assert "Policies of users" in capsys.readouterr().err
    assert current_snapshot(tmp_path / "default").read_bytes() == before
    assert [path.name for path in (tmp_path / "default").iterdir() if "unfinished" in path.name] == []


def test_a_server_that_takes_few_ids_is_asked_for_few(server: Scripted, capsys: pytest.CaptureFixture[str]) -> None:
    path = f"/admin/control/v1/orgs/{ORG}/users/auth-policies/bulk-fetch"
    whole = server.routes["POST", path]
    server.routes["POST", path] = lambda query, body: (
        (400, {"errors": [{"title": "too many"}]}, {}) if len(body["accountIds"]) > 1 else whole(query, body)
    )
    assert main(["pull"]) == 0
    assert rows(capsys, "tokens", "policy:main")[0]["id"] == "tok-1"


def test_a_next_link_to_another_host_is_never_followed(server: Scripted, capsys: pytest.CaptureFixture[str]) -> None:
    with scripted() as stranger:
        server.route(
            "GET",
            "/admin/api-access/v1/orgs/{org}/api-tokens",
            lambda query, body: (200, {"data": [], "links": {"next": f"{stranger.url}/steal?cursor=1"}}, {}),
        )
        assert main(["pull"]) == 4
        assert "another host" in capsys.readouterr().err
        assert stranger.seen == []


def test_a_list_that_never_ends_is_stopped(server: Scripted, capsys: pytest.CaptureFixture[str]) -> None:
    server.route(
        "GET",
        "/admin/api-access/v1/orgs/{org}/api-tokens",
        lambda query, body: (200, {"data": [], "links": {"next": "same"}}, {}),
    )
    assert main(["pull"]) == 4
    assert "does not end" in capsys.readouterr().err


def test_redirects_are_not_followed(server: Scripted, capsys: pytest.CaptureFixture[str]) -> None:
    with scripted() as stranger:
        server.route("GET", "/admin/v1/orgs/{org}", lambda query, body: (302, b"", {"location": f"{stranger.url}/x"}))
        assert main(["pull"]) == 4
        assert stranger.seen == []


def test_two_organizations_are_not_mixed(
    server: Scripted, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["pull"]) == 0
    monkeypatch.setenv("TOKENDESK_ORG_ID", "another-organization")
    assert main(["pull"]) == 5
    assert "profile" in capsys.readouterr().err
    assert len(rows(capsys, "tokens")) == 3


@pytest.mark.parametrize("content", [b"no database", b"SQLite format 3\0" + bytes(4096)])
def test_a_foreign_snapshot_file_is_refused_and_kept(
    server: Scripted, capsys: pytest.CaptureFixture[str], tmp_path: Path, content: bytes
) -> None:
    path = current_snapshot(tmp_path / "default")
    path.parent.mkdir()
    path.write_bytes(content)
    assert main(["list", "tokens"]) == 2
    assert main(["pull"]) == 2
    assert "is not a tokendesk snapshot" in capsys.readouterr().err
    assert path.read_bytes() == content


def test_a_hostile_label_reaches_no_spreadsheet_as_a_formula_and_no_terminal_as_an_escape(
    server: Scripted, capsys: pytest.CaptureFixture[str]
) -> None:
    TOKENS_BEFORE = TOKENS[1]["label"]
    TOKENS[1]["label"] = "=1+1\x1b[2J"
    try:
        assert main(["pull"]) == 0
    finally:
        TOKENS[1]["label"] = TOKENS_BEFORE
    capsys.readouterr()
    assert main(["list", "tokens", "--format", "csv", "--columns", "label"]) == 0
    assert "'=1+1" in capsys.readouterr().out
    assert main(["list", "tokens"]) == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "=1+1␛[2J" in out


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        (("owner:ada",), {"tok-1"}),
        (("-owner:ada",), {"tok-2", "tok-3"}),
        (("--sort", "-used", "-owner:ada", "gone"), {"tok-3"}),
        (("-owner:ada", "--sort", "label", "or", "quarter"), {"tok-1", "tok-2", "tok-3"}),
        (("--", "-quarter"), {"tok-2", "tok-3"}),
        (("-z",), set()),
    ],
)
def test_a_filter_may_stand_anywhere_and_begin_with_a_dash(
    server: Scripted, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], found: set[str]
) -> None:
    assert main(["pull"]) == 0
    if arguments == ("-z",):
        with pytest.raises(SystemExit):
            rows(capsys, "tokens", *arguments)
        return
    assert {row["id"] for row in rows(capsys, "tokens", *arguments)} == found
