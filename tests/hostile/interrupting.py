"""Sends ctrl+c while a case runs: when its command begins, or in the middle of its work."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

from tests.hostile.cases import Case
from tests.hostile.ground import ground_in

AT_WORK = """
import importlib, os, signal, sys, threading, time
from tokendesk import cli, stopping

signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell starts jobs in the background without it

module, name, calls = sys.argv[1], sys.argv[2], int(sys.argv[3])
place = importlib.import_module(module)
function = getattr(place, name)

def announced(*arguments, **named):
    global calls
    calls -= 1
    if calls == 0:
        os.write(1, b"at work\\n")
        while threading.current_thread() is not threading.main_thread() and not stopping.is_stopped():
            time.sleep(0.01)
    return function(*arguments, **named)

setattr(place, name, announced)
code = cli.main(sys.argv[4:])
sys.stdout.flush()
sys.stderr.flush()
os._exit(code)
"""
"""The program, which says when its work has come to the `calls`-th call of a function.

Work in the background is held there until it is asked to stop, so it cannot be at its end already.
"""


class Moment(NamedTuple):
    """A call of a function in a case. `module`: where it is called from, by its name there."""

    module: str
    name: str
    calls: int = 1


BEGINNING = Moment("tokendesk.cli", "command_module")


class Interrupted(NamedTuple):
    """How a case ended after ctrl+c. `code`: 130, or that of the case where it was at its end already."""

    code: int
    said: str
    seconds: float


def interrupt(case: Case, home: Path, pulled_once: Path, moment: Moment = BEGINNING) -> Interrupted:
    """Send SIGINT as soon as a case has come to `moment`."""
    with ground_in(home, pulled_once) as ground, subprocess.Popen(
        [sys.executable, "-c", AT_WORK, *map(str, moment), *case.prepare(ground)],
        env={**os.environ, **ground.environ}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as child:  # fmt: skip
        assert child.stdout is not None
        first = child.stdout.readline()
        began = time.monotonic()
        if first == b"at work\n":
            child.send_signal(signal.SIGINT)
        _, said = child.communicate()
        return Interrupted(child.returncode, said.decode("utf-8", "replace"), time.monotonic() - began)
