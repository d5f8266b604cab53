"""A proxy that takes CONNECT and opens TLS itself, as the proxy of a company does."""

import asyncio
import base64
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class ConnectProxy:
    """`target`: host and port that every connection ends at. `login`: `user:password` that it wants, if any.

    `status`: what it says to CONNECT instead of letting it through; `closes`: it hangs up.
    """

    target: tuple[str, int]
    context: ssl.SSLContext
    login: str = ""
    status: str = ""
    statuses_left: int = 1_000
    """How often it says so, before it lets everything through."""
    closes: bool = False
    asked: list[str] = field(default_factory=list)
    """The targets of the CONNECT requests."""
    port: int = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            self.asked.append(head.split()[1])
            wanted = f"proxy-authorization: basic {base64.b64encode(self.login.encode()).decode()}".lower()
            status = self.status if self.statuses_left > 0 else ""
            self.statuses_left -= 1
            if self.login and wanted not in head.lower():
                status = "407 Proxy Authentication Required"
            if not self.closes and status:
                writer.write(f"HTTP/1.1 {status}\r\nProxy-Authenticate: NTLM\r\nContent-Length: 0\r\n\r\n".encode())
            elif not self.closes:
                writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                await writer.start_tls(self.context)
                there, back = await asyncio.open_connection(*self.target)
                await asyncio.gather(_copy(reader, back), _copy(there, writer))
            await writer.drain()
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


async def _copy(source: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await source.read(65_536):
            to.write(data)
            await to.drain()
    to.close()
    with suppress(OSError):
        await to.wait_closed()


@contextmanager
def running(proxy: ConnectProxy) -> Iterator[ConnectProxy]:
    """Serve it in a thread until the end."""
    ready, ended = threading.Event(), asyncio.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    async def serve() -> None:
        server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0)
        proxy.port = server.sockets[0].getsockname()[1]
        loops.append(asyncio.get_running_loop())
        ready.set()
        async with server:
            await ended.wait()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for each in others:
            each.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    ready.wait()
    try:
        yield proxy
    finally:
        loops[0].call_soon_threadsafe(ended.set)
        thread.join()
