"""The proxy between this computer and the API: which one, and what went wrong with it."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from tokendesk.errors import UsageError
from tokendesk.model.text import printable

_VARIABLES = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")
_SIGN_INS = {"ntlm": "NTLM", "negotiate": "Negotiate", "kerberos": "Kerberos", "digest": "Digest"}
SYSTEM_SETTINGS = "the system's settings"


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy, and where it is set: a variable or the system's settings. `url` may contain a password."""

    url: str = field(repr=False)
    set_by: str
    shown: str
    """Its address without credentials."""
    has_credentials: bool

    @property
    def name(self) -> str:
        return f"the proxy {self.shown}"

    @property
    def is_socks(self) -> bool:
        return self.shown.startswith("socks")


@dataclass(frozen=True, slots=True)
class ProxyProblem:
    words: str
    may_pass: bool = True
    """Whether it makes sense to try again."""


def proxy_for(url: str) -> Proxy | None:
    """Return the proxy for an https address as the environment sets it, or Windows or macOS; None for none.

    Raises UsageError, without the value, if it cannot be used.
    """
    from urllib.request import getproxies, proxy_bypass

    if is_loopback(url):
        return None
    found = getproxies()
    value = found.get("https") or found.get("all")
    direct = {name.strip() for name in found.get("no", "").split(",")}
    if not value or "*" in direct or proxy_bypass(urlsplit(url).netloc):
        return None
    set_by = next((name for name in _VARIABLES if os.environ.get(name) == value), SYSTEM_SETTINGS)
    return _parse(value if "://" in value else f"http://{value}", set_by)


def is_loopback(url: str) -> bool:
    """Whether the address is on this computer, as the practice organization's: no proxy is between."""
    return urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1")


def _parse(url: str, set_by: str) -> Proxy:
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port is not None else ""
        is_address = parts.hostname and not parts.query and not parts.fragment and parts.path in ("", "/")
    except ValueError:
        is_address = False
    scheme = url.partition("://")[0].lower()
    if not is_address or scheme not in ("http", "https", "socks5", "socks5h") or re.search(r"[\s\x00-\x1f\x7f]", url):
        raise UsageError(
            f"The proxy in {set_by} is not valid. Write it as http://HOST:PORT or http://USER:PASSWORD@HOST:PORT, with "
            "special characters of the password escaped, such as %40 for @."
        )
    if scheme.startswith("socks") and find_spec("socksio") is None:
        raise UsageError(
            f"The proxy in {set_by} is a SOCKS proxy, for which the Python package socksio is missing. "
            "Install it beside tokendesk, or set an http:// proxy."
        )
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return Proxy(url, set_by, printable(f"{scheme}://{host}{port}")[:200], bool(parts.username or parts.password))


class Tunnel:
    """Follows how one request opens its connection through a proxy. httpx calls it with the steps of a request."""

    def __init__(self) -> None:
        self.is_opening = False
        """Whether the proxy has been asked for a connection and has not opened it yet."""
        self._sign_ins: frozenset[str] = frozenset()

    async def __call__(self, step: str, info: Mapping[str, Any]) -> None:
        if step == "connection.connect_tcp.started":
            self.is_opening = True
        elif step == "proxy.start_tls.started":
            self.is_opening = False
        elif self.is_opening and step == "http11.receive_response_headers.complete":
            headers = info["return_value"][-1]
            offered = [value for name, value in headers if name.lower() == b"proxy-authenticate"]
            self._sign_ins = frozenset(
                part.split()[0].lower()
                for value in offered
                for part in value.decode("latin-1")[:2000].split(",")
                if part.strip()
            )

    def refusal(self, proxy: Proxy, host: str, status: int) -> ProxyProblem:
        """Describe the response to CONNECT with a status other than 2xx."""
        if status == 407:
            return ProxyProblem(self._describe_sign_in(proxy), may_pass=False)
        if status >= 500:
            return ProxyProblem(
                f"{proxy.name} cannot connect to {host} (HTTP {status}). Try again later, or ask who runs the proxy."
            )
        return ProxyProblem(
            f"{proxy.name} refuses to connect to {host} (HTTP {status}). Ask who runs it to allow this host.",
            may_pass=False,
        )

    def _describe_sign_in(self, proxy: Proxy) -> str:
        others = [shown for name, shown in _SIGN_INS.items() if name in self._sign_ins]
        if others and "basic" not in self._sign_ins:
            return (
                f"{proxy.name} only accepts {' or '.join(others)}, which tokendesk does not support. Run a local proxy "
                "that does, such as px or cntlm, and set HTTPS_PROXY to its address."
            )
        if proxy.has_credentials:
            return f"{proxy.name} does not accept the user name and password in {proxy.set_by}. Correct them."
        return (
            f"{proxy.name} wants a user name and a password. Set HTTPS_PROXY to http://USER:PASSWORD@HOST:PORT, with "
            "special characters escaped, such as %40 for @."
        )


def describe_socks(proxy: Proxy, reason: str) -> ProxyProblem:
    """Describe why a SOCKS proxy opened no connection. `reason`: the library's, without credentials."""
    said = printable(reason)[:200].rstrip(".")
    return ProxyProblem(
        f"{proxy.name} opened no connection ({said}). Check {proxy.set_by}, or ask who runs the proxy.",
        may_pass="could not connect" in said,  # not a refused password: some systems lock an account after a few
    )


def describe_silence(proxy: Proxy, *, reached: bool, in_time: bool) -> ProxyProblem:
    """Describe a proxy without a response to CONNECT."""
    if not in_time:
        problem = "did not answer in time"
    else:
        problem = "closed the connection without an answer" if reached else "cannot be reached"
    return ProxyProblem(f"{proxy.name} {problem}. Check {proxy.set_by}, or ask who runs the proxy.")
