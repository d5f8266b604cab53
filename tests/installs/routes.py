"""The ways to install tokendesk, each tried in a folder of its own."""

import os
import shlex
import shutil
import sys
import tarfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from tests.installs.trial import Failed, NotHere, Runner, try_with_server, try_without_server

PROGRAMS = "Scripts" if os.name == "nt" else "bin"
PROGRAM = "tokendesk.exe" if os.name == "nt" else "tokendesk"


class Trial(NamedTuple):
    """What one route is tried with: an interpreter, what was built, where uv and pipx are, a new folder."""

    python: Path
    wheel: Path
    sdist: Path
    tools: Path
    folder: Path
    tests: tuple[str, ...] = ()

    def runner(self, **environ: str | Path) -> Runner:
        own = {"TOKENDESK_HOME": self.folder / "home", "UV_PYTHON": self.python, **environ}
        return Runner(self.folder, {name: str(value) for name, value in own.items()})


def with_pip(trial: Trial, package: Path) -> None:
    runner, environment = trial.runner(), trial.folder / "environment"
    runner.run([trial.python, "-m", "venv", environment])
    pip: list[str | Path] = [environment / PROGRAMS / "python", "-m", "pip"]
    runner.run([*pip, "install", package])
    _try_all(runner, environment / PROGRAMS / PROGRAM)
    runner.run([*pip, "uninstall", "--yes", "tokendesk"])
    _expect_gone(environment, "tokendesk")


def with_pip_user(trial: Trial) -> None:
    base = trial.folder / "base"
    runner = trial.runner(PYTHONUSERBASE=base)
    pip: list[str | Path] = [trial.python, "-m", "pip"]
    try:
        runner.run([*pip, "install", "--user", trial.wheel])
    except Failed as error:
        if "externally-managed-environment" in str(error):
            raise NotHere("this Python forbids pip install --user") from None
        raise
    _try_all(runner, base / PROGRAMS / PROGRAM)
    runner.run([*pip, "uninstall", "--yes", "tokendesk"])
    _expect_gone(base, "tokendesk")


def with_uv(trial: Trial) -> None:
    programs = trial.folder / "programs"
    uv = trial.tools / "uv"
    runner = trial.runner(UV_TOOL_DIR=trial.folder / "tools", UV_TOOL_BIN_DIR=programs, PATH=_path(trial.tools))
    runner.run([uv, "tool", "install", trial.wheel])
    _try_all(runner, programs / PROGRAM)
    runner.run([uv, "tool", "uninstall", "tokendesk"])
    _expect_gone(trial.folder, "tools/tokendesk", f"programs/{PROGRAM}")


def with_pipx(trial: Trial) -> None:
    programs = trial.folder / "programs"
    pipx = trial.tools / "pipx"
    own: Mapping[str, str | Path] = {
        "PIPX_HOME": trial.folder / "pipx",
        "PIPX_BIN_DIR": programs,
        "PIPX_MAN_DIR": trial.folder / "man",
        "PIPX_DEFAULT_PYTHON": trial.python,
        "PATH": _path(trial.tools),
    }
    runner = trial.runner(**own)
    runner.run([pipx, "install", trial.wheel])
    _try_all(runner, programs / PROGRAM)
    runner.run([pipx, "uninstall", "tokendesk"])
    _expect_gone(trial.folder, "pipx/venvs/tokendesk", f"programs/{PROGRAM}")


def with_lowest(trial: Trial) -> None:
    """Install the lowest version that is allowed of each dependency."""
    runner, environment, uv = trial.runner(), trial.folder / "environment", trial.tools / "uv"
    python = environment / PROGRAMS / "python"
    runner.run([uv, "venv", "--python", trial.python, environment])
    lowest: list[str | Path] = [uv, "pip", "install", "--python", python, "--resolution", "lowest-direct"]
    runner.run([*lowest, f"tokendesk[demo] @ {trial.wheel.as_uri()}"])
    try_with_server(runner, environment / PROGRAMS / PROGRAM)
    if trial.tests:
        source = unpacked(trial)
        runner.run([*lowest, f"{source}[dev]"])
        Runner(source, runner.environ).run([python, "-m", "pytest", *trial.tests])


def with_readme(trial: Trial) -> None:
    """Run the two commands of the README in an unpacked sdist; of the tests those that were asked for."""
    source = unpacked(trial)
    text = (source / "README.md").read_text("utf-8")
    first, second = (line for line in text.splitlines() if line.startswith("python3 -m venv"))
    named = trial.folder / "named"
    named.mkdir()
    (named / "python3").write_text(f'#!/bin/sh\nexec {shlex.quote(str(trial.python))} "$@"\n')
    (named / "python3").chmod(0o700)
    runner = trial.runner(PATH=_path(named))
    Runner(source, runner.environ).run(first)
    try_with_server(runner, source / ".venv" / PROGRAMS / PROGRAM)
    if trial.tests:
        Runner(source, {**runner.environ, "TOKENDESK_HOME": ""}).run(f"{second} {shlex.join(trial.tests)}")


def unpacked(trial: Trial) -> Path:
    with tarfile.open(trial.sdist) as packed:
        packed.extractall(trial.folder, filter="data")
    return trial.folder / trial.sdist.name.removesuffix(".tar.gz")


ROUTES: Mapping[str, Callable[[Trial], None]] = {
    "pip, wheel": lambda trial: with_pip(trial, trial.wheel),
    "pip, sdist": lambda trial: with_pip(trial, trial.sdist),
    "pip --user": with_pip_user,
    "uv tool": with_uv,
    "pipx": with_pipx,
    "lowest versions": with_lowest,
    "README": with_readme,
}


def interpreters(versions: tuple[str, ...]) -> dict[str, Path]:
    """Return the interpreters of these versions that are on the search path; the running one counts."""
    running = f"{sys.version_info[0]}.{sys.version_info[1]}"
    own = (
        Path(sys.base_prefix) / (PROGRAMS if os.name != "nt" else "") / ("python.exe" if os.name == "nt" else "python3")
    )
    there = {version: shutil.which(f"python{version}") for version in versions}
    found = {version: Path(path) for version, path in there.items() if path is not None}
    return {**found, running: own} if own.exists() else found


def _try_all(runner: Runner, program: Path) -> None:
    line = try_without_server(runner, program)
    runner.run(line)  # what the program says is what adds the server
    try_with_server(runner, program)


def _expect_gone(folder: Path, *names: str) -> None:
    left = [
        str(path)
        for name in names
        for path in ([folder / name] if "/" in name else folder.rglob(name))
        if path.exists()
    ]
    if left:
        raise Failed(f"after uninstalling there is still {', '.join(left)}")


def _path(first: Path) -> str:
    return os.pathsep.join([str(first), os.environ["PATH"]])
