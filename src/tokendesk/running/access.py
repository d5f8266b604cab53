"""The way to the organization of a profile: address, id and key. The demo's is served by a child process."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial

from tokendesk.config import Settings
from tokendesk.errors import TokendeskError, UsageError
from tokendesk.model.secret import Secret
from tokendesk.paths import make_folder
from tokendesk.running.children import Server
from tokendesk.running.keys import reading_key, revoking_key


@dataclass(frozen=True, slots=True)
class Access:
    api_url: str
    org_id: str
    key: Secret
    policy_names: Mapping[str, str] = field(default_factory=dict)
    """What the console of the practice organization calls its policies; empty for a real one."""
    revoke_key: Secret | None = None
    """The key without scopes that revoking needs, where it is at hand."""
    ask_revoke_key: Callable[[], Secret | None] = lambda: None
    """Gets it otherwise. That may ask for a fingerprint, so it is called for a revocation only, and once."""

    def revoking_key(self) -> Secret | None:
        """Return the key to revoke with. May take as long as a person does: not for the event loop."""
        return self.revoke_key or self.ask_revoke_key()


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
    ask = cache(partial(revoking_key, settings))
    yield Access(settings.api_url, settings.org_id, reading_key(settings), ask_revoke_key=ask)


@contextmanager
def _practice_organization(settings: Settings, practice: Practice) -> Iterator[Access]:
    make_folder(settings.places.sandbox.parent)
    # -P: with -m alone, a Python file of the folder one stands in would be run in the place of one of ours.
    command = [sys.executable, "-P", "-m", "tokendesk", "sandbox", "--json", "--stop-with-stdin"]
    command += ["--state", str(settings.places.sandbox), *practice.options]
    if settings.clock is not None:
        command += ["--clock", settings.clock.isoformat()]
    child = Server(command)
    try:
        line = child.first_line()
        if not line:
            said = child.complaint().removeprefix("tokendesk: ")
            raise TokendeskError(said or "The practice organization did not start.")
        address = json.loads(line)
        yield Access(
            address["url"],
            address["org_id"],
            Secret(address["key"]),
            address["policies"],
            Secret(address["revoke_key"]),
        )
    finally:
        child.stop(5)
