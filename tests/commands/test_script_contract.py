"""What scripts rely on: streams, exit codes, and the options that every command takes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.desk.conftest import colleague, command, office, pulled
from tests.desk.pulled import Command, Office
from tests.practice import NOW
from tokendesk.cli import main
from tokendesk.commands.registry import COMMANDS

__all__ = ["colleague", "command", "office", "pulled"]


def run(home: Path, *arguments: str, stdin: str | None = None, **options: str) -> subprocess.CompletedProcess[str]:
    """Run the program in a process of its own, as a script does."""
    environ = {**os.environ, "TOKENDESK_HOME": str(home), "TOKENDESK_PROFILE": "demo", "PYTHONUTF8": "1", **options}
    environ |= {"TOKENDESK_CLOCK": NOW.isoformat(), "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run(
        [sys.executable, "-m", "tokendesk", *arguments],
        env=environ, input=stdin, capture_output=True, text=True, encoding="utf-8", check=False,
    )  # fmt: skip


@pytest.mark.parametrize("form", ["table", "csv", "json", "jsonl", "markdown", "html"])
@pytest.mark.parametrize("by", [(), ("--by", "owner")])
def test_list_fails_if_there_is_any_row(office: Office, command: Command, form: str, by: tuple[str, ...]) -> None:
    if by and form == "html":
        form = "csv"  # groups are not written as pages
    assert command("list", "tokens", "used:never", "--fail-if-any", "--format", form, *by, code=1, both=True)
    command("list", "tokens", "used:never", "-used:never", "--fail-if-any", "--format", form, *by, both=True)


def test_rows_are_printed_although_list_fails(office: Office, tmp_path: Path) -> None:
    done = run(office.home, "list", "tokens", "used:never", "--fail-if-any", "--json")
    assert done.returncode == 1
    assert len(json.loads(done.stdout)) == len(office.ids("used:never"))


@pytest.mark.parametrize("before", [True, False])
def test_quiet_leaves_data_and_errors(office: Office, before: bool) -> None:
    def asked(*arguments: str) -> subprocess.CompletedProcess[str]:
        return run(office.home, *(["-q", *arguments] if before else [*arguments, "--quiet"]))

    nothing = asked("list", "tokens", "used:never", "-used:never")
    assert (nothing.returncode, nothing.stdout.count("\n") <= 1, nothing.stderr) == (0, True, "")
    pulled = asked("pull")
    assert pulled.returncode == 0
    assert "82 tokens" in pulled.stdout and pulled.stderr == ""
    wrong = asked("list", "tokens", "polcy:x")
    assert wrong.returncode == 2
    assert "did you mean policy?" in wrong.stderr


def test_quiet_does_not_silence_that_notes_could_not_be_shared(office: Office, tmp_path: Path) -> None:
    share = json.dumps(str(tmp_path / "unmounted"))
    (office.home / "config.toml").write_text(f"[profiles.demo]\nshare = {share}\n", "utf-8")
    for arguments in (("pull", "-q"), ("note", "label:jenkins", "--purpose", "CI", "-q")):
        done = run(office.home, *arguments)
        assert done.returncode == 0
        assert "unmounted is not there" in done.stderr and done.stderr.count("\n") == 1


def test_quiet_does_not_silence_why_a_run_changed_nothing(office: Office) -> None:
    move = ("move", "users", "policy:default", "tokens:1..", "--to", "integr")
    plan = json.loads(run(office.home, *move, "--json").stdout)["plan"]
    doing = sum(row["outcome"] == "do" for row in plan["rows"])
    refused = run(office.home, *move, "--apply", "--expect", str(doing + 1), "-q", "--write")
    assert refused.returncode == 5
    assert "nothing was sent" in refused.stderr


def test_no_color_reaches_the_screens(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("NO_COLOR", "")
    assert main(["--no-color", "version"]) == 0
    assert os.environ["NO_COLOR"] == "1"


@pytest.mark.parametrize("name", [each.name for each in COMMANDS])
def test_help_of_a_command_is_what_its_option_prints(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["help", name]) == 0
    helped = capsys.readouterr().out
    assert main([name, "--help"]) == 0
    assert capsys.readouterr().out == helped
    assert "--quiet" in helped and "--no-color" in helped


def test_help_of_an_unknown_command_suggests_one(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["help", "lst"])
    assert ended.value.code == 2
    assert "Did you mean list?" in capsys.readouterr().err


@pytest.mark.parametrize("more", [("-q",), ("--no-color",), ("--profile", "demo")])
def test_the_version_and_the_description_are_printed_beside_common_options(
    more: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    for arguments in ([*more, "--version"], ["--version", *more]):
        assert main(arguments) == 0
        assert capsys.readouterr().out.startswith("tokendesk ")
    assert main([*more, "--spec"]) == 0
    assert json.loads(capsys.readouterr().out)["document"] == "spec"


def test_nothing_is_printed_where_list_finds_nothing(office: Office) -> None:
    done = run(office.home, "list", "tokens", "used:never", "-used:never", "--fail-if-any", "-q")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_help_alone_is_that_of_the_program(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["help"]) == 0
    helped = capsys.readouterr().out
    assert main(["--help"]) == 0
    assert capsys.readouterr().out == helped


def test_a_dash_is_standard_output(office: Office) -> None:
    for arguments in (
        ("list", "tokens", "--format", "csv"),
        ("list", "tokens", "--by", "owner"),
        ("readiness", "Default"),
        ("notes", "export"),
        ("desk", "export"),
        ("letters", "used:..90d"),
    ):
        option = "--to" if arguments[0] == "letters" else "-o"
        plain, dash = run(office.home, *arguments), run(office.home, *arguments, option, "-")
        assert plain.returncode == dash.returncode == 0, dash.stderr
        assert plain.stdout == dash.stdout != ""
    assert not (office.home / "-").exists()


def test_entries_and_a_table_come_from_standard_input(office: Office, colleague: Office) -> None:
    run(office.home, "note", "label:jenkins", "--purpose", "CI")
    for arguments in (("notes", "export"), ("notes", "export", "--format", "csv"), ("desk", "export")):
        sent = run(office.home, *arguments).stdout
        taken = run(colleague.home, arguments[0], "import", "-", "--apply", stdin=sent)
        assert taken.returncode == 0, taken.stderr
        assert "standard input" in taken.stdout
    assert colleague.records("purpose:=CI") == office.records("label:jenkins")


def test_a_plan_goes_through_a_pipe(office: Office) -> None:
    move = ("move", "users", "policy:default", "status:active", "tokens:1..", "--to", "integr")
    saved = run(office.home, *move, "--save-plan", "-")
    assert saved.returncode == 0 and "Default" in saved.stderr
    plan = json.loads(saved.stdout)
    doing = sum(row["outcome"] == "do" for row in plan["plan"]["rows"])
    expected = ("--expect", str(doing), "--write", "--hash", plan["sha256"])
    refused = run(office.home, "apply", "-", *expected, stdin=saved.stdout.replace("Default", "Another"))
    assert refused.returncode in (2, 5)
    applied = run(office.home, "apply", "-", *expected, stdin=saved.stdout)
    assert applied.returncode == 0, applied.stderr
    assert "apply" not in applied.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("list", "tokens", "--file", "-"),
        ("open", "-"),
        ("snapshot", "info", "-"),
        ("snapshot", "diff", "-", "x"),
        ("snapshot", "save", "-", "--json"),
        ("apply", "-", "--expect", "1"),
    ],
)
def test_what_a_dash_cannot_be_is_one_sentence(office: Office, arguments: tuple[str, ...]) -> None:
    done = run(office.home, *arguments, stdin="")
    assert done.returncode == 2
    assert done.stderr.startswith("tokendesk: ") and done.stderr.count("\n") == 1


def test_a_snapshot_goes_through_a_pipe(office: Office, tmp_path: Path) -> None:
    environ = {**os.environ, "TOKENDESK_HOME": str(office.home), "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-m", "tokendesk", "--profile", "demo", "snapshot", "save", "-"]
    done = subprocess.run(command, env=environ, capture_output=True, check=True)
    (tmp_path / "saved").write_bytes(done.stdout)
    listed = run(office.home, "list", "tokens", "--file", str(tmp_path / "saved"), "--format", "jsonl")
    assert len(listed.stdout.splitlines()) == len(office.ids())


def test_a_file_that_is_called_dash_can_be_named(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: Command
) -> None:
    monkeypatch.chdir(tmp_path)
    command("notes", "export", "-o", "./-", err=True)
    assert (tmp_path / "-").exists()
    assert "entries" in command("notes", "import", "./-")


def test_every_setting_is_shown_with_its_source(
    office: Office, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    (office.home / "config.toml").write_text(
        'author = "ada"\n[thresholds]\nidle = 60\n[profiles.acme]\norg_id = "of-file"\nkey_command = "pass show x"\n',
        "utf-8",
    )
    monkeypatch.delenv("TOKENDESK_CLOCK")
    monkeypatch.setenv("TOKENDESK_API_KEY", "not-a-real-key-of-anybody")
    monkeypatch.setenv("TOKENDESK_API_URL", "https://api.example.com")
    found = {row["name"]: row for row in json.loads(command("config", "show", "--profile", "acme", "--json"))}
    sources = {name: (row["value"], row["source"]) for name, row in found.items()}
    assert sources["profile"] == ("acme", "--profile")
    assert sources["org_id"] == ("of-file", "config.toml, profile acme")
    assert sources["author"] == ("ada", "config.toml")
    assert sources["api_url"] == ("https://api.example.com", "TOKENDESK_API_URL")
    assert sources["key"] == ("set, not shown", "TOKENDESK_API_KEY")
    assert sources["key_command"] == ("set, not shown", "config.toml, profile acme")
    assert sources["thresholds.idle"] == ("60", "config.toml")
    assert sources["batch"] == ("100", "default")
    assert sources["config.toml"] == (str(office.home / "config.toml"), "TOKENDESK_HOME")
    shown = command("config", "show", "--profile", "acme")
    assert "not-a-real-key" not in shown and "pass show" not in shown


def test_a_wrong_configuration_is_told_for_every_profile(
    office: Office, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = office.home / "config.toml"
    monkeypatch.delenv("TOKENDESK_CLOCK")
    config.write_text('[profiles.one]\norg_i = "x"\n[profiles.two]\nbatch = "many"\n', "utf-8")
    said = command("config", "check", code=2)
    assert "did you mean org_id?" in said and "batch" in said and said.count("tokendesk: ") == 2
    config.write_text('[profiles.one\norg_id = "x"\n', "utf-8")
    assert "line 1" in command("config", "check", code=2)
    for part, word in (('theme = "drak"', "drak"), ('keys = { "note.edt" = "n" }', "note.edt")):
        config.write_text(f'{part}\n[profiles.one]\norg_id = "x"\n', "utf-8")
        assert word in command("config", "check", "--quiet", code=2)
        found = json.loads(command("config", "check", "--json", code=2, both=True))
        assert word in found["problems"][0] and found["profiles"] == ["one"]
    config.write_text('[profiles.one]\norg_id = "x"\n', "utf-8")
    assert "is valid: 1 profile." in command("config", "check")
    assert command("config", "path").strip() == str(config)


def test_profiles_are_listed_with_the_age_of_their_snapshots(
    office: Office, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TOKENDESK_CLOCK")
    (office.home / "config.toml").write_text('[profiles.acme]\norg_id = "o"\n[profiles.bad]\nbatch = "x"\n', "utf-8")
    found = {row["name"]: row for row in json.loads(command("profiles", "--json"))}
    assert found["demo"]["selected"] and found["demo"]["pulled_at"]
    assert (found["acme"]["org_id"], found["acme"]["pulled_at"]) == ("o", None)
    assert "batch" in found["bad"]["problem"]
    lines = command("profiles").splitlines()
    assert [line.split()[0] for line in lines] == ["acme", "bad", "*"]
    assert "never pulled" in lines[0]
