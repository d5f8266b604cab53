"""Standard output, ready for what people wrote and for what a table is made of."""

import sys
from io import TextIOWrapper
from typing import TextIO

from tokendesk.errors import UsageError


def standard_output(*, as_written: bool = False) -> TextIO:
    """Return it in UTF-8, whatever the terminal's own encoding cannot say.

    `as_written`: lines end as they are written, for tables that bring their own ends: where the system has others,
    each would be ended twice.
    """
    out = sys.stdout
    if out is None:
        raise UsageError("There is no standard output here. Write to a file, or do not close it.")
    if isinstance(out, TextIOWrapper):
        out.reconfigure(encoding="utf-8", errors="replace", newline="" if as_written else None)
    return out
