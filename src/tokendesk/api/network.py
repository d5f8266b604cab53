"""How the API is reached: which certificate authorities are trusted, and through which proxy."""

import os
import ssl
import sys
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from tokendesk.errors import UsageError
from tokendesk.model.text import printable, shorten

SYSTEM, CERTIFI = "the system's store", "certifi"
_VARIABLES = ("SSL_CERT_FILE", "SSL_CERT_DIR")
_WITH_STORE = ("win32", "darwin")
"""Systems whose store OpenSSL does not read."""


class TrustedStore(NamedTuple):
    """`source`: SSL_CERT_FILE or SSL_CERT_DIR, SYSTEM or CERTIFI; `path`: the file or folder of a variable."""

    context: ssl.SSLContext
    source: str
    path: str = ""


class Proxy(NamedTuple):
    """`url`: may contain a password. `source`: the variable that names it, or the system's settings."""

    url: str
    source: str

    @property
    def place(self) -> str:
        """Its host and port, printable and without credentials."""
        return printable(shorten(self._netloc.rpartition("@")[2]))

    @property
    def has_login(self) -> bool:
        return "@" in self._netloc

    @property
    def _netloc(self) -> str:
        return urlsplit(self.url).netloc


class Network(NamedTuple):
    store: TrustedStore
    proxy: Proxy | None


def network_of(host: str, environ: Mapping[str, str] = os.environ) -> Network:
    """Return how a host is reached over TLS. Reads files for some milliseconds. Raises UsageError."""
    return Network(trusted_store(*(environ.get(name) or "" for name in _VARIABLES)), proxy_for(host, environ))


@lru_cache(4)
def trusted_store(file: str, folder: str, system: str = sys.platform) -> TrustedStore:
    """Return whom to trust: `file` and `folder` if they are set, else the system's store, else certifi's list.

    certifi is for systems without any, such as a container without the package ca-certificates.
    """
    if file or folder:
        name, path = (_VARIABLES[0], file) if file else (_VARIABLES[1], folder)
        try:
            context = ssl.create_default_context(cafile=file or None, capath=folder or None)
        except (OSError, ValueError) as error:  # a file without a certificate is an ssl.SSLError
            raise UsageError(_unusable(name, path, getattr(error, "strerror", None))) from error
        if not _trusts_any(context, folder):
            raise UsageError(_unusable(name, path, None))
        return TrustedStore(context, name, path)
    if system in _WITH_STORE:
        import truststore

        return TrustedStore(truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT), SYSTEM)
    # OpenSSL reads the store itself here, once, and truststore would for every connection: 10 ms each.
    context = ssl.create_default_context()
    if _trusts_any(context, ssl.get_default_verify_paths().capath):
        return TrustedStore(context, SYSTEM)
    import certifi

    return TrustedStore(ssl.create_default_context(cafile=certifi.where()), CERTIFI)


def _trusts_any(context: ssl.SSLContext, folder: str | None) -> bool:
    """Whether certificates were loaded, or will be from `folder` when they are needed."""
    if context.cert_store_stats()["x509_ca"]:
        return True
    try:
        return bool(folder and any(path.suffix in (".0", ".1") for path in Path(folder).iterdir()))
    except OSError:
        return False


def _unusable(name: str, path: str, why: str | None) -> str:
    what = "the file of" if name == _VARIABLES[0] else "a folder (hashed by openssl rehash) of"
    reason = f": {why}" if why else ": there is no certificate in it"
    return f"{name} is {printable(shorten(path))!r}, which cannot be used{reason}. Set it to {what} your authority."


def proxy_for(host: str, environ: Mapping[str, str] = os.environ) -> Proxy | None:
    """Return the proxy of HTTPS requests to a host, by the environment or the system's settings (Windows, macOS).

    Raises UsageError if its address cannot be used.
    """
    from urllib.request import getproxies, proxy_bypass

    found = getproxies()
    url = found.get("https") or found.get("all")
    if not url or proxy_bypass(host):
        return None
    names = (name for plain in ("https_proxy", "all_proxy") for name in (plain, plain.upper()))
    source = next((name.upper() for name in names if environ.get(name) == url), "the system's settings")
    url = url if "://" in url else f"http://{url}"
    try:
        parts = urlsplit(url)
        is_usable = bool(parts.hostname) and parts.port != 0  # a port that is none is a ValueError
    except ValueError:
        is_usable = False
    if not is_usable:
        raise UsageError(f"The address of the proxy in {source} cannot be used. Write it as http://HOST:PORT.")
    return Proxy(url, source)


def issuer_name(certificate: Mapping[str, object] | None) -> str | None:
    """Return who signed a decoded certificate, such as `Example Root (Example Ltd)`; None if it does not say."""
    parts = (certificate or {}).get("issuer")
    found: dict[str, str] = {}
    for group in parts if isinstance(parts, tuple) else ():
        found |= {str(name): printable(shorten(str(value))) for name, value in group}
    name, organization = found.get("commonName"), found.get("organizationName")
    return f"{name} ({organization})" if name and organization else name or organization
