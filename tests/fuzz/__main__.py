"""Try seed after seed until one fails, or ctrl+c: `python -m tests.fuzz [TARGET [SEED]]`."""

import sys
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.fuzz.running import bench_in, targets_named, tried


def main(name: str = "", seed: str = "") -> None:
    with TemporaryDirectory() as folder:
        bench = bench_in(Path(folder))
        for number in [int(seed)] if seed else count():
            for target in targets_named(name):
                tried(target, bench, number)
            if number % 100 == 99:
                print(f"{number + 1:,} seeds", flush=True)


if __name__ == "__main__":
    try:
        main(*sys.argv[1:3])
    except KeyboardInterrupt:
        print("ended")
