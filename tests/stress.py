"""Runs the whole suite several times in random order beside a load on each core: python -m tests.stress [TIMES]

What passes here passes on a slow or busy machine, and leans on no test that ran before it.
"""

import os
import subprocess
import sys
import time


def main(times: int) -> int:
    load = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(os.cpu_count() or 1)]
    try:
        for number in range(1, times + 1):
            began = time.monotonic()
            code = subprocess.run([sys.executable, "-m", "pytest", "--random-order"], check=False).returncode
            print(f"run {number} of {times}: {time.monotonic() - began:.0f} s, exit {code}", flush=True)
            if code:
                return code
    finally:
        for process in load:
            process.kill()
            process.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 3))
