"""What a note has: its fields, decisions and tags."""

DECISIONS = ("undecided", "keep", "move", "revoke", "ask")
FIELDS = (
    "purpose", "contact", "decision", "target", "review_by", "remarks", "asked_on", "reply_by", "answer", "replaces",
)  # fmt: skip
"""The columns of the table `note` beside tags. `target`: the policy id of a decision "move". `replaces`: the id of
the token that this one took over from. Days are ISO dates."""
DAYS = ("review_by", "asked_on", "reply_by")
CARRIED = ("purpose", "contact", "review_by", "remarks")
"""What a successor takes over, beside tags."""
TAG = "tag:"
"""Before the name of a tag, a field that is true or empty."""
