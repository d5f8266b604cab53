"""The way to the organization of a profile: address, id and key. The demo's is served by a child process."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from tokendesk.config import Settings
from tokendesk.errors import TokendeskError, UsageError
from tokendesk.model.secret import Secret
from tokendesk.paths import make_folder
from tokendesk.running.keys import reading_key, revoking_key


@dataclass(frozen=True, slots=True)
class Access:
    api_url: str
    org_id: str
    key: Secret
    policy_names: Mapping[str, str] = field(default_factory=dict)
    """What the console of the practice organization calls its policies; empty for a real one."""
    revoke_key: Secret | None = None
    """The key without scopes that revoking needs, where there is one."""


@dataclass(frozen=True, slots=True)
class Practice:
    """How the demo's organization is to be made, where it is not there yet."""

    options: tuple[str, ...] = field(default=())


@contextmanager
def access(settings: Settings, practice: Practice = Practice()) -> Iterator[Access]:
    """Yield the way to the organization that `settings` name, or say what is missing."""
    if settings.is_demo:
        with _practice_organization(settings, practice) as way:
            yield way
        return
    if not settings.org_id:
        raise UsageError(
            "No organization is set up. Try the practice one with: tokendesk demo. "
            "For yours: tokendesk init, or set TOKENDESK_ORG_ID and TOKENDESK_API_KEY."
        )
    yield Access(settings.api_url, settings.org_id, reading_key(settings), revoke_key=revoking_key(settings))


@contextmanager
def _practice_organization(settings: Settings, practice: Practice) -> Iterator[Access]:
    make_folder(settings.places.sandbox.parent)
    command = [sys.executable, "-m", "tokendesk", "sandbox", "--json", "--stop-with-stdin"]
    command += ["--state", str(settings.places.sandbox), *practice.options]
    if settings.clock is not None:
        command += ["--clock", settings.clock.isoformat()]
    # It ends when our end of its standard input closes, however we end.
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    ) as child:
        assert child.stdin and child.stdout and child.stderr  # noqa: S101 - pipes were asked for
        line = child.stdout.readline()
        if not line:
            said = child.stderr.read().decode("utf-8", "replace").strip().splitlines()
            raise TokendeskError(
                said[-1].removeprefix("tokendesk: ") if said else "The practice organization did not start."
            )
        address = json.loads(line)
        try:
            yield Access(
                address["url"],
                address["org_id"],
                Secret(address["key"]),
                address["policies"],
                Secret(address["revoke_key"]),
            )
        finally:
            child.stdin.close()
            try:
                child.wait(5)
            except subprocess.TimeoutExpired:
                child.kill()
