"""Which certificate authorities a connection trusts: those that the environment names, the system's, or certifi's."""

import os
import re
import ssl
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tokendesk.errors import UsageError
from tokendesk.model.text import printable, shorten

SYSTEM, CERTIFI = "system", "certifi"
_HASHED = re.compile(r"[0-9a-fA-F]{8}\.\d+\Z")
"""The name of a certificate in a folder that OpenSSL searches."""
_ISSUER_CHARACTERS = 120
_PATH_CHARACTERS = 200
_NOT_YET_VALID, _EXPIRED, _OTHER_HOST, _OTHER_ADDRESS = 9, 10, 62, 64
"""OpenSSL's codes for certificates that no authority makes valid."""


@dataclass(frozen=True, slots=True, eq=False)
class Trust:
    """A TLS context that verifies, and where its authorities come from: a variable, SYSTEM or CERTIFI."""

    context: ssl.SSLContext
    store: str
    words: str


def load_trust() -> Trust:
    """Return this process's TLS context. The first call reads the store for 20 to 80 ms: not on the event loop.

    Raises UsageError if the environment names no certificates.
    """
    return _load(os.environ.get("SSL_CERT_FILE", ""), os.environ.get("SSL_CERT_DIR", ""))


@lru_cache(maxsize=1)
def _load(file: str, folder: str) -> Trust:
    if file or folder:
        trust = _named_by_environment(file, folder)
    elif (system := system_store()) is not None:
        return system
    else:
        trust = _certifi()
    _note_issuers(trust.context)
    return trust


def _named_by_environment(file: str, folder: str) -> Trust:
    context = _verifying()
    # The file may hold an authority that another one signed: naming it says that it is trusted.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    if file:
        _load_file(context, file)
    if folder and _has_hashed_names(folder):
        context.load_verify_locations(capath=folder)
    elif not file:
        raise UsageError(
            f"SSL_CERT_DIR names {_shown(folder)}, which has no certificates that OpenSSL finds. "
            "Run `openssl rehash` on that folder, or unset SSL_CERT_DIR to use the system's store."
        )
    return Trust(context, "SSL_CERT_FILE" if file else "SSL_CERT_DIR", f"only those in {_shown(file or folder)}")


def _load_file(context: ssl.SSLContext, file: str) -> None:
    try:
        if Path(file).is_dir():
            problem = "is a folder"
        elif Path(file).exists() and not Path(file).is_file():
            problem = "is not a file"  # a device has no end
        else:
            context.load_verify_locations(cafile=file)
            problem = "" if context.cert_store_stats()["x509"] else "has no certificate in it"
    except ssl.SSLError:
        problem = "is not a file of certificates in PEM form"
    except (OSError, ValueError) as error:
        problem = f"cannot be read ({getattr(error, 'strerror', None) or 'not a file name'})"
    if problem:
        raise UsageError(
            f"SSL_CERT_FILE names {_shown(file)}, which {problem}. "
            "Name a file of certificates in PEM form, or unset SSL_CERT_FILE to use the system's store."
        )


def _shown(path: str) -> str:
    return printable(shorten(path, _PATH_CHARACTERS))


def system_store(platform: str = sys.platform) -> Trust | None:
    """Return the system's store; None if OpenSSL has to read it and finds no certificate."""
    import truststore

    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    inner = context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="localhost").context
    _note_issuers(inner)
    if platform in ("win32", "darwin"):
        return Trust(context, SYSTEM, "the system's store")
    if not inner.cert_store_stats()["x509"] and not _has_hashed_names(ssl.get_default_verify_paths().capath):
        return None
    # OpenSSL itself verifies here. The inner context has the authorities now; the outer one would read them again
    # for each connection (22 ms).
    return Trust(inner, SYSTEM, "the system's store")


def _certifi() -> Trust:
    import certifi  # comes with httpx

    context = _verifying()
    context.load_verify_locations(cafile=certifi.where())
    return Trust(context, CERTIFI, "the list in the package certifi: this system has no store of certificates")


def _verifying() -> ssl.SSLContext:
    # Not create_default_context: from Python 3.13 it refuses authorities that many companies have.
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _has_hashed_names(folders: str | None) -> bool:
    """Whether OpenSSL finds a certificate in a folder, or in one of several in a list like PATH."""
    for folder in (folders or "").split(os.pathsep):
        try:
            if folder and any(map(_HASHED.match, (entry.name for entry in Path(folder).iterdir()))):
                return True
        except (OSError, ValueError):
            continue
    return False


def certificate_error(error: BaseException | None) -> ssl.SSLCertVerificationError | None:
    """Return the certificate error behind a failed connection, or None."""
    while error is not None and not isinstance(error, ssl.SSLCertVerificationError):
        error = error.__cause__ or error.__context__
    return error


def describe_distrust(host: str, error: ssl.SSLCertVerificationError, store: str) -> str:
    """Say which certificate is refused, who signed it if that is known, and what to do. `store`: that of the Trust."""
    why = printable(getattr(error, "verify_message", None) or str(error))[:_ISSUER_CHARACTERS].rstrip(".")
    signed = "".join(f"; it was signed by {issuer}" for issuer in getattr(error, "__notes__", [])[:1])
    return f"the certificate of {host} is not trusted ({why}{signed}). {_next_step(error, store)}"


def _next_step(error: ssl.SSLCertVerificationError, store: str) -> str:
    code = getattr(error, "verify_code", None)
    if code in (_NOT_YET_VALID, _EXPIRED):
        return "Check the date and time of this computer; if they are right, tell who runs the server or the proxy."
    if code in (_OTHER_HOST, _OTHER_ADDRESS):
        return "It belongs to another host: check the address, and tell who runs the network."
    step = "add its certificate authority to the system's store, or set SSL_CERT_FILE to a file that contains it"
    if store.startswith("SSL_"):
        step = f"add its certificate authority to what {store} names, or unset {store} to use the system's store"
    return f"If your network inspects TLS, {step}."


def _note_issuers(context: ssl.SSLContext) -> None:
    """Let a refused certificate's error note who signed it. Nothing is sent for that: the handshake received it."""
    usual = context.sslobject_class or ssl.SSLObject

    class Noting(usual):  # type: ignore[misc, valid-type]
        def do_handshake(self) -> None:
            try:
                super().do_handshake()
            except ssl.SSLCertVerificationError as error:
                if issuer := _issuer(self):
                    error.add_note(issuer)
                raise

    context.sslobject_class = Noting


def _issuer(handshake: ssl.SSLObject) -> str:
    """Return the common name and organization of who signed the received certificate; empty if unknown.

    Python has no public way to read a certificate that was not verified, so this may find nothing.
    """
    try:
        parts = handshake._sslobj.get_unverified_chain()[0].get_info()["issuer"]  # type: ignore[attr-defined]
        named = dict(pair for part in parts for pair in part)
    except (AttributeError, LookupError, TypeError, ValueError):
        return ""
    names = [named[field] for field in ("commonName", "organizationName") if named.get(field)]
    return printable(", ".join(dict.fromkeys(names)))[:_ISSUER_CHARACTERS]
