"""Draws the progress of a triage, and its summary."""

from collections.abc import Mapping, Sequence

from rich.cells import cell_len
from textual.content import Content

from tokendesk.desk.note_fields import DECISIONS
from tokendesk.model.counting import counted
from tokendesk.views.decisions import Move

_LEAST_BAR = 8
_MOST_BAR = 40
_SAID = {
    "keep": "stay as they are",
    "move": "move with their owners",
    "revoke": "are revoked",
    "ask": "wait for an answer",
}


def progress(decided: int, total: int, counts: Mapping[str, int], skipped: int, width: int) -> Content:
    """Return ` 31 of 82 decided ━━━━──── keep 12 · move 9`, as much as fits `width`."""
    words = f" {decided:,} of {total:,} decided "
    parts = [f"{name} {counts[name]:,}" for name in DECISIONS if counts.get(name)]
    parts += [f"skipped {skipped:,}"] if skipped else []
    said = "  " + " · ".join(parts) + " "
    room = min(_MOST_BAR, width - cell_len(words) - cell_len(said))
    if room < _LEAST_BAR:
        return Content.assemble((words, "bold"), (said, "$muted"))
    done = round(room * decided / total) if total else room
    # The bar is full only when all are decided, and empty only when none is.
    done = min(done, room - 1) if decided < total else room
    done = max(done, 1) if decided else 0
    return Content.assemble((words, "bold"), ("━" * done, "$accent"), ("─" * (room - done), "$faint"), (said, "$muted"))


def summary(counts: Mapping[str, int], moves: Sequence[Move], total: int, skipped: int) -> Content:
    """Return the decisions by kind, and the keys that follow."""
    decided = sum(counts.values())
    left = total - decided
    lines = [
        Content.styled(f"{decided:,} of {counted(total, 'token')} {'is' if decided == 1 else 'are'} decided.", "bold"),
        Content(""),
    ]
    for name in ("keep", "move", "revoke", "ask"):
        count = counts.get(name, 0)
        lines.append(
            Content.assemble(
                (f"{count:>6,}  ", "bold" if count else "$faint"), (f"{name:<8}", ""), (_SAID[name], "$muted")
            )
        )
        if name == "move":
            lines += [
                Content.styled(
                    f"{move.owners:>16,} {'owner' if move.owners == 1 else 'owners'} to {move.target}", "$muted"
                )
                for move in moves
            ]
    if left:
        words = f"{left:,} {'is' if left == 1 else 'are'} undecided"
        if skipped:
            words += ", skipped" if skipped == left else f", {skipped:,} of them skipped"
        lines += [Content(""), Content.styled(f"{words}.", "$text-warning")]
    lines.append(Content(""))
    if counts.get("move") or counts.get("revoke"):
        lines.append(
            Content.assemble(("enter", "bold $accent"), "  review the plans of what moves and what is revoked")
        )
    if skipped:
        lines.append(Content.assemble(("n    ", "bold $accent"), "  go through the skipped ones"))
    lines.append(Content.assemble(("k    ", "bold $accent"), "  back to the last token"))
    lines.append(Content.assemble(("esc  ", "bold $accent"), "  back to the list"))
    return Content("\n").join(lines)
