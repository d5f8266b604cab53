"""Limits for entries from any source."""

LAST_SEQUENCE = 1_000_000_000
"""The highest sequence number: a thousand entries a day for 2,700 years."""
FIRST_TIME, LAST_TIME = "2000-01-01T00:00:00.000000Z", "2899-12-31T23:59:59.999999Z"
"""The latest time of an imported entry."""
LAST_WRITTEN = "2890-01-01T00:00:00.000000Z"
"""The latest time of an entry written here: an entry that overrules it needs a later time."""
LONGEST_NAME = 200
"""Characters of a desk's id, an author, or a kind."""
LONGEST_TEXT = 10_000
"""Characters of one field of a note or a policy, or of a field's name."""
DEEPEST = 64
"""Levels of lists and objects in one entry: ours have six, and Python's decoders stop at about 1,000."""
MOST_MEMBERS = 4_000_000
"""Values and members of one entry, counted before decoding: the plan of a move of 150,000 users has 2,600,000."""
MOST_WRONG_LINES = 1_000
"""Wrong lines of a shared file after which the rest of it is not read."""
MOST_OVERRULED = 1_000
"""Entries that one entry may name as overruled."""
AHEAD = 300.0
"""Seconds by which a clock may be ahead before it counts as wrong."""
MOST_MEASURED = 10 * 366 * 86_400.0
"""Seconds by which this computer's clock and the server's may differ: beyond, it is unclear which is wrong."""
