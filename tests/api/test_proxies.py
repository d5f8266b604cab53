"""Proxies: a pull goes through them, or one sentence says at once what to do, without the password."""

import socket
import subprocess
import sys

import pytest
import trustme

from tests.company_network import (
    ESCAPED,
    HOST,
    PASSWORD,
    URL,
    WRONG,
    Refuse,
    Secure,
    assert_secret,
    authority,
    connect_proxy,
    one_sentence,
    plain_network,
    refusal,
    secure,
    server_context,
    socks_proxy,
    through,
    wants,
)
from tests.scripted import KEY, ORG, Scripted, server
from tokendesk.api import calls
from tokendesk.api.client import MAX_IN_FLIGHT, Client, open_client
from tokendesk.api.http_errors import NotExecuted
from tokendesk.api.proxies import proxy_for
from tokendesk.cli import main
from tokendesk.model.secret import Secret

__all__ = ["authority", "plain_network", "secure", "server"]


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
def test_a_pull_goes_through_the_proxy_that_is_set(
    name: str, secure: Secure, server: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    with connect_proxy(secure.port) as proxy:
        monkeypatch.setenv(name, f"127.0.0.1:{proxy.port}")
        assert main(["pull"]) == 0
    assert proxy.seen and server.seen
    assert not any("authorization" in name for request in proxy.seen for name in request)


def test_a_proxy_gets_its_user_name_and_password(secure: Secure, monkeypatch: pytest.MonkeyPatch) -> None:
    with through(secure.port, monkeypatch, wants("ada", PASSWORD), f"ada:{ESCAPED}@") as proxy:
        assert main(["pull"]) == 0
    assert proxy.seen


def test_a_proxy_that_speaks_tls_works(
    secure: Secure, authority: trustme.CA, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with connect_proxy(secure.port, context=server_context(authority, "localhost")) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"https://localhost:{proxy.port}")
        assert main(["pull"]) == 0
        assert proxy.seen
        capsys.readouterr()
        monkeypatch.setenv("HTTPS_PROXY", f"https://127.0.0.1:{proxy.port}")  # not what its certificate is for
        assert main(["pull"]) == 4
    text = one_sentence(capsys)
    assert f"the certificate of https://127.0.0.1:{proxy.port} is not trusted" in text
    assert "signed by Example Ltd" in text  # so it was verified by our own context, not by httpx's


@pytest.mark.parametrize(
    ("refuse", "credentials", "expected"),
    [
        (wants("ada", PASSWORD), "", "wants a user name and a password. Set HTTPS_PROXY to http://USER:PASSWORD@"),
        (wants("ada", PASSWORD), f"ada:{WRONG}@", "does not accept the user name and password in HTTPS_PROXY"),
        (lambda headers: refusal("407 Sign in", "NTLM", "Negotiate"), "", "only accepts NTLM or Negotiate"),
        (lambda headers: refusal("407 Sign in", "Negotiate"), f"ada:{ESCAPED}@", "such as px or cntlm"),
        (lambda headers: refusal("407 Sign in"), "", "wants a user name and a password"),
        (lambda headers: refusal("403 No \x1b[2J"), "", f"refuses to connect to {HOST} (HTTP 403)"),
    ],
)  # fmt: skip
def test_a_proxy_that_refuses_is_one_sentence_at_once(
    refuse: Refuse, credentials: str, expected: str, secure: Secure, server: Scripted, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    with through(secure.port, monkeypatch, refuse, credentials) as proxy:
        assert main(["pull"]) == 4
    text = one_sentence(capsys)
    assert expected in text and f"the proxy http://127.0.0.1:{proxy.port}" in text
    assert 1 <= len(proxy.seen) <= MAX_IN_FLIGHT  # each request that was under way asked once
    assert server.seen == []


async def _no_wait(seconds: float) -> None:
    pass


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (refusal("502 Bad Gateway"), f"cannot connect to {HOST} (HTTP 502)"),
        (refusal("503 Service Unavailable"), f"cannot connect to {HOST} (HTTP 503)"),
        (b"", "closed the connection without an answer. Check HTTPS_PROXY"),
        (b"220 mail.example.com ready\r\n\r\n", "closed the connection without an answer. Check HTTPS_PROXY"),
    ],
)
async def test_a_proxy_that_does_not_connect_is_tried_three_times(
    answer: bytes, expected: str, secure: Secure, monkeypatch: pytest.MonkeyPatch
) -> None:
    with through(secure.port, monkeypatch, lambda headers: answer, f"ada:{ESCAPED}@") as proxy:
        async with open_client(URL, Secret(KEY), sleep=_no_wait) as client:
            with pytest.raises(NotExecuted) as caught:
                await calls.organization(client, ORG)
    assert expected in str(caught.value)
    assert_secret(str(caught.value))
    assert len(proxy.seen) == 3


async def test_a_proxy_that_is_busy_is_asked_again(secure: Secure, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [refusal("503 Service Unavailable"), refusal("502 Bad Gateway")]
    with through(secure.port, monkeypatch, lambda headers: answers.pop() if answers else None) as proxy:
        async with open_client(URL, Secret(KEY), sleep=_no_wait) as client:
            assert (await calls.organization(client, ORG)).name == "Elsewhere Ltd"
    assert len(proxy.seen) == 3


async def test_a_connection_that_ends_behind_the_proxy_names_both(
    secure: Secure, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        nobody = listening.getsockname()[1]
    with through(nobody, monkeypatch, credentials=f"ada:{ESCAPED}@") as proxy:
        async with open_client(URL, Secret(KEY), sleep=_no_wait) as client:
            with pytest.raises(NotExecuted) as caught:
                await calls.organization(client, ORG)
    text = str(caught.value)
    assert f"{HOST}, through the proxy http://127.0.0.1:{proxy.port}, cannot be reached. Check HTTPS_PROXY" in text
    assert_secret(text)


async def test_a_proxy_that_stays_silent_is_one_sentence(secure: Secure, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{silent.getsockname()[1]}")
        client = Client(URL, Secret(KEY), sleep=_no_wait, timeout=0.05)
        with pytest.raises(NotExecuted, match=r"did not answer in time\. Check HTTPS_PROXY"):
            await calls.organization(client, ORG)
        await client.close()


async def test_a_proxy_that_is_not_there_is_one_sentence(secure: Secure, monkeypatch: pytest.MonkeyPatch) -> None:
    with connect_proxy(secure.port) as gone:
        pass
    monkeypatch.setenv("HTTPS_PROXY", f"http://ada:{ESCAPED}@127.0.0.1:{gone.port}")
    async with open_client(URL, Secret(KEY), sleep=_no_wait) as client:
        with pytest.raises(NotExecuted, match=r"the proxy http://127\.0\.0\.1:\d+ cannot be reached") as caught:
            await calls.organization(client, ORG)
    assert_secret(str(caught.value))


def test_a_pull_goes_through_a_socks_proxy(secure: Secure, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("socksio", reason="needs the package that SOCKS proxies need")
    with socks_proxy(secure.port, (b"ada", PASSWORD.encode())) as proxy:
        monkeypatch.setenv("ALL_PROXY", f"socks5h://ada:{ESCAPED}@127.0.0.1:{proxy.port}")
        assert main(["pull"]) == 0
    assert {request["host"] for request in proxy.seen if "host" in request} == {HOST}


@pytest.mark.parametrize(
    ("credentials", "expected"), [("", "NO ACCEPTABLE METHODS"), (f"ada:{WRONG}@", "Invalid username/password")]
)
def test_a_socks_proxy_that_refuses_is_one_sentence_at_once(
    credentials: str, expected: str, secure: Secure, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("socksio", reason="needs the package that SOCKS proxies need")
    with socks_proxy(secure.port, (b"ada", PASSWORD.encode())) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"socks5://{credentials}127.0.0.1:{proxy.port}")
        # In a process of its own: httpcore leaves the connections of a refusal open.
        done = subprocess.run([sys.executable, "-m", "tokendesk", "pull"], capture_output=True, text=True, check=False)
    assert done.returncode == 4
    assert f"the proxy socks5://127.0.0.1:{proxy.port} opened no connection" in done.stderr
    assert expected in done.stderr and done.stderr.count("\n") == 1
    assert_secret(done.stdout + done.stderr)
    assert 1 <= len(proxy.seen) <= MAX_IN_FLIGHT
    assert secure.script.seen == []


@pytest.mark.parametrize("name", ["NO_PROXY", "no_proxy"])
@pytest.mark.parametrize("value", ["localhost", ".localhost", "*", "other.example.com, localhost"])
def test_no_proxy_leaves_it_out(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert proxy_for(URL) is None
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    assert proxy_for(URL) is not None
    monkeypatch.setenv(name, value.replace("localhost", HOST))
    assert proxy_for(URL) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("http://ada:1234#5678@proxy.example.com", "is not valid"),
        ("http://ada:1234?5678@proxy.example.com", "is not valid"),
        (f"http://ada:{PASSWORD}@proxy.example.com", "is not valid. Write it as http://HOST:PORT"),
        (f"http://ada:{ESCAPED}@proxy.example.com:port", "is not valid"),
        (f"nonsense://ada:{ESCAPED}@proxy.example.com", "is not valid"),
        ("http://", "is not valid"),
        (f"socks5://ada:{ESCAPED}@proxy.example.com:1080", "SOCKS"),
    ],
)
def test_a_proxy_that_cannot_be_used_is_one_sentence(
    value: str, expected: str, secure: Secure, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "socksio", None)  # as where it is not installed
    monkeypatch.setenv("HTTPS_PROXY", value)
    assert main(["pull"]) == 2
    text = one_sentence(capsys)
    assert "HTTPS_PROXY" in text and expected in text and "1234" not in text
