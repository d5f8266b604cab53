"""Writes counts of rows by value as table, CSV, JSON or Markdown."""

import csv
import json
import os
from collections.abc import Mapping, Sequence
from typing import Any, TextIO

from tokendesk.reporting.markdown import write_markdown
from tokendesk.reporting.spreadsheets import drawn, without_formulas
from tokendesk.reporting.text_table import text_line, widths_of
from tokendesk.reporting.values import as_text
from tokendesk.views.groups import Group, Groups

FORMATS = ("table", "csv", "json", "jsonl", "markdown")


def write_groups(out: TextIO, names: Sequence[str], found: Groups, form: str) -> None:
    """Write a line for each group: its values, named `names`, its counts, and the filter for its rows."""
    counts = [name for name in ("rows", "in_use", "undecided") if _has(found, name)]
    titles = [*names, *counts]
    right = [False] * len(names) + [True] * len(counts)
    match form:
        case "csv":
            writer = csv.writer(out, lineterminator="\n")
            writer.writerow([*titles, "filter"])
            draw = drawn(out)
            for row in (_row(group, names, counts) for group in found.groups):
                writer.writerow(draw(without_formulas(as_text(value))) for value in row.values())
        case "json" | "jsonl":
            lines = [json.dumps(_row(group, names, counts), ensure_ascii=False) for group in found.groups]
            listed = ",\n ".join(lines)
            out.write("".join(f"{line}\n" for line in lines) if form == "jsonl" else f"[\n {listed}\n]\n")
        case "markdown":
            write_markdown(out, titles, right, (_texts(group, counts) for group in found.groups))
        case _:
            table = [titles, *(_texts(group, counts) for group in found.groups)]
            widths = widths_of(table)
            if out.isatty():
                widths = _fitting(widths, len(names), os.get_terminal_size(out.fileno()).columns)
            for line in table:
                out.write(text_line(line, widths, [i for i, is_right in enumerate(right) if is_right]) + "\n")


def _has(found: Groups, name: str) -> bool:
    return name == "rows" or (bool(found.groups) and getattr(found.groups[0], name) is not None)


def _row(group: Group, names: Sequence[str], counts: Sequence[str]) -> Mapping[str, Any]:
    values = {name: value.raw for name, value in zip(names, group.values, strict=True)}
    return {**values, **{name: getattr(group, name) for name in counts}, "filter": group.condition}


def _texts(group: Group, counts: Sequence[str]) -> list[str]:
    return [*(value.text for value in group.values), *(f"{getattr(group, name):,}" for name in counts)]


def _fitting(widths: Sequence[int], values: int, room: int) -> list[int]:
    """Shrink the columns of values until a line fits."""
    most = max(8, (room - sum(width + 2 for width in widths[values:])) // values - 2)
    return [min(width, most) if place < values else width for place, width in enumerate(widths)]
