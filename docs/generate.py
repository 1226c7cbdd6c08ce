"""Write the generated blocks of the documentation, and what is in ``share/``: ``make docs``.

A block stands between ``<!-- generated: NAME -->`` and ``<!-- end -->``. What is in it comes from the code that it
describes: the command line from argparse, settings from their docstrings, keys from the bindings, object types, options
and fields from the endpoint reference.
"""

from __future__ import annotations

import argparse
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

from textual.binding import Binding
from textual.dom import DOMNode

from docs.shell import SHARED
from restore_tui.cli.parser import build_parser
from restore_tui.config import PASSWORD_VARIABLES, SERVER_VARIABLE, FileSettings, ServerSettings
from restore_tui.demo import faults
from restore_tui.demo.seed import STORIES
from restore_tui.docstrings import attribute_docstrings
from restore_tui.explain import BEYOND
from restore_tui.kinetica import reference
from restore_tui.kinetica.reference import Option, ReferenceEntry
from restore_tui.restore.execution.exit_status import ExitCode
from restore_tui.tui.actions import key_names
from restore_tui.tui.app import RestoreApp
from restore_tui.tui.dialogs.dialog import Dialog
from restore_tui.tui.dialogs.full_screen import FullScreenDialog
from restore_tui.tui.dialogs.help import HelpDialog
from restore_tui.tui.dialogs.palette import ActionInput, PaletteDialog
from restore_tui.tui.dialogs.way_back import WayBackDialog
from restore_tui.tui.keymap import FIXED_KEYS
from restore_tui.tui.mixins.compare import CompareMixin
from restore_tui.tui.mixins.find import FindMixin
from restore_tui.tui.mixins.go_to_time import GoToTimeMixin
from restore_tui.tui.mixins.leave_out import LeaveOutMixin
from restore_tui.tui.mixins.request_panel import RequestPanelMixin
from restore_tui.tui.mixins.trust_certificate import TrustCertificateMixin
from restore_tui.tui.mixins.verify import VerifyMixin
from restore_tui.tui.mixins.verify_backwards import VerifyBackwardsMixin
from restore_tui.tui.screens.choice_step import SingleChoiceStep
from restore_tui.tui.screens.compare import CompareScreen
from restore_tui.tui.screens.confirm import ConfirmInput
from restore_tui.tui.screens.connect import ConnectScreen
from restore_tui.tui.screens.dry_run import DryRunScreen
from restore_tui.tui.screens.find import FindScreen
from restore_tui.tui.screens.list_step import FilterableStep
from restore_tui.tui.screens.objects import ObjectsScreen
from restore_tui.tui.screens.result import ResultScreen
from restore_tui.tui.screens.running import RunningScreen
from restore_tui.tui.screens.step import StepScreen
from restore_tui.tui.widgets.details import Details
from restore_tui.tui.widgets.filter_pane import FilterInput, FilterPane
from restore_tui.tui.widgets.option_row import ChoiceRow, OptionInput
from restore_tui.tui.widgets.request_panel import LanguageChoice, RequestText
from restore_tui.tui.widgets.row_list import RowList

ROOT = Path(__file__).parent.parent
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
DEMO_SERVER = "demo-server"
WIDTH = 110
PARSER = build_parser()
PASTE = "confirm.paste"

_BLOCK = re.compile(r"(<!-- generated: ([\w-]+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)
_MARK = re.compile(r"<!-- generated: ([\w-]+) -->")

KEYS: dict[str, tuple[type[DOMNode], ...]] = {
    "Every step": (RestoreApp, StepScreen),
    "Connect": (ConnectScreen, TrustCertificateMixin),
    "Lists and filters": (RowList, FilterPane, FilterableStep, FilterInput),
    "Details of a row": (Details,),
    "Data source, Backup, Snapshot": (SingleChoiceStep,),
    "Data source to Objects": (FindMixin,),
    "Find, Compare": (FullScreenDialog,),
    "Find an object": (FindScreen,),
    "Snapshot": (CompareMixin, GoToTimeMixin, VerifyBackwardsMixin),
    "Snapshot, Dry run": (VerifyMixin,),
    "Compare": (CompareScreen,),
    "Objects, Dry run": (LeaveOutMixin,),
    "Objects": (ObjectsScreen,),
    "Options": (ChoiceRow, OptionInput),
    "Dry run": (DryRunScreen,),
    "Restore": (ConfirmInput,),
    "While a restore runs": (RunningScreen,),
    "Result": (ResultScreen,),
    "Request panel (F2)": (RequestPanelMixin, LanguageChoice, RequestText),
    "Menu (palette of actions)": (ActionInput, PaletteDialog),
    "Dialogs": (Dialog, HelpDialog, WayBackDialog),
}
"""Heading → the classes whose bindings are listed below it."""

MAIN_KEYS = (
    "list.choose",
    "list.select",
    "list.filter",
    "step.find",
    "objects.select-shown",
    "step.next",
    "step.back",
    "objects.only-missing",
    "step.leave-out",
    "step.verify",
    "app.request",
    "app.refresh",
    "app.help",
    "app.palette",
    "app.leave",
)
"""The ids of the bindings that the README lists."""

ENVIRONMENT = {
    "url": ("KINETICA_URL",),
    "user": ("KINETICA_USER",),
    "password_file": PASSWORD_VARIABLES,
    "oauth_token_file": ("KINETICA_OAUTH_TOKEN",),
}
"""Config key → environment variables that hold the same, or the secret itself."""


def table(*rows: Iterable[str]) -> str:
    """Return a Markdown table; the first row is the heading."""
    lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join([lines[0], re.sub(r"[^|]+", " --- ", lines[0]), *lines[1:]])


def code(text: str) -> str:
    return f"`{text}`" if text else ""


# The command line


def _options(of: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    for action in of._actions:
        if (
            action.help != argparse.SUPPRESS
            and action.dest not in ("help", "version")
            and not isinstance(action, argparse._SubParsersAction)
        ):
            yield action


def _commands(of: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.ArgumentParser, str]]:
    """Yield name, parser and help of each command."""
    for action in of._actions:
        if isinstance(action, argparse._SubParsersAction):
            for choice in action._choices_actions:
                yield choice.dest, action.choices[choice.dest], choice.help or ""


def _written(action: argparse.Action) -> str:
    """An option or argument as it is typed: ``--url URL``, ``[RUN]``."""
    value = "" if action.nargs == 0 else action.metavar or action.dest.upper()
    if not action.option_strings:
        return {"?": f"[{value}]", "+": f"{value}..."}.get(str(action.nargs), value)
    return f"{action.option_strings[-1]} {value}".rstrip()


def usage() -> str:
    """Every command: of the wizard also the options, of the others also what they do."""
    wizard = [written for action, written in _usages(PARSER) if action.dest not in _demo_names()]
    lines = _wrapped(["restore-tui", *wizard, "[DEMO OPTIONS]"])
    rows: list[tuple[str, str]] = []
    common = {action.dest for action in _options(PARSER)}
    for name, command, does in _commands(PARSER):
        own = [written for action, written in _usages(command) if action.dest not in common]
        demo = ["[DEMO OPTIONS]"] if name == DEMO_SERVER else []
        *first, last = _wrapped([f"restore-tui {name}", *own, *demo])
        rows += [*((line, "") for line in first), (last, f"  # {does}")]
    width = max(len(written) for written, does in rows if does)
    lines += [f"{written:<{width}}{does}".rstrip() for written, does in rows]
    return "\n".join(["```sh", *lines, "restore-tui --version | --help", "```"])


def _wrapped(words: list[str]) -> list[str]:
    """A command line, broken between its options."""
    together = " ".join(word.replace(" ", "\0") for word in words)
    indent = " " * (len(words[0]) + 1)
    wrapped = textwrap.wrap(together, WIDTH, subsequent_indent=indent, break_on_hyphens=False)
    return [line.replace("\0", " ") for line in wrapped]


def _usages(of: argparse.ArgumentParser) -> Iterator[tuple[argparse.Action, str]]:
    """Yield the options and arguments as a usage line has them, those of which only one can be given together."""
    groups = {
        id(a): group._group_actions for group in of._mutually_exclusive_groups for a in group._group_actions
    }
    for action in sorted(_options(of), key=lambda each: bool(each.option_strings)):
        together = groups.get(id(action), [action])
        if action is together[0]:
            written = " | ".join(map(_written, together))
            yield action, f"[{written}]" if action.option_strings else written


def _demo_names() -> set[str]:
    """The options that the wizard and the demo server have in common."""
    server = next(command for name, command, _ in _commands(PARSER) if name == DEMO_SERVER)
    return {action.dest for action in _options(server)} & {action.dest for action in _options(PARSER)}


def _sentence(text: str) -> str:
    """As a sentence: argparse's help starts small and ends without a point."""
    return f"{text[:1].upper()}{text[1:]}".rstrip(".") + "." if text else ""


def _flags() -> dict[str, argparse.Action]:
    return {action.dest: action for action in _options(PARSER) if action.option_strings}


def settings() -> str:
    """Every setting: its option, environment variables, config key and default."""
    flags, texts = _flags(), attribute_docstrings(FileSettings)
    rows = [("option", "environment", "`config.toml`", "default", "meaning")]
    for field in fields(FileSettings):
        flag = flags.get(field.name)
        rows.append(
            (
                code(_written(flag)) if flag else "",
                ", ".join(map(code, ENVIRONMENT.get(field.name, ()))),
                code(field.name),
                _default(field.default),
                texts[field.name],
            )
        )
    return table(*rows)


def server_settings() -> str:
    """The keys of a server: those that mean the same as outside, then its own."""
    texts, shared = attribute_docstrings(ServerSettings), attribute_docstrings(FileSettings)
    names = [field.name for field in fields(ServerSettings)]
    same = ", ".join(code(name) for name in names if name in shared)
    own = ((code(name), texts[name]) for name in names if name not in shared)
    return table(("key", "meaning"), (same, "As in the table above. `url` must be given."), *own)


def _default(value: Any) -> str:
    if value in (None, "", ()):
        return ""
    return code(str(value).lower() if isinstance(value, bool) else str(value))


def other_options() -> str:
    """The wizard's options that no config key stands for."""
    known = {field.name for field in fields(FileSettings)} | _demo_names()
    variables = {"server": f" The environment variable {code(SERVER_VARIABLE)} names one, too."}
    return table(
        ("option", "meaning"),
        *(
            (code(_written(flag)), _sentence(flag.help or "") + variables.get(name, ""))
            for name, flag in _flags().items()
            if name not in known
        ),
    )


def demo_options() -> str:
    """The options of the demo server, which ``--demo`` takes as well."""
    server = next(command for name, command, _ in _commands(PARSER) if name == DEMO_SERVER)
    return table(
        ("option", "meaning"),
        *(
            (code(_written(a)), _sentence(a.help or f"Default: {a.default}"))
            for a in _options(server)
            if a.dest != "story"
        ),
        *((code(f"--story {name}"), _sentence(happened)) for name, happened in STORIES.items()),
    )


def fault_kinds() -> str:
    kinds = [*faults.PLAIN, "slow:SECONDS", "job-dies:PERCENT"]
    return ", ".join(map(code, kinds)) + "."


def exit_codes() -> str:
    texts = attribute_docstrings(ExitCode)
    return table(("code", "meaning"), *((str(each.value), texts[each.name]) for each in ExitCode))


# Keys


def bindings(of: type[DOMNode]) -> Iterator[Binding]:
    """Yield what a class itself binds, except the key that is bound only to refuse it."""
    for binding in vars(of).get("BINDINGS", ()):
        if isinstance(binding, Binding) and binding.id != PASTE:
            yield binding


def main_keys() -> str:
    """The keys that are enough to restore. Of several bindings with one ID, the first heading's counts."""
    by_id: dict[str | None, Binding] = {}
    for each in (each for classes in KEYS.values() for of in classes for each in bindings(of)):
        by_id.setdefault(each.id, each)
    found = [by_id[id_] for id_ in MAIN_KEYS]
    return table(("key", "action"), *((_key_cell(each.key.split(",")), each.description) for each in found))


def _key_cell(keys: list[str]) -> str:
    written = key_names(keys)
    return code(written) if written.startswith("Shift+") else " ".join(map(code, written.split(" ")))


def keys() -> str:
    """A table of keys for each place where they work, as F1 writes them, with the ID of each that can be changed."""
    parts = []
    for heading, classes in KEYS.items():
        rows: dict[str, list[str]] = {}
        ids: dict[str, str] = {}
        for binding in (each for of in classes for each in bindings(of)):
            known = rows.setdefault(binding.description, [])
            known += [key for key in map(str.strip, binding.key.split(",")) if key not in known]
            ids[binding.description] = binding.id or ""
        written = (
            (_key_cell(each), description, "" if FIXED_KEYS.intersection(each) else code(ids[description]))
            for description, each in rows.items()
        )
        parts.append(f"### {heading}\n\n" + table(("key", "action", "ID"), *written))
    return "\n\n".join(parts)


# The endpoint reference


def _since(entry: ReferenceEntry) -> str:
    return f"{entry.since}, {BEYOND}" if entry.undocumented else entry.since


def _values(option: Option) -> str:
    names = sorted((value.name for value in option.values), key=lambda name: name != option.default)
    return ", ".join(map(code, names)) or "text, empty"


def object_types() -> str:
    kinds = ((code(kind.name), kind.summary, _since(kind)) for kind in reference.OBJECT_TYPES)
    return table(("object type", "what it is", "since"), *kinds)


def options() -> str:
    each = ((code(o.name), o.summary, _values(o), _since(o)) for o in reference.OPTIONS)
    return table(("option", "what it does", "values, default first", "since"), *each)


def option_values() -> str:
    rows = ((code(f"{o.name}={v.name}"), v.help) for o in reference.OPTIONS for v in o.values)
    return table(("value", "what it does"), *rows)


def request_fields() -> str:
    each = ((code(field.name), field.wire, field.summary) for field in reference.PARAMETERS)
    return table(("parameter", "type", "what it is"), *each)


def response_fields() -> str:
    known = (("", reference.ANSWER), ("info.", reference.INFO_KEYS))
    rows = (
        (code(where + each.name), each.wire, each.summary) for where, fields_ in known for each in fields_
    )
    return table(("field", "type", "what it is"), *rows)


BLOCKS: dict[str, Callable[[], str]] = {
    "usage": usage,
    "settings": settings,
    "server-settings": server_settings,
    "other-options": other_options,
    "demo-options": demo_options,
    "faults": fault_kinds,
    "exit-codes": exit_codes,
    "keys": keys,
    "main-keys": main_keys,
    "object-types": object_types,
    "options": options,
    "option-values": option_values,
    "request-fields": request_fields,
    "response-fields": response_fields,
}


def generated(page: str) -> str:
    """Return a page with up-to-date blocks. Raises ValueError for a block that is unknown or has no end."""
    written = _BLOCK.findall(page)
    if len(written) != len(_MARK.findall(page)):
        raise ValueError("a generated block has no <!-- end -->")
    unknown = [name for _, name, _, _ in written if name not in BLOCKS]
    if unknown:
        raise ValueError(f"unknown block {unknown[0]}; known are {', '.join(BLOCKS)}")
    return _BLOCK.sub(lambda block: f"{block[1]}{BLOCKS[block[2]]()}\n{block[4]}", page)


def main() -> None:
    for page in PAGES:
        page.write_text(generated(page.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
    for name, make in SHARED.items():
        path = ROOT / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(make(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
