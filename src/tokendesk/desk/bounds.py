"""How long, how late and how many: what an entry may be at most, wherever it comes from."""

LAST_SEQUENCE = 1_000_000_000
"""The place of a desk's last entry: a thousand entries a day for 2,700 years."""
FIRST_TIME, LAST_TIME = "2000-01-01T00:00:00.000000Z", "2899-12-31T23:59:59.999999Z"
"""Of an entry that is taken in."""
LAST_WRITTEN = "2890-01-01T00:00:00.000000Z"
"""Of one that is written here: what overrules it must find a later time."""
LONGEST_NAME = 200
"""Characters of a desk's id, an author and a kind."""
LONGEST_TEXT = 10_000
"""Characters of one field of a note or a policy, and of a field's name."""
MOST_OVERRULED = 1_000
"""Entries that one entry names as those which it overrules."""
AHEAD = 300.0
"""Seconds by which a clock may be ahead before it counts as wrong."""
MOST_MEASURED = 10 * 366 * 86_400.0
"""Seconds by which this computer's clock and the server's may differ: beyond, nobody knows which of them is wrong."""
