"""The parser that says in one sentence what is wrong with a command line, and what was meant."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Sequence
from typing import Any, NoReturn

from restore_tui.cli.output import USAGE_ERROR, complain
from restore_tui.suggestions import nearest

COMMAND = "COMMAND"
_MAY_BE_MISTYPED = ("unrecognized arguments", "the following arguments are required", f"argument {COMMAND}:")
"""How argparse's messages begin where an option or a command may be mistyped: it names what follows instead."""


_LOGIN = re.compile(r"//[^/]*@")


class UsageError(Exception):
    """A command line that cannot be understood."""

    def __init__(self, program: str, text: str) -> None:
        super().__init__(text)
        self.program = program


class CommandParser(argparse.ArgumentParser):
    """Takes no abbreviations, and shows its ``epilog`` as it is laid out."""

    def __init__(self, **settings: Any) -> None:
        settings.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        super().__init__(**settings, allow_abbrev=False)

    def error(self, message: str) -> NoReturn:
        raise UsageError(self.prog, message)

    def parse_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> argparse.Namespace:
        """Parse, or complain in one sentence and exit."""
        arguments = list(sys.argv[1:] if args is None else args)
        try:
            return super().parse_args(arguments, namespace)
        except UsageError as error:
            program, text = error.program, str(error)
            if text.startswith(_MAY_BE_MISTYPED):
                program, text = find_mistake(self, arguments) or (program, text)
            ended = text if text.endswith("?") else f"{text}."
            complain(f"{ended} See {program} --help.", program)
            raise SystemExit(USAGE_ERROR) from None


def commands_of(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """Return the commands of a parser, by name."""
    return {
        name: command
        for action in parser._actions
        if isinstance(action, argparse._SubParsersAction)
        for name, command in action.choices.items()
    }


def find_mistake(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> tuple[str, str] | None:
    """Return the first option or command that does not exist: the program it was given to, and a sentence that says
    what was meant. None where each of them exists."""
    commands, active = commands_of(parser), parser
    words: Iterator[str] = iter(arguments)
    for word in words:
        if word == "--":
            return None
        if word.startswith("-") and len(word) > 1:
            name, _, value = word.partition("=")
            option = active._option_string_actions.get(name)
            if option is None:
                return (
                    active.prog,
                    f"there is no option {_shown(name)}{_meant_option(name, active, parser, commands)}",
                )
            if option.nargs is None and not value:
                next(words, None)
        elif active is parser:
            if word not in commands:
                return active.prog, f"there is no command {_shown(word)}{_meant_command(word, commands)}"
            active = commands[word]
    return None


def _meant_option(
    name: str,
    active: argparse.ArgumentParser,
    main: argparse.ArgumentParser,
    commands: dict[str, argparse.ArgumentParser],
) -> str:
    """Which option of this command is like it, or where it may stand."""
    command = "" if active is main else active.prog.rpartition(" ")[2]
    if command and name in main._option_string_actions:
        return f" after {command}: it stands before the word {command}"
    known = {
        option.lstrip("-"): option
        for option, action in active._option_string_actions.items()
        if action.help != argparse.SUPPRESS
    }
    typed = name.lstrip("-")
    near = nearest(typed, known) or [option for option in known if typed and option.startswith(typed)]
    if near:
        return f". Did you mean {known[near[0]]}?"
    owners = [owner for owner, other in commands.items() if name in other._option_string_actions]
    return f" here: it stands after the command, {' or '.join(owners)}" if owners else ""


def _shown(word: str) -> str:
    """Return a word of the command line for a message: not longer than a line, and without the login of a URL."""
    from restore_tui.kinetica.sanitize import truncate_middle

    return truncate_middle(_LOGIN.sub("//…@", word), 60)


def _meant_command(word: str, commands: dict[str, argparse.ArgumentParser]) -> str:
    if "://" in word:
        return f". Did you mean --url {_shown(word)}?"
    near = "--help" if word == "help" else "".join(nearest(word, commands))
    return f". Did you mean {near}?" if near else f"; there are {', '.join(commands)}"
