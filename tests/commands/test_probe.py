"""`tokendesk check --probe FILE`: shown before it is written, and confirmed on a terminal."""

import io
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.needs import is_private, needs_modes
from tests.practice import organization, practice
from tokendesk.cli import main


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


Typing = Callable[[str], Terminal]


@pytest.fixture
def reached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with practice(organization(60, 12)) as access:
        monkeypatch.setenv("TOKENDESK_HOME", str(tmp_path / "home"))
        monkeypatch.setenv("TOKENDESK_API_URL", access.api_url)
        monkeypatch.setenv("TOKENDESK_ORG_ID", access.org_id)
        monkeypatch.setenv("TOKENDESK_API_KEY", access.key.reveal())
        yield


@pytest.fixture
def typing(monkeypatch: pytest.MonkeyPatch) -> Typing:
    """A person at a terminal, who types `words`; returns what the terminal shows."""

    def at(words: str) -> Terminal:
        shown = Terminal()
        monkeypatch.setattr(sys, "stdin", Terminal(words))
        monkeypatch.setattr(sys, "stderr", shown)
        return shown

    return at


def test_off_a_terminal_it_is_printed_and_written(
    reached: None, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    target = tmp_path / "probe.json"
    assert main(["check", "--probe", str(target)]) == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert target.read_text("utf-8") in said.err
    assert said.err.endswith(f"Wrote {target}. Send it to the maintainers, with your bug report.\n")
    told = json.loads(target.read_text("utf-8"))
    assert told["limits were tried"] is False
    assert told["tokendesk"]
    assert [answer["asked"] for answer in told["answers"]][:2] == ["tokens, page of 1", "tokens, page of 1,000"]


@pytest.mark.parametrize("answer", ["n\n", "\n", "", "nein\n"])
def test_on_a_terminal_nothing_is_written_without_a_yes(
    answer: str, reached: None, tmp_path: Path, typing: Typing
) -> None:
    shown, target = typing(answer), tmp_path / "probe.json"
    assert main(["check", "--probe", str(target)]) == 0
    assert shown.getvalue().endswith("Nothing was written.\n")
    assert not target.exists()


def test_on_a_terminal_it_is_shown_before_it_is_asked_about(reached: None, tmp_path: Path, typing: Typing) -> None:
    shown, target = typing("y\n"), tmp_path / "probe.json"
    assert main(["check", "--probe", str(target), "--probe-limits"]) == 0
    written = target.read_text("utf-8")
    assert json.loads(written)["limits were tried"] is True
    assert 0 < shown.getvalue().index(written) < shown.getvalue().index(f"Write this to {target}?")


def test_limits_alone_are_no_question(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--probe-limits"]) == 2
    assert "--probe-limits needs --probe FILE." in capsys.readouterr().err


def test_a_file_that_cannot_be_written_is_refused_before_anything_is_asked(
    reached: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "--probe", str(tmp_path / "nowhere" / "probe.json")]) == 2
    assert "asking" not in capsys.readouterr().err


def test_where_nothing_answers_nothing_is_written(
    reached: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TOKENDESK_API_KEY", "another-example")
    target = tmp_path / "probe.json"
    assert main(["check", "--probe", str(target)]) == 3
    assert "nothing to write" in capsys.readouterr().err
    assert not target.exists()


@pytest.mark.parametrize("name", ["", " "])
def test_an_empty_name_of_a_file_is_refused(name: str, reached: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--probe", name]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "--probe needs a file name" in said.err


def test_off_a_terminal_a_file_that_is_there_is_left_alone(
    reached: None, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    target = tmp_path / "probe.json"
    target.write_text("mine")
    assert main(["check", "--probe", str(target)]) == 5
    assert target.read_text() == "mine"
    said = capsys.readouterr().err
    assert f"{target} already exists" in said
    assert "asking" not in said


@pytest.mark.parametrize(("answer", "is_replaced"), [("y\n", True), ("\n", False)])
def test_on_a_terminal_a_file_that_is_there_is_replaced_after_a_yes_to_that(
    answer: str, is_replaced: bool, reached: None, tmp_path: Path, typing: Typing
) -> None:
    shown, target = typing(answer), tmp_path / "probe.json"
    target.write_text("mine")
    target.chmod(0o644)
    assert main(["check", "--probe", str(target)]) == 0
    assert f"{target} already exists. Replace it?" in shown.getvalue()
    assert (target.read_text("utf-8") != "mine") is is_replaced
    if is_replaced:
        assert is_private(target)
    assert {path.name for path in tmp_path.iterdir()} <= {"probe.json", "home"}


@needs_modes
def test_the_file_is_for_this_user_only(reached: None, tmp_path: Path, typing: Typing) -> None:
    typing("y\n")
    target = tmp_path / "probe.json"
    assert main(["check", "--probe", str(target)]) == 0
    assert target.stat().st_mode & 0o777 == 0o600


def test_a_folder_is_refused_before_anything_is_asked(
    reached: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "--probe", str(tmp_path)]) == 2
    assert "asking" not in capsys.readouterr().err
