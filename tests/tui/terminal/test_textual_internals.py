"""One file knows what is private of Textual, and a Textual without it never stands in the way of a restore."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest
import textual

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
    """Neither a module, nor an attribute that none of our classes has, nor a method of the app or a driver that would
    replace a private one."""
    trees = {
        path: ast.parse(path.read_text(encoding="utf-8"))
        for path in (PACKAGE / "tui").rglob("*.py")
        if path.name != "_textual_internals.py"
    }
    private, own = _private_names_of_textual(), _own_names(trees)
    hooks = {
        "_display",
        "_build_driver",
        "_run_input_thread",
        "_enable_mouse_support",
        "_disable_mouse_support",
    }
    used = []
    for path, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("textual._"):
                used.append((path.name, node.module))
            elif isinstance(node, ast.Attribute) and node.attr in private - own:
                used.append((path.name, node.attr))
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name in hooks:
                used.append((path.name, node.name))
    assert not used
