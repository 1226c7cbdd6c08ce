"""Every selector of the styles selects something: a renamed class or id leaves no rule behind that is never used."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from textual.css.model import Selector, SelectorType
from textual.css.parse import parse_selectors
from textual.dom import DOMNode

import restore_tui.tui
from restore_tui.tui import breakpoints
from restore_tui.tui.widgets.row_list import ROLES

FOLDER = Path(restore_tui.tui.__file__).parent
STYLES = sorted(FOLDER.rglob("*.tcss"))
COMPOSED = {
    "-success": 'ResultScreen.show: f"-{_COLORS[...]}"',
    "-error": 'ResultScreen.show: f"-{_COLORS[...]}"',
    "-textual-compact": "set by Textual on a compact field",
    "-light-mode": "set by Textual on the app with a light theme",
}
"""The ids and classes that are written nowhere as they are, and where they come from."""
COMPOSED |= {f"row-list--{role}": "RowList.COMPONENT_CLASSES, of the roles" for role in ROLES}
COMPOSED |= {name: "a breakpoint" for _, name in (*breakpoints.BY_WIDTH, *breakpoints.BY_HEIGHT)}


def _classes(base: type[DOMNode]) -> Iterator[type[DOMNode]]:
    yield base
    for derived in base.__subclasses__():
        yield from _classes(derived)


@cache
def _sheets() -> dict[str, str]:
    """The name of a style sheet → its text: the files, and what widgets bring along."""
    for module in pkgutil.walk_packages(restore_tui.tui.__path__, "restore_tui.tui."):
        importlib.import_module(module.name)
    sheets = {path.name: path.read_text(encoding="utf-8") for path in STYLES}
    ours = [each for each in _classes(DOMNode) if each.__module__.startswith("restore_tui.")]
    return sheets | {each.__name__: vars(each)["DEFAULT_CSS"] for each in ours if "DEFAULT_CSS" in vars(each)}


def _selectors(css: str) -> list[Selector]:
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    return [
        part
        for rule in re.findall(r"([^{}]+)\{[^{}]*\}", css)
        for selectors in parse_selectors(rule.strip())
        for part in selectors.selectors
    ]


def _source() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in FOLDER.rglob("*.py"))


def dead_selectors(css: str) -> list[str]:
    """The selectors that name no class of widgets, and no id or class that the package gives to one."""
    types = {each._css_type_name for each in _classes(DOMNode)}
    # Python's own strings only: a style sheet in a triple-quoted string must not vouch for itself.
    source = re.sub(r'""".*?"""', "", _source(), flags=re.DOTALL)
    given = {name for words in re.findall(r'"([\w\s-]+)"', source) for name in words.split()}
    dead = []
    for part in _selectors(css):
        if part.type is SelectorType.TYPE and part.name not in types:
            dead.append(part.name)
        elif part.type is SelectorType.ID and part.name not in given:
            dead.append(f"#{part.name}")
        elif part.type is SelectorType.CLASS and part.name not in given and part.name not in COMPOSED:
            dead.append(f".{part.name}")
    return dead


@pytest.mark.parametrize("name", sorted(_sheets()))
def test_every_selector_names_something_that_exists(name: str) -> None:
    css = _sheets()[name]
    assert _selectors(css), "no selectors were read"
    assert dead_selectors(css) == []


def test_a_renamed_class_an_unused_id_and_an_unused_class_are_found() -> None:
    css = "FilterStep #list, Screen.-never { height: 1; } /* Gone { } */ #nowhere, ListStep > .list-count { width: 1; }"
    assert dead_selectors(css) == ["FilterStep", ".-never", "#nowhere"]


def test_the_list_of_composed_names_has_none_that_is_not_needed() -> None:
    used = {part.name for css in _sheets().values() for part in _selectors(css)}
    assert set(COMPOSED) - used <= {name for name, why in COMPOSED.items() if why == "a breakpoint"}
