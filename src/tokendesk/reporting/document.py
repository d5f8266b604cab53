"""Renders a document (facts, tables, paragraphs) as text, Markdown or one HTML page."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from io import StringIO
from itertools import groupby
from pathlib import Path
from typing import TextIO

from tokendesk import __version__
from tokendesk.errors import UsageError
from tokendesk.model.text import printable
from tokendesk.paths import open_private
from tokendesk.reporting.markdown import plain, write_markdown
from tokendesk.reporting.text_table import text_table

FORMATS = ("text", "markdown", "html")


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of texts and counts below titles. `right`: the indexes of right-aligned columns.

    `looks`: the HTML style of a column by its index: moment or code.
    """

    titles: Sequence[str]
    rows: Iterable[Sequence[str | int]]
    right: Collection[int] = ()
    looks: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Section:
    """A heading (or none) with sentences, facts and a table below it.

    On an HTML page, sentences may be `quiet`, sections may be side by side (`beside`), and an SVG element may stand
    below the heading (`picture`): text in it is escaped.
    """

    heading: str = ""
    sentences: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    table: Table | None = None
    quiet: bool = False
    beside: bool = False
    picture: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    title: str
    parts: tuple[Section, ...]


def render(document: Document, form: str) -> str:
    out = StringIO()
    {"text": _write_text, "markdown": _write_markdown, "html": write_html}[form](document, out)
    return out.getvalue()


def document_format(output: str | None, asked: str | None) -> str:
    """Return the requested format, or the one of the file's extension, or text."""
    endings = {".md": "markdown", ".markdown": "markdown", ".html": "html", ".htm": "html"}
    return asked or endings.get(Path(output or "").suffix.lower(), "text")


def save_document(document: Document, form: str, path: Path) -> None:
    try:
        with open_private(path) as file:
            file.write(render(document, form))
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}. Choose another file.") from error


def shown(value: str | int) -> str:
    return printable(value) if isinstance(value, str) else f"{value:,}"


def _write_text(document: Document, out: TextIO) -> None:
    lines = [printable(document.title)]
    for part in document.parts:
        lines.append("")
        if part.heading:
            lines.append(printable(part.heading))
        lines += [printable(sentence) for sentence in part.sentences]
        lines += text_table([(name, printable(value)) for name, value in part.facts])
        if part.table:
            rows = [[shown(value) for value in row] for row in part.table.rows]
            lines += text_table([part.table.titles, *rows], part.table.right)
    out.write("\n".join(lines) + "\n")


def _write_markdown(document: Document, out: TextIO) -> None:
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
            write_markdown(out, part.table.titles, right, ([shown(value) for value in row] for row in part.table.rows))


def write_html(document: Document, out: TextIO) -> None:
    """Write the document as one HTML page without scripts or external resources."""
    style = Path(__file__).with_name("page.css").read_text("utf-8")
    out.write(_HEAD.format(version=__version__, title=escape(printable(document.title)), style=style))
    out.write(f"<h1>{_isolated(document.title)}</h1>\n")
    for beside, parts in groupby(document.parts, key=lambda part: part.beside):
        out.write('<div class="side">\n' if beside else "")
        for part in parts:
            out.write("<section>" if beside else "")
            _write_section(part, out)
            out.write("</section>\n" if beside else "")
        out.write("</div>\n" if beside else "")
    out.write("</body>\n</html>\n")


def _write_section(part: Section, out: TextIO) -> None:
    if part.heading:
        out.write(f"<h2>{_isolated(part.heading)}</h2>\n")
    out.write(part.picture)
    for sentence in part.sentences:
        out.write(f"{_tag('p', 'quiet' if part.quiet else '')}{_isolated(sentence)}</p>\n")
    if part.facts:
        facts = "".join(f"<dt>{escape(name)}</dt><dd>{_isolated(value)}</dd>\n" for name, value in part.facts)
        out.write(f"<dl>\n{facts}</dl>\n")
    if part.table:
        table, right = part.table, dict.fromkeys(part.table.right, "number")
        titles = "".join(_cell("th", title, right.get(i, "")) for i, title in enumerate(table.titles))
        out.write(f"{_tag('table', '' if part.beside else 'rows')}<thead><tr>{titles}</tr></thead><tbody>\n")
        looks = right | {**table.looks}
        for row in table.rows:
            out.write(f"<tr>{''.join(_cell('td', value, looks.get(i, '')) for i, value in enumerate(row))}</tr>\n")
        out.write("</tbody></table>\n")


def _cell(tag: str, value: str | int, look: str) -> str:
    if isinstance(value, str):
        return f"{_tag(tag, look)}{_isolated(value)}</{tag}>"
    return f"{_tag(tag, 'number')}{value:,}</{tag}>"


def _tag(name: str, look: str) -> str:
    return f'<{name} class="{look}">' if look else f"<{name}>"


def _isolated(text: str) -> str:
    """Return escaped text, isolated so that its direction does not affect the text next to it."""
    return f"<bdi>{escape(printable(text))}</bdi>" if text else ""


_HEAD = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="tokendesk {version}">
<title>{title}</title>
<style>
{style}</style>
</head>
<body>
"""
