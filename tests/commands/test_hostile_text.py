"""Untrusted text: no terminal interprets it, and no screen reads it as markup."""

import json
from functools import partial
from pathlib import Path

import pytest

from tests.hostile_home import EVIL, hostile_home, obeyed, run_of_the_colleague
from tests.scripted import Answer
from tests.terminal import drawn_whole
from tokendesk.cli import main
from tokendesk.model.plan_record import plan_from_record
from tokendesk.views.query import PANES

FORMS = ("csv", "json", "jsonl", "markdown", "html", "csv")


def _always(answer: Answer, query: object, body: object) -> Answer:
    return answer


def test_no_command_sends_a_terminal_what_it_would_obey(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with hostile_home(tmp_path, monkeypatch) as script:
        run_id, files = run_of_the_colleague(), tmp_path
        main(["move", "users", "ada", "--to", f"pol1{EVIL}", "--save-plan", str(files / "plan")])
        plan = json.loads((files / "plan").read_text("utf-8"))
        (files / "other").write_text(json.dumps({**plan, "tokendesk_plan": EVIL}), "utf-8")
        elsewhere = {**plan["plan"], "org_id": EVIL}
        (files / "elsewhere").write_text(
            json.dumps({**plan, "plan": elsewhere, "sha256": plan_from_record(elsewhere).digest}), "utf-8"
        )
        plan["plan"] = {**plan["plan"], "kind": EVIL}
        (files / "worse").write_text(json.dumps(plan), "utf-8")
        (files / "notes.csv").write_text(
            f'about,id,purpose\ntoken,"tok-1{EVIL}",x\ntoken,"{EVIL}",y\n{EVIL},z,y\n', "utf-8", newline=""
        )
        commands = [
            *(["list", pane] for pane in PANES),
            *(["list", pane, "--format", form] for pane, form in zip(PANES, FORMS, strict=True)),
            *(["list", "credentials", "--format", form] for form in ("markdown", "html")),
            ["list", "credentials", "name:" + EVIL],
            ["list", "tokens", "label:" + EVIL], ["list", "tokens", "--columns", EVIL], ["list", EVIL], [EVIL],
            ["--profile", EVIL, "list", "tokens"], ["readiness", f"pol0{EVIL}"], ["readiness", "pol"], ["goal"],
            ["goal", EVIL], ["notes", "export"], ["notes", "export", "--format", "csv"], ["desk", "export"],
            ["notes", "import", str(files / "notes.csv")], ["desk", "import", str(files / "colleague.jsonl")],
            ["snapshot", "info"], ["snapshot", "info", str(files / "after.sqlite")],
            ["snapshot", "diff", str(files / "before.sqlite"), str(files / "after.sqlite")],
            ["move", "users", "ada", "--to", f"pol1{EVIL}"], ["move", "users", "ada", "--to", EVIL],
            ["move", "users", "ada", "--to", f"pol1{EVIL}", "--json"],
            ["revoke", "label:quarter"], ["letters", "label:quarter"], ["letters", "label:quarter", "--format", "csv"],
            ["letters", "label:quarter", "--to", str(files / "letters")], ["letters", "--renewal"],
            ["letters", "--renewal", "--credentials"], ["letters", "--renewal", "label:quarter"],
            ["note", "label:quarter", "--replaces", EVIL], ["note", "--credentials", "created:any", "--replaces", EVIL],
            ["note", "label:quarter", "--undo-take-over"],
            ["apply", str(files / "plan")], ["apply", str(files / "other")], ["apply", str(files / "worse")],
            ["apply", str(files / "elsewhere"), "--expect", "0"],
            ["apply", str(files / EVIL.replace("/", ""))], ["open", EVIL],
            ["report", "run", run_id], ["report", "run", EVIL],
            ["undo", run_id], ["settle"], ["quarantine"], ["quarantine", "end", EVIL, "--keep"], ["check"],
            ["policies", "add", EVIL, EVIL, "--remarks", EVIL], ["policies", "name", EVIL, EVIL],
            ["note", "label:quarter", "--purpose", EVIL], ["note", "--undo"], ["pull"],
        ]  # fmt: skip
        for command in commands:
            assert obeyed(drawn_whole(monkeypatch, partial(main, command))) == [], command
        for status in (400, 401, 403, 404, 500):
            answer: Answer = (status, {"title": EVIL, "detail": EVIL}, {})
            script.routes = dict.fromkeys(script.routes, partial(_always, answer))
            for command in (["pull"], ["check"]):
                assert obeyed(drawn_whole(monkeypatch, partial(main, command))) == [], (command, status)
        (tmp_path / "config.toml").write_text('key = "\\u001b]2;x"\n[keys]\n"\\u001b" = 1', "utf-8")
        assert obeyed(drawn_whole(monkeypatch, lambda: main(["list", "tokens"]))) == []


def test_what_data_goes_into_a_pipe_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with hostile_home(tmp_path, monkeypatch):
        capsys.readouterr()
        assert main(["list", "tokens", "--format", "json"]) == 0
        assert any(row["label"].endswith(EVIL) for row in json.loads(capsys.readouterr().out))
        assert main(["list", "tokens"]) == 0
        assert obeyed(capsys.readouterr().out) == []
        assert main(["list", "credentials", "--format", "json"]) == 0
        names = [row["name"] for row in json.loads(capsys.readouterr().out)]
        assert len(names) == 5
        assert all(name.endswith(EVIL) for name in names)
        assert main(["list", "policies", "--format", "json"]) == 0
        settings = {row["setting"] for row in json.loads(capsys.readouterr().out) if "setting" in row}
        assert all(setting in (None, "allowed", "blocked") for setting in settings)
