"""The extras: whether their packages are installed, and the command line that adds them."""

import json
import sys
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path
from site import getusersitepackages

from tokendesk.errors import UsageError

_SERVER = ("starlette", "uvicorn")


def require_server() -> None:
    """Raise UsageError if the practice organization has no web server."""
    if words := describe_missing_server():
        raise UsageError(words)


def describe_missing_server() -> str | None:
    """Return how to add the web server of the practice organization; None if it is there."""
    if all(find_spec(name) for name in _SERVER):
        return None
    return f"The practice organization needs a web server, which is not installed. Add it with: {how_to_add('demo')}"


def how_to_add(extra: str) -> str:
    """Return the command line that adds an extra, for the program that installed tokendesk."""
    origin = _origin()
    if origin is None:  # no bare name: on a package index it may be anybody's
        return f'pip install "SOURCE[{extra}]", where SOURCE is the folder or the wheel that tokendesk came from'
    wanted = f"tokendesk[{extra}] @ {origin}"
    environment = Path(sys.prefix)
    if (environment / "uv-receipt.toml").exists():
        return f'uv tool install "{wanted}"'
    if (environment / "pipx_metadata.json").exists():
        return f'pipx install --force "{wanted}"'
    if find_spec("pip"):
        python = f'"{sys.executable}"' if " " in sys.executable else sys.executable
        user = " --user" if Path(__file__).is_relative_to(getusersitepackages()) else ""
        return f'{python} -m pip install{user} "{wanted}"'
    return f'pip install "{wanted}", or the same with the program that installed tokendesk'


def _origin() -> str | None:
    """Return the URL that tokendesk was installed from; None if that was a package index, or is not known."""
    try:
        found = json.loads(distribution("tokendesk").read_text("direct_url.json") or "{}")
    except (PackageNotFoundError, OSError, ValueError):
        return None
    match found:
        case {"url": str(url), "vcs_info": {"vcs": str(kind), "commit_id": str(commit)}}:
            return f"{kind}+{url}@{commit}"
        case {"url": str(url)}:
            return url
    return None
