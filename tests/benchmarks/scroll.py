"""Holding `j` down: python -m tests.benchmarks.scroll [--users N --tokens N --keys N --rate N]

Keys are sent at a steady rate into a pseudo-terminal; what came back is replayed afterwards on an emulated screen. A
step is dropped where the cursor never stood on its row, and late where that row was painted after the next key.
"""

import argparse
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from tests.benchmarks.big import PROFILE, make
from tests.benchmarks.terminal import Terminal


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=150_000)
    parser.add_argument("--tokens", type=int, default=50_000)
    parser.add_argument("--keys", type=int, default=300)
    parser.add_argument("--rate", type=int, default=30)
    options = parser.parse_args()
    keys = min(options.keys, options.tokens - 1)  # the cursor stays on the last row
    with tempfile.TemporaryDirectory() as folder:
        make(Path(folder), options.users, options.tokens, datetime.now(UTC))
        terminal = Terminal([sys.executable, "-m", "tokendesk", "--profile", PROFILE], {"TOKENDESK_HOME": folder})
        try:
            terminal.until("FINDINGS")
            terminal.settle(1)
            pressed = []
            begun = time.perf_counter()
            for number in range(keys):
                time.sleep(max(0.0, begun + number / options.rate - time.perf_counter()))
                pressed.append(terminal.press("j"))
            time.sleep(0.5)
            seen = terminal.replay("▌")
        finally:
            terminal.close()
    taken = [(at - key) * 1000 for at, key in zip(seen, pressed, strict=False)]
    late = sum(ms > 1000 / options.rate for ms in taken)
    print(f"{keys} keys at {options.rate} a second: dropped {max(0, keys - len(seen))}, late {late}")
    print(f"key to painted row, ms   p50 {median(taken):.0f}   most {max(taken):.0f}")


if __name__ == "__main__":
    main()
