"""Draws the progress of a run on one line: bar, counts, and what it waits for."""

import time

from textual.content import Content

from tokendesk.model.text import printable
from tokendesk.running.run_context import RunProgress, SearchProgress

_BAR = 20


class RunLine:
    """The line during the run. Users move in batches, tokens are revoked one by one."""

    def __init__(self, is_move: bool, total: int) -> None:
        self._step = "batch" if is_move else "token"
        self._latest = RunProgress("", 0, total, 0, 0, "beginning")
        self._until = 0.0
        self._why = ""
        self.is_cancelling = False

    def progress(self, progress: RunProgress) -> None:
        self._until = 0.0
        # A report without a message keeps the previous one.
        words = progress.message or self._latest.message
        self._latest = RunProgress(
            progress.run_id, progress.done, progress.total, progress.batch, progress.batches, words,
            search=progress.search,
        )  # fmt: skip

    @property
    def search(self) -> SearchProgress | None:
        return self._latest.search

    def waiting(self, why: str, seconds: float) -> None:
        self._until, self._why = time.monotonic() + seconds, why

    def content(self) -> Content:
        run = self._latest
        full = round(_BAR * run.done / run.total) if run.total else 0
        parts: list[tuple[str, str]] = [
            (" " + "█" * full, "$text-success"),
            ("░" * (_BAR - full), "$faint"),
            (f"  {run.done:,} of {run.total:,}", "bold"),
        ]
        if self.is_cancelling:
            parts.append((f" · stops after this {self._step}", "bold"))
        if run.batches > 1:
            parts.append((f" · {self._step} {run.batch:,} of {run.batches:,}", ""))
        if run.search is not None:
            parts.append((f" · {printable(run.search.message)}", "$text-warning"))
            parts.append((" · esc ends the search", "bold"))
        else:
            parts.append((f" · {run.message}", ""))
        left = self._until - time.monotonic()
        if left > 0:
            parts.append((f" · waiting {left:.0f} s ({self._why})", "$text-warning"))
        return Content.assemble(*parts)
