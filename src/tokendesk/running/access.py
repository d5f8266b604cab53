"""Access to a profile's organization: address, id and key. The demo's runs in a child process."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial

from tokendesk.config import Settings
from tokendesk.errors import TokendeskError, UsageError
from tokendesk.extras import require_server
from tokendesk.model.secret import Secret
from tokendesk.paths import make_folder
from tokendesk.running.keys import reading_key, revoking_key
from tokendesk.running.subprocesses import ServerProcess


@dataclass(frozen=True, slots=True)
class ApiAccess:
    api_url: str
    org_id: str
    key: Secret
    policy_names: Mapping[str, str] = field(default_factory=dict)
    """Policy names of the practice organization by id; empty for a real one."""
    revoke_key: Secret | None = None
    """The key without scopes that revoking needs, if it is known."""
    ask_revoke_key: Callable[[], Secret | None] = lambda: None
    """Gets it otherwise. It may ask for a fingerprint, so it is called once and only to revoke."""

    def revoking_key(self) -> Secret | None:
        """Return the key to revoke with. May wait for user input: not for the event loop."""
        return self.revoke_key or self.ask_revoke_key()


@dataclass(frozen=True, slots=True)
class SandboxOptions:
    """Options for creating the practice organization. `meanwhile`: called while its server starts."""

    options: tuple[str, ...] = field(default=())
    meanwhile: Callable[[], None] = lambda: None


@contextmanager
def open_access(settings: Settings, practice: SandboxOptions = SandboxOptions()) -> Iterator[ApiAccess]:
    """Yield access to the organization of `settings`. Raises UsageError for missing settings."""
    if settings.is_demo:
        with _sandbox_access(settings, practice) as access:
            yield access
        return
    if not settings.org_id:
        raise UsageError(
            "No organization is set up. Try the practice organization with: tokendesk demo. "
            "For yours: tokendesk init, or set TOKENDESK_ORG_ID and TOKENDESK_API_KEY."
        )
    ask = cache(partial(revoking_key, settings))
    yield ApiAccess(settings.api_url, settings.org_id, reading_key(settings), ask_revoke_key=ask)


@contextmanager
def _sandbox_access(settings: Settings, practice: SandboxOptions) -> Iterator[ApiAccess]:
    require_server()
    make_folder(settings.paths.sandbox.parent)
    # -P: with -m alone, a Python file in the current directory could shadow a module.
    command = [sys.executable, "-P", "-m", "tokendesk", "sandbox", "--json", "--stop-with-stdin"]
    command += ["--state", str(settings.paths.sandbox), *practice.options]
    if settings.clock is not None:
        command += ["--clock", settings.clock.isoformat()]
    child = ServerProcess(command)
    try:
        practice.meanwhile()
        line = child.first_line()
        if not line:
            said = child.last_error_line().removeprefix("tokendesk: ")
            raise TokendeskError(said or "The practice organization did not start.")
        address = json.loads(line)
        yield ApiAccess(
            address["url"],
            address["org_id"],
            Secret(address["key"]),
            address["policies"],
            Secret(address["revoke_key"]),
        )
    finally:
        child.stop(5)
