"""Labels of successors and of generated credentials."""

import re

from tokendesk.sandbox.seeded_random import SeededRandom

_MOST = 255
_YEAR = re.compile(r"\b20\d\d\b")
_VERSION = re.compile(r"-v(\d{1,4})$")
_OTHER = (
    "integration", "prod access", "new token", "gateway", "automation user", "do not delete", "key 1", "temp access",
    "service login", "pipeline", "cron", "middleware", "bridge", "worker", "api", "cloud function",
)  # fmt: skip
JOBS = (
    "Build status", "Release notes", "Incident bridge", "Asset sync", "Invoice export", "Page mirror", "Change gate",
    "Leave calendar", "Risk register", "Test results", "Translation queue", "Archive mover", "Survey import",
    "Licence count", "Ticket router", "Log shipper", "Shift planner", "Contract index", "Price list", "Lab results",
)  # fmt: skip
PLACES = (
    "Berlin", "Madrid", "Oslo", "London", "Krakow", "Boston", "Sao Paulo", "Singapore", "Bengaluru", "Nairobi",
    "Lisbon", "Turin", "Lyon", "Graz", "Utrecht", "Malmo", "Tampere", "Riga", "Brno", "Porto",
)  # fmt: skip
_ENDINGS = ("", "", " prod", " staging", " 2026", " 2026", "-v2", " read only", " (nightly)")


def renewed_label(previous: str, year: int, rng: SeededRandom) -> str:
    """Return the label of a successor: the same, with the year of its creation, or with the next version."""
    if _YEAR.search(previous):
        return _YEAR.sub(str(year), previous)
    if found := _VERSION.search(previous):
        return f"{previous[: found.start()]}-v{int(found[1]) + 1}"
    forms = ("{}", "{}", "{}", "{} {year}", "{}-v2", "{} (new)")
    return rng.choice(forms).replace("{year}", str(year)).replace("{}", previous)[:_MOST]


def another_label(previous: str, rng: SeededRandom) -> str:
    """Return a label that has nothing in common with the one before."""
    return rng.choice([other for other in _OTHER if other != previous])


def job_name(number: int) -> str:
    """Return the name of the job `number`: a place follows, and a number after all places."""
    lap, place = divmod(number // len(JOBS), len(PLACES))
    return f"{JOBS[number % len(JOBS)]} {PLACES[place]}{f' {lap + 1}' if lap else ''}"


def job_label(number: int, rng: SeededRandom) -> str:
    return f"{job_name(number).lower()}{rng.choice(_ENDINGS)}"
