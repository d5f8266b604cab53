"""Runs a target with one seed."""

import random
from pathlib import Path

from tests.fuzz.targets import TARGETS, Bench, Target
from tests.hostile.ground import pulled
from tokendesk.current_snapshot import current_snapshot


def bench_in(folder: Path) -> Bench:
    home = folder / "pulled"
    home.mkdir()
    pulled(home)
    bench = folder / "bench"
    bench.mkdir()
    return Bench(bench, current_snapshot(home / "default").read_bytes())


def tried(target: Target, bench: Bench, seed: int) -> None:
    """Raise what the target does, with the seed that shows it again."""
    try:
        target(bench, random.Random(f"{target.__name__} {seed}"))
    except Exception as error:
        error.add_note(f"again with: python -m tests.fuzz {target.__name__} {seed}")
        raise


def targets_named(name: str) -> tuple[Target, ...]:
    return tuple(target for target in TARGETS if name in ("", target.__name__))
