"""The checks of the way to the API: its address, the proxy, the trusted certificates. Nothing is sent."""

from collections.abc import Callable

from tokendesk.api.certificates import load_trust
from tokendesk.api.proxies import proxy_for
from tokendesk.config import Settings
from tokendesk.errors import UsageError
from tokendesk.running.check import NO, YES, Capability


def check_network(settings: Settings) -> list[Capability]:
    """Say how the API is reached. Empty for the practice organization, which this computer serves itself.

    Reads the store of certificates: not for the event loop.
    """
    if settings.is_demo:
        return []
    return [
        Capability("API address", YES, "", settings.api_url),
        _capability("proxy", lambda: _describe_proxy(settings.api_url)),
        _capability("certificates", _describe_certificates),
    ]


def _capability(name: str, describe: Callable[[], tuple[str, str]]) -> Capability:
    try:
        return Capability(name, YES, *describe())
    except UsageError as error:
        return Capability(name, NO, "", str(error))


def _describe_proxy(url: str) -> tuple[str, str]:
    if (proxy := proxy_for(url)) is None:
        return "", "none"
    credentials = "with a user name" if proxy.has_credentials else "without a user name"
    return proxy.set_by, f"{proxy.shown}, {credentials}"


def _describe_certificates() -> tuple[str, str]:
    trust = load_trust()
    return trust.store, trust.words
