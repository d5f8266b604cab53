"""The formats that rows are written in, and writing them into a file."""

from collections.abc import Sequence
from pathlib import Path

from tokendesk.errors import UsageError
from tokendesk.paths import open_private, refuse_own_files
from tokendesk.reporting.tables import write_rows
from tokendesk.views.query import Query
from tokendesk.views.reader import Reader

FORMATS = ("table", "csv", "json", "jsonl", "markdown", "html")
_ENDINGS = {
    ".txt": "table",
    ".csv": "csv",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
}
ENDING_OF = {form: ending for ending, form in reversed(_ENDINGS.items())}


def format_of(path: str) -> str | None:
    """Return the format that the ending of a file's name says, if it says one."""
    return _ENDINGS.get(Path(path).suffix.lower())


def export_rows(path: Path, reader: Reader, query: Query, form: str, columns: Sequence[str], now: int) -> int:
    """Write the rows of `query` into `path`, in the place of what is there; return how many."""
    refuse_own_files(reader.places, path)
    # A filter that is wrong must not cost what the file holds.
    reader.where(reader.panes[query.pane], query.filters(), now)
    try:
        with open_private(path, newline="") as file:
            return write_rows(file, reader, query, form, columns, now)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}. Choose another file.") from error
