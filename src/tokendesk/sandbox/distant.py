"""Simulates a distant server."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from starlette.datastructures import MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tokendesk.sandbox.distance import Distance, Limit, family


class Distant:
    """An ASGI app with the latency of `distance`, which returns 429 above its limits."""

    def __init__(
        self,
        app: ASGIApp,
        distance: Distance,
        seed: int = 1,
        *,
        wall: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._app = app
        self._distance = distance
        self._wall = wall
        self._sleep = sleep
        self._random = random.Random(seed)
        self._period: dict[str, int] = {}
        self._used: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        distance = self._distance
        name = family(scope["path"])
        answer = self._app
        if (limit := distance.limits.get(name)) is not None:
            send, is_over = self._counted(name, limit, send)
            if is_over:
                answer = JSONResponse({"code": 429, "message": "Too many requests"}, 429)
        await self._sleep((distance.latency + distance.jitter * self._random.uniform(-1, 1)) / distance.speed)
        await answer(scope, receive, send)

    def _counted(self, name: str, limit: Limit, send: Send) -> tuple[Send, bool]:
        """Count one request; return a function that adds the rate-limit headers, and whether the limit is exceeded."""
        seconds = limit.seconds / self._distance.speed
        period = int(self._wall() / seconds)
        if period != self._period.get(name):
            self._period[name] = period
            self._used[name] = 0
        self._used[name] += 1
        remaining = max(0, limit.most - self._used[name])
        reset = datetime.fromtimestamp((period + 1) * seconds, UTC)

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-RateLimit-Limit"] = str(limit.most)
                headers["X-RateLimit-Remaining"] = str(remaining)
                headers["X-RateLimit-Reset"] = reset.isoformat(timespec="milliseconds").replace("+00:00", "Z")
            await send(message)

        return counted, self._used[name] > limit.most
