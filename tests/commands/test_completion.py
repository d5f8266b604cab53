"""Shell completion and the list of commands, in a real shell."""

import shutil
import subprocess

import pytest

from tokendesk.cli import main
from tokendesk.commands.completion import SHELLS, script
from tokendesk.commands.registry import COMMANDS
from tokendesk.views.query import PANES

TRY = 'COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _tokendesk; printf "%s\\n" "${COMPREPLY[@]}"'


def offered(*words: str) -> list[str]:
    """What bash would offer for the last of `words`."""
    done = subprocess.run(
        ["bash", "-c", script("bash") + TRY, "bash", "tokendesk", *words],
        capture_output=True, text=True, check=True, env={"PATH": "/usr/bin:/bin", "HOME": "/nowhere"},
    )  # fmt: skip
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not here")
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("sn",), {"snapshot"}),
        (("--profile", "demo", "li"), {"list"}),
        (("list", ""), set(PANES)),
        (("snapshot", "save", "--w"), {"--with-notes"}),
        (("list", "tokens", "idl"), {"idle:"}),
        (("list", "tokens", "is:never-u"), {"is:never-used"}),
        (("list", "users", "--format", "m"), {"markdown"}),
        (("list", "users", "--sort", "token"), {"tokens", "token_used"}),
        (("list", "tokens", "--columns", "label,cre"), {"label,created"}),
        (("list", "tokens", "--profile", "d"), {"demo"}),
    ],
)
def test_bash_offers_what_may_stand_there(words: tuple[str, ...], expected: set[str]) -> None:
    assert expected <= set(offered(*words))
    assert len(offered(*words)) < 20


@pytest.mark.parametrize("shell", SHELLS)
def test_every_command_is_in_every_script_and_the_shell_can_read_it(shell: str) -> None:
    text = script(shell)
    assert [command.name for command in COMMANDS if command.name not in text] == []
    assert "@" not in text.replace("$@", "").replace("[@]", "")
    if shutil.which(shell):
        assert subprocess.run([shell, "-n"], input=text, text=True, check=False).returncode == 0


def test_the_help_fits_a_screen_of_80_by_24(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80
    assert [c.name for c in COMMANDS if not any(f"  {c.name} " in line for line in lines)] == []
