"""Sources of keys, their capabilities, and the setup of a profile."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.needs import is_private
from tests.practice import organization
from tokendesk.cli import main
from tokendesk.config import load_settings
from tokendesk.sandbox.auth import Keys
from tokendesk.sandbox.faults import with_faults
from tokendesk.sandbox.serve import Address, serving

KEYS = Keys("scoped-example", "unscoped-example")


@pytest.fixture
def address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Address]:
    for name in [name for name in os.environ if name.startswith("TOKENDESK_")]:
        monkeypatch.delenv(name)
    with serving(organization(60, 10), KEYS) as (found, _):
        monkeypatch.setenv("TOKENDESK_HOME", str(tmp_path))
        monkeypatch.setenv("TOKENDESK_API_URL", found.url)
        yield found


def answers(capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    return {row["name"]: row["answer"] for row in json.loads(capsys.readouterr().out)}


def test_check_says_what_a_scoped_key_can_do(
    address: Address, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKENDESK_ORG_ID", address.org_id)
    monkeypatch.setenv("TOKENDESK_API_KEY", KEYS.scoped)
    assert main(["check", "--json"]) == 0
    found = answers(capsys)
    assert found["revoke tokens"] == "no"
    assert {name for name, answer in found.items() if answer == "yes"} == set(found) - {"revoke tokens"}
    monkeypatch.setenv("TOKENDESK_REVOKE_KEY", KEYS.unscoped)
    assert main(["check", "--json"]) == 0
    assert answers(capsys)["revoke tokens"] == "yes"
    assert main(["check"]) == 0
    assert "example" not in capsys.readouterr().out.replace("example.com", "")


def test_check_sends_nothing_but_questions(
    address: Address, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(organization(60, 10), KEYS) as (other, sandbox):
        monkeypatch.setenv("TOKENDESK_API_URL", other.url)
        monkeypatch.setenv("TOKENDESK_ORG_ID", other.org_id)
        monkeypatch.setenv("TOKENDESK_API_KEY", KEYS.unscoped)
        assert main(["check"]) == 0
        for method, path in sandbox.requests:
            assert method == "GET" or path.endswith(("/search", "/bulk-fetch"))


def test_check_names_the_scope_that_is_missing(
    address: Address, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(organization(60, 10), KEYS, wrap=with_faults(["403-tokens"])) as (other, _):
        monkeypatch.setenv("TOKENDESK_API_URL", other.url)
        monkeypatch.setenv("TOKENDESK_ORG_ID", other.org_id)
        monkeypatch.setenv("TOKENDESK_API_KEY", KEYS.scoped)
        assert main(["check"]) == 3
        assert "create a key with read:tokens:admin" in capsys.readouterr().out


def test_init_writes_a_profile_without_a_key_and_pull_uses_it(
    address: Address, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = f"printf %s {KEYS.scoped}"
    arguments = [
        "--org-id",
        address.org_id,
        "--key-command",
        command,
        "--admin-email",
        "ada@example.com, b@example.com",
    ]
    assert main(["init", *arguments]) == 0
    config = tmp_path / "config.toml"
    assert is_private(config)
    settings = load_settings(None)
    assert (settings.org_id, settings.admin_emails) == (address.org_id, ("ada@example.com", "b@example.com"))
    assert main(["pull"]) == 0
    capsys.readouterr()
    assert main(["init", *arguments]) == 2
    assert "already" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "before"),
    [
        ("acme.eu", ""),
        ("default", 'theme = "light"\n[profiles.other]\norg_id = "x"  # no end of line'),
        ("default", '[profiles.default2]\norg_id = "[profiles.default]"\n'),
    ],
)
def test_the_profile_that_init_writes_is_the_one_that_is_read(
    name: str, before: str, address: Address, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if before:
        (tmp_path / "config.toml").write_text(before, "utf-8")
    command = f"sh -c 'printf %s {KEYS.scoped} #🔑'"
    arguments = ["--org-id", address.org_id, "--key-command", command, "--admin-email", "ä@example.com"]
    assert main(["--profile", name, "init", *arguments]) == 0
    settings = load_settings(name)
    assert (settings.org_id, settings.key_command) == (address.org_id, command)
    assert settings.admin_emails == ("ä@example.com",)
    written = (tmp_path / "config.toml").read_bytes()
    assert main(["--profile", name, "init", *arguments]) == 2
    assert "already" in capsys.readouterr().err
    assert (tmp_path / "config.toml").read_bytes() == written


@pytest.mark.parametrize("before", ['[profiles."default"]\norg_id = "x"\n', '[profiles]\ndefault = { org_id = "x" }\n'])
def test_init_knows_a_profile_however_it_is_written(
    before: str, address: Address, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKENDESK_API_KEY", KEYS.scoped)
    (tmp_path / "config.toml").write_text(before, "utf-8")
    assert main(["init", "--org-id", address.org_id, "--admin-email", "a@example.com"]) == 2
    assert "already" in capsys.readouterr().err
    assert (tmp_path / "config.toml").read_text("utf-8") == before


@pytest.mark.parametrize("name", ["a]b", "../x", "a\nb"])
def test_init_writes_no_profile_that_cannot_be_read(
    name: str, address: Address, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKENDESK_API_KEY", KEYS.scoped)
    assert main(["--profile", name, "init", "--org-id", address.org_id, "--admin-email", "a@example.com"]) == 2
    assert "is not a valid profile name" in capsys.readouterr().err
    assert not (tmp_path / "config.toml").exists()


def test_init_sets_up_the_profile_of_the_environment_and_tries_the_command_itself(
    address: Address, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKENDESK_PROFILE", "acme")
    monkeypatch.setenv("TOKENDESK_API_KEY", KEYS.scoped)
    arguments = ["--org-id", address.org_id, "--admin-email", "a@example.com"]
    assert main(["init", *arguments, "--key-command", "false"]) == 2
    assert "key_command" in capsys.readouterr().err
    assert main(["init", *arguments, "--key-command", f"printf %s {KEYS.scoped}"]) == 0
    assert load_settings("acme").org_id == address.org_id


def test_init_without_standard_input_is_one_sentence(
    address: Address, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", None)
    for arguments in ([], ["--org-id", address.org_id]):
        assert main(["init", *arguments]) == 2
        assert "No terminal for questions" in capsys.readouterr().err


def test_the_command_that_failed_is_the_one_that_is_named(
    address: Address, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKENDESK_API_KEY", KEYS.scoped)
    for command in ("no-such-command-at-all", "false"):
        (tmp_path / "config.toml").write_text(
            f"[profiles.default]\norg_id = '{address.org_id}'\nrevoke_key_command = '{command}'\n"
        )
        assert main(["check"]) == 2
        assert "revoke_key_command" in capsys.readouterr().err


def test_check_ends_with_4_where_the_api_cannot_be_reached(
    address: Address, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKENDESK_API_KEY", KEYS.scoped)
    monkeypatch.setenv("TOKENDESK_ORG_ID", address.org_id)
    with serving(organization(60, 10), KEYS, wrap=with_faults(["wrong-shape"])) as (broken, _):
        monkeypatch.setenv("TOKENDESK_API_URL", broken.url)
        assert main(["check"]) == 4
    assert "could not be decoded" in capsys.readouterr().out


@pytest.mark.parametrize("command", ["false", "true", "no-such-command-at-all", "printf 'a\\nb'", "'"])
def test_a_key_command_that_gives_no_key_is_one_sentence(
    command: str, address: Address, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "config.toml").write_text(f"[profiles.default]\norg_id = 'x'\nkey_command = {json.dumps(command)}\n")
    assert main(["pull"]) == 2
    said = capsys.readouterr().err
    assert "key_command" in said
    assert said.count("\n") == 1


def test_the_environment_comes_before_the_command(
    address: Address, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config.toml").write_text(f"[profiles.default]\norg_id = '{address.org_id}'\nkey_command = 'false'\n")
    monkeypatch.setenv("TOKENDESK_API_KEY", KEYS.scoped)
    assert main(["pull"]) == 0


def test_an_unknown_fault_of_the_sandbox_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sandbox", "--fault", "html-520"]) == 2
    assert "did you mean html-502" in capsys.readouterr().err
