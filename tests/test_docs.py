"""The pages in `docs/` keep what they promise: every command in them is run, in order, as a reader would.

A real shell reads each line. What it hands to tokendesk is run in this process, which takes a tenth of the time; the
commands of the README are run by the program itself.

A block marked `sh` holds commands of tokendesk and `export` lines; `# exit 5` behind a command says that it ends
so. A page is read in a home of its own, on the practice organization, with the programs that print keys at hand.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.needs import needs_shell
from tests.practice import organization, practice
from tokendesk.cli import main
from tokendesk.commands.registry import COMMANDS
from tokendesk.running.access import ApiAccess

ROOT = Path(__file__).parent.parent
PAGES = sorted((ROOT / "docs").rglob("*.md"))
_BLOCK = re.compile(r"^( *)```sh\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)#]*)(?:#([^)]*))?\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_FENCED = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)


README = ROOT / "README.md"
"""Of it, the section that is about the command line; the two commands above it are run before every change."""


def lines(page: Path) -> Iterator[str]:
    text = page.read_text("utf-8")
    if page == README:
        text = text.partition("## On the command line")[2]
    for _, block in _BLOCK.findall(text):
        yield from (line.strip() for line in block.replace("\\\n", " ").splitlines() if line.strip())


@pytest.fixture(scope="module")
def access() -> Iterator[ApiAccess]:
    with practice(organization()) as found:
        yield found


@pytest.fixture(scope="module")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which `tokendesk demo` was run once."""
    home = tmp_path_factory.mktemp("demo")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TOKENDESK_HOME", str(home))
        assert main(["demo"]) == 0
    return home


TRIED = [page for page in (*PAGES, README) if any(not line.startswith("#") for line in lines(page))]


@needs_shell
@pytest.mark.parametrize("page", TRIED, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_of_a_page_works(
    page: Path, access: ApiAccess, demo_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    commands = [line for line in lines(page) if not line.startswith("#")]
    for name in [name for name in os.environ if name.startswith("TOKENDESK_")]:
        monkeypatch.delenv(name)
    shutil.copytree(demo_home, tmp_path / "home")
    for program in ("op", "pass"):
        (tmp_path / program).write_text(f"#!/bin/sh\necho {access.key.reveal()}\n")
        (tmp_path / program).chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("TOKENDESK_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TOKENDESK_API_URL", access.api_url)
    if page == README:
        monkeypatch.setenv("TOKENDESK_PROFILE", "demo")
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    _put_in_path(tmp_path / "tokendesk", 'for word; do printf "%s\\0" "$word"; done > "$HANDED_OVER"')
    for line in commands:
        text = line.replace("ORG_ID", access.org_id)
        if text.startswith("export "):
            name, _, value = shlex.split(text, comments=True)[1].partition("=")
            monkeypatch.setenv(name, value)
            continue
        expected = re.search(r"# exit (\d+)", line)
        words = handed_over(text, tmp_path / "words")
        try:
            code = main(words)
        except SystemExit as stop:
            code = int(stop.code or 0)
        said = capsys.readouterr()
        assert code == int(expected[1] if expected else 0), f"{line}\n{said.out}{said.err}"


def _put_in_path(program: Path, script: str) -> None:
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o700)


def handed_over(line: str, words: Path) -> list[str]:
    """Return the words that a shell hands to tokendesk. It may neither fail nor read or write a file of its own."""
    words.unlink(missing_ok=True)
    before = sorted(Path.cwd().iterdir())
    shell = subprocess.run(
        ["sh", "-c", line], env={**os.environ, "HANDED_OVER": str(words)}, capture_output=True, text=True, check=False
    )
    assert shell.returncode == 0, f"{line}\n{shell.stderr}"
    assert words.exists(), f"{line}: a block marked sh holds commands of tokendesk"
    assert sorted(Path.cwd().iterdir()) == before, f"{line}: the shell takes a part of it for a file"
    return words.read_text("utf-8").split("\0")[:-1]


@needs_shell
def test_the_readme_works_in_a_shell_with_the_program_itself(
    access: ApiAccess, demo_home: Path, tmp_path: Path
) -> None:
    shutil.copytree(demo_home, tmp_path / "home")
    _put_in_path(tmp_path / "tokendesk", f'exec "{sys.executable}" -m tokendesk "$@"')
    others = {name: value for name, value in os.environ.items() if not name.startswith("TOKENDESK_")}
    of_reader = {
        "TOKENDESK_HOME": str(tmp_path / "home"),
        "TOKENDESK_PROFILE": "demo",
        "PATH": f"{tmp_path}:{os.environ['PATH']}",
    }
    (tmp_path / "work").mkdir()
    script = "\n".join(["set -e", *lines(README)])
    done = subprocess.run(
        ["sh", "-c", script], env={**others, **of_reader}, cwd=tmp_path / "work", stderr=subprocess.PIPE, text=True,
        stdout=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    written = {word for line in lines(README) for word in shlex.split(line, comments=True) if word.endswith(".csv")}
    assert {path.name for path in (tmp_path / "work").iterdir()} == written


def anchors(page: Path) -> set[str]:
    """Return what a link may name in a page: its headings, in the form that Git hosts give them."""
    headings = _HEADING.findall(_FENCED.sub("", page.read_text("utf-8")))
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


LINKING = [*PAGES, README, ROOT / "SECURITY.md", ROOT / "CONTRIBUTING.md"]


@pytest.mark.parametrize("page", LINKING, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target, anchor in _LINK.findall(page.read_text("utf-8")):
        if "://" not in target:
            there = page.parent / target if target else page
            assert there.exists(), f"{page.name} links to {target}"
            assert not anchor or anchor in anchors(there), f"{page.name} links to {target}#{anchor}"


def test_every_page_is_listed() -> None:
    listed = {(ROOT / "docs" / target).resolve() for target, _ in _LINK.findall((ROOT / "docs/README.md").read_text())}
    apart = {ROOT / "docs" / "README.md", *(ROOT / "docs" / "decisions").glob("0*.md")}
    assert {*PAGES} - listed == apart


def test_no_page_installs_the_name_from_an_index() -> None:
    """The project is on no package index: whoever takes the name there would be installed."""
    named = re.compile(r"\b(?:install|uvx|run)(?: -[\w-]+)* [\"']?tokendesk(?:\[[\w,]+\])?(?![\w.-]| @)")
    assert named.search('pip install "tokendesk[team]"')
    assert [page.name for page in LINKING if named.search(page.read_text("utf-8"))] == []


def test_every_command_stands_in_the_docs() -> None:
    text = "\n".join(page.read_text("utf-8") for page in PAGES)
    assert [command.name for command in COMMANDS if f"tokendesk {command.name}" not in text] == []
