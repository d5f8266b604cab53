"""The same searches in VisiData, harlequin and fzf: python -m tests.benchmarks.rivals [--users N --tokens N]

Names are asked for in what each program has for it, in a pseudo-terminal of 140 x 40, on the same users, from the key
that asks to the output after which the emulated screen shows all rows that fit:

- tokendesk, the users: each letter asks. It looks into e-mail addresses, too, and sorts by name.
- fzf --exact on a line of name and address a user: each letter asks. And `fzf --exact --filter`, from the start of the
  process to its end, which is the floor.
- VisiData on a TSV: `|`, the word, enter; then `"` opens the rows selected. Both keys ask, so their times are added;
  the name alone is searched, which is its cheapest way.
- harlequin on SQLite: `select ... where name like '%word%'` is pasted, then ctrl+j runs it. There is no index.

A program that is not installed is left out. Each has an empty home. The start stands against an empty Textual app, in
pairs; harlequin shows no rows until asked, so its start is the one to the catalogue.
"""

import argparse
import csv
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median
from typing import NamedTuple

from tests.benchmarks.big import PROFILE, make
from tests.benchmarks.keystroke import EMPTY, expected, keystrokes, most, start
from tests.benchmarks.terminal import Terminal
from tokendesk.model.findings import Thresholds
from tokendesk.paths import profile_paths
from tokendesk.views.query import Query
from tokendesk.views.reader import Reader

WORDS = ("lind", "sample", "giulia", "doyle", "marsh", "omar", "okafor", "farid", "dmitri", "iyer", "kaija", "cyra")
"""All in plain ASCII: the others do not find Martínez for martinez."""

COLUMNS = "name, email, status, last_active"
Person = tuple[str, str, str, int | None]
Answers = Callable[[Terminal], Iterator[float]]


class Program(NamedTuple):
    name: str
    command: list[str]
    ready: tuple[str, ...]
    """What is on the screen once the first rows are, and what is there when all are read."""
    answers: Answers
    """Milliseconds from key to rows, one by one."""


def tables(snapshot: Path, folder: Path) -> list[Person]:
    """Write the users of the snapshot as a TSV, a SQLite file and plain lines; return them."""
    with sqlite3.connect(snapshot) as db:
        people: list[Person] = db.execute(f"SELECT {COLUMNS} FROM user ORDER BY id").fetchall()
    with (folder / "users.tsv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, "excel-tab").writerows([COLUMNS.split(", "), *people])
    with sqlite3.connect(folder / "users.sqlite") as db:
        db.execute(f"CREATE TABLE users ({COLUMNS})")
        db.executemany("INSERT INTO users VALUES (?, ?, ?, ?)", people)
    (folder / "users.txt").write_text("".join(f"{name} {email}\n" for name, email, *_ in people), encoding="utf-8")
    return people


def stand(begins: Sequence[str], top: int, left: int, lines: Sequence[str]) -> bool:
    """Whether the lines from `top` on begin so at column `left`."""
    return all(line[left:].startswith(begin) for line, begin in zip(lines[top:], begins, strict=False))


def named(word: str, people: Sequence[Person]) -> list[str]:
    return [name for name, *_ in people if word in name.casefold()]


def visidata(people: Sequence[Person], terminal: Terminal) -> Iterator[float]:
    for word in WORDS:
        names = named(word, people)
        terminal.press("|")
        terminal.until("select regex:")
        terminal.press(word)
        terminal.settle()
        asked = terminal.press("\r")
        selected = terminal.until(f"selected {len(names)} rows") - asked
        terminal.settle()
        asked = terminal.press('"')
        opened = terminal.until(partial(stand, names[:36], 2, 1)) - asked
        yield (selected + opened) * 1000
        terminal.settle()
        terminal.press("q")
        terminal.settle()
        terminal.press("gu")
        terminal.settle()


def harlequin(people: Sequence[Person], terminal: Terminal) -> Iterator[float]:
    for word in WORDS:
        sql = f"select {COLUMNS} from users where name like '%{word}%'"
        if word != WORDS[0]:
            terminal.press("\x1bOQ")  # F2: to the editor
            _let(terminal)
            terminal.press("\x01")  # ctrl+a: to replace what is there
            terminal.until("Run Selection")
        terminal.press(f"\x1b[200~{sql}\x1b[201~")
        terminal.until(f"%{word}%")
        _let(terminal)
        asked = terminal.press("\n")
        yield (terminal.until(partial(stand, named(word, people)[:16], 22, 37)) - asked) * 1000
        _let(terminal)


def _let(terminal: Terminal) -> None:
    """Wait without waiting for silence: its cursors blink."""
    time.sleep(0.5)
    terminal.settle(0.05)


def fzf(filtered: Callable[[str], list[str]], terminal: Terminal) -> Iterator[float]:
    for word in WORDS:
        before = filtered("")
        for end in range(1, len(word) + 1):
            lines = filtered(word[:end])[:37]
            asked = terminal.press(word[end - 1])
            if lines != before:
                yield (terminal.until(partial(stand, lines, 2, 2)) - asked) * 1000
                before = lines
            time.sleep(0.12)  # as a fast typist does
            terminal.settle(0.01)
        terminal.press("\x15")
        terminal.settle()


def tokendesk(reader: Reader, now: int, terminal: Terminal) -> Iterator[float]:
    terminal.until("FINDINGS")
    terminal.settle(1)
    for stroke in keystrokes(terminal, reader, now, {"users": WORDS}):
        yield stroke.rows


def fzf_filter(command: str, lines: Path, word: str) -> list[str]:
    with lines.open("rb") as file:
        filtered = subprocess.run([command, "--exact", "--filter", word], stdin=file, capture_output=True, check=False)
    return filtered.stdout.decode().splitlines()


def measure(program: Program, environ: dict[str, str], starts: int) -> None:
    """Start it, ask it, print."""
    empty = [sys.executable, "-c", EMPTY]
    pairs = [
        (start(program.command, environ, *program.ready), start(empty, {}, "here it is")[0]) for _ in range(starts + 1)
    ][1:]
    for number, what in enumerate(("start", "start, all is read")[: len(program.ready)]):
        ours = median(pair[0][number] for pair in pairs)
        ratio = median(pair[0][number] / pair[1] for pair in pairs)
        print(f"{program.name:12}{what:22}{ours:6.0f} ms   {ratio:.2f} times an empty app")
    terminal = Terminal(program.command, environ)
    try:
        for text in program.ready:
            terminal.until(text)
        answers = list(program.answers(terminal))
        print(f"{program.name:12}{'key to rows, ms':22} {most(answers)}   ({len(answers)} answers)")
        print(f"{program.name:12}{'memory after that':22}{terminal.memory():6.0f} MB")
    finally:
        terminal.close()


def measure_floor(command: str, lines: Path) -> None:
    taken = []
    for word in WORDS:
        begun = time.perf_counter()
        fzf_filter(command, lines, word)
        taken.append((time.perf_counter() - begun) * 1000)
    print(f"{'fzf':12}{'--filter, ms':22} {most(taken)}   ({len(taken)} answers)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=150_000)
    parser.add_argument("--tokens", type=int, default=50_000)
    parser.add_argument("--starts", type=int, default=5)
    for name, command in (("visidata", "vd"), ("harlequin", "harlequin"), ("fzf", "fzf")):
        parser.add_argument(f"--{name}", metavar="CMD", default=command)
    options = parser.parse_args()
    now = datetime.now(UTC)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        people = tables(make(folder, options.users, options.tokens, now), folder)
        lines = folder / "users.txt"
        environ = {"HOME": name, "TOKENDESK_HOME": name, "FZF_DEFAULT_OPTS": ""} | {
            f"XDG_{kind}_HOME": f"{name}/{kind}" for kind in ("CONFIG", "DATA", "CACHE", "STATE")
        }
        with Reader(profile_paths(PROFILE, environ), Thresholds()) as reader:
            token = expected(reader, Query("tokens"), int(now.timestamp()))[0]
            programs = [
                Program(
                    "tokendesk",
                    [sys.executable, "-m", "tokendesk", "--profile", PROFILE],
                    (token,),
                    partial(tokendesk, reader, int(now.timestamp())),
                ),
                Program(
                    "visidata",
                    [options.visidata, "--motd-url=", str(folder / "users.tsv")],  # no look at its web site
                    (people[0][0], f" {len(people)} rows"),
                    partial(visidata, people),
                ),
                Program(
                    "harlequin",
                    [options.harlequin, "--adapter", "sqlite", str(folder / "users.sqlite")],
                    ("main db",),
                    partial(harlequin, people),
                ),
                Program(
                    "fzf",
                    ["sh", "-c", 'exec "$0" --exact --layout=reverse < "$1"', options.fzf, str(lines)],
                    (people[0][1], f"{len(people)}/{len(people)}"),
                    partial(fzf, partial(fzf_filter, options.fzf, lines)),
                ),
            ]
            print(f"{options.users:,} users, {options.tokens:,} tokens")
            for program in programs:
                command = getattr(options, program.name, sys.executable)
                if shutil.which(command) is None:
                    print(f"{program.name:12}not installed")
                    continue
                measure(program, environ, options.starts)
            if shutil.which(options.fzf):
                measure_floor(options.fzf, lines)


if __name__ == "__main__":
    main()
