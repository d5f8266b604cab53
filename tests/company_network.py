"""What stands between a company's computers and the API: an authority of its own, and proxies. All of it is real.

`scripted` is the API, over plain HTTP. In front of it stands a server that speaks TLS with a certificate for
`api.example.com`; a proxy leads there, whatever host it is asked for.
"""

import asyncio
import ssl
import threading
from base64 import b64encode
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import trustme

from tests.scripted import KEY, Scripted

HOST = "api.example.com"
URL = f"https://{HOST}"

_Connection = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Refuse = Callable[[dict[str, str]], bytes | None]
"""Takes the headers of CONNECT; returns the response that refuses it, empty to hang up, or None to connect."""


@dataclass
class ConnectProxy:
    port: int
    seen: list[dict[str, str]] = field(default_factory=list)
    """The headers of each CONNECT."""


def server_context(authority: trustme.CA, *names: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(context)
    return context


def write_authority(authority: trustme.CA, folder: Path) -> str:
    path = folder / "authority.pem"
    authority.cert_pem.write_to_path(path)
    return str(path)


@contextmanager
def tls_front(context: ssl.SSLContext, behind: int) -> Iterator[int]:
    """Speak TLS on a port, and pass on to the plain port `behind`."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await _join(reader, writer, behind)

    with _serving(connected, context) as port:
        yield port


@contextmanager
def connect_proxy(
    behind: int, refuse: Refuse = lambda headers: None, context: ssl.SSLContext | None = None
) -> Iterator[ConnectProxy]:
    """Serve a proxy that leads to the port `behind`. `context`: the proxy itself speaks TLS."""
    seen: list[dict[str, str]] = []

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:] if line)}
        seen.append({**headers, "line": head[0]})
        if (answer := refuse(headers)) is None:
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await _join(reader, writer, behind)
        else:
            writer.write(answer)
            await writer.drain()

    with _serving(connected, context) as port:
        yield ConnectProxy(port, seen)


@contextmanager
def socks_proxy(behind: int, login: tuple[bytes, bytes]) -> Iterator[ConnectProxy]:
    """Serve a SOCKS5 proxy (RFC 1928, 1929) that leads to the port `behind` and wants a user name and a password."""
    seen: list[dict[str, str]] = []

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def text() -> bytes:
            return await reader.readexactly((await reader.readexactly(1))[0])

        seen.append({})
        await reader.readexactly(1)
        offered = await text()
        by_password = 2
        writer.write(bytes([5, by_password if by_password in offered else 0xFF]))
        await writer.drain()
        if by_password not in offered:
            return
        await reader.readexactly(1)
        is_right = (await text(), await text()) == login
        writer.write(bytes([1, not is_right]))
        await writer.drain()
        if not is_right:
            return
        await reader.readexactly(4)
        seen[-1]["host"] = (await text()).decode()
        await reader.readexactly(2)
        writer.write(bytes([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]))
        await _join(reader, writer, behind)

    with _serving(connected, None) as port:
        yield ConnectProxy(port, seen)


def refusal(status: str, *sign_ins: str) -> bytes:
    offered = "".join(f"Proxy-Authenticate: {sign_in}\r\n" for sign_in in sign_ins)
    return f"HTTP/1.1 {status}\r\n{offered}Content-Length: 0\r\n\r\n".encode("latin-1")


def wants(user: str, password: str) -> Refuse:
    """Refuse whoever does not send this user name and password."""
    expected = f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"

    def refuse(headers: dict[str, str]) -> bytes | None:
        right = headers.get("proxy-authorization") == expected
        return None if right else refusal("407 Proxy Authentication Required", 'Basic realm="Example"')

    return refuse


async def _join(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
    far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        await asyncio.gather(_pipe(reader, far_writer), _pipe(far_reader, writer))
    finally:
        far_writer.close()


async def _pipe(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await source.read(65536):
            target.write(data)
            await target.drain()
    target.close()


@contextmanager
def _serving(connected: _Connection, context: ssl.SSLContext | None) -> Iterator[int]:
    """Serve in a thread until the end, then close every connection."""
    ports: list[int] = []
    ready = threading.Event()
    loop = asyncio.new_event_loop()
    stopped = asyncio.Event()
    open_now: set[asyncio.Task[None]] = set()

    async def quietly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        open_now.add(task)
        try:
            with suppress(OSError, EOFError, asyncio.CancelledError):
                await connected(reader, writer)
        finally:
            open_now.discard(task)
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def serve() -> None:
        loop.set_exception_handler(lambda loop, said: None)  # handshakes that the client refuses, rightly
        server = await asyncio.start_server(quietly, "127.0.0.1", 0, ssl=context)
        ports.append(server.sockets[0].getsockname()[1])
        ready.set()
        await stopped.wait()
        server.close()
        waiting = list(open_now)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    ready.wait()
    try:
        yield ports[0]
    finally:
        loop.call_soon_threadsafe(stopped.set)
        thread.join()
        loop.close()


PASSWORD = "cor/rect h@rse"
ESCAPED = "cor%2Frect%20h%40rse"
WRONG = "wrong-one"


@pytest.fixture(autouse=True)
def plain_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget the network of the computer that runs the tests."""
    for name in ("SSL_CERT_FILE", "SSL_CERT_DIR", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA(organization_name="Example Ltd")


@pytest.fixture(scope="module")
def inspection() -> trustme.CA:
    """The authority of a proxy that opens TLS."""
    return trustme.CA(organization_name="Example \x1b[2JInspection")


@dataclass(frozen=True)
class Secure:
    """The organization over TLS. `port` speaks TLS, `behind` is plain."""

    script: Scripted
    port: int
    behind: int

    def reach_at(self, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.script.url = url  # its links lead there
        monkeypatch.setenv("TOKENDESK_API_URL", url)


@pytest.fixture
def secure(
    server: Scripted, authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Secure]:
    """Serve the organization with a certificate of the company's authority, which is trusted."""
    monkeypatch.setenv("SSL_CERT_FILE", write_authority(authority, tmp_path))
    behind = urlsplit(server.url).port or 0
    with tls_front(server_context(authority, HOST, "127.0.0.1"), behind) as port:
        found = Secure(server, port, behind)
        found.reach_at(URL, monkeypatch)
        yield found


@contextmanager
def through(
    port: int, monkeypatch: pytest.MonkeyPatch, refuse: Refuse = lambda headers: None, credentials: str = ""
) -> Iterator[ConnectProxy]:
    """Set HTTPS_PROXY to a proxy that leads to `port`."""
    with connect_proxy(port, refuse) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://{credentials}127.0.0.1:{proxy.port}")
        yield proxy


def one_sentence(capsys: pytest.CaptureFixture[str]) -> str:
    """Return the error, which has no password in it."""
    text = capsys.readouterr().err
    assert text.startswith("tokendesk: ") and text.count("\n") == 1, text
    assert_secret(text)
    return text


def assert_secret(text: str) -> None:
    assert not [secret for secret in (PASSWORD, ESCAPED, WRONG, KEY) if secret in text]
