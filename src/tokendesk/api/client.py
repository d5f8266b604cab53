"""Sending: key, limits, retries, errors. The only module that imports httpx."""

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
from tokendesk.api.problems import NotCarriedOut, problem
from tokendesk.api.unpacking import ACCEPTED, unpacked
from tokendesk.errors import ApiFailed, BadAnswer, UsageError
from tokendesk.model.redaction import redact
from tokendesk.model.secret import Secret

log = logging.getLogger("tokendesk.api")

IN_FLIGHT = 4
"""Requests under way at once, over all families."""
_AT_ONCE = 200_000
"""Bytes of an answer that are searched for keys within a frame; more are searched beside the event loop."""
_ONE_TOKEN = re.compile(r"/users/(?!\.{1,2}/)[^/]+/manage/api-tokens/(?!\.{1,2}\Z)[^/]+\Z")
_KEY = re.compile(r"[!-~]+\Z")

_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Trusts nobody: to read the certificates of all authorities takes long, and plain HTTP has no use for them."""

_BEFORE_SENDING = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


Waiting = Callable[[str, float], None]
"""Told when requests wait: why, and for how many seconds."""


class RawAnswer(NamedTuple):
    """An answer as it came; the names of headers are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def _silent(why: str, seconds: float) -> None:
    pass


class Client:
    """One connection pool to one API host. Answers are bodies of 2xx; everything else is an exception.

    GET, and POST that only reads, are sent again after 429, 502, 503, 504 and lost connections; what changes
    something only after 429 or where the connection failed before sending.
    """

    def __init__(
        self,
        base_url: str,
        key: Secret,
        *,
        waiting: Waiting = _silent,
        sleep: Callable[[float], Any] = asyncio.sleep,
        clock: Callable[[], float] = time.time,
        rng: random.Random | None = None,
        timeout: float = 30.0,
        deadline: float = 120.0,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._key = key
        self._waiting = waiting
        self._sleep = sleep
        self._clock = clock
        self._rng = rng or random.Random()
        self._deadline = deadline
        self.clock_ahead: float | None = None
        """By how many seconds this computer's clock is ahead of the server's; None until an answer with a date came."""
        self._slots = asyncio.Semaphore(IN_FLIGHT)
        self._turns: dict[str, pacing.Turns] = {}
        self._was_reached = False
        if not _KEY.match(key.reveal()):
            raise UsageError("The API key holds a space or a sign that no key has, and was not sent. Copy it anew.")
        try:
            self._http = httpx.AsyncClient(
                timeout=httpx.Timeout(timeout, connect=10.0),
                # A proxy has no business between us and this machine's own practice organization.
                trust_env=not is_loopback(self.base_url),
                verify=_NO_TLS if is_plain_loopback(self.base_url) else True,
                follow_redirects=False,
                limits=httpx.Limits(max_connections=IN_FLIGHT * 2),
                headers={"Accept": "application/json", "Accept-Encoding": ACCEPTED, "User-Agent": "tokendesk"},
            )
        except (OSError, ImportError, ValueError, httpx.InvalidURL) as error:
            raise UsageError(
                f"The connection cannot be set up ({type(error).__name__}). "
                "Check SSL_CERT_FILE, HTTPS_PROXY, ALL_PROXY and the API address."
            ) from error

    async def close(self) -> None:
        await self._http.aclose()

    async def get(
        self, path: str, *, what: str, scope: str | None = None, params: Mapping[str, str | int] | None = None
    ) -> bytes:
        return await self._send("GET", path, what, scope, params=params, repeatable=True)

    async def ask(self, path: str, body: Any, *, what: str, scope: str | None = None) -> bytes:
        """POST a question: it changes nothing, so it may be sent again."""
        return await self._send("POST", path, what, scope, body=body, repeatable=True)

    async def change(self, method: str, path: str, body: Any, *, what: str, scope: str | None = None) -> bytes:
        """Send what changes something: never twice unless the first surely was not carried out."""
        if method == "DELETE" and not _ONE_TOKEN.match(path):
            # On the organization's list the same word revokes the tokens of every managed user (handbook 6.1).
            raise ValueError("only one token of one account is ever deleted")
        return await self._send(method, path, what, scope, body=body, repeatable=False)

    async def look(
        self, path: str, *, params: Mapping[str, str | int] | None = None, question: Any = None
    ) -> RawAnswer:
        """Send one request that only reads, once, and return what came, whatever its status.

        `question`: a body, which makes it a POST that asks. Raises ApiFailed where no answer came.
        """
        method = "GET" if question is None else "POST"
        try:
            async with self._slots, asyncio.timeout(self._deadline):
                answer = RawAnswer(*await self._exchange(method, path, params, question))
        except httpx.TransportError as error:
            log.info("%s probe: %s", method, type(error).__name__)
            raise self._unreachable("Probe", error) from error
        except (zlib.error, TimeoutError) as error:
            log.info("%s probe: %s", method, type(error).__name__)
            raise ApiFailed(f"No whole answer came ({type(error).__name__}). Check the API address.") from error
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
        turns = self._turns.setdefault(what, pacing.Turns())
        attempt = 0
        while True:
            attempt += 1
            headers: Mapping[str, str] = {}
            try:
                async with self._slots:
                    while (seconds := turns.wait(self._clock())) > 0:
                        await self._pause(f"{what}: rate limit", seconds)
                    turns.leave()
                    try:
                        async with asyncio.timeout(self._deadline):
                            status, headers, answer = await self._exchange(method, path, params, body)
                    except TimeoutError:
                        # An answer that drips for ever keeps every single read within its own limit.
                        raise httpx.ReadTimeout("deadline") from None
                    finally:
                        turns.come_back(headers, self._clock())
            except httpx.TransportError as error:
                log.info("%s %s: %s", method, what, type(error).__name__)
                safe = repeatable or isinstance(error, _BEFORE_SENDING)
                if not safe or attempt >= _attempts(error, was_reached=self._was_reached):
                    raise self._unreachable(what, error) from error
                await self._pause(f"{what}: connection lost", pacing.back_off(attempt, self._rng))
                continue
            except zlib.error as error:
                log.info("%s %s: %s", method, what, type(error).__name__)
                raise BadAnswer(
                    f"{what}: the answer could not be unpacked. Check the API address and the proxy."
                ) from error
            log.info("%s %s: %d", method, what, status)
            self._was_reached = True
            if 200 <= status < 300:
                return answer
            again = status == 429 or (repeatable and status in (502, 503, 504))
            wait = pacing.asked_wait(headers, self._clock()) if status == 429 else None
            most = pacing.ATTEMPTS_LIMITED if status == 429 else pacing.ATTEMPTS
            if not again or attempt >= most or (wait or 0) > pacing.WAIT_MOST:
                raise problem(status, answer, what, scope)
            if wait is None or (wait == 0 and attempt > 1):
                wait = pacing.back_off(attempt, self._rng)
            # A little apart, or all that waited would come at once and be sent away together again.
            turns.hold(self._clock() + wait + self._rng.random() / 4)

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
            raise BadAnswer(
                "An id or a cursor cannot be part of an address, and was not sent. Pull again; report it if it stays."
            ) from error
        response = await self._http.send(request, stream=True)
        # At its head: a long body would be taken for a clock that is ahead.
        if response.is_success and (ahead := pacing.clock_ahead(response.headers, self._clock())) is not None:
            self.clock_ahead = ahead
        try:
            # Unpacked here: the library would unpack a whole chunk at once, however large it becomes.
            content = await unpacked(response.aiter_raw(), response.headers.get("content-encoding", ""))
            content = redact(content) if len(content) < _AT_ONCE else await asyncio.to_thread(redact, content)
            return response.status_code, _redacted(response.headers), content
        finally:
            await response.aclose()

    async def _pause(self, why: str, seconds: float) -> None:
        self._waiting(why, seconds)
        await self._sleep(seconds)

    def _unreachable(self, what: str, error: httpx.TransportError) -> ApiFailed:
        host = httpx.URL(self.base_url).host
        kind = NotCarriedOut if isinstance(error, _BEFORE_SENDING) else ApiFailed
        if (distrust := _distrust(error)) is not None:
            return kind(
                f"{what}: the certificate of {host} is not trusted ({distrust.verify_message}). "
                "If your network inspects TLS, set SSL_CERT_FILE to the file of its authority."
            )
        if isinstance(error, httpx.TimeoutException):
            return kind(f"{what}: {host} did not answer in time. Check the network, then try again.")
        return kind(f"{what}: {host} cannot be reached. Check the network and the API address, then try again.")


def _redacted(headers: httpx.Headers) -> httpx.Headers:
    """Return the headers of an answer without our keys, which a proxy may send back."""
    said = b"\n".join(part for header in headers.raw for part in header)
    if redact(said) is said:
        return headers
    return httpx.Headers([(redact(name), redact(value)) for name, value in headers.raw])


def _distrust(error: BaseException | None) -> ssl.SSLCertVerificationError | None:
    """Return what was wrong with the server's certificate, where that is why there is no connection."""
    while error is not None and not isinstance(error, ssl.SSLCertVerificationError):
        error = error.__cause__ or error.__context__
    return error


def _attempts(error: httpx.TransportError, *, was_reached: bool) -> int:
    if _distrust(error) is not None:
        return 1
    if isinstance(error, (*_BEFORE_SENDING, httpx.TimeoutException)):
        return pacing.ATTEMPTS if was_reached else pacing.ATTEMPTS_UNREACHED
    return pacing.ATTEMPTS_LOST if was_reached else pacing.ATTEMPTS


def is_loopback(url: str) -> bool:
    return httpx.URL(url).host in ("127.0.0.1", "localhost", "::1")


def is_plain_loopback(url: str) -> bool:
    return httpx.URL(url).scheme == "http" and is_loopback(url)


@asynccontextmanager
async def connected(
    base_url: str, key: Secret, *, waiting: Waiting = _silent, sleep: Callable[[float], Any] = asyncio.sleep
) -> AsyncIterator[Client]:
    client = Client(base_url, key, waiting=waiting, sleep=sleep)
    try:
        yield client
    finally:
        await client.close()
