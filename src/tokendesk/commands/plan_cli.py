"""Shared by `move`, `revoke`, `apply` and `undo`: prints, saves and applies plans."""

import argparse
import asyncio
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tokendesk.commands.arguments import wait_argument, whole_number
from tokendesk.commands.json_output import json_option, print_json
from tokendesk.commands.stdout import standard_output, status_line
from tokendesk.config import Settings, load_settings
from tokendesk.errors import Refused, TokendeskError, UsageError
from tokendesk.model.plan import DO, REVOKE, Plan, plan_to_record
from tokendesk.model.plan_rules import first_rows
from tokendesk.model.text import printable
from tokendesk.paths import refuse_own_files
from tokendesk.reporting.plan_text import outcome_lines, review_lines
from tokendesk.running.migration import open_reader
from tokendesk.stopping import ending_signals

if TYPE_CHECKING:
    from tokendesk.running.recover import UnfinishedRun
    from tokendesk.running.run_context import SearchProgress

_REPORT_EVERY = 60.0
"""Seconds between two lines about a search, if there is no terminal."""


def plan_options(parser: argparse.ArgumentParser, *, saved: bool = False, moves: bool = True) -> None:
    parser.add_argument(
        "--expect",
        type=whole_number,
        metavar="N",
        help="the number of changes you expect; if it differs, nothing is sent",
    )
    if not saved:
        parser.add_argument("--apply", action="store_true", help="apply the plan; without it, nothing is sent")
        parser.add_argument("--save-plan", metavar="FILE", help="write the plan to FILE for review")
    if moves:
        wait_argument(parser)
    parser.add_argument("--write", action="store_true", help="allow changes to the organization in this session")
    json_option(parser, "print the plan, or its outcome, as JSON")


def plan_settings(options: argparse.Namespace) -> Settings:
    settings = load_settings(options.profile)
    if not settings.paths.snapshot.exists():
        raise UsageError("There is no snapshot yet. Create one with: tokendesk pull (or, to practise: tokendesk demo)")
    return settings._replace(allow_writes=True) if options.write else settings


def current_time() -> int:
    return int(time.time())


def finish_plan(settings: Settings, plan: Plan, options: argparse.Namespace) -> int:
    """Print, save or apply the plan, depending on `options`; return the exit code."""
    if options.save_plan == "-":
        return _print_plan(plan, options)
    if options.save_plan:
        from tokendesk.reporting.plan_file import save_plan

        refuse_own_files(settings.paths, Path(options.save_plan))
        save_plan(plan, Path(options.save_plan))
    if options.apply:
        return run_plan(settings, plan, options)
    if options.json:
        print_json({"document": "plan", "version": 1, "plan": plan_to_record(plan), "sha256": plan.digest})
        return 0
    _print(review_lines(plan, whole=not _is_terminal()))
    words = f"Nothing was sent. Plan {plan.digest[:16]}"
    if options.save_plan:
        words += f", saved as {options.save_plan}: tokendesk apply {options.save_plan} --expect {plan.count(DO)}"
    elif plan.rows_to_do:
        words += f"; apply it with --apply --expect {_rows_in_next_run(settings, plan)}"
    _print([words + "."])
    return 0


def _print_plan(plan: Plan, options: argparse.Namespace) -> int:
    """Print the file of a plan, for `apply -`; the review goes to standard error."""
    from tokendesk.reporting.plan_file import plan_text

    if options.apply or options.json:
        raise UsageError("--save-plan - prints the plan: leave out --apply and --json.")
    for line in review_lines(plan):
        print(line, file=sys.stderr)
    print(f"Apply it with: tokendesk apply - --expect {plan.count(DO)} --hash {plan.digest[:16]}", file=sys.stderr)
    print(plan_text(plan), end="", file=standard_output())
    return 0


def _rows_in_next_run(settings: Settings, plan: Plan) -> int:
    """Return the number of rows in the next run."""
    doing = plan.count(DO)
    return min(doing, settings.most_revocations) if plan.kind == REVOKE else doing


def run_plan(settings: Settings, plan: Plan, options: argparse.Namespace) -> int:
    """Apply a plan that has `--expect`; print the outcome of each row."""
    doing = _rows_in_next_run(settings, plan)
    if options.expect is None:
        raise UsageError(f"State how many changes you expect: --expect {doing}")
    if doing < plan.count(DO):
        left = plan.count(DO) - doing
        plan = first_rows(plan, doing)
        print(f"tokendesk: a run revokes at most {doing:,}; {left:,} are left for the next.", file=sys.stderr)
    if options.expect != doing:
        raise Refused(
            f"The plan would {plan.kind} {doing:,}, not {options.expect:,}: nothing was sent. Check the plan."
        )
    for warning in plan.warnings:
        if warning.code == "kept":
            print(f"tokendesk: {printable(warning.text)}", file=sys.stderr)
    if not options.json:
        _print(review_lines(plan, whole=not _is_terminal()))
    in_vain: list[TokendeskError] = []
    run_id = _run(settings, plan, in_vain.append, getattr(options, "wait", None))
    code = print_result(settings, run_id, as_json=options.json)
    if in_vain:
        in_vain[0].args = (f"nothing was changed. {in_vain[0]}",)
        raise in_vain[0]
    return code


def print_result(settings: Settings, run_id: str, *, as_json: bool = False) -> int:
    """Print the outcomes of a run; return 0 if everything went as planned."""
    from tokendesk.reporting.run_report import run_record
    from tokendesk.views.journal import run_page

    with open_reader(settings.paths, settings.thresholds) as reader:
        page = run_page(reader, run_id)
    if page is None:
        raise UsageError(f"There is no run {run_id}. See: tokendesk list journal")
    if as_json:
        print_json(run_record(page))
    else:
        _print(outcome_lines(page, whole=not _is_terminal()))
    fine = page.facts["state"] == "done" and not any(page.facts[name] for name in ("bad", "unsure", "differs"))
    return 0 if fine else 1


def _run(settings: Settings, plan: Plan, nothing_done: Callable[[TokendeskError], None], wait: float | None) -> str:
    from tokendesk.running.access import open_access
    from tokendesk.running.apply import RunCallbacks, apply_plan
    from tokendesk.running.apply_permission import apply_blocked_by
    from tokendesk.running.run_context import SEARCH_SECONDS

    with open_access(settings) as access:
        if why := apply_blocked_by(settings, access, plan):
            raise Refused(why)
        warn_about_other_desks(settings)
        shown = ProgressLine()
        with handle_interrupts(shown) as cancelled:
            means = RunCallbacks(
                shown.progress, shown.waiting, cancelled.is_set, on_nothing_done=nothing_done,
                stop_searching=cancelled.is_enough, search_seconds=SEARCH_SECONDS if wait is None else wait,
                on_set_aside=shown.set_aside,
            )  # fmt: skip
            try:
                return asyncio.run(apply_plan(settings, access, plan, means))
            except TokendeskError:
                if shown.run_id:
                    words = "the run was interrupted; find out its outcome with: tokendesk settle"
                    print(f"tokendesk: {words}", file=sys.stderr)
                raise
            finally:
                shown.end()


def warn_about_other_desks(settings: Settings) -> None:
    """List the runs of other desks without a known end: they cannot be locked out, only reported."""
    from tokendesk.desk.entries import Desk
    from tokendesk.running.recover import unfinished_runs

    with Desk(settings.paths.desk, author=settings.author) as desk:
        others = [run for run in unfinished_runs(desk) if not run.is_ours]
    for run in others:
        who = f"{printable(run.author)} started run {run.run_id[:8]} at another desk on {run.began[:10]}"
        words = f"{who}; its end is not known here"
        print(f"tokendesk: {words}", file=sys.stderr)


class _Cancellation:
    """Whether a run should end after the current batch, and whether the search for users should end too."""

    def __init__(self) -> None:
        self._set = False
        self._enough = False

    def set(self, *, enough: bool = False) -> None:
        self._set = True
        self._enough = self._enough or enough

    def is_set(self) -> bool:
        return self._set

    def is_enough(self) -> bool:
        return self._enough


@contextmanager
def handle_interrupts(shown: "ProgressLine") -> Iterator[_Cancellation]:
    """Let the first ctrl+c or SIGTERM end the run after the current batch, the second immediately.

    During a search for users, the first ends the search: users not found stay unknown.
    """
    cancelled = _Cancellation()

    def handle(*_: object) -> None:
        if shown.is_searching and not cancelled.is_enough():
            cancelled.set(enough=True)
            shown.say("the search and the run end: users not found stay unknown")
            return
        if cancelled.is_set():
            raise KeyboardInterrupt
        cancelled.set()
        shown.say("the run ends after the current batch; press ctrl+c again to end it immediately")

    before = {number: signal.signal(number, handle) for number in ending_signals()}
    try:
        yield cancelled
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class ProgressLine:
    """Progress of a run on stderr: one line that is redrawn on a terminal; otherwise only an occasional line during a
    search. `way_out`: how to end that search."""

    def __init__(self, way_out: str = "ctrl+c ends the search") -> None:
        self._renew = status_line()
        self._way_out = way_out
        self._words = ""
        self._told_at: float | None = None
        self.run_id = ""
        self.is_searching = False

    def progress(self, progress: object) -> None:
        from tokendesk.running.run_context import RunProgress

        assert isinstance(progress, RunProgress)  # noqa: S101 - typed loosely, to import late
        self.run_id = progress.run_id
        self.is_searching = progress.search is not None
        if progress.search is not None:
            self._searching(progress.search)
            return
        batch = f"batch {progress.batch} of {progress.batches}" if progress.batch else ""
        count = f"{progress.done:,} of {progress.total:,}" if progress.total else ""
        self._words = " · ".join(filter(None, (count, batch, printable(progress.message))))
        self._line(self._words)

    def _searching(self, search: "SearchProgress") -> None:
        self._line(f"{printable(search.message)} · {self._way_out}")
        if self._renew is None and (self._told_at is None or not 0 <= search.waited - self._told_at < _REPORT_EVERY):
            self._told_at = search.waited
            self.say(f"{printable(search.message)}")

    def waiting(self, why: str, seconds: float) -> None:
        self._line(" · ".join(filter(None, (self._words, f"waiting {seconds:.0f} s ({printable(why)})"))))

    def set_aside(self, run: "UnfinishedRun", error: TokendeskError) -> None:
        """Report an earlier run that could not be settled, why, and what to do."""
        began = f"run {run.run_id[:8]} of {run.began[:10]} was interrupted, and its outcome cannot be determined now"
        self.say(f"{began}: {printable(str(error))}")
        self.say(f"it will be retried at the next start; give it up with: {give_up_command(run.run_id)}")

    def say(self, words: str) -> None:
        self._line("")
        print(f"tokendesk: {words}", file=sys.stderr, flush=True)

    def end(self) -> None:
        self._line("")

    def _line(self, text: str) -> None:
        if self._renew is not None:
            self._renew(text)


def give_up_command(run_id: str) -> str:
    return f"tokendesk settle --give-up {run_id[:8]} --why TEXT"


def _is_terminal() -> bool:
    return standard_output().isatty()


def _print(lines: list[str]) -> None:
    out = standard_output()
    for line in lines:
        print(line, file=out)
