"""One file knows what is private of Textual, and a Textual without it never stands in the way of a restore."""

from __future__ import annotations

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import textual
from textual.dom import DOMNode
from textual.driver import Driver

import restore_tui.tui
from restore_tui.tui.terminal import _textual_internals, input_driver
from restore_tui.tui.terminal._textual_internals import _DRAWING, _INPUT, drawing_problem, input_problem

PACKAGE = Path(_textual_internals.__file__).parents[2]


def _names(groups: _textual_internals._Names) -> Iterator[tuple[str, str, str]]:
    for module, owners in groups.items():
        for owner, names in owners.items():
            for name in names:
                yield module, owner, name


def _hide(patch: pytest.MonkeyPatch, module: str, owner: str, name: str) -> None:
    """As in a Textual that has no such name."""
    has = _textual_internals._has

    def without(where: object, what: str) -> bool:
        there = importlib.import_module(module)
        return has(where, what) and not (
            what == name and where is (getattr(there, owner) if owner else there)
        )

    patch.setattr(_textual_internals, "_has", without)


def test_this_textual_has_all_that_the_wizard_relies_on() -> None:
    assert drawing_problem() == ""
    assert input_problem() == ""
    assert input_driver.self_test() == ""


@pytest.mark.parametrize(("module", "owner", "name"), list(_names(_DRAWING)))
def test_each_name_that_drawing_needs_is_missed(
    module: str, owner: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _hide(monkeypatch, module, owner, name)
    assert name in drawing_problem()


@pytest.mark.parametrize(("module", "owner", "name"), list(_names(_INPUT)))
def test_each_name_that_the_input_needs_is_missed(
    module: str, owner: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _hide(monkeypatch, module, owner, name)
    assert name in input_problem()
    assert name in input_driver.self_test()


@pytest.mark.parametrize("name", ["textual._compositor", "textual._no_such_module"])
def test_a_module_that_is_gone_is_missed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.import_module

    def gone(wanted: str) -> object:
        if wanted == name:
            raise ImportError(name)
        return real(wanted)

    monkeypatch.setattr(importlib, "import_module", gone)
    assert _textual_internals._first_missing({name: {"": ("anything",)}}) == name


def _private_names_of_textual() -> set[str]:
    """Whatever Textual's own source calls, sets or defines with an underscore."""
    names: set[str] = set()
    for source in Path(textual.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute):
                names.add(node.attr)
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                names.add(node.name)
    return {name for name in names if name.startswith("_") and not name.startswith("__")}


def _own_names(trees: dict[Path, ast.Module]) -> set[str]:
    """What our classes define or set themselves."""
    own: set[str] = set()
    for tree in trees.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                own.add(node.name)
            elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                own.add(node.attr)
    return own


def test_no_other_file_uses_a_private_name_of_textual() -> None:
    """Neither a module, nor an attribute that none of our classes has, also not by its name in a string."""
    trees = {
        path: ast.parse(path.read_text(encoding="utf-8"))
        for path in (PACKAGE / "tui").rglob("*.py")
        if path.name != "_textual_internals.py"
    }
    foreign = _private_names_of_textual() - _own_names(trees)
    used = []
    for path, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("textual._"):
                used.append((path.name, node.module))
            elif isinstance(node, ast.Attribute) and node.attr in foreign:
                used.append((path.name, node.attr))
            elif isinstance(node, ast.Constant) and node.value in foreign:
                used.append((path.name, node.value))
    assert not used


_GENERATED = frozenset({"_abc_impl", "_merged_bindings", "_decorated_handlers", "_computes", "_reactives"})
"""What a class statement itself makes."""


def test_no_other_class_replaces_a_private_method_of_textual() -> None:
    """Not by accident either: a method of ours with the name of one of Textual's would be called in its place."""
    replaced = []
    for module in pkgutil.walk_packages(restore_tui.tui.__path__, "restore_tui.tui."):
        for ours in vars(importlib.import_module(module.name)).values():
            if not (isinstance(ours, type) and issubclass(ours, DOMNode | Driver)):
                continue
            if (
                not ours.__module__.startswith("restore_tui")
                or ours.__module__ == _textual_internals.__name__
            ):
                continue
            theirs = {
                name for base in ours.__mro__ if base.__module__.startswith("textual") for name in vars(base)
            }
            replaced += [
                (ours.__name__, name)
                for name in vars(ours).keys() & theirs - _GENERATED
                if name.startswith("_") and not name.startswith(("__", "_css", "_inherit", "_has"))
            ]
    assert not replaced
