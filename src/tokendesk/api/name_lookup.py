"""Looks up hosts without keeping the program from ending: a name server may take half a minute not to answer."""

import asyncio
import socket
from functools import partial
from typing import Any

from tokendesk.background import in_background


def look_up_in_background(loop: asyncio.AbstractEventLoop) -> None:
    """Let `loop` leave a lookup behind that nobody waits for. Its own are in threads that `asyncio.run` waits for."""

    async def getaddrinfo(host: Any, port: Any, **options: int) -> list[tuple[Any, ...]]:
        return await in_background(partial(socket.getaddrinfo, host, port, **options))

    vars(loop)["getaddrinfo"] = getaddrinfo
