"""Certificates: those that the environment names, the system's, or certifi's where a system has none."""

import os
import ssl
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
import truststore

from tests.company_network import (
    HOST,
    Secure,
    authority,
    inspection,
    one_sentence,
    plain_network,
    secure,
    server_context,
    through,
    tls_front,
    write_authority,
)
from tests.needs import make_pipe
from tests.scripted import KEY, ORG, Scripted, server
from tokendesk.api import calls
from tokendesk.api.certificates import load_trust, system_store
from tokendesk.api.client import MAX_IN_FLIGHT, Client, Route
from tokendesk.api.http_errors import NotConnected
from tokendesk.cli import main
from tokendesk.model.secret import Secret

__all__ = ["authority", "inspection", "plain_network", "secure", "server"]


def test_a_pull_trusts_the_authority_that_ssl_cert_file_names(
    secure: Secure, server: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    secure.reach_at(f"https://127.0.0.1:{secure.port}", monkeypatch)
    assert main(["pull"]) == 0
    assert server.seen


def test_a_pull_trusts_the_authorities_in_the_folder_that_ssl_cert_dir_names(
    secure: Secure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    secure.reach_at(f"https://127.0.0.1:{secure.port}", monkeypatch)
    (tmp_path / "certs").mkdir()
    monkeypatch.delenv("SSL_CERT_FILE")
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "certs"))
    assert main(["pull"]) == 2
    assert "SSL_CERT_DIR" in one_sentence(capsys)
    pem = tmp_path / "authority.pem"
    try:
        named = subprocess.run(
            ["openssl", "x509", "-noout", "-hash", "-in", str(pem)], capture_output=True, text=True, check=True
        )
    except FileNotFoundError:
        pytest.skip("needs openssl for the name of a certificate")
    pem.rename(tmp_path / "certs" / f"{named.stdout.strip()}.0")
    assert main(["pull"]) == 0


def test_a_certificate_that_is_not_trusted_says_who_signed_it(
    secure: Secure, server: Scripted, inspection: trustme.CA, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    context = server_context(inspection, HOST)
    with tls_front(context, secure.behind) as opening, through(opening, monkeypatch) as proxy:
        assert main(["pull"]) == 4
    text = one_sentence(capsys)
    assert f"the certificate of {HOST} is not trusted" in text
    assert "signed by Example ␛[2JInspection" in text and "\x1b" not in text
    assert "to what SSL_CERT_FILE names, or unset SSL_CERT_FILE to use the system's store" in text
    assert len(proxy.seen) <= MAX_IN_FLIGHT
    assert server.seen == []


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ((-2, -1), "(certificate has expired; it was signed by Example Ltd"),
        ((1, 2), "(certificate is not yet valid; it was signed by Example Ltd"),
    ],
)
def test_a_certificate_of_another_time_asks_for_the_clock(
    days: tuple[int, int], expected: str, secure: Secure, authority: trustme.CA, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    first, last = (datetime.now(UTC) + timedelta(days=day) for day in days)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(HOST, not_before=first, not_after=last).configure_cert(context)
    with tls_front(context, secure.behind) as port, through(port, monkeypatch):
        assert main(["pull"]) == 4
    text = one_sentence(capsys)
    assert expected in text and "Check the date and time of this computer" in text and "SSL_CERT_FILE" not in text


def test_a_certificate_of_another_host_asks_for_the_address(
    secure: Secure, authority: trustme.CA, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with (
        tls_front(server_context(authority, "other.example.com"), secure.behind) as port,
        through(port, monkeypatch),
    ):
        assert main(["pull"]) == 4
    text = one_sentence(capsys)
    assert "belongs to another host" in text and "SSL_CERT_FILE" not in text


def test_a_certificate_of_a_server_that_signed_its_own_is_trusted_where_it_is_named(
    secure: Secure, authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = authority.issue_cert("127.0.0.1")
    certificate.cert_chain_pems[0].write_to_path(str(tmp_path / "server.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "server.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    with tls_front(context, secure.behind) as port:
        secure.reach_at(f"https://127.0.0.1:{port}", monkeypatch)
        assert main(["pull"]) == 0


def test_a_proxy_that_opens_tls_works_where_its_authority_is_trusted(
    secure: Secure, server: Scripted, inspection: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", write_authority(inspection, tmp_path))
    context = server_context(inspection, HOST)
    with tls_front(context, secure.behind) as opening, through(opening, monkeypatch) as proxy:
        assert main(["pull"]) == 0
    assert {request["line"] for request in proxy.seen} == {f"CONNECT {HOST}:443 HTTP/1.1"}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (None, "cannot be read (No such file"),
        ("folder", "is a folder"),
        ("pipe", "is not a file"),
        (b"", "is not a file of certificates in PEM form"),
        (b"\x30\x82\x01\x0a\x02\x82\x01\x01\x00", "is not a file of certificates in PEM form"),
        (b"-----BEGIN CERTIFICATE-----\nnot base64\n-----END CERTIFICATE-----\n", "is not a file of certificates"),
    ],
)
def test_a_wrong_ssl_cert_file_is_one_sentence(
    content: bytes | str | None, expected: str, server: Scripted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    path = tmp_path / "named"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content == "folder":
        path.mkdir()
    elif content == "pipe":
        make_pipe(path)
    monkeypatch.setenv("TOKENDESK_API_URL", f"https://{HOST}")
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    assert main(["pull"]) == 2
    text = one_sentence(capsys)
    assert "SSL_CERT_FILE names" in text and expected in text


def test_a_long_value_of_ssl_cert_file_is_cut(
    server: Scripted, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TOKENDESK_API_URL", f"https://{HOST}")
    monkeypatch.setenv("SSL_CERT_FILE", "\x1b[2J/" + 1_000 * "long/")
    assert main(["pull"]) == 2
    text = one_sentence(capsys)
    assert "\x1b" not in text and len(text) < 600


def test_a_corrected_ssl_cert_file_is_read_again(
    secure: Secure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    secure.reach_at(f"https://127.0.0.1:{secure.port}", monkeypatch)
    pem = (tmp_path / "authority.pem").rename(tmp_path / "elsewhere.pem")
    assert main(["pull"]) == 2
    pem.rename(tmp_path / "authority.pem")
    assert main(["pull"]) == 0


@pytest.mark.parametrize("trusted", [True, False])
async def test_the_context_that_asks_windows_or_macos_works_with_the_client(
    trusted: bool, secure: Secure, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is truststore's own. Here it asks OpenSSL, and SSL_CERT_FILE stands for the store of the system."""
    if not trusted:
        monkeypatch.delenv("SSL_CERT_FILE")
    store = system_store("win32")
    assert store is not None and isinstance(store.context, truststore.SSLContext)
    client = Client(f"https://127.0.0.1:{secure.port}", Secret(KEY), route=Route(store, None))
    try:
        if trusted:
            assert (await calls.organization(client, ORG)).name == "Elsewhere Ltd"
        else:
            with pytest.raises(NotConnected, match=r"signed by Example Ltd.*authority to the system"):
                await calls.organization(client, ORG)
    finally:
        await client.close()


def test_the_context_of_a_process_is_made_once() -> None:
    assert load_trust() is load_trust()
    assert load_trust().context.verify_mode == ssl.CERT_REQUIRED
    assert load_trust().context.check_hostname


_TRUST = "from tokendesk.api.certificates import load_trust; print(load_trust().store)"
_ON_ANOTHER_SYSTEM = """
mount -t tmpfs none {folder}
for name in /etc/ssl /etc/pki; do [ ! -d $name ] || mount -t tmpfs none $name; done
[ -z "$AUTHORITY" ] || {{ mkdir -p {folder}; cat > {file} <<< "$AUTHORITY"; }}
exec "$@"
"""
"""Replaces the folders in which a system keeps its certificates, for one command."""


def on_another_system(command: list[str], pem: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command where `pem` alone, or nothing, is in the system's store."""
    paths = ssl.get_default_verify_paths()
    folder, file = Path(paths.openssl_cafile).parent, paths.openssl_cafile
    if not folder.is_dir():
        pytest.skip("OpenSSL's folder does not exist here")
    script = _ON_ANOTHER_SYSTEM.format(folder=folder, file=file)
    return subprocess.run(
        ["unshare", "--map-root-user", "--mount", "bash", "-ec", script, "bash", *command],
        env={**os.environ, "AUTHORITY": pem}, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.fixture
def own_namespace() -> None:
    try:
        tried = on_another_system(["true"])
    except FileNotFoundError:
        pytest.skip("needs unshare to replace the system's store for one process")
    if tried.returncode:
        pytest.skip(f"this system lets nobody replace its store for one process: {tried.stderr.strip()}")


@pytest.mark.usefixtures("own_namespace")
def test_a_pull_trusts_the_authority_in_the_systems_store(
    secure: Secure, server: Scripted, authority: trustme.CA, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    secure.reach_at(f"https://127.0.0.1:{secure.port}", monkeypatch)
    command = [sys.executable, "-m", "tokendesk"]
    pem = authority.cert_pem.bytes().decode()
    assert on_another_system([sys.executable, "-c", _TRUST], pem).stdout == "system\n"
    assert on_another_system([*command, "pull"], pem).returncode == 0
    without = on_another_system([*command, "pull"])
    assert without.returncode == 4 and "is not trusted" in without.stderr


@pytest.mark.usefixtures("own_namespace")
def test_a_system_without_certificates_uses_those_of_certifi() -> None:
    done = on_another_system([sys.executable, "-c", _TRUST])
    assert (done.stdout, done.stderr) == ("certifi\n", "")
