"""`pull`, `list` and `check` with responses of undocumented shapes."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.needs import is_private
from tests.practice import NOW, organization
from tests.scripted import ORG, USERS, Answer, Scripted, server
from tokendesk.cli import main
from tokendesk.current_snapshot import current_snapshot
from tokendesk.running.pull import describe_pull
from tokendesk.sandbox import faults
from tokendesk.sandbox.app import Sandbox
from tokendesk.sandbox.fault import Answer as FaultAnswer
from tokendesk.sandbox.fault import Fault, RequestInfo, error
from tokendesk.sandbox.faults import with_faults
from tokendesk.sandbox.organization import Organization
from tokendesk.sandbox.policy_faults import is_odd
from tokendesk.sandbox.serve import serving
from tokendesk.snapshot.file import snapshot_info

__all__ = ["server"]


@contextmanager
def serve(made: Organization, broken: tuple[str, ...], patch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    with serving(made, wrap=with_faults(broken)) as (address, sandbox):
        patch.setenv("TOKENDESK_API_URL", address.url)
        patch.setenv("TOKENDESK_ORG_ID", address.org_id)
        patch.setenv("TOKENDESK_API_KEY", address.scoped_key)
        patch.setenv("TOKENDESK_REVOKE_KEY", address.unscoped_key)
        yield sandbox


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TOKENDESK_HOME", str(tmp_path))
    return tmp_path


def listed(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, object]]:
    capsys.readouterr()
    assert main(["list", *arguments, "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert isinstance(found, list)
    return found


@pytest.mark.parametrize("layout", ["policy-flat", "policy-error", "policy-list", "policy-object"])
@pytest.mark.parametrize("one", ["404-one-user", "500-one-user"])
def test_pull_and_list_hold_what_the_server_holds_and_say_what_is_unknown(
    layout: str, one: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = organization(130, 40)
    with serve(made, (layout, one, "ids-differ", "cursor-alone", "500-without-page-size"), monkeypatch):
        assert main(["pull"]) == 0
    captured = capsys.readouterr()
    known = {
        person.account_id: None if is_odd(person.account_id) else made.policy_of(person.index)
        for person in map(made.person, range(130))
    }
    unknown = list(known.values()).count(None)
    assert unknown
    assert f"policy of {unknown} user{'s' * (unknown != 1)} unknown" in captured.out
    assert f"policy of {unknown} user{'s' * (unknown != 1)} unknown (" in captured.err
    assert {row["id"]: row["policy_id"] for row in listed(capsys, "users")} == known
    assert {row["id"] for row in listed(capsys, "users", "policy:none")} == {i for i, p in known.items() if p is None}
    living = [made.token(life) for _, life in made.living()]
    tokens = {token.id: known[made.person(token.owner).account_id] for token in living}
    assert {row["id"]: row["policy_id"] for row in listed(capsys, "tokens")} == tokens


def test_an_answer_in_which_nothing_can_be_read_is_said_everywhere(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with serve(organization(60, 10), ("policy-unreadable",), monkeypatch):
        assert main(["pull", "--json"]) == 0
        captured = capsys.readouterr()
        done = json.loads(captured.out)
        assert done["policies"] is None
        assert "assignment.ref" in done["policies_problem"]
        assert "policies are unknown" in captured.err
        assert main(["check", "--json"]) == 0
        (found,) = [row for row in json.loads(capsys.readouterr().out) if row["name"] == "policies"]
        assert found["answer"] == "unknown"
        assert "assignment.ref" in found["words"]
    assert {row["policy_id"] for row in listed(capsys, "users")} == {None}


def test_questions_given_up_in_the_middle_leave_unknown_only_those_not_told(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def after_the_second(asked: RequestInfo) -> FaultAnswer | None:
        return error(500, "Tired") if asked.account_ids and asked.turn > 2 else None

    tired = Fault("no more policies after two questions", after_the_second)
    monkeypatch.setattr(faults, "FAULTS", {"tired": tired})
    with serve(organization(460, 10), ("tired",), monkeypatch):
        assert main(["pull", "--json"]) == 0
        captured = capsys.readouterr()
    unknown = [row for row in listed(capsys, "users") if row["policy_id"] is None]
    done = json.loads(captured.out)
    assert done["policies_unknown"] == len(unknown)
    assert 160 <= len(unknown) < 460  # the first request asks for 100, the second for up to 200
    assert done["policies"] is not None
    assert "policies are unknown" not in captured.err
    whose = f"policy of {len(unknown)} users unknown"
    assert f"{whose}: Policies of users: Atlassian returned HTTP 500 (Tired)" in captured.err
    said = describe_pull(snapshot_info(current_snapshot(home / "default")))
    assert f"policies ({whose})" in said


@pytest.mark.parametrize(
    ("fault", "name", "answer"),
    [
        ("policy-list", "policies", "yes"),
        ("404-policies", "policies", "unknown"),
        ("500-policies", "policies", "unknown"),
        ("500-count", "tokens", "yes"),
        ("500-without-page-size", "tokens", "yes"),
    ],
)
def test_check_says_yes_only_to_what_was_read(
    fault: str, name: str, answer: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with serve(organization(60, 10), (fault,), monkeypatch):
        assert main(["check", "--json"]) == 0
    (found,) = [row for row in json.loads(capsys.readouterr().out) if row["name"] == name]
    assert found["answer"] == answer


def test_the_size_of_batch_that_works_is_kept_for_the_next_pull(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with serve(organization(60, 10), ("413-bulk",), monkeypatch) as sandbox:
        asked = []
        for _ in range(2):
            before = sum(number for (_, path), number in sandbox.requests.items() if path.endswith("bulk-fetch"))
            assert main(["pull"]) == 0
            after = sum(number for (_, path), number in sandbox.requests.items() if path.endswith("bulk-fetch"))
            asked.append(after - before)
        (kept,) = home.glob("*/sizes.json")
        size = json.loads(kept.read_text())["policies"]["batch"]
        assert asked[1] == -(-60 // size) < asked[0]
        assert is_private(kept)
        kept.write_text('{"policies": {"batch": "many", "found": []}}')
        assert main(["pull"]) == 0


def test_a_status_in_lower_case_counts_as_what_it_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = organization(400, 60)
    made.set_blocking(made.policies[1].id, True)
    found = []
    for broken in ((), ("status-lower",)):
        with serve(made, broken, monkeypatch):
            assert main(["pull"]) == 0
        found.append([(row["id"], row["allowed"], row["blocked"]) for row in listed(capsys, "policies")])
        assert listed(capsys, "changes", "kind:status") == []
    assert found[0] == found[1]
    assert any(blocked for _, _, blocked in found[0])


def test_members_below_the_user_of_a_token_are_kept(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serve(organization(60, 10), ("user-fields",), monkeypatch):
        assert main(["pull"]) == 0
    with closing(sqlite3.connect(current_snapshot(home / "default"))) as db:
        extras = {json.loads(extra)["user"]["userStatus"] for (extra,) in db.execute("SELECT extra FROM token")}
    assert extras == {"ACTIVE"}


@pytest.mark.parametrize(("status", "code"), [(401, 3), (403, 3), (404, 0), (500, 0), (402, 0)])
def test_a_count_that_fails_ends_a_pull_only_where_the_key_is_refused(
    status: int, code: int, server: Scripted, capsys: pytest.CaptureFixture[str]
) -> None:
    path = "/admin/api-access/v1/orgs/{org}/api-tokens/count"
    server.route("GET", path, lambda query, body: (status, {"message": "no"}, {}))
    assert main(["pull"]) == code


@pytest.mark.parametrize("status", [400, 409, 422])
def test_a_search_that_refuses_filters_beside_a_cursor_is_asked_with_the_cursor_alone(
    status: int, server: Scripted, capsys: pytest.CaptureFixture[str]
) -> None:
    bodies = []
    others = [{"accountId": "712020:zz", "name": "Guest", "claimStatus": "unmanaged"}]

    def users(query: dict[str, list[str]], body: dict[str, object]) -> Answer:
        bodies.append(body)
        if "cursor" in body and len(body) > 1:
            return status, {"errors": [{"title": "no others field can be provided"}]}, {}
        at = int(str(body.get("cursor", "0")))
        held = USERS + others
        return 200, {"data": held[at : at + 1], "links": {"next": str(at + 1) if at + 1 < len(held) else None}}, {}

    server.route("POST", "/admin/v2/orgs/{org}/directories/-/users/search", users)
    assert main(["pull"]) == 0
    assert {row["id"] for row in listed(capsys, "users")} == {user["accountId"] for user in USERS}
    listing = [set(body) == {"cursor"} for body in bodies if "accountIds" not in body]
    assert listing == [False, False, True, True, True]
    assert sum("accountIds" in body for body in bodies) <= 1  # it ignores ids, so the list is not read twice


def test_a_500_of_the_token_list_is_not_said_to_be_an_outage_only(
    server: Scripted, capsys: pytest.CaptureFixture[str]
) -> None:
    server.route("GET", "/admin/api-access/v1/orgs/{org}/api-tokens", lambda query, body: (500, {"message": "no"}, {}))
    assert main(["pull"]) == 4
    said = capsys.readouterr().err
    assert "Either it is down, or it rejects this request" in said
    assert said.count("\n") == 1


def test_what_nobody_told_of_a_user_is_shown_with_the_reason(
    home: Path, server: Scripted, capsys: pytest.CaptureFixture[str]
) -> None:
    path = f"/admin/control/v1/orgs/{ORG}/users/auth-policies/bulk-fetch"
    told = server.routes["POST", path]

    def some(query: dict[str, list[str]], body: dict[str, list[str]]) -> Answer | None:
        answer = told(query, body)
        assert answer is not None
        status, elements, headers = answer
        gone = [{"accountId": i, "details": {"status": 404, "title": "Not here"}} for i in body["accountIds"]]
        return status, [*elements, *(each for each in gone if each["accountId"] == "712020:cc")], headers

    server.routes["POST", path] = some
    assert main(["pull"]) == 0
    assert "policy of 1 user unknown (Not here)" in capsys.readouterr().err
    from tokendesk.config import load_settings
    from tokendesk.views.details import details
    from tokendesk.views.reader import Reader

    settings = load_settings(None)
    with Reader(settings.paths, settings.thresholds) as reader:
        row_id = reader.find("users", "712020:cc")
        assert row_id is not None
        found = details(reader, "users", row_id, int(NOW.timestamp()))
        assert found is not None
        facts = {fact.name: fact.value for section in found.sections for fact in section.facts}
    assert facts["policy"] == "unknown: Not here"


def test_where_expand_is_forgotten_nobody_is_said_to_be_no_admin(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from tokendesk.config import load_settings
    from tokendesk.views.details import details
    from tokendesk.views.reader import Reader

    made = organization(160, 20)
    warning = "Atlassian did not say whether some of these users are organization admins"
    said = {}
    for broken in ((), ("cursor-alone",)):
        with serve(made, broken, monkeypatch):
            assert main(["pull"]) == 0
        capsys.readouterr()
        assert main(["move", "users", "tokens:0..", "--to", made.policies[1].id]) == 0
        said[broken] = warning in capsys.readouterr().out
    assert said == {(): False, ("cursor-alone",): True}
    users = {row["id"]: row["org_admin"] for row in listed(capsys, "users")}
    assert len(users) == 160
    assert list(users.values()).count(None) == 60
    settings = load_settings(None)
    with Reader(settings.paths, settings.thresholds) as reader:
        shown = set()
        for account_id, is_admin in users.items():
            row_id = reader.find("users", str(account_id))
            assert row_id is not None
            found = details(reader, "users", row_id, int(NOW.timestamp()))
            assert found is not None
            facts = {fact.name: fact.value for section in found.sections for fact in section.facts}
            shown.add((is_admin, facts["role"]))
    assert (None, "not told") in shown
    assert (False, "none") in shown
    assert all((words == "not told") == (is_admin is None) for is_admin, words in shown)
    assert all((words == "organization admin") == (is_admin is True) for is_admin, words in shown)
