"""Options that several commands share, and how their values are read."""

import argparse


def organization_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--users", type=amount, metavar="N", help="how many users (default 1,204)")
    parser.add_argument("--tokens", type=amount, metavar="N", help="how many tokens (default 82)")
    parser.add_argument("--seed", type=int, metavar="S", help="another organization of the same kind")
    parser.add_argument("--clock", type=clock, metavar="DATE", help="let it be that day there")


def filter_argument(parser: argparse.ArgumentParser, example: str = "idle:>90d policy:default") -> None:
    parser.add_argument("filter", nargs="*", default=[], metavar="FILTER", help=f"such as: {example}")


def amount(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 1_000_000:
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


amount.__name__, port.__name__, clock.__name__ = "number", "port", "date"
