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
    contexts = completion_contexts()
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
            if option.takes:
                pattern = " | ".join(f'"{context.name}#{name}"' for name in option.names)
                if option.files:
                    act = '_tokendesk_files "$current"'
                elif option.commas:
                    act = f'_tokendesk_list "{" ".join(option.values)}" "$current"'
                else:
                    act = f'_tokendesk_words "{" ".join(option.values)}" "$current"'
                values.append(f"        {pattern}) {act}; return ;;\n")
        names = [name for option in context.options for name in option.names if name.startswith("--")]
        known = [word for word, _ in context.words]
        more = '_tokendesk_files "$current"; ' if context.files else ""
        words.append(f'        "{context.name}") {more}_tokendesk_words "{" ".join([*known, *names])}" "$current" ;;\n')
    return "".join(values), "".join(words)


def _zsh(contexts: list[CompletionContext]) -> tuple[str, str]:
    values, words = [], []
    for context in contexts:
        for option in context.options:
            if option.takes:
                pattern = " | ".join(f'"{context.name}#{name}"' for name in option.names)
                if option.files:
                    act = "_files"
                elif option.commas:
                    act = f"_values -s , column {' '.join(option.values)}"
                else:
                    act = f"compadd -- {' '.join(option.values)}" if option.values else "true"
                values.append(f"        {pattern}) {act}; return ;;\n")
        entries = [_zsh_entry(word, text) for word, text in context.words]
        entries += [_zsh_entry(option.names[-1], option.help) for option in context.options]
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
            names = " ".join(f"-l {n[2:]}" if n.startswith("--") else f"-s {n[1:]}" for n in option.names)
            takes = " -r -F" if option.files else f" -x -a '{' '.join(option.values)}'" if option.takes else ""
            lines.append(f"{here} {names}{takes} -d '{_quoted(option.help)}'")
    return "\n".join(lines) + "\n"
