"""Sentences for a host that is not reached: distrusted certificates, proxies, silence. Each has the next step."""

from tokendesk.api.network import Proxy

_NEEDS_LOGIN = "407"
_TEMPORARY = ("502", "503", "504")


def describe_distrust(host: str, reason: str, issuer: str | None) -> str:
    """`issuer`: who signed the certificate, if known."""
    signed = f" It was signed by {issuer}." if issuer else ""
    return (
        f"the certificate of {host} is not trusted ({reason}).{signed} If your network inspects TLS, add its authority "
        "to the system's certificates, or set SSL_CERT_FILE to the file of its authority."
    )


def describe_refusal(proxy: Proxy, status: str) -> str:
    """`status`: the proxy's response to CONNECT, with its reason."""
    if not status.startswith(_NEEDS_LOGIN):
        return (
            f"the proxy {proxy.place} refused the connection ({status}). Ask your network's admins to allow it, or set "
            "NO_PROXY if none is needed."
        )
    helper = "If it only takes Windows logins (NTLM, Kerberos), run a local helper such as px or cntlm, and name that."
    if proxy.has_login:
        return f"the proxy {proxy.place} did not accept the user name and password in {proxy.source}. {helper}"
    address = f"http://USER:PASSWORD@{proxy.place}"
    return f"the proxy {proxy.place} wants a user name and a password. Set HTTPS_PROXY={address}. {helper}"


def is_temporary(status: str) -> bool:
    """Whether a proxy's response may be another one soon."""
    return status.startswith(_TEMPORARY)


def describe_silence(host: str, proxy: Proxy | None) -> str:
    through = f" through the proxy {proxy.place}" if proxy else ""
    return f"{host} did not answer in time{through}. Check the network, then try again."


def describe_lost(host: str, proxy: Proxy | None) -> str:
    through = f" through the proxy {proxy.place}" if proxy else ""
    source = proxy.source if proxy else "the API address"
    return f"{host} cannot be reached{through}. Check the network and {source}, then try again."
