"""A server that shows a pull its later pages of users only when a test says so."""

import asyncio
import json
from collections import Counter
from threading import Event
from typing import Any

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.running.trouble import line_of


class HeldBack:
    """Wraps an organization: later pages of users come once `go_on` is set, or are refused then. Notes whose policies
    were asked for.
    """

    def __init__(self, *, refuses: bool = False, finds_by_id: bool = True) -> None:
        self.refuses = refuses
        self.finds_by_id = finds_by_id
        self.go_on = Event()
        self.asked: Counter[str] = Counter()
        self.lines: Counter[str] = Counter()

    def __call__(self, app: ASGIApp) -> ASGIApp:
        async def held(scope: Scope, receive: Receive, send: Send) -> None:
            line = line_of(scope) if scope["type"] == "http" else ""
            self.lines[line] += 1
            if line not in ("POST search", "POST bulk-fetch"):
                await app(scope, receive, send)
                return
            message = await receive()
            question: Any = json.loads(message["body"])
            self.asked.update(question["accountIds"] if line == "POST bulk-fetch" else ())
            if question.get("cursor"):
                assert await asyncio.to_thread(self.go_on.wait, 60)
                if self.refuses:
                    await JSONResponse({"errors": []}, 401)(scope, receive, send)
                    return
            if question.get("accountIds") and line == "POST search" and not self.finds_by_id:
                await JSONResponse({"errors": []}, 400)(scope, receive, send)
                return
            waiting = [message]

            async def again() -> Message:
                return waiting.pop() if waiting else await receive()

            await app(scope, again, send)

        return held
