"""What is wrong with the never-touch list of a profile, by its last pull."""

from tokendesk.config import Settings
from tokendesk.running.migration import open_reader
from tokendesk.views.never_touch import in_vain, in_vain_words, protections


def said_of_never_touch(settings: Settings) -> str:
    """Return the sentences about what protects nobody, by the last pull; empty where nothing is wrong, or known."""
    named = protections(settings)
    if not named or not settings.places.snapshot.exists():
        return ""
    with open_reader(settings.places, settings.thresholds, lenient=True) as reader:
        return in_vain_words(in_vain(reader, named))
