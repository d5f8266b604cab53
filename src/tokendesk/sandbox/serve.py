"""Serves the practice organization on a loopback port."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from tokendesk.sandbox.app import Sandbox
from tokendesk.sandbox.auth import Keys
from tokendesk.sandbox.distance import NEARBY, Distance
from tokendesk.sandbox.distant import Distant
from tokendesk.sandbox.faults import with_faults
from tokendesk.sandbox.organization import Organization
from tokendesk.stopping import ending_signals

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Address:
    """The address of a practice organization, and its keys."""

    url: str
    org_id: str
    scoped_key: str = field(repr=False)
    unscoped_key: str = field(repr=False)
    policies: Mapping[str, str] = field(default_factory=dict)
    """Names of the authentication policies by id; no API returns them, an admin sees them in the console."""


class _Server(uvicorn.Server):
    """Reports when it listens, and can be stopped from any thread."""

    def __init__(self, sandbox: Sandbox, listening: Callable[[], None]) -> None:
        # The log would contain paths with account ids; the socket is opened here.
        super().__init__(
            uvicorn.Config(
                sandbox,
                log_config=None,
                access_log=False,
                lifespan="off",
                ws="none",
                server_header=False,
                timeout_graceful_shutdown=2,
            )
        )
        self._listening = listening
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopped = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._listening()

    async def main_loop(self) -> None:
        """Tick ten times a second as uvicorn does, but stop at once, not at the next tick."""
        self._loop = asyncio.get_running_loop()
        ticks = 0
        while not await self.on_tick(ticks % 10):
            ticks += 1
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopped.wait(), 0.1)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self._stop_accepting()
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        await asyncio.sleep(0)  # an idle connection is closed after one iteration
        if self.server_state.connections or self.server_state.tasks:
            await super().shutdown(sockets)  # waits for responses under way, at least a tenth of a second

    async def _stop_accepting(self) -> None:
        """Let what was accepted a moment ago become a connection: asyncio never closes it if its server is closed."""
        for server in self.servers:
            for listener in server.sockets:
                with contextlib.suppress(NotImplementedError):  # by the event loop of Windows
                    asyncio.get_running_loop().remove_reader(listener)
        for _ in range(3):  # its task, its transport, its protocol
            await asyncio.sleep(0)

    def stop(self, *_: object) -> None:
        self.should_exit = True
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # it has stopped already
                self._loop.call_soon_threadsafe(self._stopped.set)


def _listen(port: int) -> socket.socket:
    # Named as TCP, or asyncio leaves Nagle's algorithm on and every answer waits 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        # On Windows, SO_REUSEADDR would let two programs listen on one port.
        listener.setsockopt(socket.SOL_SOCKET, getattr(socket, "SO_EXCLUSIVEADDRUSE", socket.SO_REUSEADDR), 1)
        listener.bind((LOOPBACK, port))
    except OSError:
        listener.close()
        raise
    return listener


def _address(sandbox: Sandbox, listener: socket.socket) -> Address:
    url = f"http://{LOOPBACK}:{listener.getsockname()[1]}"
    names = {policy.id: policy.name for policy in sandbox.organization.policies}
    return Address(url, sandbox.organization.id, sandbox.keys.scoped, sandbox.keys.unscoped, names)


def run(
    port: int = 0,
    users: int = 1204,
    tokens: int = 82,
    seed: int = 1,
    clock: datetime | None = None,
    state_file: Path | None = None,
    keys: tuple[str, str] | None = None,
    faults: Sequence[str] = (),
    distance: Distance = NEARBY,
    *,
    announce: Callable[[Address], None],
    stop_with_stdin: bool = False,
) -> None:
    """Serve until SIGINT or SIGTERM, or until standard input ends if `stop_with_stdin`.

    With a `clock`, the organization's time is frozen. Raises OSError if the port is in use, ValueError for an unknown
    fault or an invalid state file.
    """
    do_wrong = with_faults(faults, seed)

    def wrap(app: ASGIApp) -> ASGIApp:
        app = do_wrong(app)
        return app if distance.is_none else Distant(app, distance, seed)

    now = None if clock is None else lambda: clock
    organization = Organization(seed, users, tokens, clock, now=now, state_file=state_file)
    sandbox = Sandbox(organization, Keys(*keys) if keys else None, wrap=wrap)
    listener = _listen(port)
    server = _Server(sandbox, lambda: announce(_address(sandbox, listener)))
    if stop_with_stdin:
        threading.Thread(target=_stop_at_end_of_stdin, args=(server,), daemon=True).start()
    with _quiet_signals(server):
        server.run(sockets=[listener])


def _stop_at_end_of_stdin(server: _Server) -> None:
    # os.read, not sys.stdin: a thread that waits in the buffered reader would prevent the interpreter from exiting.
    with contextlib.suppress(OSError):
        while os.read(sys.stdin.fileno(), 4096):
            pass
    server.stop()


@contextlib.contextmanager
def _quiet_signals(server: _Server) -> Iterator[None]:
    """Let signals stop only the server: uvicorn raises them again after it has stopped."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, server.stop) for number in ending_signals()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def serving(
    organization: Organization,
    keys: Keys | None = None,
    *,
    port: int = 0,
    wrap: Callable[[ASGIApp], ASGIApp] | None = None,
) -> Iterator[tuple[Address, Sandbox]]:
    """Serve an organization from a background thread during the block."""
    sandbox = Sandbox(organization, keys, wrap=wrap)
    listener = _listen(port)
    ready = threading.Event()
    server = _Server(sandbox, ready.set)
    thread = threading.Thread(target=server.run, args=([listener],), name="practice organization")
    address = _address(sandbox, listener)
    thread.start()
    try:
        while not ready.wait(0.05):
            if not thread.is_alive():
                raise RuntimeError("the practice organization did not start")
        yield address, sandbox
    finally:
        server.stop()
        thread.join()
