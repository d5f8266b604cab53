"""What the program says names no file that only its repository has."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "tokendesk"
_FILE = re.compile(r"[\w.-]+(?:/[\w.-]+)+|\w[\w-]*\.(?:md|toml|txt|yaml)\b")
OWN = {"config.toml", "letter.txt", "renewal.txt"}
"""Files that a user has, or that come with the package."""


def texts(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the strings of a module that are not docstrings."""
    tree = ast.parse(path.read_text("utf-8"))
    documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            yield node.lineno, node.value


def is_in_the_repository(name: str) -> bool:
    folders = (
        ROOT,
        ROOT / "docs",
        ROOT / "docs" / "how-to",
        ROOT / "docs" / "reference",
        ROOT / "docs" / "explanation",
    )
    return any((folder / name.rstrip(".")).exists() for folder in folders)


def test_no_sentence_points_to_a_file_that_is_not_installed() -> None:
    modules = sorted(SOURCE.rglob("*.py"))
    others = [path for path in SOURCE.rglob("*") if path.suffix in (".txt", ".sql", ".bash", ".fish", ".zsh")]
    told = [(path, line, text) for path in modules for line, text in texts(path)]
    told += [(path, 1, path.read_text("utf-8")) for path in others]
    assert len(told) > 5_000
    found = [
        f"{path.relative_to(SOURCE)}:{line} {name}"
        for path, line, text in told
        for name in _FILE.findall(text)
        if name not in OWN and is_in_the_repository(name)
    ]
    assert found == []


def test_the_messages_in_the_guide_are_those_of_the_program() -> None:
    said = "\n".join(text for path in SOURCE.rglob("*.py") for _, text in texts(path))
    guide = (ROOT / "docs" / "how-to" / "troubleshoot.md").read_text("utf-8")
    quoted = [
        part.strip() for words in re.findall(r"(?<![*\w])\*([^*\n]+)\*(?!\*)", guide) for part in words.split("…")
    ]
    assert len(quoted) > 20
    assert [part for part in quoted if part not in said] == []
