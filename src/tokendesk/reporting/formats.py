"""The output formats of rows, and writing them to a file."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

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
    """Return the format of a file's extension, if any."""
    return _ENDINGS.get(Path(path).suffix.lower())


def export_rows(path: Path, reader: Reader, query: Query, form: str, columns: Sequence[str], now: int) -> int:
    """Write the rows of `query` to `path`, replacing the file; return how many."""
    # An invalid filter must not destroy the existing file.
    reader.where(reader.panes[query.pane], query.filters(), now)
    with new_file(reader, path) as file:
        return write_rows(file, reader, query, form, columns, now)


@contextmanager
def new_file(reader: Reader, path: Path) -> Iterator[TextIO]:
    """Open `path` for writing, unless it is one of the program's own files. Raises UsageError."""
    refuse_own_files(reader.paths, path)
    try:
        with open_private(path, newline="") as file:
            yield file
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}. Choose another file.") from error
