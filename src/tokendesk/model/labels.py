"""Labels of tokens as people write them: which are alike, and whether an account is a person at all."""

import re
from collections.abc import Iterable
from difflib import SequenceMatcher

from tokendesk.model.text import fold

_WORD = re.compile(r"[^\W\d_]+")
_NOISE = frozenset(("copy", "of", "new", "old", "the", "a", "my", "v", "token", "tokens", "tmp", "renewed", "rotated"))
_MACHINES = frozenset((
    "svc", "service", "services", "bot", "robot", "integration", "integrations", "automation", "automated", "system",
    "daemon", "noreply", "reply", "ci", "cd", "deploy", "deployment", "build", "builds", "jenkins", "gitlab",
    "backup", "sync", "import", "importer", "export", "exporter", "scanner", "mirror", "bridge", "notifier",
    "monitor", "monitoring", "archive", "planner", "portal", "display", "webhook", "connector", "agent",
))  # fmt: skip
_SERVICE_DOMAIN = "serviceaccount.atlassian.com"


def stem(label: str) -> str:
    """Return what stays when numbers, years and words such as "copy of" or "old" are left out, folded."""
    words = [word for word in _WORD.findall(fold(label)) if word not in _NOISE]
    return " ".join(words) or fold(label).strip()


def family(label: str) -> str:
    """Return the first telling word of a label, by which its kind are listed: `jenkins` of `jenkins-old 2`."""
    first = stem(label).split(" ")[0]
    return first if len(first) >= 3 else ""


def alike(one: str, other: str) -> bool:
    """Return whether two labels would be taken for the same token, renewed."""
    ours, theirs = stem(one), stem(other)
    if not ours or not theirs:
        return ours == theirs
    return ours == theirs or SequenceMatcher(None, ours, theirs).ratio() >= 0.85


def is_machine(*names: str | None) -> bool:
    """Return whether a name or an e-mail address looks like an integration's, to whom no letter should go."""
    return any(_looks_like_a_machine(name) for name in names if name)


def _looks_like_a_machine(name: str) -> bool:
    local, _, domain = name.partition("@")
    return domain.lower() == _SERVICE_DOMAIN or not _MACHINES.isdisjoint(_words(local))


def _words(text: str) -> Iterable[str]:
    return _WORD.findall(fold(text))
