"""Problems with keys, networks and responses: one sentence each, and no key is sent to the wrong host."""

import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from tests.scripted import KEY, ORG, TOKENS, Scripted, server
from tokendesk.api import calls
from tokendesk.api.client import open_client
from tokendesk.cli import main
from tokendesk.current_snapshot import current_snapshot
from tokendesk.errors import ApiError, InvalidResponse
from tokendesk.model.secret import Secret
from tokendesk.snapshot.file import snapshot_info
from tokendesk.snapshot.pull import pull

__all__ = ["server"]

_TOKENS = "/admin/api-access/v1/orgs/{org}/api-tokens"


def said(capsys: pytest.CaptureFixture[str]) -> str:
    text = capsys.readouterr().err
    assert text.startswith("tokendesk: ") and text.count("\n") == 1
    return text


@pytest.mark.parametrize("key", ["“abcdefgh”", "abcd efgh", "abcd\nefgh", "abcdefgh\u200b"])
def test_a_key_that_was_copied_badly_is_not_sent_and_not_shown(
    key: str, server: Scripted, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKENDESK_API_KEY", key)
    assert main(["pull"]) == 2
    text = said(capsys)
    assert "Copy it again" in text and "efgh" not in text
    assert server.seen == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SSL_CERT_FILE", "/nonexistent/authority.pem"),
        ("HTTPS_PROXY", "nonsense://127.0.0.1:1"),
        ("ALL_PROXY", "socks9://127.0.0.1:1"),
    ],
)
def test_a_network_that_is_set_up_wrongly_is_one_sentence(
    name: str, value: str, server: Scripted, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKENDESK_API_URL", "https://api.example.invalid")
    monkeypatch.setenv(name, value)
    assert main(["pull"]) == 2
    assert name in said(capsys)


class _Untrusted(HTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of the client that hangs up: it is right to."""


@pytest.fixture
def untrusted(tmp_path: Path) -> Iterator[str]:
    """Serve over TLS with a certificate that nobody vouches for."""
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl to make a certificate")
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"]
    files = ["-keyout", str(tmp_path / "tls"), "-out", str(tmp_path / "cert"), "-subj", "/CN=127.0.0.1"]
    subprocess.run([*made, *files], check=True, capture_output=True)
    httpd = _Untrusted(("127.0.0.1", 0), BaseHTTPRequestHandler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert", tmp_path / "tls")
    httpd.socket = context.wrap_socket(httpd.socket, server_side=True)
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield f"https://127.0.0.1:{httpd.server_address[1]}"
    httpd.shutdown()
    thread.join()
    httpd.server_close()


async def test_a_certificate_that_is_not_trusted_is_said_as_such(untrusted: str) -> None:
    async with open_client(untrusted, Secret(KEY)) as client:
        with pytest.raises(ApiError, match=r"certificate.*SSL_CERT_FILE"):
            await calls.organization(client, ORG)


def test_an_answer_that_was_packed_badly_is_one_sentence(server: Scripted, capsys: pytest.CaptureFixture[str]) -> None:
    server.route("GET", _TOKENS, lambda query, body: (200, b"no gzip", {"content-encoding": "gzip"}))
    assert main(["pull"]) == 4
    assert "Tokens" in said(capsys)


async def test_a_cursor_that_looks_like_a_path_ends_no_list_early(server: Scripted, tmp_path: Path) -> None:
    def pages(query: dict[str, list[str]], body: object) -> tuple[int, object, dict[str, str]]:
        at = len(query.get("cursor", [""])[0])
        return 200, {"data": TOKENS[at : at + 1], "links": {"next": "/9j"[: at + 1] if at < 2 else None}}, {}

    server.route("GET", _TOKENS, pages)
    async with open_client(server.url, Secret(KEY)) as client:
        info = await pull(client, ORG, tmp_path)
    assert info.tokens == 3


@pytest.mark.parametrize("link", ["https://host/tokens?after=2", "/tokens?after=2"])
def test_a_next_page_that_cannot_be_asked_for_keeps_the_old_snapshot(
    link: str, server: Scripted, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["pull"]) == 0
    before = snapshot_info(current_snapshot(tmp_path / "default"))
    following = link.replace("https://host", server.url)
    server.route("GET", _TOKENS, lambda query, body: (200, {"data": TOKENS[:1], "links": {"next": following}}, {}))
    capsys.readouterr()
    assert main(["pull"]) == 4
    assert "no cursor" in said(capsys)
    assert snapshot_info(current_snapshot(tmp_path / "default")) == before


def test_tokens_that_are_counted_but_not_listed_keep_the_old_snapshot(
    server: Scripted, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["pull"]) == 0
    before = snapshot_info(current_snapshot(tmp_path / "default"))
    server.route("GET", _TOKENS, lambda query, body: (200, {"data": [], "links": {}}, {}))
    capsys.readouterr()
    assert main(["pull"]) == 4
    assert "counts 3 tokens and lists none" in said(capsys)
    assert snapshot_info(current_snapshot(tmp_path / "default")) == before
    server.route("GET", f"{_TOKENS}/count", lambda query, body: (200, 0, {}))
    assert main(["pull"]) == 0


@pytest.mark.parametrize(("account", "token"), [("a", ".."), ("a", "."), ("a", ""), ("..", "t"), (".", "t"), ("", "t")])
async def test_an_id_that_is_none_leads_no_deletion_astray(account: str, token: str, server: Scripted) -> None:
    async with open_client(server.url, Secret(KEY)) as client:
        with pytest.raises(InvalidResponse, match="as an id, which is not valid"):
            await calls.delete_token(client, account, token)
        with pytest.raises(ValueError, match="only one token"):
            await client.mutate("DELETE", f"/users/{account}/manage/api-tokens/{token}", None, what="Token")
    assert server.seen == []


def test_an_address_with_a_password_in_it_is_refused(
    server: Scripted, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKENDESK_API_URL", "https://:hidden@api.example.com")
    assert main(["list", "tokens"]) == 2
    assert "hidden" not in said(capsys)
    monkeypatch.setenv("TOKENDESK_API_URL", "https://ho st.example.com")
    assert main(["list", "tokens"]) == 2
    assert "not a valid URL" in said(capsys)
