"""Years of renewals with three desks that share: python -m tests.benchmarks.renewals [DAYS] [SEED]

Prints what really replaced what, as the practice organization knows it, beside what the rule carried over and offered.
"""

import sys
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.renewals_over_time import World, bare, living
from tokendesk.sandbox.credential_scenario import CredentialSizes

EVERY = {"daily": 1, "weekly": 7, "monthly": 30}
MADE = (200, 80, CredentialSizes(8, 30, 80, 10))


def main() -> None:
    days, seed = (int(text) for text in (*sys.argv[1:], *("1095", "1")[len(sys.argv) - 1 :]))
    began = time.perf_counter()
    with TemporaryDirectory() as home, living(Path(home), seed=seed, made=MADE, days=days, every=EVERY) as world:
        seconds = time.perf_counter() - began
        for name, count in _counts(world).items():
            print(f"{name:42} {count:6,}")
        print(f"{'seconds':42} {seconds:6,.0f}")


def _counts(world: World) -> dict[str, int]:
    carried = world.carried("daily")
    real, times = world.real(), Counter(carried)
    missed = real - times.keys()
    same_owner = {(new, old) for new, old in missed if world.owner(new) == world.owner(old)}
    return {
        "really replaced, and both were seen": len(real),
        "carried over": len(carried),
        "carried over wrongly": sum(world.made.predecessor_of(bare(new)) != bare(old) for new, old in carried),
        "carried over more than once": sum(count > 1 for count in times.values()),
        "not known alike to all desks": sum({*world.carried(desk)} != times.keys() for desk in EVERY),
        "missed, of the same owner": len(same_owner),
        "of these not offered": len(same_owner - world.offered),
        "missed, of another owner": len(missed - same_owner),
        "of these not offered either": len(missed - same_owner - world.offered),
    }


if __name__ == "__main__":
    main()
