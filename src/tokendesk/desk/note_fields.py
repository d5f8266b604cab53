"""The fields of a note, its decisions and tags."""

DECISIONS = ("undecided", "keep", "move", "revoke", "ask")
FIELDS = (
    "purpose", "contact", "decision", "target", "review_by", "remarks", "asked_on", "reply_by", "answer", "replaces",
)  # fmt: skip
"""The columns of the table `note`, without tags. `target`: the policy id of a decision "move". `replaces`: the id of
the predecessor. Days are ISO dates."""
DAYS = ("review_by", "asked_on", "reply_by")
CARRIED = ("purpose", "contact", "review_by", "remarks")
"""The fields that a successor takes over, besides tags."""
TAG = "tag:"
"""The prefix of a tag's field, which is true or empty."""
