"""Invalid input gets one sentence with the next step, and the documented exit code."""

import os
import socket
from pathlib import Path

import pytest

from tokendesk.cli import main


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("TOKENDESK_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("TOKENDESK_HOME", str(tmp_path))


def said(capsys: pytest.CaptureFixture[str]) -> str:
    text = capsys.readouterr().err
    assert text.startswith("tokendesk: ")
    assert text.count("\n") == 1
    return text


def test_without_a_profile_the_way_in_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "tokendesk demo" in said(capsys)
    assert main(["pull"]) == 2
    assert "TOKENDESK_ORG_ID" in said(capsys)
    assert main(["list", "tokens"]) == 2
    assert "tokendesk pull" in said(capsys)


def test_an_address_where_nobody_answers(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    monkeypatch.setenv("TOKENDESK_API_URL", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("TOKENDESK_ORG_ID", "org")
    monkeypatch.setenv("TOKENDESK_API_KEY", "example-key")
    assert main(["pull"]) == 4
    assert "cannot be reached" in said(capsys)


@pytest.mark.parametrize("url", ["http://api.example.com", "ftp://127.0.0.1", "nonsense", "http://user@127.0.0.1"])
def test_an_address_that_the_key_must_not_go_to(
    url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKENDESK_API_URL", url)
    assert main(["pull"]) == 2
    said(capsys)


@pytest.mark.parametrize("url", ["http://127.0.0.1.example.com", "http://localhost.example.com:80"])
def test_a_host_that_only_looks_like_loopback(
    url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKENDESK_API_URL", url)
    assert main(["pull"]) == 2
    assert "unencrypted" in said(capsys)


def test_a_home_that_cannot_be_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("TOKENDESK_HOME", str(tmp_path / "file"))
    monkeypatch.setenv("TOKENDESK_ORG_ID", "org")
    monkeypatch.setenv("TOKENDESK_API_KEY", "example-key")
    assert main(["pull"]) == 2
    assert "TOKENDESK_HOME" in said(capsys)


@pytest.mark.parametrize(
    ("config", "word"),
    [("[", "cannot be read"), ("profiles = 3", "must be a table"), ("[thresholds]\nidle = 'x'", "thresholds.idle")],
)
def test_a_broken_config_names_its_place(
    config: str, word: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "config.toml").write_text(config)
    assert main(["list", "tokens"]) == 2
    assert word in said(capsys)


@pytest.mark.parametrize("name", ["../x", "a/b", ".hidden", ""])
def test_a_profile_name_is_never_a_path(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "tokens", "--profile", name]) == 2
    said(capsys)


def test_an_unknown_option_is_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["list", "tokens", "--colour"])
    assert left.value.code == 2
    assert "--help" in said(capsys)


@pytest.mark.parametrize(
    ("config", "word"),
    [
        ("[profiles.default]\norg-id = 'x'", "did you mean org_id"),
        ("[profiles.default]\nallow_write = true", "did you mean allow_writes"),
        ("[profiles.default]\nallow_writes = 'yes'", "must be true or false"),
        ("themes = 'light'", "did you mean theme"),
        ("start = 'goal'", "In config.toml, start must be tokens or overview, in quotes; it is 'goal'."),
        ("[keys]\nhelp = 3", "keys.help must be a key"),
    ],
)
def test_a_misspelt_setting_is_named_with_the_nearest(
    config: str, word: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "config.toml").write_text(config)
    assert main(["list", "tokens"]) == 2
    assert word in said(capsys)


def test_a_home_of_nobody_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config.toml").write_text('[profiles.default]\nshare = "~nobody-at-all/notes"\n', "utf-8")
    assert main(["list", "tokens"]) == 2
    assert "~nobody-at-all" in said(capsys)
    monkeypatch.setenv("TOKENDESK_HOME", "~nobody-at-all/desk")
    assert main(["list", "tokens"]) == 2
    assert "~nobody-at-all" in said(capsys)


@pytest.mark.parametrize(
    "arguments",
    [
        ("open",), ("snapshot", "info"), ("list", "tokens", "--file"), ("apply", "--expect", "1"),
        ("desk", "import"), ("notes", "import"),
    ],
)  # fmt: skip
def test_a_name_that_no_file_can_have_is_one_sentence(
    arguments: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*arguments, "x" * 300]) == 2
    said(capsys)


@pytest.mark.parametrize("state", ["[]", "{}", "null", '{"users": "x", "tokens": []}'])
def test_a_demo_whose_state_is_broken_says_how_to_begin_again(
    state: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "sandbox.json").write_text(state, "utf-8")
    assert main(["demo", "--users", "50", "--tokens", "5"]) in (1, 2, 5)
    assert "--reset" in said(capsys)


@pytest.mark.parametrize("more", [(), ("--apply",)])
def test_an_empty_file_is_not_imported_as_if_it_were_whole(
    more: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "entries.jsonl").touch()
    assert main(["desk", "import", str(tmp_path / "entries.jsonl"), *more]) == 2
    assert "Export it again" in said(capsys)


@pytest.mark.parametrize("action", ["import", "export"])
def test_a_file_without_a_name_is_one_sentence(action: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["desk", action, ""]) == 2
    assert f"name the file to {action}" in said(capsys)
