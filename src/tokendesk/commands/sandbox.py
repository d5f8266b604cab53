"""`tokendesk sandbox`: serves the practice organization over HTTP until interrupted."""

import argparse
import json
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tokendesk.commands.arguments import delay, organization_options, parse_clock, port
from tokendesk.errors import UsageError
from tokendesk.extras import require_server
from tokendesk.sandbox.distance import FAMILIES, Distance, Limit

if TYPE_CHECKING:
    from tokendesk.sandbox.serve import Address


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=port, default=0, metavar="N", help="default: 0, a free port")
    organization_options(parser)
    parser.add_argument(
        "--fault", action="append", default=[], metavar="NAME", help="simulate this fault; may be repeated"
    )
    parser.add_argument(
        "--latency", type=delay, default=0.0, metavar="TIME", help="delay of each response, such as 300ms"
    )
    parser.add_argument(
        "--jitter", type=delay, default=0.0, metavar="TIME", help="random variation of the delay, such as 100ms"
    )
    limit_words = f"rate limit, such as tokens=60/min or users=5/s; FAMILY is one of {', '.join(FAMILIES)}"
    parser.add_argument("--limit", type=limit, action="append", default=[], metavar="FAMILY=N/min", help=limit_words)
    speed_words = "divide latency, jitter and the periods of limits by N"
    parser.add_argument("--speed", type=speed, default=1.0, metavar="N", help=speed_words)
    parser.add_argument("--state", metavar="FILE", help="keep moves and revocations in FILE")
    parser.add_argument("--json", action="store_true", help="print address, organization id and keys as JSON")
    parser.add_argument("--stop-with-stdin", action="store_true", help="stop when standard input is closed")


def run(options: argparse.Namespace) -> int:
    require_server()
    from tokendesk.sandbox import serve

    clock = parse_clock(options.clock) if options.clock else None

    def announce(address: "Address") -> None:
        if options.json:
            facts = {
                "url": address.url,
                "org_id": address.org_id,
                "key": address.scoped_key,
                "revoke_key": address.unscoped_key,
                "policies": dict(address.policies),
            }
            print(json.dumps(facts), flush=True)
            return
        print(
            f"The practice organization is served at {address.url} until you press ctrl+c.\n\n"
            + "\n".join(assignments(address, clock)),
            flush=True,
        )

    try:
        serve.run(
            port=options.port,
            **{name: given for name in ("users", "tokens", "seed") if (given := getattr(options, name)) is not None},
            clock=clock,
            state_file=Path(options.state) if options.state else None,
            announce=announce,
            stop_with_stdin=options.stop_with_stdin,
            faults=options.fault,
            distance=Distance(options.latency, options.jitter, dict(options.limit), options.speed),
        )
    except ValueError as error:
        raise UsageError(f"{error}.") from error
    except OSError as error:
        raise UsageError(f"Cannot listen on port {options.port}: {error.strerror}. Use another --port.") from error
    return 0


def assignments(address: "Address", clock: datetime | None, system: str = sys.platform) -> list[str]:
    """Return lines for PowerShell on Windows, otherwise for a POSIX shell, that set what a client needs."""
    variables = {
        "API_URL": address.url,
        "ORG_ID": address.org_id,
        "API_KEY": address.scoped_key,
        "REVOKE_KEY": address.unscoped_key,
    } | ({"CLOCK": clock.isoformat()} if clock else {})
    if system == "win32":
        return [f"$env:TOKENDESK_{name} = '{value}'" for name, value in variables.items()]
    return [f"export TOKENDESK_{name}={value}" for name, value in variables.items()]


def limit(text: str) -> tuple[str, Limit]:
    """Return the family and its limit that a text such as `tokens=60/min` says."""
    family, _, rate = text.partition("=")
    most, _, period = rate.partition("/")
    seconds = {"s": 1.0, "min": 60.0, "h": 3_600.0}.get(period)
    if family not in FAMILIES or seconds is None or not 1 <= int(most) <= 1_000_000:
        raise ValueError(text)
    return family, Limit(int(most), seconds)


def speed(text: str) -> float:
    speed = float(text)
    if not 1 <= speed <= 10_000:
        raise ValueError(text)
    return speed
