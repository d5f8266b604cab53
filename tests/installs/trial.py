"""Tries an installed program, and runs what installs it."""

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tokendesk import __version__

_MISSING = re.compile(r"needs a web server, which is not installed\. Add it with: (.+)")
ROWS = 82


class Failed(Exception):
    """A step of a trial, and what it said."""


class NotHere(Exception):
    """What this computer lacks for a route."""


@dataclass(frozen=True, slots=True)
class Runner:
    """Runs commands of one trial in `folder`."""

    folder: Path
    environ: Mapping[str, str]

    def run(self, command: Sequence[str | Path] | str, *, expected: int = 0) -> str:
        """Run a command, or a line in a shell; return what it said. Raises Failed."""
        inherited = {name: text for name, text in os.environ.items() if not name.startswith(("TOKENDESK_", "PYTHON"))}
        done = subprocess.run(
            command if isinstance(command, str) else [str(word) for word in command],
            shell=isinstance(command, str),
            cwd=self.folder, env={**inherited, **self.environ}, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", errors="replace", check=False,
        )  # fmt: skip
        if done.returncode != expected:
            words = command if isinstance(command, str) else " ".join(map(str, command))
            raise Failed(f"{words}: exit code {done.returncode}, expected {expected}\n{done.stdout[-3_000:]}")
        return done.stdout


def try_without_server(runner: Runner, program: Path) -> str:
    """Try a program that was installed without extras; return the line with which it adds the web server."""
    if runner.run([program, "--version"]).strip() != f"tokendesk {__version__}":
        raise Failed("--version gives another version")
    said = runner.run([program, "demo"], expected=2)
    found = _MISSING.search(said)
    if found is None:
        raise Failed(f"demo does not say how to add the server:\n{said}")
    return found[1]


def try_with_server(runner: Runner, program: Path) -> None:
    runner.run([program, "demo"])
    rows = runner.run([program, "list", "tokens", "--profile", "demo", "--format", "jsonl"]).splitlines()
    if len(rows) != ROWS:
        raise Failed(f"list gave {len(rows)} rows, expected {ROWS}")
