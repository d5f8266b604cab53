"""Builds sdist and wheel, looks inside, installs them in each way there is, and prints what was tried.

Each way begins without extras, runs the line that the program gives to add the web server, pulls the practice
organization, lists its tokens, and uninstalls. Needs a package index; leaves nothing behind.

    python -m tests.installs                               each interpreter from python3.11 to python3.14 that is found
    python -m tests.installs --only pipx --python /usr/bin/python3.13
    python -m tests.installs --only README --tests tests   with the whole suite, from the sdist
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

from tests.installs.contents import ROOT, differences
from tests.installs.routes import PROGRAMS, ROUTES, Trial, interpreters
from tests.installs.trial import Failed, NotHere, Runner

VERSIONS = ("3.11", "3.12", "3.13", "3.14")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.installs", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--python", action="append", type=Path, metavar="PATH", help="an interpreter; may be repeated")
    parser.add_argument("--only", action="append", choices=[*ROUTES], help="a way to install; may be repeated")
    parser.add_argument("--tests", nargs="+", default=[], metavar="ARGUMENT", help="for pytest, where tests are run")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="tokendesk-installs-") as made:
        return try_all(Path(made).resolve(), options)


def try_all(work: Path, options: argparse.Namespace) -> int:
    runner = Runner(work, {})
    tools = work / "tools"
    runner.run([sys.executable, "-m", "venv", tools])
    runner.run([tools / PROGRAMS / "python", "-m", "pip", "install", "--quiet", "build", "uv", "pipx"])
    runner.run([tools / PROGRAMS / "python", "-m", "build", "--outdir", work / "dist", ROOT])
    (wheel,), (sdist,) = (work / "dist").glob("*.whl"), (work / "dist").glob("*.tar.gz")
    problems = differences(wheel, sdist)
    print(f"{wheel.name} and {sdist.name}: {'as they should be' if not problems else ''}", *problems, sep="\n  ")
    found = options.python or interpreters(VERSIONS).values()
    pythons = {version: path for path in found if (version := version_of(runner, path))}
    results: dict[str, dict[str, str]] = {}
    for route in options.only or ROUTES:
        results[route] = {}
        for version, python in pythons.items():
            with tempfile.TemporaryDirectory(dir=work) as folder:
                trial = Trial(python, wheel, sdist, tools / PROGRAMS, Path(folder), tuple(options.tests))
                results[route][version] = outcome(route, trial)
            print(f"{route}, Python {version}: {results[route][version]}", flush=True)
    print("", *table(results, [*pythons]), sep="\n")
    if absent := [each for each in VERSIONS if not any(version.startswith(f"{each}.") for version in pythons)]:
        print(f"Not on this computer: Python {', '.join(absent)}.")
    failed = any(result.startswith("failed") for row in results.values() for result in row.values())
    return 1 if problems or failed else 0


def version_of(runner: Runner, python: Path) -> str:
    """Return the version; empty if there is only the name of an interpreter, as version managers leave it."""
    try:
        return runner.run([python, "-c", "import platform; print(platform.python_version())"]).strip()
    except Failed:
        return ""


def outcome(route: str, trial: Trial) -> str:
    try:
        ROUTES[route](trial)
    except NotHere as lack:
        return f"not here: {lack}"
    except Failed as failure:
        print(failure, file=sys.stderr)
        return "failed"
    return "works"


def table(results: dict[str, dict[str, str]], versions: list[str]) -> list[str]:
    rows = [["", *versions], *([route, *(row[each] for each in versions)] for route, row in results.items())]
    widths = [max(len(row[at]) for row in rows) for at in range(len(versions) + 1)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


if __name__ == "__main__":
    if os.name == "nt":
        sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    raise SystemExit(main())
