"""`tokendesk check` says how the API is reached: which address, which proxy, whose certificates."""

import json
from pathlib import Path

import pytest
import trustme

from tests.company_network import (
    ESCAPED,
    HOST,
    PASSWORD,
    URL,
    Secure,
    assert_secret,
    authority,
    inspection,
    plain_network,
    refusal,
    secure,
    server_context,
    through,
    tls_front,
    wants,
)
from tests.practice import settings_in
from tests.scripted import server
from tokendesk.cli import main
from tokendesk.running.network import check_network

__all__ = ["authority", "inspection", "plain_network", "secure", "server"]


def rows(capsys: pytest.CaptureFixture[str]) -> dict[str, tuple[str, str, str]]:
    said = capsys.readouterr()
    assert_secret(said.out + said.err)
    return {row["name"]: (row["answer"], row["endpoint"], row["words"]) for row in json.loads(said.out)}


def test_check_says_the_address_the_proxy_and_the_certificates(
    secure: Secure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with through(secure.port, monkeypatch, wants("ada", PASSWORD), f"ada:{ESCAPED}@") as proxy:
        main(["check", "--json"])
        found = rows(capsys)
        main(["check"])
    said = capsys.readouterr().out
    assert_secret(said)
    assert found["organization"][0] == "yes"
    assert found["API address"] == ("yes", "", URL)
    address = f"http://127.0.0.1:{proxy.port}, with a user name"
    assert found["proxy"] == ("yes", "HTTPS_PROXY", address) and address in said
    assert found["certificates"] == ("yes", "SSL_CERT_FILE", f"only those in {tmp_path / 'authority.pem'}")


def test_check_says_that_there_is_no_proxy_and_that_the_systems_store_is_used(
    secure: Secure, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    secure.reach_at(f"https://127.0.0.1:{secure.port}", monkeypatch)
    assert main(["check", "--json"]) == 4
    found = rows(capsys)
    assert found["proxy"] == ("yes", "", "none")
    assert found["certificates"][:2] in (("yes", "system"), ("yes", "certifi"))
    assert "signed by Example Ltd" in found["organization"][2]


def test_check_says_what_is_wrong_with_the_settings_of_the_network(
    secure: Secure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "nowhere.pem"))
    monkeypatch.setenv("HTTPS_PROXY", f"nonsense://ada:{ESCAPED}@127.0.0.1:1")
    assert main(["check"]) == 2
    said = capsys.readouterr()
    assert_secret(said.out + said.err)
    assert [line.split()[1] for line in said.out.splitlines() if line.startswith(("proxy", "cert"))] == ["no", "no"]
    assert "SSL_CERT_FILE" in said.err


def test_check_asks_once_where_a_certificate_is_refused(
    secure: Secure, inspection: trustme.CA, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    context = server_context(inspection, HOST)
    with tls_front(context, secure.behind) as opening, through(opening, monkeypatch) as proxy:
        assert main(["check", "--json"]) == 4
    found = rows(capsys)
    assert found["organization"][0] == "unknown" and "signed by Example" in found["organization"][2]
    assert "tokens" not in found
    assert len(proxy.seen) == 1
    assert secure.script.seen == []


@pytest.mark.parametrize("command", [["check"], ["pull"], ["check", "--probe", "probe.json"]])
def test_each_command_says_once_that_the_proxy_wants_a_password(
    command: list[str], secure: Secure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    refused = refusal("407 Proxy Authentication Required", "Basic")
    with through(secure.port, monkeypatch, lambda headers: refused) as proxy:
        assert main(command) == 4
    said = capsys.readouterr()
    assert (said.out + said.err).count("wants a user name and a password") == 1
    assert len(proxy.seen) <= 4


def test_nothing_is_said_of_the_network_for_the_practice_organization(tmp_path: Path) -> None:
    assert check_network(settings_in(tmp_path)) == []
