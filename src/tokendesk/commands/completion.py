"""`tokendesk completion SHELL`: a script for bash, zsh or fish, generated from commands, panes and fields."""

import argparse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tokendesk.commands.spec import program_spec
from tokendesk.commands.stdout import standard_output

if TYPE_CHECKING:
    from tokendesk.documents.spec import Command, Option, Pane, SpecDocument

SHELLS = ("bash", "zsh", "fish")


def options(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Prints a completion script for commands, options, columns and filters. "
        "bash: tokendesk completion bash >> ~/.bash_completion. "
        "zsh: save it as _tokendesk in a folder of $fpath. "
        "fish: save it as ~/.config/fish/completions/tokendesk.fish."
    )
    parser.add_argument("shell", choices=SHELLS)


def run(options: argparse.Namespace) -> int:
    print(script(options.shell), end="", file=standard_output())
    return 0


@dataclass(frozen=True, slots=True)
class CompletionContext:
    """`name`: the words so far, such as `list tokens`. `words`: possible next words, each with its help."""

    name: str
    words: list[tuple[str, str]]
    options: "list[Option]"
    files: bool = False


def _contexts(spec: "SpecDocument") -> Iterator[CompletionContext]:
    """Yield every context, the empty one first."""
    commands = [(each["name"], each["brief"]) for each in spec["commands"] if " " not in each["name"]]
    yield CompletionContext("", commands, spec["options"])
    helps = {command["name"]: command["help"] for command in spec["commands"]}
    for command in spec["commands"]:
        yield _command_context(command, helps)
        if command["name"] == "list":
            yield from (_pane_context(pane, command) for pane in spec["panes"])


def _command_context(command: "Command", helps: Mapping[str, str]) -> CompletionContext:
    words = [(part.rpartition(" ")[2], helps[part]) for part in command["parts"]]
    words += [(value["name"], value["help"]) for argument in command["arguments"] for value in argument["values"]]
    return CompletionContext(
        command["name"], words, command["options"], any(argument["file"] for argument in command["arguments"])
    )


def _pane_context(pane: "Pane", of_all: "Command") -> CompletionContext:
    """Return the context of `list PANE`: with the columns, fields and findings of that pane."""
    words = [(f"{field['name']}:", field["help"]) for field in pane["fields"]]
    words += [(flag["name"], flag["help"]) for flag in pane["flags"]]
    sorts = [*pane["sort"], *(f"-{name}" for name in pane["sort"])]
    values = {"--columns": pane["columns"], "--by": pane["group_by"], "--sort": sorts}
    options = of_all["options"]
    return CompletionContext(
        f"list {pane['name']}",
        words,
        [{**option, "values": values.get(option["names"][-1], option["values"])} for option in options],
    )


def script(shell: str) -> str:
    contexts = list(_contexts(program_spec()))
    if shell == "fish":
        return (
            _template("fish").replace("@CONTEXTS@", _fish_contexts(contexts)).replace("@COMPLETIONS@", _fish(contexts))
        )
    names = " | ".join(f'"{context.name}"' for context in contexts if context.name)
    cases = _bash(contexts) if shell == "bash" else _zsh(contexts)
    return _template(shell).replace("@CONTEXTS@", names).replace("@VALUES@", cases[0]).replace("@WORDS@", cases[1])


def _template(shell: str) -> str:
    return Path(__file__).with_name(f"completion.{shell}").read_text("utf-8")


def _bash(contexts: list[CompletionContext]) -> tuple[str, str]:
    values, words = [], []
    for context in contexts:
        for option in context.options:
            if option["takes"]:
                pattern = " | ".join(f'"{context.name}#{name}"' for name in option["names"])
                if option["file"]:
                    act = '_tokendesk_files "$current"'
                elif option["commas"] and option["values"]:
                    act = f'_tokendesk_list "{" ".join(option["values"])}" "$current"'
                else:
                    act = f'_tokendesk_words "{" ".join(option["values"])}" "$current"'
                values.append(f"        {pattern}) {act}; return ;;\n")
        names = [name for option in context.options for name in option["names"] if name.startswith("--")]
        known = [word for word, _ in context.words]
        more = '_tokendesk_files "$current"; ' if context.files else ""
        words.append(f'        "{context.name}") {more}_tokendesk_words "{" ".join([*known, *names])}" "$current" ;;\n')
    return "".join(values), "".join(words)


def _zsh(contexts: list[CompletionContext]) -> tuple[str, str]:
    values, words = [], []
    for context in contexts:
        for option in context.options:
            if option["takes"]:
                pattern = " | ".join(f'"{context.name}#{name}"' for name in option["names"])
                if option["file"]:
                    act = "_files"
                elif option["commas"] and option["values"]:
                    act = f"_values -s , column {' '.join(option['values'])}"
                else:
                    act = f"compadd -- {' '.join(option['values'])}" if option["values"] else "true"
                values.append(f"        {pattern}) {act}; return ;;\n")
        entries = [_zsh_entry(word, text) for word, text in context.words]
        entries += [_zsh_entry(option["names"][-1], option["help"]) for option in context.options]
        more = "_files; " if context.files else ""
        words.append(f'        "{context.name}") {more}found=({" ".join(entries)}) ;;\n')
    return "".join(values), "".join(words)


def _zsh_entry(word: str, text: str) -> str:
    return "'" + word.replace(":", r"\:") + ":" + _quoted(text) + "'"


def _quoted(text: str) -> str:
    """Escape a help text for single quotes."""
    return text.replace("'", "’")


def _fish_contexts(contexts: list[CompletionContext]) -> str:
    return " ".join(f"'{context.name}'" for context in contexts if context.name)


def _fish(contexts: list[CompletionContext]) -> str:
    lines = []
    for context in contexts:
        here = f"complete -c tokendesk -n '__tokendesk_at \"{context.name}\"'"
        lines += [f"{here} -a '{word}' -d '{_quoted(text)}'" for word, text in context.words]
        if context.files:
            lines.append(f"{here} -F")
        for option in context.options:
            names = " ".join(f"-l {n[2:]}" if n.startswith("--") else f"-s {n[1:]}" for n in option["names"])
            takes = " -r -F" if option["file"] else f" -x -a '{' '.join(option['values'])}'" if option["takes"] else ""
            lines.append(f"{here} {names}{takes} -d '{_quoted(option['help'])}'")
    return "\n".join(lines) + "\n"
