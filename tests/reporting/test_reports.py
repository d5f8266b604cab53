"""Reports are readable, and safe with untrusted text."""

import asyncio
import csv
import re
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.database import database
from tests.practice import organization, practice, pull_quietly, settings_in
from tokendesk.cli import main
from tokendesk.model.findings import Thresholds
from tokendesk.reporting.formats import FORMATS, export_rows
from tokendesk.reporting.markdown import plain
from tokendesk.views.overview import lines_of, read_overview
from tokendesk.views.query import Query
from tokendesk.views.reader import Reader

NOW = 1_795_424_400
HOSTILE = '<script>alert("1")</script> | [x](http://example.com) `x` & <b>\n=1+1 \u202e www.example.com'


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    settings = settings_in(tmp_path_factory.mktemp("home"))
    made = organization(200, 82)
    with practice(made) as access:
        asyncio.run(pull_quietly(settings, access))
    with database(settings.paths.snapshot) as db:
        db.execute("UPDATE token SET label = ? WHERE id = 1", (HOSTILE,))
        db.execute("UPDATE token SET label = ? WHERE id = 2", ("a\r=2+2",))
        db.execute("UPDATE user SET name = ? WHERE id = 1", (HOSTILE,))  # the owner of most tokens, in the overview
        db.execute("UPDATE meta SET value = '<i>Acme</i>' WHERE name = 'org_name'")
    with Reader(settings.paths, Thresholds()) as found:
        yield found


class Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.rows: list[list[str]] = []
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes.update(name for name, _ in attrs)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_data(self, data: str) -> None:
        if self.rows and self.rows[-1] and data.strip():
            self.rows[-1][-1] += data


def page(reader: Reader, tmp_path: Path, query: Query) -> tuple[str, Page]:
    export_rows(tmp_path / "r.html", reader, query, "html", (), NOW)
    text = (tmp_path / "r.html").read_text("utf-8")
    found = Page()
    found.feed(text)
    return text, found


def test_the_page_shows_hostile_text_as_text_and_nothing_else(reader: Reader, tmp_path: Path) -> None:
    text, found = page(reader, tmp_path, Query("tokens"))
    assert not {"script", "b", "i", "img", "link", "a", "iframe"} & set(found.tags)
    assert not {name for name in found.attributes if name.startswith("on") or name in ("src", "href", "style")}
    assert "\u202e" not in text
    assert "default-src 'none'" in text
    labels = [row[1] for row in found.rows]
    assert any('<script>alert("1")</script> | [x](http://example.com)' in label for label in labels)
    assert "&lt;i&gt;Acme&lt;/i&gt;" in text


def test_the_page_counts_what_it_holds(reader: Reader, tmp_path: Path) -> None:
    text, found = page(reader, tmp_path, Query("tokens", filter="idle:>90d or used:never"))
    head = [row[:2] for row in found.rows].index(["id", "label"])
    rows, findings = found.rows[head + 1 :], found.rows[head].index("findings")
    shown = re.search(r"<bdi>(\d+) of 82 tokens</bdi>", text)
    assert shown is not None
    assert len(rows) == int(shown[1])
    never = next(row for row in found.rows if row[0] == "never used")
    assert int(never[1]) == sum("never-used" in row[findings] for row in rows)
    reach = found.rows[head].index("reach")
    assert any("confluence" in row[reach] for row in rows)
    assert any("everything" in row[reach] for row in rows)
    in_use = next(row for row in found.rows if row[0].startswith("in use"))
    assert in_use[1] == "0"
    assert int(in_use[2]) > 0


def test_the_page_has_the_numbers_of_the_overview(reader: Reader, tmp_path: Path) -> None:
    text, _ = page(reader, tmp_path, Query("tokens", filter="idle:>90d"))
    drawn = re.findall(r"<g><title>(.*?): ([\d,]+(?: of [\d,]+)?) \((\w+) (.*?)\)</title>", text)
    lines = [*lines_of(read_overview(reader, NOW))]
    assert [(unescape(name), words, pane, unescape(filter_)) for name, words, pane, filter_ in drawn] == [
        (line.name or line.title, line.words, line.pane, line.filter) for line in lines
    ]
    assert text.count("<svg") == text.count("</svg>") > 5
    assert "<svg" not in page(reader, tmp_path, Query("users"))[0]
    sizes = re.findall(r' (?:x|y|width|height)="([^"]*)"', text)
    assert len(sizes) > 4 * len([line for line in lines if line.count])
    assert {size for size in sizes if not re.fullmatch(r"0|[\d.]+em", size)} == set()


def test_markdown_keeps_its_columns_whatever_is_in_them(reader: Reader, tmp_path: Path) -> None:
    export_rows(tmp_path / "r.md", reader, Query("tokens"), "markdown", (), NOW)
    lines = (tmp_path / "r.md").read_text("utf-8").splitlines()
    assert len(lines) == 84
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in lines} == {len(reader.panes["tokens"].default_columns) + 1}
    assert not [line for line in lines if re.search(r"(?<!\\)[<`\[]", line)]


def test_plain_markdown_makes_no_links_of_addresses() -> None:
    assert plain("a|b\n<i>") == r"a\|b \<i\>"
    assert plain("see http://example.com, www.example.com, a@example.com") == (
        r"see http\://example.com, www\.example.com, a\@example.com"
    )


def test_no_cell_of_the_csv_is_a_formula(reader: Reader, tmp_path: Path) -> None:
    export_rows(tmp_path / "r.csv", reader, Query("tokens"), "csv", (), NOW)
    with (tmp_path / "r.csv").open(encoding="utf-8", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert "'=1+1" in cells
    assert "a\n'=2+2" in cells  # a row of its own where a semicolon separates
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


@pytest.mark.parametrize(
    ("name", "begins"),
    [("r.html", "<!DOCTYPE html>"), ("r.md", "| Label"), ("r.CSV", "id,label"), ("r.jsonl", '{"id"')],
)
def test_the_ending_of_a_file_says_its_format(
    name: str, begins: str, reader: Reader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKENDESK_HOME", str(reader.paths.data.parent))
    assert main(["list", "tokens", "--profile", "demo", "-o", str(tmp_path / name)]) == 0
    assert (tmp_path / name).read_text("utf-8").startswith(begins)


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("pane", ["tokens", "users", "policies", "changes"])
def test_every_pane_is_written_in_every_format(form: str, pane: str, reader: Reader, tmp_path: Path) -> None:
    count = export_rows(tmp_path / "r", reader, Query(pane), form, (), NOW)
    assert count == reader.count(reader.panes[pane])
    assert (tmp_path / "r").stat().st_size > 0 or (count == 0 and form == "jsonl")
