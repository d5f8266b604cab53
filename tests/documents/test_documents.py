"""Every JSON document is as its published schema says."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.documents.validating import problems, schema_of
from tests.hostile_home import EVIL, hostile_home, run_of_the_colleague
from tests.practice import organization
from tests.reference.make import SCHEMAS, schema_text
from tests.running.profile import world
from tests.running.world import World
from tokendesk.cli import main
from tokendesk.documents.schemas import DOCUMENTS
from tokendesk.reporting.values import COLUMNS
from tokendesk.sandbox.faults import with_faults
from tokendesk.sandbox.serve import serving
from tokendesk.views.grouping import groupable
from tokendesk.views.query import PANES

__all__ = ["world"]

MOVE = ("move", "users", "policy:default", "status:active", "tokens:>0", "--to", "integr")
QUARANTINE = (
    "move",
    "users",
    "policy:integr",
    "status:active",
    "tokens:>0",
    "--to",
    "contr",
    "--quarantine-until",
    "30d",
)


class Reader:
    """Runs commands with --json, and keeps which documents came."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys
        self.seen = set[str]()

    def __call__(self, name: str, *arguments: str, code: int = 0) -> Any:
        self._capsys.readouterr()
        assert main([*arguments, "--json"]) == code, self._capsys.readouterr()
        printed = self._capsys.readouterr().out
        assert printed.endswith("\n")
        return self.read(name, printed)

    def read(self, name: str, printed: str) -> Any:
        self.seen.add(name)
        document = json.loads(printed)
        assert problems(name, document) == []
        if isinstance(document, dict):
            assert (document["document"], document["version"]) == (name, DOCUMENTS[name].version)
        return document


def test_what_every_command_prints_is_as_its_schema_says(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    read = Reader(capsys)
    table, entries, letters = (str(tmp_path / name) for name in ("notes.csv", "entries.jsonl", "letters"))
    first, second = str(tmp_path / "first.tkd"), str(tmp_path / "second.tkd")
    assert read("goal", "goal")["goal"] is None
    assert read("goal", "goal", "default")["goal"]["progress"]["tokens"] > 0
    read("check", "check")
    read("snapshot", "snapshot", "info")
    read("snapshot", "snapshot", "save", first)
    read("readiness", "readiness", "default")
    saved = tmp_path / "ready.json"
    assert main(["readiness", "default", "-o", str(saved)]) == 0
    read.read("readiness", saved.read_text("utf-8"))
    read("policies", "list", "policies")
    read("note", "policies", "name", "default", "--tokens", "allowed")
    read("note", "policies", "add", "0a1b-new", "Machines")
    written = read("note", "note", "policy:default", "--purpose", "backup", "--tag", "ci")
    assert len(written["records"]) > 1
    read("note", "note", "--users", "policy:default", "--remarks", "x")
    assert read("note", "note", "--undo")["undone"]
    read("export", "notes", "export", "-o", table)
    read("export", "desk", "export", "-o", entries)
    Path(table).write_text(Path(table).read_text("utf-8").replace("backup", "nightly"), "utf-8", newline="")
    assert read("import", "notes", "import", table)["changed"]
    assert read("import", "notes", "import", table, "--apply")["applied"]
    Path(entries).write_text(Path(entries).read_text("utf-8") + "no entry\n", "utf-8")
    assert read("import", "desk", "import", entries, code=1)["skipped"]
    read("clocks", "desk", "clocks")
    written = read("letters", "letters", "used:..90d", "--to", letters, "--record")
    assert all(Path(letter["file"]).exists() for letter in written["letters"])
    read("letters", "letters", "--renewal", "--credentials")
    plan = read("plan", *MOVE)["plan"]
    doing = sum(row["outcome"] == "do" for row in plan["rows"])
    read("plan", "revoke", "used:never or used:90d..")
    run = read("run", *MOVE, "--apply", "--write", "--expect", str(doing))
    assert read("report", "report", "run", "last")["run"] == run
    read("plan", "undo", "last")
    read("note", "policies", "name", "contr", "--tokens", "blocked")
    plan = read("plan", *QUARANTINE)["plan"]
    doing = sum(row["outcome"] == "do" for row in plan["rows"])
    run = read("run", *QUARANTINE, "--apply", "--write", "--expect", str(doing))
    assert read("quarantine", "quarantine")[0]["run"] == run["run"]
    read("plan", "quarantine", "end", run["run"], "--put-back")
    assert read("quarantine-end", "quarantine", "end", run["run"], "--keep")["ended"]
    members = tmp_path / "members.csv"
    users = read("users", "list", "users", "policy:default")
    rows = "".join(f"{row['email']},Everybody\n" for row in users if row["email"])
    members.write_text(f"Email,Policy name\n{rows}", "utf-8")
    assert read("policy-names", "policies", "import", str(members))["new"] == 1
    assert not read("policy-names", "policies", "import", str(members), "--apply")["names"][0]["why"]
    read("config", "config", "show")
    assert read("config-check", "config", "check")["problems"] == []
    assert read("version", "version")["libraries"]["textual"]
    assert [row["selected"] for row in read("profiles", "profiles")].count(True) == 1
    read("pull", "pull")
    read("pull", "pull", "--tokens")
    read("pull-events", "pull", "--events")
    read("snapshot", "snapshot", "save", second)
    assert read("changes", "snapshot", "diff", first, second)
    for pane in PANES:
        assert read(pane, "list", pane), pane
    assert read("groups", "list", "tokens", "--by", "owner,policy")
    elsewhere = {"pull-progress", "sandbox", "spec"}  # with tests of their own
    assert read.seen == set(DOCUMENTS) - elsewhere


def test_a_pull_tells_its_progress_as_the_schema_says(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    for arguments in (["pull", "--json"], ["pull", "--events", "--json"]):
        assert main(arguments) == 0
        lines = capsys.readouterr().err.splitlines()
        assert lines
        assert [problem for line in lines for problem in problems("pull-progress", json.loads(line))] == []


@pytest.mark.parametrize("pane", PANES)
def test_a_row_has_the_columns_that_its_schema_requires(pane: str) -> None:
    schema = schema_of(pane)
    row = schema["$defs"][schema["items"]["$ref"].rpartition("/")[2]]
    assert set(row["required"]) == set(row["properties"]) == set(COLUMNS[pane])


@pytest.mark.parametrize("pane", PANES)
def test_every_column_that_counts_rows_is_described(
    pane: str, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    from tokendesk.model.findings import Thresholds
    from tokendesk.views.panes import panes

    read = Reader(capsys)
    for name in groupable(panes(Thresholds())[pane]):
        read("groups", "list", pane, "--by", name)


def test_what_the_practice_organization_prints_is_as_the_schema_says() -> None:
    command = [sys.executable, "-m", "tokendesk", "sandbox", "--json", "--stop-with-stdin", "--users", "5"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as served:
        assert served.stdin and served.stdout
        document = json.loads(served.stdout.readline())
        served.stdin.close()
    assert problems("sandbox", document) == []


def test_text_from_outside_stays_valid_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with hostile_home(tmp_path, monkeypatch):
        read = Reader(capsys)
        for pane in PANES:
            assert read(pane, "list", pane), pane
        label = read("tokens", "list", "tokens", "label:quarter")[0]["label"]
        assert EVIL in label
        read("goal", "goal")
        read("snapshot", "snapshot", "info")
        read("readiness", "readiness", f"pol0{EVIL}")
        read("plan", "move", "users", "ada", "--to", f"pol1{EVIL}")
        read("letters", "letters", "label:quarter")
        read("letters", "letters", "--renewal", "--credentials")
        assert read("note", "note", "label:quarter", "--purpose", f"{EVIL}{'x' * 900}")["entries"]
        read("report", "report", "run", run_of_the_colleague())
        read("import", "desk", "import", str(tmp_path / "colleague.jsonl"))
        read("check", "check")


@pytest.mark.parametrize(
    "faults", [("policy-error", "500-one-user"), ("policy-unreadable", "credentials-long-names"), ("402-policies",)]
)
def test_what_a_pull_could_not_read_is_null_in_rows(
    faults: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    read = Reader(capsys)
    with serving(organization(60, 20), wrap=with_faults(faults)) as (address, _):
        for name, value in {
            "HOME": str(tmp_path), "API_URL": address.url, "ORG_ID": address.org_id, "API_KEY": address.scoped_key,
        }.items():  # fmt: skip
            monkeypatch.setenv(f"TOKENDESK_{name}", value)
        pulled = read("pull", "pull")
    assert pulled["policies_problem"] or pulled["policies_unknown_why"]
    for pane in ("tokens", "users", "credentials"):
        assert read(pane, "list", pane)
    assert None in {row["policy_id"] for row in read("users", "list", "users")}
    read("snapshot", "snapshot", "info")


def test_long_labels_and_half_characters_stay_valid_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    odd = f"\x1b[31m{'long ' * 2_000}"
    with hostile_home(tmp_path, monkeypatch) as script:
        token = {"id": "tok-1", "label": odd, "status": "ALLOWED", "user": {"id": "712020:aa", "name": odd}}
        answer = json.dumps({"data": [token]}).replace("long", "\\ud800", 1).encode()
        script.route("GET", "/admin/api-access/v1/orgs/{org}/api-tokens", lambda query, body: (200, answer, {}))
        read = Reader(capsys)
        read("pull", "pull")
        assert len(read("tokens", "list", "tokens")[0]["label"]) > 1_000
        read("groups", "list", "tokens", "--by", "label")
        read("plan", "revoke", "id:tok-1")
        read("letters", "letters", "id:tok-1")
        read("note", "note", "id:tok-1", "--purpose", "x")
        read("changes", "list", "changes")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_schema_is_valid_and_is_that_of_the_program(name: str) -> None:
    Draft202012Validator.check_schema(schema_of(name))
    assert (SCHEMAS / f"{name}.schema.json").read_text("utf-8") == schema_text(name)
    assert schema_of(name)["$id"] == f"urn:tokendesk:document:{name}:{DOCUMENTS[name].version}"


def test_the_page_of_documents_lists_each_with_its_version_and_shape() -> None:
    page = (SCHEMAS.parent / "json.md").read_text("utf-8")
    rows = re.findall(r"^\| \[([a-z-]+)\]\(schemas/([a-z-]+)\.schema\.json\) \| (\d+) \| (\w+) \|", page, re.MULTILINE)
    assert rows == [(name, name, str(kind.version), kind.shape) for name, kind in DOCUMENTS.items()]


def test_no_schema_is_left_over() -> None:
    assert {path.name for path in SCHEMAS.iterdir()} == {f"{name}.schema.json" for name in DOCUMENTS}


@pytest.mark.parametrize(
    ("name", "member", "wrong"),
    [("goal", "goal", "default"), ("snapshot", "tokens", "82"), ("letters", "letters", None), ("plan", "plan", [])],
)
def test_a_wrong_type_and_a_missing_member_are_no_such_document(
    name: str, member: str, wrong: object, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    commands = {
        "goal": ["goal"], "snapshot": ["snapshot", "info"], "letters": ["letters", "used:..90d"], "plan": [*MOVE],
    }  # fmt: skip
    document = Reader(capsys)(name, *commands[name])
    assert problems(name, {**document, member: wrong})
    assert problems(name, {key: value for key, value in document.items() if key != member})
    assert problems(name, {**document, "something": 1})
