"""Makes the pages and schemas in `docs/reference/` from the code: python -m tests.reference.make [FOLDER]"""

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from tokendesk.commands.contract import ENVIRONMENT, EXIT_CODES
from tokendesk.commands.spec import program_spec
from tokendesk.config import PROFILE_SETTINGS, SETTINGS
from tokendesk.documents.schemas import DOCUMENTS, document_schema
from tokendesk.filtering.reference import SYNTAX, reference, takes
from tokendesk.model.findings import Thresholds
from tokendesk.reporting.values import COLUMNS
from tokendesk.sandbox.faults import FAULTS
from tokendesk.tui.actions import ACTIONS, GROUPS
from tokendesk.tui.themes import LOOKS
from tokendesk.views.panes import panes

FOLDER = Path(__file__).parent.parent.parent / "docs" / "reference"
SCHEMAS = FOLDER / "schemas"
_MADE = "<!-- Made by: python -m tests.reference.make -->\n"


def table(titles: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(titles)} |", "|" + " --- |" * len(titles)]
    lines += [f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in rows]
    return "\n".join(lines) + "\n"


def code(text: str) -> str:
    """Text as code; a backtick inside needs two around."""
    if not text:
        return ""
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def keys() -> str:
    parts = [
        "# Keys\n",
        'The id names an action in `[keys]` of config.toml: `"note.edit" = "n"` binds the note to `n`. Separate '
        'several keys with commas, as in `"ctrl+n,n"`. Two actions on one key are refused at start-up.\n',
        "Where: `screen` means the panes, `list` their list, other names their own screens.\n",
    ]
    for group, title in GROUPS.items():
        found = [key for key in ACTIONS if key.group == group]
        if found:
            rows = [
                (
                    " ".join(map(code, key.shown_keys.split())),
                    key.title,
                    key.help,
                    code(key.id),
                    ", ".join(key.contexts),
                )
                for key in found
            ]
            parts += [f"## {title}\n", table(("keys", "", "does", "id", "where"), rows)]
    return "\n".join(parts)


def filters() -> str:
    parts = [
        "# The filter language\n",
        "The same language filters every pane, `tokendesk list`, notes, plans and reports.\n",
        table(("form", "such as", "means"), [(code(row.name), code(row.example), row.help) for row in SYNTAX]),
    ]
    for pane in panes(Thresholds()).values():
        rows = [
            (", ".join(map(code, (field.name, *field.aliases))), takes(field), field.help)
            for field in pane.fields.fields
        ]
        flags = [(code(row.name), row.help) for row in reference(pane.fields) if ":" in row.name]
        parts += [f"## Fields of {pane.many}\n", table(("field", "takes", "is about"), rows)]
        if flags:
            parts += [table(("name", "matches if a row"), flags)]
        columns = " ".join(map(code, COLUMNS[pane.name]))
        parts += [f"Columns of `tokendesk list {pane.name} --columns`: {columns}\n"]
    return "\n".join(parts)


def findings() -> str:
    parts = [
        "# Findings\n",
        "A finding is a rule with a filter that shows exactly its rows: `is:NAME`. The days in them are settings, see "
        "[settings](settings.md). There is no hidden score.\n",
    ]
    for pane in panes(Thresholds()).values():
        if pane.findings:
            rows = [
                (code(finding.name), finding.title, code(finding.short) if finding.in_rows else "",
                 code(finding.filter), "yes" if finding.urgent else "")
                for finding in pane.findings
            ]  # fmt: skip
            parts += [f"## Of {pane.many}\n", table(("finding", "title", "in a row", "the same as", "urgent"), rows)]
    return "\n".join(parts)


def commands() -> str:
    parts = [
        "# Commands\n",
        "`--profile NAME` may follow or precede every command. Errors go to stderr as one sentence with the next step. "
        "See also the [exit codes](exit-codes.md).\n",
    ]
    group = ""
    helps = {command["name"]: command["help"] for command in program_spec()["commands"]}
    for command in program_spec()["commands"]:
        name = command["name"]
        if command["group"] != group:
            group = command["group"]
            parts.append(f"## {group.capitalize()}\n")
        if " " in name:
            parts.append(f"`tokendesk {name}`\n")
        else:
            parts += [f"### `tokendesk {name}`\n", f"{command['help'].capitalize()}.\n"]
        rows = [(code(part.rpartition(" ")[2]), helps[part]) for part in command["parts"]]
        rows += [(code(value["name"]), value["help"]) for each in command["arguments"] for value in each["values"]]
        rows += [
            (code(", ".join(option["names"]) + (f" {option['takes']}" if option["takes"] else "")), option["help"])
            for option in command["options"]
            if option["names"][-1] not in ("--help", "--profile")
        ]
        if rows:
            parts.append(table(("", ""), rows))
    return "\n".join(parts)


def settings() -> str:
    limits = [(code(name), str(default)) for name, default in Thresholds._field_defaults.items()]

    def rows(known: Mapping[str, str]) -> list[tuple[str, str]]:
        return [(code(name), text) for name, text in known.items()]

    return "\n".join(
        [
            "# Settings\n",
            "`config.toml` is written by `tokendesk init` and by you. An unknown name is refused, with the nearest "
            "known one.\n",
            table(("in config.toml", "is"), rows(SETTINGS)),
            "## In `[profiles.NAME]`\n",
            table(("setting", "is"), rows(PROFILE_SETTINGS)),
            "## In `[thresholds]`\n",
            "Days, except for `many_tokens`.\n",
            table(("setting", "default"), limits),
            "## Themes\n",
            table(("theme", "is"), [(code(look.name), look.help) for look in LOOKS]),
            "## In `[keys]`\n",
            "See [keys](keys.md).\n",
            "## Environment\n",
            "It overrides `config.toml`; an option of a command overrides both.\n",
            table(("variable", "is"), rows(ENVIRONMENT)),
        ]
    )


def files() -> str:
    rows = (
        ("config.toml", "config", "profiles and settings, made by you", "set it up again"),
        ("PROFILE/snapshots/ID.sqlite", "cache", "the last pull and the one before, never modified", "pull again"),
        ("PROFILE/snapshots/current", "cache", "the id of the current one", "the latest counts"),
        ("PROFILE/pull/work.sqlite", "cache", "what a pull has read that is not complete; removed when it is",
         "that pull starts again"),
        ("PROFILE/pull/quick.sqlite", "cache", "the same of a pull of the tokens alone", "nothing"),
        ("PROFILE/pull.lock, PROFILE/pull.holder", "cache", "which process is pulling", "nothing"),
        ("PROFILE/history.sqlite", "data", "uses seen, changes, audited actions: append-only",
         "rhythm and changes so far"),
        ("PROFILE/desk.sqlite", "data", "every note, decision, name and run: append-only",
         "**your work is lost: back it up**"),
        ("PROFILE/ui.json", "state", "filters, the theme, columns", "UI state"),
        ("PROFILE/sizes.json", "state", "how many tokens and policies one request may ask for",
         "a few requests"),
        ("locks/", "state", "locks of active runs, independent of `TOKENDESK_HOME`", "nothing"),
        ("tokendesk.log", "log", "requests and their outcome, no keys, no addresses, no labels", "nothing"),
    )  # fmt: skip
    return "\n".join(
        [
            "# Files\n",
            "If `TOKENDESK_HOME` is set, it contains everything except locks. Otherwise each kind is in the system's "
            "usual folder: on Linux, `tokendesk` in `~/.config`, `~/.cache`, `~/.local/share` and `~/.local/state`. "
            "Files are readable only by you. A saved snapshot is one file, wherever you put it.\n",
            table(
                ("file", "kind", "contains", "if it is lost"), [(code(name), kind, *rest) for name, kind, *rest in rows]
            ),
        ]
    )


def exit_codes() -> str:
    return "\n".join(
        [
            "# Exit codes\n",
            table(("code", "means"), [(str(number), text) for number, text in EXIT_CODES.items()]),
        ]
    )


def faults() -> str:
    return "\n".join(
        [
            "# Faults of the practice organization\n",
            "`tokendesk sandbox --fault NAME` serves an organization with this fault, always at the same "
            "requests. The option may be repeated to combine faults.\n",
            table(("fault", "is"), [(code(name), fault.help) for name, fault in FAULTS.items()]),
        ]
    )


PAGES: Mapping[str, Callable[[], str]] = {
    "commands": commands,
    "exit-codes": exit_codes,
    "faults": faults,
    "files": files,
    "filters": filters,
    "findings": findings,
    "keys": keys,
    "settings": settings,
}


def page(name: str) -> str:
    return _MADE + "\n" + PAGES[name]()


def schema_text(name: str) -> str:
    return json.dumps(document_schema(name), ensure_ascii=False, indent=1) + "\n"


def make_schemas(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in DOCUMENTS:
        (folder / f"{name}.schema.json").write_text(schema_text(name), "utf-8")


def make_all(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in PAGES:
        (folder / f"{name}.md").write_text(page(name), "utf-8")
    make_schemas(folder / SCHEMAS.name)


if __name__ == "__main__":
    make_all(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
