"""The practice organization as a separate process."""

import gc
import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.needs import needs_signals
from tests.sandbox.conftest import KEYS, practice
from tokendesk.sandbox.auth import Keys
from tokendesk.sandbox.serve import run, serving

PROGRAM = """
import json, sys
from datetime import datetime, UTC
from pathlib import Path
from tokendesk.sandbox.serve import run

def announce(address):
    print(json.dumps([address.url, address.org_id, address.scoped_key, address.unscoped_key]), flush=True)

run(clock=datetime(2026, 11, 24, tzinfo=UTC), state_file=Path(sys.argv[1]), announce=announce, stop_with_stdin=True)
print("ended", flush=True)
"""


@contextmanager
def child(state_file: Path) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    command = [sys.executable, "-c", PROGRAM, str(state_file)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield process, json.loads(process.stdout.readline())
        finally:
            process.kill()


@pytest.mark.parametrize(
    "way",
    [
        pytest.param(signal.SIGINT, marks=needs_signals),
        pytest.param(signal.SIGTERM, marks=needs_signals),
        "end of input",
    ],
)
def test_it_stops_cleanly_when_told_or_left_alone(tmp_path: Path, way: Any) -> None:
    with child(tmp_path / "state.json") as (process, (url, org_id, key, _)):
        client = httpx.Client(headers={"Authorization": f"Bearer {key}"}, timeout=600)
        with client:
            assert client.get(f"{url}/admin/v1/orgs/{org_id}").status_code == 200
            if way == "end of input":
                assert process.stdin
                process.stdin.close()
            else:
                process.send_signal(way)
            assert process.wait() == 0
        assert process.stdout
        assert process.stdout.read() == "ended\n"


def test_each_start_has_new_keys_and_the_same_organization(tmp_path: Path) -> None:
    with child(tmp_path / "state.json") as (_, first), child(tmp_path / "state.json") as (_, second):
        assert first[1] == second[1]
        assert len({*first[2:], *second[2:]}) == 4


def test_it_listens_on_the_loopback_only() -> None:
    with serving(practice()) as (address, _):
        assert address.url.startswith("http://127.0.0.1:")


def test_a_taken_port_is_an_error() -> None:
    with serving(practice()) as (address, _), pytest.raises(OSError):
        run(port=int(address.url.rpartition(":")[2]), announce=lambda _: None)


def test_keys_are_not_shown_by_accident() -> None:
    with serving(practice(), Keys("alpha", "omega")) as (address, sandbox):
        for shown in (repr(address), repr(sandbox.keys), repr(sandbox)):
            assert "alpha" not in shown
            assert "omega" not in shown


def test_a_wrapper_misbehaves_for_the_whole_organization() -> None:
    async def broken(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 502, "headers": []})
        await send({"type": "http.response.body", "body": b"<html>"})

    with serving(practice(), KEYS) as (address, sandbox):
        good, sandbox.handler = sandbox.handler, broken
        assert httpx.get(f"{address.url}/admin/v1/orgs", timeout=600).status_code == 502
        sandbox.handler = good
        assert httpx.get(f"{address.url}/admin/v1/orgs", timeout=600).status_code == 401
        assert sandbox.requests["GET", "/admin/v1/orgs"] == 2


def test_a_connection_that_comes_while_it_stops_is_closed() -> None:
    organization = practice()

    def connect(port: int) -> None:
        for _ in range(12):
            with socket.socket() as one:
                one.connect_ex(("127.0.0.1", port))

    for _ in range(30):
        with serving(organization) as (address, _sandbox):
            thread = threading.Thread(target=connect, args=(urlsplit(address.url).port,))
            thread.start()
        thread.join()
        gc.collect(1)  # what is left open becomes a warning, and so an error
