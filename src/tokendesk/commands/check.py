"""`tokendesk check`: what this key can do, which endpoint was tested, what to do."""

import argparse
import asyncio
from dataclasses import asdict
from pathlib import Path

from tokendesk.commands.json_output import json_option, print_json
from tokendesk.config import load_settings
from tokendesk.errors import UsageError
from tokendesk.running.access import open_access
from tokendesk.running.capabilities import (
    check_capabilities,
    check_desk,
    check_folders,
    check_never_touch,
    check_shared,
    format_table,
)
from tokendesk.running.check import Capability
from tokendesk.running.network import check_network

_NEEDED = ("tokens", "users")


def options(parser: argparse.ArgumentParser) -> None:
    json_option(parser)
    parser.add_argument(
        "--probe", metavar="FILE", help="write the structure of API responses, without values, for a bug report"
    )
    parser.add_argument(
        "--probe-limits", action="store_true", help="with --probe: also send requests that cost the organization more"
    )


def run(options: argparse.Namespace) -> int:
    if options.probe_limits and options.probe is None:
        raise UsageError("--probe-limits needs --probe FILE.")
    if options.probe is not None and not options.probe.strip():
        raise UsageError("--probe needs a file name.")
    settings = load_settings(options.profile)
    if options.probe is not None:
        from tokendesk.commands.probe_cli import print_probe, run_probe

        if options.probe == "-":
            return print_probe(settings, limits=options.probe_limits)
        return run_probe(settings, Path(options.probe), limits=options.probe_limits)
    from tokendesk.running.never_touch import describe_never_touch_problems

    found = [
        *check_desk(settings),
        *check_shared(settings),
        *check_folders(settings),
        *check_never_touch(settings, describe_never_touch_problems(settings)),
        *check_network(settings),
    ]
    if not options.json:
        _print(found)  # needs neither a key nor the network, so it is printed in any case
    with open_access(settings) as access:
        found_of_key = asyncio.run(check_capabilities(access, access.revoking_key()))
    if options.json:
        print_json([asdict(capability) for capability in (*found, *found_of_key)])
    else:
        _print(found_of_key)
    if any(c.answer == "no" for c in found_of_key if c.name in _NEEDED):
        return 3
    answers = {c.name: c.answer for c in found_of_key}
    if any(answers.get(name, "unknown") == "unknown" for name in _NEEDED):
        return 4
    return 1 if any(c.answer == "no" for c in found if c.name in ("desk", "team")) else 0


def _print(found: list[Capability]) -> None:
    for line in format_table(found):
        print(line, flush=True)
