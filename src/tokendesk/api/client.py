"""The HTTP client: key, rate limits, retries, errors. The only module that imports httpx."""

import asyncio
import logging
import random
import re
import ssl
import time
import zlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import httpx

from tokendesk.api import pacing
from tokendesk.api.certificates import Trust, certificate_error, describe_distrust, load_trust
from tokendesk.api.decompression import ACCEPTED_ENCODINGS, decompress
from tokendesk.api.http_errors import NotConnected, error_for_status
from tokendesk.api.large_bodies import redact_large
from tokendesk.api.name_lookup import look_up_in_background
from tokendesk.api.proxies import Proxy, ProxyProblem, Tunnel, describe_silence, describe_socks, is_loopback, proxy_for
from tokendesk.background import in_background
from tokendesk.errors import ApiError, InvalidResponse, UsageError
from tokendesk.model.redaction import redact
from tokendesk.model.secret import Secret

log = logging.getLogger("tokendesk.api")

MAX_IN_FLIGHT = 4
"""Concurrent requests, over all endpoints."""
_REDACT_INLINE_BYTES = 200_000
"""Responses of up to this many bytes are redacted on the event loop; larger ones in the background."""
_MUTATIONS = {
    "DELETE": re.compile(r"/users/(?!\.{1,2}/)[^/]+/manage/api-tokens/(?!\.{1,2}\Z)[^/]+\Z"),
    "POST": re.compile(r"/admin/control/v1/orgs/[^/]+/auth-policy/[^/]+/add-users\Z"),
}
_QUERIES = re.compile(r"\A/admin/[^?#]*/(?:users/search|users/auth-policies/bulk-fetch)\Z")
_KEY = re.compile(r"[!-~]+\Z")

_NO_TLS = Trust(ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), "", "nobody")
"""Loading all certificate authorities is slow, and plain HTTP does not need them."""

_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


class ProxyFailed(httpx.ConnectError):
    """The proxy opened no connection, so no request was sent."""

    def __init__(self, problem: ProxyProblem) -> None:
        super().__init__("proxy")
        self.problem = problem


OnWait = Callable[[str, float], None]
"""Called when requests wait, with the reason and the seconds."""


class Route(NamedTuple):
    """How to reach the API: whom to trust, and the proxy between."""

    trust: Trust
    proxy: Proxy | None


class RawResponse(NamedTuple):
    """A response as received; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def _ignore_wait(why: str, seconds: float) -> None:
    pass


class Client:
    """One connection pool to one API host. Methods return bodies of 2xx responses; everything else is an exception.

    GET and read-only POST requests are retried after 429, 502, 503, 504 and lost connections; mutating requests
    only after 429 or if the connection failed before sending.
    """

    def __init__(
        self,
        base_url: str,
        key: Secret,
        *,
        waiting: OnWait = _ignore_wait,
        sleep: Callable[[float], Any] = asyncio.sleep,
        clock: Callable[[], float] = time.time,
        rng: random.Random | None = None,
        timeout: float = 30.0,
        deadline: float = 120.0,
        route: Route | None = None,
    ) -> None:
        """`route`: from `find_route`, which may be slow; found here if it is None."""
        self.base_url = base_url.rstrip("/")
        self._key = key
        self._on_wait = waiting
        self._sleep = sleep
        self._clock = clock
        self._rng = rng or random.Random()
        self._deadline = deadline
        self.clock_ahead: float | None = None
        """Seconds by which this computer's clock is ahead of the server's; None until a response has a date."""
        self.answers = 0
        """Responses received, whatever their status."""
        self._slots = asyncio.Semaphore(MAX_IN_FLIGHT)
        self._limiters: dict[str, pacing.RateLimiter] = {}
        self._was_reached = False
        if not _KEY.match(key.reveal()):
            raise UsageError("The API key contains an invalid character and was not sent. Copy it again.")
        self._trust, self._proxy = route or find_route(self.base_url)
        try:
            self._http = httpx.AsyncClient(
                timeout=httpx.Timeout(timeout, connect=10.0),
                trust_env=False,  # `certificates` and `proxies` read it, so that `check` can say what is used
                verify=self._trust.context,
                proxy=_httpx_proxy(self._proxy, self._trust.context),
                follow_redirects=False,
                limits=httpx.Limits(max_connections=MAX_IN_FLIGHT * 2),
                headers={
                    "Accept": "application/json",
                    "Accept-Encoding": ACCEPTED_ENCODINGS,
                    "User-Agent": "tokendesk",
                },
            )
        except (OSError, ImportError, ValueError, httpx.InvalidURL) as error:
            raise UsageError(
                f"Cannot set up the connection ({type(error).__name__}). "
                "Check HTTPS_PROXY, ALL_PROXY and the API address."
            ) from error

    async def close(self) -> None:
        """Close all connections. httpx would leave the rest open if this is cancelled while it closes the first."""
        closing = asyncio.create_task(self._http.aclose())
        cancelled: asyncio.CancelledError | None = None
        while not closing.done():
            try:
                await asyncio.shield(closing)
            except asyncio.CancelledError as error:
                cancelled = error
        if cancelled is not None:
            raise cancelled
        await closing

    async def get(
        self, path: str, *, what: str, scope: str | None = None, params: Mapping[str, str | int] | None = None
    ) -> bytes:
        return await self._send("GET", path, what, scope, params=params, repeatable=True)

    async def query(self, path: str, body: Any, *, what: str, scope: str | None = None) -> bytes:
        """POST a query: it changes nothing, so it may be retried. Raises ValueError for another endpoint."""
        if not _QUERIES.search(path):
            raise ValueError("only users and their policies are asked for by POST")
        return await self._send("POST", path, what, scope, body=body, repeatable=True)

    async def mutate(self, method: str, path: str, body: Any, *, what: str, scope: str | None = None) -> bytes:
        """Send a mutating request: never twice unless the first was certainly not executed.

        Raises ValueError for all but the two that this program knows. The deletions beside them revoke every token of
        the organization or of a service account at once (handbook 6.1, 6.3).
        """
        known = _MUTATIONS.get(method)
        if known is None or not known.match(path):
            raise ValueError("only one token of one account is ever deleted, and only users are moved")
        return await self._send(method, path, what, scope, body=body, repeatable=False)

    async def probe(
        self, path: str, *, params: Mapping[str, str | int] | None = None, question: Any = None
    ) -> RawResponse:
        """Send one read-only request, once, and return the response, whatever its status.

        `question`: a body, which makes it a POST. Raises ApiFailed if there is no response, and what `query` does.
        """
        if question is not None and not _QUERIES.search(path):
            raise ValueError("only users and their policies are asked for by POST")
        method = "GET" if question is None else "POST"
        try:
            async with self._slots, asyncio.timeout(self._deadline):
                answer = RawResponse(*await self._exchange(method, path, params, question))
        except httpx.TransportError as error:
            log.info("%s probe: %s", method, type(error).__name__)
            raise self._unreachable("Probe", error) from error
        except (zlib.error, TimeoutError) as error:
            log.info("%s probe: %s", method, type(error).__name__)
            raise ApiError(f"The response was incomplete ({type(error).__name__}). Check the API address.") from error
        log.info("%s probe: %d", method, answer.status)
        return answer

    async def _send(
        self,
        method: str,
        path: str,
        what: str,
        scope: str | None,
        *,
        repeatable: bool,
        params: Mapping[str, str | int] | None = None,
        body: Any = None,
    ) -> bytes:
        turns = self._limiters.setdefault(what, pacing.RateLimiter())
        attempt = 0
        while True:
            attempt += 1
            headers: Mapping[str, str] = {}
            try:
                async with self._slots:
                    while (seconds := turns.delay(self._clock())) > 0:
                        await self._wait(f"{what}: rate limit", seconds)
                    turns.acquire()
                    try:
                        async with asyncio.timeout(self._deadline):
                            status, headers, answer = await self._exchange(method, path, params, body)
                    except TimeoutError:
                        # A response that drips forever keeps each single read within the read timeout.
                        raise httpx.ReadTimeout("deadline") from None
                    finally:
                        turns.release(headers, self._clock())
            except httpx.TransportError as error:
                log.info("%s %s: %s", method, what, type(error).__name__)
                safe = repeatable or isinstance(error, _NEVER_SENT)
                if not safe or attempt >= _attempts(error, was_reached=self._was_reached):
                    raise self._unreachable(what, error) from error
                await self._wait(f"{what}: connection lost", pacing.back_off(attempt, self._rng))
                continue
            except zlib.error as error:
                log.info("%s %s: %s", method, what, type(error).__name__)
                raise InvalidResponse(
                    f"{what}: the response could not be decompressed. Check the API address and the proxy."
                ) from error
            log.info("%s %s: %d", method, what, status)
            self.answers += 1
            self._was_reached = True
            if 200 <= status < 300:
                return answer
            again = status == 429 or (repeatable and status in (502, 503, 504))
            wait = pacing.retry_after(headers, self._clock()) if status == 429 else None
            most = pacing.ATTEMPTS_LIMITED if status == 429 else pacing.ATTEMPTS
            if not again or attempt >= most or (wait or 0) > pacing.MAX_WAIT:
                raise error_for_status(status, answer, what, scope)
            if wait is None or (wait == 0 and attempt > 1):
                wait = pacing.back_off(attempt, self._rng)
            # Jitter: otherwise all waiting requests are sent at once and are limited together again.
            turns.block_until(self._clock() + wait + self._rng.random() / 4)

    async def _exchange(
        self, method: str, path: str, params: Mapping[str, str | int] | None, body: Any
    ) -> tuple[int, Mapping[str, str], bytes]:
        try:
            request = self._http.build_request(
                method,
                self.base_url + path,
                params=params or None,
                json=body,
                headers={"Authorization": f"Bearer {self._key.reveal()}"},
            )
        except (httpx.InvalidURL, UnicodeEncodeError) as error:
            raise InvalidResponse(
                "An id or a cursor cannot be part of a URL and was not sent. "
                "Pull again; report it if this keeps happening."
            ) from error
        response = await self._open(request)
        headers = _redact_headers(response.headers)  # before anything reads them: errors quote some
        # Measured at the headers: after a long body the clock would seem to be ahead.
        if response.is_success and (ahead := pacing.clock_ahead(headers, self._clock())) is not None:
            # The least: a slow response makes the clock seem to be ahead, and nothing makes it seem to be behind.
            self.clock_ahead = ahead if self.clock_ahead is None else min(ahead, self.clock_ahead)
        try:
            # Decompressed here: httpx decompresses a whole chunk at once, however large it becomes.
            content = await decompress(response.aiter_raw(), headers.get("content-encoding", ""))
            if len(content) < _REDACT_INLINE_BYTES:
                content = redact(content)
            else:
                content = await in_background(redact_large, content)
            return response.status_code, headers, content
        finally:
            await response.aclose()

    async def _open(self, request: httpx.Request) -> httpx.Response:
        """Send a request. Raises ProxyFailed if the proxy is why that failed."""
        proxy = self._proxy
        if proxy is None:
            return await self._http.send(request, stream=True)
        tunnel = Tunnel()
        request.extensions["trace"] = tunnel
        try:
            return await self._http.send(request, stream=True)
        except httpx.ProxyError as error:
            if proxy.is_socks:
                raise ProxyFailed(describe_socks(proxy, str(error))) from error
            status = str(error).partition(" ")[0]
            known = int(status) if status.isascii() and status.isdigit() else 502
            raise ProxyFailed(tunnel.refusal(proxy, request.url.host, known)) from error
        except httpx.TransportError as error:
            if proxy.is_socks or not tunnel.is_opening:
                raise
            if (distrust := certificate_error(error)) is not None:
                problem = ProxyProblem(describe_distrust(proxy.shown, distrust, self._trust.store), may_pass=False)
            else:
                reached, in_time = not isinstance(error, _NEVER_SENT), not isinstance(error, httpx.TimeoutException)
                problem = describe_silence(proxy, reached=reached, in_time=in_time)
            raise ProxyFailed(problem) from error

    async def _wait(self, why: str, seconds: float) -> None:
        self._on_wait(why, seconds)
        await self._sleep(seconds)

    def _unreachable(self, what: str, error: httpx.TransportError) -> ApiError:
        host = httpx.URL(self.base_url).host
        kind = NotConnected if isinstance(error, _NEVER_SENT) else ApiError
        if isinstance(error, ProxyFailed):
            return kind(f"{what}: {error.problem.words}")
        if (distrust := certificate_error(error)) is not None:
            return kind(f"{what}: {describe_distrust(host, distrust, self._trust.store)}")
        place, checked = host, "the network and the API address"
        if self._proxy is not None:
            place, checked = f"{host}, through {self._proxy.name},", f"{self._proxy.set_by} and the API address"
        if isinstance(error, httpx.TimeoutException):
            return kind(f"{what}: {place} did not answer in time. Check the network, then try again.")
        return kind(f"{what}: {place} cannot be reached. Check {checked}, then try again.")


def _redact_headers(headers: httpx.Headers) -> httpx.Headers:
    """Return the response headers without our keys, which a proxy may echo."""
    said = b"\n".join(part for header in headers.raw for part in header)
    if redact(said) is said:
        return headers
    return httpx.Headers([(redact(name), redact(value)) for name, value in headers.raw])


def _httpx_proxy(proxy: Proxy | None, context: ssl.SSLContext) -> httpx.Proxy | None:
    if proxy is None:
        return None
    return httpx.Proxy(proxy.url, ssl_context=context if proxy.url.lower().startswith("https:") else None)


def _attempts(error: httpx.TransportError, *, was_reached: bool) -> int:
    if certificate_error(error) is not None or (isinstance(error, ProxyFailed) and not error.problem.may_pass):
        return 1
    if isinstance(error, (*_NEVER_SENT, httpx.TimeoutException)):
        return pacing.ATTEMPTS if was_reached else pacing.ATTEMPTS_UNREACHED
    return pacing.ATTEMPTS_LOST if was_reached else pacing.ATTEMPTS


def find_route(url: str) -> Route:
    """Read the system's store of certificates and its settings: not on the event loop, except for plain HTTP."""
    return Route(_NO_TLS if is_plain_loopback(url) else load_trust(), proxy_for(url))


def is_plain_loopback(url: str) -> bool:
    return httpx.URL(url).scheme == "http" and is_loopback(url)


@asynccontextmanager
async def open_client(
    base_url: str, key: Secret, *, waiting: OnWait = _ignore_wait, sleep: Callable[[float], Any] = asyncio.sleep
) -> AsyncIterator[Client]:
    look_up_in_background(asyncio.get_running_loop())
    route = None if is_plain_loopback(base_url) else await in_background(find_route, base_url)
    client = Client(base_url, key, waiting=waiting, sleep=sleep, route=route)
    try:
        yield client
    finally:
        await client.close()
