"""What is wrong with the never-touch list of a profile, by its last pull."""

from tokendesk.config import Settings
from tokendesk.running.migration import open_reader
from tokendesk.views.never_touch import describe_unmatched, protections, unmatched


def describe_never_touch_problems(settings: Settings) -> str:
    """Return the sentences about what protects nobody, by the last pull; empty where nothing is wrong, or known."""
    named = protections(settings)
    if not named or not settings.paths.snapshot.exists():
        return ""
    with open_reader(settings.paths, settings.thresholds, lenient=True) as reader:
        return describe_unmatched(unmatched(reader, named))
