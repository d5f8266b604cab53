"""Options that several commands share, and parsers for their values."""

import argparse
from typing import TYPE_CHECKING

from tokendesk.errors import UsageError

if TYPE_CHECKING:
    from datetime import datetime

    from tokendesk.filtering.fields import FieldTable


def organization_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--users", type=amount, metavar="N", help="how many users (default 1,204)")
    parser.add_argument("--tokens", type=amount, metavar="N", help="how many tokens (default 82)")
    parser.add_argument("--seed", type=int, metavar="S", help="random seed of the organization")
    parser.add_argument("--clock", type=clock, metavar="DATE", help="the date in the practice organization")


def filter_argument(parser: argparse.ArgumentParser, example: str = "idle:90d.. policy:default") -> None:
    parser.add_argument("filter", nargs="*", default=[], metavar="FILTER", help=f"such as: {example}")


def require_filter(options: argparse.Namespace, what: str, example: str) -> None:
    """Refuse an empty filter, which would match everything: it may be an unset shell variable."""
    if not options.filter.strip():
        raise UsageError(f"Add a filter for the {what}, such as {example}. No plan was created.")


def filter_text(options: argparse.Namespace, table: "FieldTable") -> str:
    """Return the filter text; refuse the rest of a condition such as `-idle>90d` after shell redirection."""
    from tokendesk.filtering.errors import FilterError
    from tokendesk.filtering.values import example

    at = 0
    for word in options.filter_words:
        name = word.removeprefix("-")
        field = table.find(name)
        if field is not None and field.is_compared:
            better = f"{word}:{example(field).partition(':')[2]}"
            raise FilterError(
                f"{word} has no value: the shell interprets < and >. Write {better}, or put the filter "
                f"in quotes (to search for the word, write '\"{name}\"')",
                at,
                at + len(word),
                better,
            )
        at += len(word) + 1
    return str(options.filter)


def amount(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 1_000_000:
        raise ValueError(text)
    return number


def whole_number(text: str) -> int:
    number = int(text.replace(",", ""))
    if number < 0:
        raise ValueError(text)
    return number


def port(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 65_535:
        raise ValueError(text)
    return number


def clock(text: str) -> str:
    from datetime import datetime

    datetime.fromisoformat(text)
    return text


def parse_clock(text: str) -> "datetime":
    """Parse a text that `clock` accepted; without a time zone it is UTC."""
    from datetime import UTC, datetime

    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def duration(text: str) -> int:
    """Return the seconds of a duration such as `30d`, `2w`, `6mo`, `1y`; at most ten years."""
    import re

    found = re.fullmatch(r"(\d{1,4})(d|w|mo|y)", text, re.ASCII)
    days = int(found[1]) * {"d": 1, "w": 7, "mo": 30, "y": 365}[found[2]] if found else 0
    if not 1 <= days <= 3_650:
        raise ValueError(text)
    return days * 86_400


def wait_time(text: str) -> float:
    """Return the seconds of a wait time such as `2m`, `90s`, `1h`; at most one day."""
    import re

    found = re.fullmatch(r"(\d{1,5})(s|m|h)", text, re.ASCII)
    if not found:
        raise ValueError(text)
    seconds = int(found[1]) * {"s": 1, "m": 60, "h": 3_600}[found[2]]
    if seconds > 86_400:
        raise ValueError(text)
    return float(seconds)


def delay(text: str) -> float:
    """Return the seconds of a delay such as `300ms` or `2s`; a minute at most."""
    import re

    found = re.fullmatch(r"(\d{1,5})(ms|s)", text, re.ASCII)
    seconds = int(found[1]) / {"ms": 1_000, "s": 1}[found[2]] if found else 61.0
    if seconds > 60:
        raise ValueError(text)
    return seconds


def wait_argument(parser: argparse.ArgumentParser) -> None:
    words = "how long to search for users with an unknown outcome, such as 2m or 90s (default 15m)"
    parser.add_argument("--wait", type=wait_time, metavar="TIME", help=words)


amount.__name__, port.__name__, clock.__name__ = "number", "port", "date"
duration.__name__, wait_time.__name__, delay.__name__, whole_number.__name__ = (
    "duration",
    "wait time",
    "delay",
    "number",
)
