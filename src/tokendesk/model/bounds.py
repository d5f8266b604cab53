"""The most that is taken of what others write. What is larger is refused in one sentence, or cut where it is only text.

Each number lies far above what an organization of 100,000 users needs, and low enough that memory and time hold.
"""

KIB, MIB, GIB = 1024, 1024**2, 1024**3

# Answers of the API
ANSWER_BYTES = 64 * MIB
"""One answer, after every encoding it came in was undone."""
ENCODINGS = 2
"""How often one answer may be packed."""
JSON_DEPTH = 64
JSON_MEMBERS = 4_000_000
"""Values and members of one answer, counted before it is decoded: each takes far more memory than its text."""
ID_CHARACTERS = 512
"""An id that goes into an address: of an organization, a policy, an account, a token, a task."""
CURSOR_CHARACTERS = 8 * KIB
"""Servers refuse longer addresses, and so does the HTTP library in its own words."""
HEADER_CHARACTERS = 256
"""The value of a header that says a time or a number."""
DIGITS = 18
"""Of a whole number: what has more is none that a column can hold."""

# Text
TEXT_CHARACTERS = 10_000
"""A label, a name, an address, a status as the API tells it. Counted before Unicode normalization."""
COMBINING_MARKS = 30
"""Marks on one letter: normalization sorts them, in quadratic time. Unicode's Stream-Safe Text Format allows 30."""
CELL_CHARACTERS = 1_000
"""A cell of a table for people: every line is as long as the longest. CSV and JSON have it whole."""

# Files
PLAN_BYTES = 256 * MIB
TABLE_BYTES = 64 * MIB
TABLE_CELL_CHARACTERS = 1_000_000
ENTRIES_BYTES = 1 * GIB
"""A file of entries, of this desk or another."""
LINE_BYTES = 256 * MIB
"""A line of such a file, which is one entry: the plan of a move of 150,000 users with 50,000 tokens has 68 MiB."""
CONFIG_BYTES = 1 * MIB
STATE_BYTES = 8 * MIB
"""What the program keeps for itself: habits of the screens, what was read of a shared folder, sizes of requests."""
PRACTICE_BYTES = 256 * MIB
"""The state of the practice organization: who was moved and what was revoked."""
LETTER_BYTES = 1 * MIB

# A snapshot from elsewhere
SNAPSHOT_VALUE_BYTES = 64 * MIB
"""A value or a row in it: an entry of a large run is one."""
SNAPSHOT_STATEMENT_BYTES = 1 * MIB
SNAPSHOT_STEPS = 2_000_000_000
"""Steps of SQLite's machine that one question may take: a snapshot of 50,000 tokens needs a hundredth of it."""
