"""Completion for bash, zsh and fish, and the man page, made from the parser: ``make docs`` writes them to ``share/``.

Only what a parser holds is used, never argparse's own layout: it differs between versions of Python.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from restore_tui import __version__
from restore_tui.cli.help_text import SECTIONS
from restore_tui.cli.mistakes import commands_of
from restore_tui.cli.parser import LOG_LEVELS, build_parser
from restore_tui.demo.seed import STORIES
from restore_tui.kinetica import reference
from restore_tui.schemas import COMMANDS

PROGRAM = "restore-tui"
FILE = "FILE"

VALUES: Mapping[str, Sequence[str]] = {
    "log_level": LOG_LEVELS,
    "story": tuple(STORIES),
    "type": sorted(reference.TYPE_NAMES),
    "json-schema name": tuple(COMMANDS),
    "explain name": [entry.name for entry in (*reference.OBJECT_TYPES, *reference.OPTIONS)],
}
"""Option, or command and argument → the values that are completed."""


def options_of(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """Return the options that help lists."""
    return [each for each in parser._actions if each.option_strings and each.help != argparse.SUPPRESS]


def arguments_of(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """Return the positional arguments, without the command."""
    return [
        each
        for each in parser._actions
        if not each.option_strings and not isinstance(each, argparse._SubParsersAction)
    ]


def helps_of(parser: argparse.ArgumentParser) -> dict[str, str]:
    """Return command → what it does, in a phrase."""
    return {
        choice.dest: choice.help or ""
        for action in parser._actions
        if isinstance(action, argparse._SubParsersAction)
        for choice in action._choices_actions
    }


def value_of(action: argparse.Action) -> str:
    """Return what stands for the value of an option; empty for one that takes none."""
    if action.nargs == 0:
        return ""
    return str(action.metavar or action.dest.upper())


def values_of(command: str, action: argparse.Action) -> Sequence[str]:
    """Return the values that are known, none for others."""
    key = action.dest if action.option_strings else f"{command} {action.dest}"
    return VALUES.get(key, ()) or tuple(map(str, action.choices or ()))


# bash


def bash() -> str:
    parser = build_parser()
    commands = commands_of(parser)
    parsers = {"": parser, **commands}
    options = [each for one in parsers.values() for each in options_of(one)]
    with_value = {name: each for each in options if value_of(each) for name in each.option_strings}
    files = [name for name, each in with_value.items() if value_of(each) == FILE]
    lines = [
        f"# bash completion for {PROGRAM}, made by `make docs`",
        "_restore_tui() {",
        "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command= words= i",
        "    for ((i = 1; i < COMP_CWORD; i++)); do",
        "        case ${COMP_WORDS[i]} in",
        f"            {'|'.join(with_value)}) ((i++)) ;;",
        "            -*) ;;",
        "            *) command=${COMP_WORDS[i]}; break ;;",
        "        esac",
        "    done",
        "    case $prev in",
        f"        {'|'.join(files)})",
        "            local IFS=$'\\n'",
        "            compopt -o filenames 2>/dev/null",
        '            COMPREPLY=($(compgen -f -- "$cur"))',
        "            return ;;",
    ]
    known = {name: values_of("", each) for name, each in with_value.items() if values_of("", each)}
    for name, values in known.items():
        lines.append(f'        {name}) COMPREPLY=($(compgen -W "{" ".join(values)}" -- "$cur")); return ;;')
    others = [name for name in with_value if name not in files and name not in known]
    lines += [f"        {'|'.join(others)}) return ;;", "    esac", "    case $command in"]
    for command, one in parsers.items():
        words = [name for each in options_of(one) for name in each.option_strings]
        words += [value for each in arguments_of(one) for value in values_of(command, each)]
        words += commands if one is parser else []
        lines.append(f'        {command or chr(34) * 2}) words="{" ".join(words)}" ;;')
    lines += [
        "    esac",
        '    COMPREPLY=($(compgen -W "$words" -- "$cur"))',
        "}",
        f"complete -F _restore_tui {PROGRAM}",
    ]
    return "\n".join(lines) + "\n"


# zsh


def zsh() -> str:
    parser = build_parser()
    commands, helps = commands_of(parser), helps_of(parser)
    lines = [
        f"#compdef {PROGRAM}",
        f"# zsh completion for {PROGRAM}, made by `make docs`",
        "_restore_tui() {",
        "    local context state state_descr line",
        "    typeset -A opt_args",
        "    local -a commands",
        "    commands=(",
        *(f"        {_quoted(f'{name}:{text}')}" for name, text in helps.items()),
        "    )",
        "    _arguments -C \\",
        *(f"        {spec} \\" for spec in _zsh_options(parser)),
        "        '1:command:->command' '*::argument:->argument'",
        "    case $state in",
        "        command) _describe command commands ;;",
        "        argument)",
        "            case $line[1] in",
    ]
    for name, one in commands.items():
        specs = [*_zsh_options(one), *(_zsh_argument(name, each) for each in arguments_of(one))]
        lines += [
            f"                {name})",
            "                    _arguments \\",
            *(f"                        {spec} \\" for spec in specs[:-1]),
            f"                        {specs[-1]} ;;",
        ]
    lines += ["            esac ;;", "    esac", "}", '_restore_tui "$@"']
    return "\n".join(lines) + "\n"


def _zsh_options(parser: argparse.ArgumentParser) -> Iterator[str]:
    for each in options_of(parser):
        text = (each.help or "").replace("[", "(").replace("]", ")").replace(":", "\\:")
        for name in each.option_strings:
            value = f":{value_of(each)}:{_zsh_values('', each)}" if value_of(each) else ""
            yield _quoted(f"{name}[{text}]{value}")


def _zsh_argument(command: str, action: argparse.Action) -> str:
    count = "*" if action.nargs == "+" else "1"
    optional = ":" if action.nargs == "?" else ""
    return _quoted(f"{count}:{optional}{value_of(action)}:{_zsh_values(command, action)}")


def _zsh_values(command: str, action: argparse.Action) -> str:
    values = values_of(command, action)
    return f"({' '.join(values)})" if values else "_files" if value_of(action) == FILE else ""


# fish


def fish() -> str:
    parser = build_parser()
    commands, helps = commands_of(parser), helps_of(parser)
    none = f"not __fish_seen_subcommand_from {' '.join(commands)}"
    lines = [f"# fish completion for {PROGRAM}, made by `make docs`", f"complete -c {PROGRAM} -f"]
    for name, text in helps.items():
        lines.append(f"complete -c {PROGRAM} -n {_quoted(none)} -a {name} -d {_quoted(text)}")
    for command, one in {"": parser, **commands}.items():
        condition = f"__fish_seen_subcommand_from {command}" if command else none
        start = f"complete -c {PROGRAM} -n {_quoted(condition)}"
        for each in options_of(one):
            names = [
                f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}"
                for name in each.option_strings
            ]
            value = ""
            if value_of(each):
                values = values_of(command, each)
                value = f" -x -a {_quoted(' '.join(values))}" if values else " -x"
                value = " -r -F" if value_of(each) == FILE else value
            lines.append(f"{start} {' '.join(names)}{value} -d {_quoted(each.help or '')}")
        for each in arguments_of(one):
            values = values_of(command, each)
            lines += [f"{start} -a {_quoted(' '.join(values))}"] if values else []
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """Return text in single quotes, for every shell: where it has one itself, it is written as a typographic one."""
    return "'" + text.replace("'", "’") + "'"


# The man page


def man_page() -> str:
    parser = build_parser()
    helps = helps_of(parser)
    lines = [
        f'.\\" Made by `make docs` from the parser of {PROGRAM}.',
        f'.TH RESTORE\\-TUI 1 "" "{PROGRAM} {__version__}" "User Commands"',
        ".SH NAME",
        f"{_roff(PROGRAM)} \\- restore a Kinetica backup from a terminal",
        ".SH SYNOPSIS",
        f".B {_roff(PROGRAM)}",
        "[\\fIOPTION\\fR]... [\\fICOMMAND\\fR [\\fIARGUMENT\\fR]...]",
        ".SH DESCRIPTION",
        *_paragraph(parser.description),
        ".SH OPTIONS",
    ]
    for group in parser._action_groups:
        shown = [each for each in group._group_actions if each in options_of(parser)]
        if shown:
            lines += [f".SS {_roff((group.title or '').capitalize())}", *_man_options(shown)]
    lines += [".SH COMMANDS", "Without one, the wizard opens."]
    for name, one in commands_of(parser).items():
        usage = " ".join([name, *map(_man_argument, arguments_of(one))])
        lines += [f".SS {_roff(usage)}", _roff(_sentence(helps[name])), *_paragraph(one.description)]
        lines += _man_options(
            each for each in (*arguments_of(one), *options_of(one)) if each.dest not in _dests(parser)
        )
    for title, text in SECTIONS.items():
        lines += [f".SH {title.upper()}", ".nf", *map(_roff, text.splitlines()), ".fi"]
    return "\n".join(lines) + "\n"


def _dests(parser: argparse.ArgumentParser) -> set[str]:
    return {each.dest for each in options_of(parser)} - {"name"}


def _man_argument(action: argparse.Action) -> str:
    value = value_of(action)
    return {"?": f"[{value}]", "+": f"{value}..."}.get(str(action.nargs), value)


def _man_options(actions: Iterable[argparse.Action]) -> Iterator[str]:
    for each in actions:
        names = ", ".join(f"\\fB{_roff(name)}\\fR" for name in each.option_strings)
        value = f"\\fI{_roff(value_of(each))}\\fR" if value_of(each) else ""
        yield from (".TP", " ".join(part for part in (names, value) if part), _roff(_sentence(each.help)))


def _paragraph(text: str | None) -> list[str]:
    return [_roff(line) for line in (text or "").splitlines()]


def _sentence(text: str | None) -> str:
    return f"{(text or '')[:1].upper()}{(text or '')[1:]}."


def _roff(text: str) -> str:
    """Return text that no letter of which is a command to the formatter."""
    escaped = text.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{escaped}" if escaped.startswith((".", "'")) else escaped


SHARED: Mapping[str, Callable[[], str]] = {
    "share/bash-completion/completions/restore-tui": bash,
    "share/zsh/site-functions/_restore-tui": zsh,
    "share/fish/vendor_completions.d/restore-tui.fish": fish,
    "share/man/man1/restore-tui.1": man_page,
}
"""File below the repository, and below the prefix where it is installed → what makes it."""
