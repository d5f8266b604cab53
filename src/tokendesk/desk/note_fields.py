"""The fields of a note, its decisions and tags."""

from tokendesk.model.renewal_states import ASKED, LAPSE, PROMISED

DECISIONS = ("undecided", "keep", "move", "revoke", "ask")
CREDENTIAL_DECISIONS = ("undecided", "keep", "rotate", "retire", "ask")
"""Those on credentials, which nobody here moves or revokes."""


def decisions_on(about: str) -> tuple[str, ...]:
    """Return the decisions that can be made on records of this kind."""
    return CREDENTIAL_DECISIONS if about == "credential" else DECISIONS


FIELDS = (
    "purpose", "contact", "decision", "target", "review_by", "remarks", "asked_on", "reply_by", "answer", "replaces",
    "renewal",
)  # fmt: skip
"""The columns of the table `note`, without tags. `target`: the policy id of a decision "move". `replaces`: the id of
the predecessor. `renewal`: one of RENEWALS. Days are ISO dates."""
RENEWALS = (ASKED, PROMISED, LAPSE)
"""How far the renewal of something that ends is: its owner was asked, promised to renew it, or it may end."""
DAYS = ("review_by", "asked_on", "reply_by")
CARRIED = ("purpose", "contact", "review_by", "remarks")
"""The fields that a successor takes over, besides tags."""
TAG = "tag:"
"""The prefix of a tag's field, which is true or empty."""
