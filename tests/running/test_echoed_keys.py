"""A server or proxy that echoes requests: the keys are neither stored nor shown."""

import asyncio
import base64
import json
import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.made_keys import SHARED, given_away, made_key
from tests.scripted import ORG, TOKENS, USERS, Answer, Scripted, other_organization, scripted
from tokendesk.cli import main
from tokendesk.config import load_settings
from tokendesk.running.access import open_access
from tokendesk.tui.app import TokendeskApp

READING, REVOKING = made_key(11), made_key(12)


def forms(key: str) -> list[str]:
    """Return what a key comes back as: whole and in part, quoted, and in base64 behind three lengths of other text."""
    whole = [key, quote(key, safe=""), json.dumps(key)[1:-1].replace("=", "\\u003d"), key.removeprefix(SHARED)[30:60]]
    return whole + [base64.b64encode(f"{user}:{key}".encode()).decode() for user in ("me", "you", "them")]


def echoing(route: Callable[[dict[str, list[str]], Any], Answer | None] | None, words: str) -> Any:
    def answer(query: dict[str, list[str]], body: Any) -> Answer:
        found = route(query, body) if route else None
        status, content, _ = found or (404, {"message": words}, {})
        return status, content, {"x-echo": words, "www-authenticate": f"Bearer {words}"}

    return answer


PIECES = {
    form[at : at + 16]
    for key in (READING, REVOKING)
    for form in forms(key)
    for at in range(0 if len(form) == 30 else 24, len(form) - 16, 8)
}
"""What every run of 24 characters has one of, whichever form it is in."""


def assert_nowhere(texts: dict[str, bytes]) -> None:
    """`texts` by where they are. A file of SQLite or a log has texts as they are, in one piece."""
    for where, content in texts.items():
        assert [piece for piece in PIECES if piece.encode() in content] == [], where


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in {
        "HOME": str(tmp_path / "home"), "ORG_ID": ORG, "API_KEY": READING, "REVOKE_KEY": REVOKING,
    }.items():  # fmt: skip
        monkeypatch.setenv(f"TOKENDESK_{name}", value)
    (tmp_path / "home").mkdir()
    return tmp_path


def of_the_organization(script: Scripted, words: str) -> None:
    """Serve it with `words` in every member that is kept, and in headers."""
    other_organization(script)
    token = {**TOKENS[0], "label": f"for {words}", "colour": words, words: "a member's name", "scopes": [words]}
    user = {**USERS[0], "name": f"Ada {words}", "jobTitle": words, "shoe": {"of": [words]}}
    script.route("GET", f"/admin/api-access/v1/orgs/{ORG}/api-tokens", lambda q, b: (200, {"data": [token]}, {}))
    script.route("POST", f"/admin/v2/orgs/{ORG}/directories/-/users/search", lambda q, b: (200, {"data": [user]}, {}))
    script.routes = {place: echoing(route, words) for place, route in script.routes.items()}


async def seen_on_the_screens() -> str:
    settings = load_settings()
    with open_access(settings) as access:
        app = TokendeskApp(settings, access, pull_at_start=True)
        async with app.run_test(size=(120, 40)) as pilot:
            await pilot.press("2", "1")
            return "\n".join([app.export_screenshot(), *(notice.message for notice in app._notifications)])


def test_after_a_session_with_an_echoing_server_no_key_is_anywhere(
    environment: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    logger = logging.getLogger("tokendesk")
    monkeypatch.setattr(logger, "handlers", [])  # a process has one log, and another test may have begun it
    with scripted() as script:
        script.key = READING
        monkeypatch.setenv("TOKENDESK_API_URL", script.url)
        words = " ".join([*forms(READING), *forms(REVOKING)])
        of_the_organization(script, words)
        for command in (["pull"], ["check"], ["list", "tokens", "--format", "json"],
                        ["move", "users", "ada", "--to", "pol-2"]):  # fmt: skip
            main(command)
        screens = asyncio.run(seen_on_the_screens())
        page: Any = f"<html><body>{words}</body></html>".encode()
        answers: list[Answer] = [
            (401, {"message": words}, {}), (403, {"errors": [{"title": words}]}, {}), (409, page, {}),
        ]  # fmt: skip
        for answer in answers:
            script.routes = {place: echoing(partial(_always, answer), words) for place in script.routes}
            for command in (["pull"], ["check"]):
                main(command)
    for handler in logger.handlers:
        handler.close()
    captured = capsys.readouterr()
    files = {str(path): path.read_bytes() for path in environment.rglob("*") if path.is_file()}
    assert any(name.endswith("tokendesk.log") for name in files)
    assert "[redacted]" in captured.out and "[redacted]" in captured.err
    texts = {"output": captured.out, "errors": captured.err, "screens": screens}
    assert_nowhere({**files, **{name: text.encode() for name, text in texts.items()}})


MIXED: dict[str, Callable[[str], str]] = {
    "every other letter": lambda key: "".join(f"\\u{ord(c):04x}" if at % 2 else c for at, c in enumerate(key)),
    "digits": lambda key: "".join(f"\\u{ord(c):04X}" if c.isdigit() else c for c in key),
    "no width": "\u200b".join,
    "no width, escaped": "\\u00ad".join,
}


@pytest.mark.parametrize("mixed", MIXED)
@pytest.mark.parametrize("status", [200, 403])
def test_a_key_that_decoding_or_drawing_puts_together_is_nowhere(
    mixed: str, status: int, environment: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = MIXED[mixed](READING)
    page = f'{{"data": [{{"id": "t", "label": "for {words}", "{words}": 1, "user": {{"id": "712020:aa"}}}}]}}'
    said: Any = (page if status == 200 else f'{{"message": "{words}"}}').encode()
    with scripted() as script:
        script.key = READING
        monkeypatch.setenv("TOKENDESK_API_URL", script.url)
        other_organization(script)
        script.route("GET", f"/admin/api-access/v1/orgs/{ORG}/api-tokens", partial(_always, (status, said, {})))
        assert main(["pull"]) == (0 if status == 200 else 3)
        for form in ("table", "json", "csv"):
            main(["list", "tokens", "--format", form])
    captured = capsys.readouterr()
    assert "[redacted]" in captured.out + captured.err
    texts = [captured.out, captured.err, *(path.read_bytes().decode("latin-1") for path in files_in(environment))]
    assert [given_away(text, READING) for text in texts] == [""] * len(texts)


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("write", [str, str.lower, str.upper, lambda key: f"gzip, {key[:50]}"])
def test_a_key_in_the_name_of_an_encoding_is_not_in_the_error(
    write: Callable[[str], str],
    environment: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with scripted() as script:
        script.key = READING
        monkeypatch.setenv("TOKENDESK_API_URL", script.url)
        other_organization(script)
        encoded: Answer = (200, {"data": []}, {"Content-Encoding": write(READING)})
        script.routes = {place: partial(_always, encoded) for place in script.routes}
        assert main(["pull"]) == 4
    said = capsys.readouterr().err
    assert "unexpected encoding" in said and "[redacted]" in said
    assert given_away(said.lower(), READING.removeprefix(SHARED).lower()) == ""


def _always(answer: Answer, query: object, body: object) -> Answer:
    return answer
