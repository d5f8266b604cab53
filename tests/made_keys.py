"""Keys as long and varied as Atlassian's, generated so that no file contains one."""

import random
import string

SHARED = "ATCTT3x" + "FfGN0"
"""What they all begin with."""
_LETTERS = string.ascii_letters + string.digits + "-_"


def made_key(seed: int, *, letters: str = _LETTERS, length: int = 180) -> str:
    rng = random.Random(seed)
    body = "".join(rng.choice(letters) for _ in range(length))
    return f"{SHARED}{body}={rng.getrandbits(32):08X}"


def given_away(text: str, key: str, run: int = 12) -> str:
    """Return a run of `run` characters of a key, behind what all keys share, that is in `text`; empty for none."""
    secret = key.removeprefix(SHARED)
    return next((secret[at : at + run] for at in range(len(secret) - run + 1) if secret[at : at + run] in text), "")
