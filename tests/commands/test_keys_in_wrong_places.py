"""A key that was pasted where it does not belong is not printed."""

import sys
from pathlib import Path

import pytest

from tests.made_keys import SHARED, given_away, made_key
from tokendesk.cli import main
from tokendesk.commands.stdout import safe_streams

KEY, UNKNOWN = made_key(31), made_key(32)
OTHER_FORM = made_key(33).removeprefix(SHARED)[:40]
"""A key that does not begin as Atlassian's."""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TOKENDESK_HOME", str(tmp_path))
    monkeypatch.setenv("TOKENDESK_API_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("TOKENDESK_API_KEY", KEY)
    monkeypatch.setenv("TOKENDESK_REVOKE_KEY", OTHER_FORM)
    return tmp_path


@pytest.mark.parametrize("key", [KEY, UNKNOWN, OTHER_FORM])
@pytest.mark.parametrize("name", ["ORG_ID", "PROFILE", "API_URL"])
def test_a_key_in_place_of_a_setting_is_refused_and_not_printed(
    key: str, name: str, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(f"TOKENDESK_{name}", key)
    assert main(["pull"]) == 2
    said = capsys.readouterr()
    assert "contains an API key" in said.err and given_away(said.err + said.out, key) == ""
    assert [str(path) for path in home.rglob("*") if given_away(str(path), key)] == []


@pytest.mark.parametrize("key", [KEY, UNKNOWN, OTHER_FORM])
@pytest.mark.parametrize("setting", ["key_label", "author", "share", "console_url", "never_touch", "admin_emails"])
def test_a_key_in_any_setting_is_refused_and_not_printed(
    key: str, setting: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    value = f'["{key}"]' if setting in ("never_touch", "admin_emails") else f'"https://{key}.example.com"'
    (home / "config.toml").write_text(f'[profiles.default]\norg_id = "an-id"\n{setting} = {value}\n', "utf-8")
    assert main(["list", "tokens"]) == 2
    said = capsys.readouterr()
    assert f"{setting} contains an API key" in said.err and given_away(said.err + said.out, key) == ""


def test_a_key_in_place_of_an_address_is_refused_and_not_printed(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TOKENDESK_ADMIN_EMAIL", UNKNOWN)
    assert main(["list", "tokens"]) == 2
    said = capsys.readouterr()
    assert "ADMIN_EMAIL contains an API key" in said.err and given_away(said.err + said.out, UNKNOWN) == ""


@pytest.mark.parametrize("key", [KEY, UNKNOWN, OTHER_FORM])
def test_no_message_on_standard_error_has_a_key(key: str, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with safe_streams():
        print(f"Written to /tmp/{key}.json", file=sys.stderr)
    assert given_away(capsys.readouterr().err, key) == ""


@pytest.mark.parametrize("key", [KEY, UNKNOWN, OTHER_FORM])
@pytest.mark.parametrize("option", ["--org-id", "--profile"])
def test_a_key_typed_at_the_setup_is_neither_sent_nor_written(
    key: str, option: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", "--org-id", "an-id", "--admin-email", "ada@example.com", option, key]) == 2
    assert "contains an API key" in capsys.readouterr().err
    assert list(home.rglob("*.toml")) == []


@pytest.mark.parametrize("key", [KEY, UNKNOWN, OTHER_FORM])
@pytest.mark.parametrize(
    "arguments",
    [
        ["--profile", "?", "pull"], ["?"], ["pull", "?"], ["open", "?"], ["snapshot", "diff", "?", "?"], ["apply", "?"],
        ["list", "tokens", "?:x"], ["list", "tokens", "--columns", "?"], ["list", "tokens", "--format", "?"],
        ["policies", "import", "?/x"],
    ],
)  # fmt: skip
def test_a_key_in_an_argument_is_not_in_the_error(
    key: str, arguments: list[str], home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        code = main([text.replace("?", key) for text in arguments])
    except SystemExit as ended:
        code = int(ended.code or 0)
    said = capsys.readouterr()
    assert code == 2 and said.err.startswith("tokendesk: ")
    assert given_away(said.err + said.out, key) == ""
