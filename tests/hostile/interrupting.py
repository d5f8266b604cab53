"""Sends ctrl+c while a case runs."""

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
import os, signal, sys
from tokendesk import cli

signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell starts jobs in the background without it

command_module = cli.command_module

def announced(command):
    module = command_module(command)
    os.write(1, b"at work\\n")
    return module

cli.command_module = announced
code = cli.main(sys.argv[1:])
sys.stdout.flush()
sys.stderr.flush()
os._exit(code)
"""
"""The program, which says when its command begins."""


class Interrupted(NamedTuple):
    """How a case ended after ctrl+c. `code`: 130, or that of the case where it was at its end already."""

    code: int
    said: str
    seconds: float


def interrupt(case: Case, home: Path, pulled_once: Path) -> Interrupted:
    """Send SIGINT as soon as the command of a case has begun."""
    with ground_in(home, pulled_once) as ground, subprocess.Popen(
        [sys.executable, "-c", AT_WORK, *case.prepare(ground)],
        env={**os.environ, **ground.environ}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as child:  # fmt: skip
        assert child.stdout is not None
        first = child.stdout.readline()
        began = time.monotonic()
        if first == b"at work\n":
            child.send_signal(signal.SIGINT)
        _, said = child.communicate()
        return Interrupted(child.returncode, said.decode("utf-8", "replace"), time.monotonic() - began)
