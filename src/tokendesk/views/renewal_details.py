"""The renewal in the details of a token or credential: how far it is, and what may have renewed it."""

from collections.abc import Iterable

from tokendesk.model.renewal_states import ENDED, LAPSE, NOT_ASKED, RENEWED, WORDS
from tokendesk.model.text import printable, shorten
from tokendesk.model.timestamps import ago
from tokendesk.views import leads
from tokendesk.views.facts import Fact
from tokendesk.views.notes import names_of
from tokendesk.views.query import PANE_OF, Query
from tokendesk.views.reader import Reader
from tokendesk.views.renewal_reading import read_renewals

_TONES = {NOT_ASKED: "warn", ENDED: "bad", RENEWED: "good", LAPSE: "dim"}
_STATE = "SELECT state, successor FROM temp.renewal WHERE about = ? AND record = ?"
_OFFERS = """
SELECT o.new AS record, o.label, o.created, o.last_used, coalesce(
    (SELECT t.owner FROM main.token AS t WHERE o.about = 'token' AND t.token_id = o.new),
    (SELECT c.account_name FROM credential AS c WHERE o.about = 'credential' AND c.record = o.new)) AS owner
FROM temp.renewal_offer AS o
WHERE o.about = ? AND o.old = ? ORDER BY o.place
"""


def renewal_facts(reader: Reader, pane: str, about: str, record: str, chain: list[str], now: int) -> tuple[Fact, ...]:
    """`pane`: where the row stands, which is the changes for what is gone.

    `chain`: the record and those that it replaced."""
    read_renewals(reader.db, now)
    return tuple(_facts(reader, pane, about, record, chain, now))


def _facts(reader: Reader, pane: str, about: str, record: str, chain: list[str], now: int) -> Iterable[Fact]:
    others = PANE_OF[about]
    found = reader.db.execute(_STATE, (about, record)).fetchone()
    if found is not None:
        state, successor = found
        lead = Query(pane, filter=f"renewal:{state}")
        yield Fact("renewal", WORDS[state], _TONES.get(state, ""), lead)
        if successor:
            name = names_of(reader, about, [successor]).get(successor, successor)
            yield Fact("renewed by", printable(shorten(name)), leads=leads.record(others, name, successor))
    for row in reader.db.execute(_OFFERS, (about, record)).fetchall():
        used = f"used {ago(row['last_used'], now)}" if row["last_used"] is not None else "never used"
        label = printable(shorten(row["label"] or "")) or "(no label)"
        whose = f" of {printable(shorten(row['owner']))}" if row["owner"] else ""
        words = f"{label}{whose}, made {ago(row['created'], now)}, {used}"
        yield Fact("maybe by", words, leads=leads.record(others, row["label"], row["record"]))
    if len(chain) > 1:
        yield Fact("chain", f"the latest of {len(chain)} known, each renewed by the next", "dim")
