"""`tokendesk completion SHELL`: a script for bash, zsh or fish, generated from commands, panes and fields."""

import argparse
from pathlib import Path

from tokendesk.commands.completion_spec import CompletionContext, completion_contexts
from tokendesk.commands.stdout import standard_output

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


def script(shell: str) -> str:
    places = completion_contexts()
    if shell == "fish":
        return _template("fish").replace("@PLACES@", _fish_contexts(places)).replace("@COMPLETIONS@", _fish(places))
    names = " | ".join(f'"{place.name}"' for place in places if place.name)
    cases = _bash(places) if shell == "bash" else _zsh(places)
    return _template(shell).replace("@PLACES@", names).replace("@VALUES@", cases[0]).replace("@WORDS@", cases[1])


def _template(shell: str) -> str:
    return Path(__file__).with_name(f"completion.{shell}").read_text("utf-8")


def _bash(places: list[CompletionContext]) -> tuple[str, str]:
    values, words = [], []
    for place in places:
        for option in place.options:
            if option.takes:
                pattern = " | ".join(f'"{place.name}#{name}"' for name in option.names)
                if option.files:
                    act = '_tokendesk_files "$current"'
                elif option.commas:
                    act = f'_tokendesk_list "{" ".join(option.values)}" "$current"'
                else:
                    act = f'_tokendesk_words "{" ".join(option.values)}" "$current"'
                values.append(f"        {pattern}) {act}; return ;;\n")
        names = [name for option in place.options for name in option.names if name.startswith("--")]
        known = [word for word, _ in place.words]
        more = '_tokendesk_files "$current"; ' if place.files else ""
        words.append(f'        "{place.name}") {more}_tokendesk_words "{" ".join([*known, *names])}" "$current" ;;\n')
    return "".join(values), "".join(words)


def _zsh(places: list[CompletionContext]) -> tuple[str, str]:
    values, words = [], []
    for place in places:
        for option in place.options:
            if option.takes:
                pattern = " | ".join(f'"{place.name}#{name}"' for name in option.names)
                if option.files:
                    act = "_files"
                elif option.commas:
                    act = f"_values -s , column {' '.join(option.values)}"
                else:
                    act = f"compadd -- {' '.join(option.values)}" if option.values else "true"
                values.append(f"        {pattern}) {act}; return ;;\n")
        entries = [_zsh_entry(word, text) for word, text in place.words]
        entries += [_zsh_entry(option.names[-1], option.help) for option in place.options]
        more = "_files; " if place.files else ""
        words.append(f'        "{place.name}") {more}found=({" ".join(entries)}) ;;\n')
    return "".join(values), "".join(words)


def _zsh_entry(word: str, text: str) -> str:
    return "'" + word.replace(":", r"\:") + ":" + _quoted(text) + "'"


def _quoted(text: str) -> str:
    """Escape a help text for single quotes."""
    return text.replace("'", "’")


def _fish_contexts(places: list[CompletionContext]) -> str:
    return " ".join(f"'{place.name}'" for place in places if place.name)


def _fish(places: list[CompletionContext]) -> str:
    lines = []
    for place in places:
        here = f"complete -c tokendesk -n '__tokendesk_at \"{place.name}\"'"
        lines += [f"{here} -a '{word}' -d '{_quoted(text)}'" for word, text in place.words]
        if place.files:
            lines.append(f"{here} -F")
        for option in place.options:
            names = " ".join(f"-l {n[2:]}" if n.startswith("--") else f"-s {n[1:]}" for n in option.names)
            takes = " -r -F" if option.files else f" -x -a '{' '.join(option.values)}'" if option.takes else ""
            lines.append(f"{here} {names}{takes} -d '{_quoted(option.help)}'")
    return "\n".join(lines) + "\n"
