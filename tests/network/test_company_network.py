"""The network of a company: a certificate authority of its own, and proxies."""

import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import trustme

from tests.network.connect_proxy import ConnectProxy, running
from tests.scripted import KEY, ORG, Scripted, other_organization, scripted
from tokendesk.api import calls
from tokendesk.api.client import Client
from tokendesk.api.network import CERTIFI, SYSTEM, Network, proxy_for, trusted_store
from tokendesk.cli import main
from tokendesk.errors import UsageError
from tokendesk.model.secret import Secret
from tokendesk.running.capabilities import check_network

HOST = "api.example.com"
VARIABLES = ("HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR")


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA(organization_name="Example Ltd", organization_unit_name="Security")


@pytest.fixture
def company(
    authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[ConnectProxy, Scripted]]:
    """A proxy that opens TLS, an API behind it, and a computer that trusts the proxy's authority."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(HOST).configure_cert(context)
    with scripted() as script:
        other_organization(script)
        target = urlsplit(script.url)
        script.url = f"https://{HOST}"  # its links lead there
        with running(ConnectProxy((str(target.hostname), int(target.port or 0)), context)) as proxy:
            settings = {"HOME": str(tmp_path / "home"), "ORG_ID": ORG, "API_KEY": KEY, "API_URL": f"https://{HOST}"}
            for name, value in settings.items():
                monkeypatch.setenv(f"TOKENDESK_{name}", value)
            monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
            monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
            yield proxy, script


Company = tuple[ConnectProxy, Scripted]


def refused(capsys: pytest.CaptureFixture[str], code: int = 4) -> str:
    """Pull, which must fail with one sentence; return it."""
    capsys.readouterr()
    assert main(["pull"]) == code
    said = [line for line in capsys.readouterr().err.splitlines() if not line.startswith("tokendesk: waiting")]
    assert said[-1].startswith("tokendesk: ")
    assert "Traceback" not in "".join(said)
    return said[-1]


def test_a_pull_goes_through_a_proxy_that_opens_tls(company: Company, capsys: pytest.CaptureFixture[str]) -> None:
    proxy, script = company
    assert main(["pull"]) == 0
    assert set(proxy.asked) == {f"{HOST}:443"}
    assert script.asked("/api-tokens") > 0


def test_who_signed_a_refused_certificate_is_said_and_the_key_stays_here(
    company: Company, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy, script = company
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "other.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "other.pem"))
    said = refused(capsys)
    assert f"the certificate of {HOST} is not trusted" in said
    assert "signed by Example Ltd" in said and "SSL_CERT_FILE" in said
    assert script.authorizations <= {None}
    assert len(proxy.asked) <= 9  # three requests begin at once: each is tried once, and two more look who signed


def test_a_proxy_that_wants_a_login_is_told_at_once(company: Company, capsys: pytest.CaptureFixture[str]) -> None:
    proxy, script = company
    proxy.login = "ada:not-a-word"
    said = refused(capsys)
    assert f"the proxy 127.0.0.1:{proxy.port} wants a user name and a password" in said
    assert "px or cntlm" in said
    assert len(proxy.asked) <= 4  # requests that begin at the same time; none is repeated
    assert script.seen == []


def test_a_login_that_the_proxy_refuses_is_said_and_never_shown(
    company: Company, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy, _ = company
    proxy.login = "ada:right-one"
    monkeypatch.setenv("HTTPS_PROXY", f"http://ada:wrong-one@127.0.0.1:{proxy.port}")
    said = refused(capsys)
    assert "did not accept the user name and password in HTTPS_PROXY" in said
    assert "wrong-one" not in said
    network = check_network(f"https://{HOST}")
    assert "with a user name and a password" in network.words and "wrong-one" not in network.words


def test_a_login_that_the_proxy_accepts_works(
    company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy, _ = company
    proxy.login = "ada:p%w"
    monkeypatch.setenv("HTTPS_PROXY", f"http://ada:p%25w@127.0.0.1:{proxy.port}")
    assert main(["pull"]) == 0
    assert all("p%25w" not in log.read_text("utf-8") for log in tmp_path.rglob("*.log"))


def test_a_proxy_that_forbids_the_address_is_told_at_once(company: Company, capsys: pytest.CaptureFixture[str]) -> None:
    proxy, _ = company
    proxy.status = "403 Forbidden \x1b[31m"
    said = refused(capsys)
    assert f"the proxy 127.0.0.1:{proxy.port} refused the connection (403" in said
    assert "\x1b" not in said
    assert len(proxy.asked) <= 4


def test_a_proxy_that_is_busy_is_asked_again(company: Company) -> None:
    proxy, _ = company
    proxy.status, proxy.statuses_left = "503 Service Unavailable", 2
    assert main(["pull"]) == 0


def test_a_proxy_that_is_not_there_is_named(
    company: Company, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    assert "cannot be reached through the proxy 127.0.0.1:1. Check the network and HTTPS_PROXY" in refused(capsys)


def test_a_proxy_that_hangs_up_is_named(company: Company, capsys: pytest.CaptureFixture[str]) -> None:
    proxy, _ = company
    proxy.closes = True
    assert f"cannot be reached through the proxy 127.0.0.1:{proxy.port}" in refused(capsys)


def test_no_proxy_is_heeded(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", f"localhost,{HOST}")
    assert proxy_for(HOST) is None
    assert check_network(f"https://{HOST}").words.endswith("no proxy")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("HTTPS_PROXY", "nonsense://proxy.example.com", "HTTPS_PROXY"),
        ("ALL_PROXY", "http://[", "ALL_PROXY"),
        ("HTTPS_PROXY", "http://ada:not-a-word@:x", "HTTPS_PROXY"),
        ("HTTPS_PROXY", "socks5://127.0.0.1:1", "SOCKS"),
    ],
)
def test_an_address_that_is_no_proxys_is_one_sentence(
    company: Company,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    value: str,
    words: str,
) -> None:
    monkeypatch.delenv("HTTPS_PROXY")
    monkeypatch.setenv(name, value)
    said = refused(capsys, 2)
    assert words in said and "not-a-word" not in said


@pytest.mark.parametrize("what", ["missing", "empty", "folder", "no certificate"])
def test_a_file_that_is_no_authoritys_is_named(
    company: Company, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    path = tmp_path / "odd\x1b.pem"
    if what == "folder":
        path.mkdir()
    elif what != "missing":
        path.write_text("" if what == "empty" else "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n")
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    said = refused(capsys, 2)
    assert "SSL_CERT_FILE" in said and "cannot be used" in said and "\x1b" not in said
    assert check_network(f"https://{HOST}").answer == "no"


def test_a_folder_without_certificates_is_named(
    company: Company, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    assert "SSL_CERT_DIR" in refused(capsys, 2)


def test_without_variables_the_store_of_the_system_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    assert trusted_store("", "").source in (SYSTEM, CERTIFI)
    assert f"certificates of {'this computer' if trusted_store('', '').source == SYSTEM else 'Python'}" in (
        check_network(f"https://{HOST}").words
    )


async def test_the_library_for_other_stores_works_with_our_client(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On Windows and macOS the context is truststore's. Here it reads OpenSSL's own variable, which stands for them."""
    pytest.importorskip("truststore")
    store = trusted_store("", "", system="win32")
    assert store.source == SYSTEM
    client = Client(f"https://{HOST}", Secret(KEY), network=Network(store, proxy_for(HOST)))
    try:
        assert (await calls.organization(client, ORG)).name == "Elsewhere Ltd"
    finally:
        await client.close()


def test_check_says_how_the_api_is_reached(company: Company, capsys: pytest.CaptureFixture[str]) -> None:
    proxy, _ = company
    main(["check"])
    line = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("network"))
    assert f"yes      {HOST}" in line
    assert "certificates of SSL_CERT_FILE (" in line
    assert line.endswith(f"proxy 127.0.0.1:{proxy.port}, from HTTPS_PROXY")


def test_an_authority_that_is_not_a_file_of_its_own_is_read_once() -> None:
    assert trusted_store("", "") is trusted_store("", "")


def test_a_wrong_setting_is_not_remembered(tmp_path: Path, authority: trustme.CA) -> None:
    path = tmp_path / "authority.pem"
    with pytest.raises(UsageError):
        trusted_store(str(path), "")
    authority.cert_pem.write_to_path(str(path))
    assert trusted_store(str(path), "").path == str(path)
