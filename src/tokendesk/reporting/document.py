"""A small document - facts, tables, paragraphs - as text, Markdown or one HTML page."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from io import StringIO
from pathlib import Path

from tokendesk import __version__
from tokendesk.errors import UsageError
from tokendesk.filtering.errors import display_width
from tokendesk.model.text import printable
from tokendesk.paths import open_private
from tokendesk.reporting.markdown import plain, write_markdown
from tokendesk.reporting.page import HEAD, isolated

FORMATS = ("text", "markdown", "html")


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of texts below titles; `right`: the numbers of the columns that stand on the right."""

    titles: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A heading (or none) with sentences, facts and a table below it."""

    heading: str = ""
    sentences: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    table: Table | None = None


@dataclass(frozen=True, slots=True)
class Document:
    title: str
    parts: tuple[Section, ...]


def render(document: Document, form: str) -> str:
    return {"text": _text, "markdown": _markdown, "html": _html}[form](document)


def document_format(output: str | None, asked: str | None) -> str:
    """Return the format: the one asked for, else what the ending of the file says, else text."""
    endings = {".md": "markdown", ".markdown": "markdown", ".html": "html", ".htm": "html"}
    return asked or endings.get(Path(output or "").suffix.lower(), "text")


def save_document(document: Document, form: str, path: Path) -> None:
    try:
        with open_private(path) as file:
            file.write(render(document, form))
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}. Choose another file.") from error


def _text(document: Document) -> str:
    lines = [printable(document.title)]
    for part in document.parts:
        lines.append("")
        if part.heading:
            lines.append(printable(part.heading))
        lines += [printable(sentence) for sentence in part.sentences]
        width = max((display_width(name) for name, _ in part.facts), default=0)
        lines += [f"{name}{' ' * (width - display_width(name))}  {printable(value)}" for name, value in part.facts]
        if part.table:
            lines += _columns(part.table)
    return "\n".join(lines) + "\n"


def _columns(table: Table) -> list[str]:
    rows = [table.titles, *(tuple(printable(text) for text in row) for row in table.rows)]
    widths = [max(display_width(row[i]) for row in rows) for i in range(len(table.titles))]
    lines = []
    for row in rows:
        parts = []
        for i, (text, width) in enumerate(zip(row, widths, strict=True)):
            space = " " * (width - display_width(text))
            parts.append(space + text if i in table.right else text + space)
        lines.append("  ".join(parts).rstrip())
    return lines


def _markdown(document: Document) -> str:
    out = StringIO()
    out.write(f"# {plain(printable(document.title))}\n")
    for part in document.parts:
        out.write(f"\n## {plain(printable(part.heading))}\n" if part.heading else "")
        for sentence in part.sentences:
            out.write(f"\n{plain(printable(sentence))}\n")
        out.write("\n" if part.facts else "")
        for name, value in part.facts:
            out.write(f"- {plain(name)}: {plain(printable(value))}\n")
        if part.table:
            out.write("\n")
            right = [i in part.table.right for i in range(len(part.table.titles))]
            write_markdown(
                out, part.table.titles, right, ([printable(text) for text in row] for row in part.table.rows)
            )
    return out.getvalue()


def _html(document: Document) -> str:
    style = Path(__file__).with_name("page.css").read_text("utf-8")
    out = [HEAD.format(version=__version__, title=escape(printable(document.title)), style=style)]
    out.append(f"<h1>{isolated(document.title)}</h1>\n")
    for part in document.parts:
        if part.heading:
            out.append(f"<h2>{isolated(part.heading)}</h2>\n")
        out += [f"<p>{isolated(sentence)}</p>\n" for sentence in part.sentences]
        if part.facts:
            out.append("<dl>\n")
            out += [f"<dt>{escape(name)}</dt><dd>{isolated(value)}</dd>\n" for name, value in part.facts]
            out.append("</dl>\n")
        if part.table:
            out.append(_html_table(part.table))
    out.append("</body>\n</html>\n")
    return "".join(out)


def _html_table(table: Table) -> str:
    def line(tag: str, texts: Sequence[str]) -> str:
        marked = (' class="number"' if i in table.right else "" for i in range(len(texts)))
        return "".join(f"<{tag}{mark}>{isolated(text)}</{tag}>" for mark, text in zip(marked, texts, strict=True))

    rows = "\n".join(f"<tr>{line('td', row)}</tr>" for row in table.rows)
    head = line("th", table.titles)
    return f'<table class="rows"><thead><tr>{head}</tr></thead><tbody>\n{rows}\n</tbody></table>\n'
