"""Print what becomes of every case, with its peak of memory and its time: `python -m tests.hostile [WORD]`.

Each is carried out a second time, and ended by ctrl+c as soon as its command has begun: with 130, or with the code of
the case where that was at its end already.
"""

import os
import sys
import time
from pathlib import Path
from subprocess import PIPE, STDOUT, run
from tempfile import TemporaryDirectory

from tests.hostile.cases import CASES, Case
from tests.hostile.ground import ground_in, pulled
from tests.hostile.interrupting import interrupt

MEASURED = """
import sys
from tokendesk.cli import main
try:
    code = main(sys.argv[2:])
finally:
    try:
        lines = open("/proc/self/status").read().splitlines()
        found = [line.split()[1] for line in lines if line.startswith("VmHWM")]
    except OSError:  # not Linux
        found = []
    open(sys.argv[1], "w").write("".join(found) or "0")
sys.exit(code)
"""
"""Runs the program and writes down its peak of memory, in KiB. What the system says of a child counts its parent."""


def row_of(case: Case, home: Path, pulled_once: Path) -> str:
    with ground_in(home, pulled_once) as ground:
        peak = home / "peak"
        arguments = [sys.executable, "-c", MEASURED, str(peak), *case.prepare(ground)]
        began = time.monotonic()
        done = run(arguments, env={**os.environ, **ground.environ}, stdout=PIPE, stderr=STDOUT, check=False)
        took = time.monotonic() - began
    said = done.stdout.decode("utf-8", "replace").strip().splitlines()
    as_said = done.returncode == case.code and any(case.says in line for line in said)
    words = next((line for line in said if line.startswith("tokendesk: ")), said[-1] if said else "")
    memory = int(peak.read_text()) // 1024
    ended = interrupt(case, home.with_name(f"{home.name}-ended"), pulled_once)
    as_said = as_said and ended.code in (130, case.code) and "Traceback" not in ended.said
    return (
        f"{'ok ' if as_said else 'NOT'} {case.name:<38} {done.returncode:>3} {memory:>5} MiB {took:>6.1f} s"
        f"  ctrl+c {ended.code:>3} {ended.seconds:>5.1f} s  {words}"
    )


def main(word: str = "") -> None:
    with TemporaryDirectory() as folder:
        pulled_once = Path(folder) / "pulled"
        pulled(pulled_once)
        for number, case in enumerate(CASES):
            if word in case.name:
                print(row_of(case, Path(folder) / str(number), pulled_once), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:2])
