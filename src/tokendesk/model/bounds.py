"""Limits for input from outside. Larger input is refused, or truncated if it is only text.

Each limit is far above the needs of an organization of 100,000 users, and low enough for memory and time.
"""

KIB, MIB, GIB = 1024, 1024**2, 1024**3

# API responses
ANSWER_BYTES = 64 * MIB
"""One response after decompression."""
ENCODINGS = 2
"""Nested encodings of one response."""
JSON_DEPTH = 64
JSON_MEMBERS = 4_000_000
"""Values and members of one response, counted before decoding: each takes far more memory than its text."""
ID_CHARACTERS = 512
"""An id in a URL: of an organization, a policy, an account, a token, a task."""
CURSOR_CHARACTERS = 8 * KIB
"""Servers refuse longer URLs, and so does the HTTP library."""
HEADER_CHARACTERS = 256
"""The value of a header with a time or a number."""
DIGITS = 18
"""Digits of an integer that fits a column."""

# Text
TEXT_CHARACTERS = 10_000
"""A label, a name, an address, a status from the API. Counted before Unicode normalization."""
COMBINING_MARKS = 30
"""Marks on one letter: normalization sorts them, in quadratic time. Unicode's Stream-Safe Text Format allows 30."""
LISTED = 1_000
"""Roles, products or groups of one user."""
CELL_CHARACTERS = 1_000
"""The widest column of a table for people, as every line is as wide. A longer cell makes its own line longer."""

# Files
PLAN_BYTES = 96 * MIB
"""A file with a plan: of a move of 150,000 users with 50,000 tokens, it has 64 to 87 MiB."""
PLAN_MEMBERS = 4_000_000
"""Values and members of that plan, counted before decoding: it has 2,600,000."""
PLAN_DEPTH = 64
TABLE_BYTES = 64 * MIB
TABLE_CELL_CHARACTERS = 1_000_000
ENTRIES_BYTES = 1 * GIB
"""A file of entries, of this desk or another."""
LINE_BYTES = PLAN_BYTES + MIB
"""A line of such a file, which is one entry: the largest has a plan, which takes more space in a file of its own."""
CONFIG_BYTES = 1 * MIB
STATE_BYTES = 8 * MIB
"""The program's own state: UI state, progress in a shared folder, request sizes."""
PRACTICE_BYTES = 256 * MIB
"""The state of the practice organization: moves and revocations."""
LETTER_BYTES = 1 * MIB

# An untrusted snapshot
SNAPSHOT_VALUE_BYTES = 64 * MIB
"""A value or a row in it: an entry of a large run is one."""
SNAPSHOT_STATEMENT_BYTES = 1 * MIB
SNAPSHOT_STEPS = 2_000_000_000
"""SQLite instructions of one query: a snapshot of 50,000 tokens needs a hundredth of it."""
